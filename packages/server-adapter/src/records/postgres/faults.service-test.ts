import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { Pool } from 'pg'
import { describeWithPostgresql } from '../../../../../scripts/services/provided.js'
import { startTcpNetwork } from '../../../../../scripts/services/tcp-network.js'
import { amend } from '../../manager/operations.js'
import { manualClock } from '../../testing/manual-clock.js'
import { newOperation } from '../../testing/operation-records-contract.js'
import { PATIENCE } from '../../testing/patience.js'
import { type PostgresDatabase, SILENT, startPostgresDatabase } from '../../testing/postgres-database.js'
import type { OperationRecord, OperationRecords } from '../operation-records.js'
import { postgres } from '../postgres.js'
import type { PgPool, PgQuery } from './pool.js'

type Answer = Promise<{ readonly rows: readonly Record<string, string | null>[] }>
/** @param say gives the statement to the database, now or later */
type Fault = (query: PgQuery, say: () => Answer) => Answer | undefined

const isWrite = ({ text }: PgQuery) => text.includes('INSERT INTO') && text.includes('sync_writes') && text.includes('RETURNING base')
const connectionLost = () => new Error('Connection terminated unexpectedly')
const refusedWith = (code: string) => Object.assign(new Error('no'), { code, severity: 'ERROR' })
const count = (record: OperationRecord) => amend(record, { processed_items: (record.word.processed_items ?? 0) + 1 })

describeWithPostgresql('PostgreSQL that fails', () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await startPostgresDatabase()
  })
  afterAll(() => database.stop())

  describe('in the middle of a statement', () => {
    let schema: string
    /** Faults of the next statements, the next one first. */
    let faults: Fault[]
    const pool: PgPool = {
      async connect() {
        const client = await database.pool.connect()
        return {
          query: (query) => {
            const say = () => client.query({ ...query })
            const [fault] = faults
            const answer = fault?.(query, say)
            if (answer === undefined) return say()
            faults.shift()
            return answer
          },
          on: (event: 'end', listener) => client.on(event, listener),
          off: (event: 'end', listener) => client.off(event, listener),
          // The connection of a statement that goes on by itself is needed longer.
          release: (isBroken) => (isBroken ? void client.query('SELECT').finally(() => client.release(true)) : client.release()),
        }
      },
      end: async () => {},
      on: () => {},
      off: () => {},
    }

    let records: OperationRecords
    beforeEach(async () => {
      schema = database.newSchema()
      faults = []
      records = await database.open(schema, { pool })
      await records.insert([newOperation('a', { processed_items: 0 })])
      return () => records.close()
    })
    const processed = async () => (await records.get('a'))?.word.processed_items

    test('does what it did not answer once', async () => {
      faults = [
        (query, say) =>
          isWrite(query)
            ? say().then(() => {
                throw connectionLost()
              })
            : undefined,
      ]
      const [outcome, inserted] = await Promise.all([
        records.update('a', count),
        records.insert([newOperation('b', { client_ref: 'r', attempt: 1 }), newOperation('c', { client_ref: 'r', attempt: 1 })]),
      ])
      expect(faults).toEqual([])
      expect(outcome?.record).toEqual(await records.get('a'))
      expect(inserted.map(({ kind, record }) => [kind, record.word.operation_id])).toEqual([
        ['inserted', 'b'],
        ['existing', 'b'],
      ])
      expect(inserted[0]?.record).toEqual(await records.get('b'))
      expect(await processed()).toBe(1)
    })

    test('remembers no more of writes that were answered than the last one', async () => {
      for (let turn = 0; turn < 5; turn += 1) await records.update('a', count)
      expect((await database.pool.query(`SELECT FROM ${schema}.sync_writes`)).rowCount).toBe(1)
    })

    test('does what it never heard of once', async () => {
      faults = [(query) => (isWrite(query) ? Promise.reject(connectionLost()) : undefined)]
      await records.update('a', count)
      expect([await processed(), faults]).toEqual([1, []])
    })

    test('does not do what was on its way when it was given up', async () => {
      let late = (): Answer => Promise.reject(new Error('Nothing was on its way.'))
      faults = [
        (query) => {
          if (!isWrite(query)) return undefined
          const { text, values } = query
          late = () => database.pool.query({ text, ...(values && { values }) })
          return Promise.reject(connectionLost())
        },
      ]
      const outcome = await records.update('a', count)
      await expect(late()).rejects.toThrow('sync_writes_pkey')
      expect([await processed(), (await records.get('a'))?.word.version]).toEqual([1, outcome?.record.word.version])
    })

    test('does once what waits for a lock when it is given up', async () => {
      const holder = await database.pool.connect()
      await holder.query(`BEGIN; SELECT FROM ${schema}.sync_meta FOR UPDATE`)
      let late: Answer | undefined
      faults = [
        (query, say) => {
          if (!isWrite(query)) return undefined
          late = say()
          late.catch(() => {})
          return Promise.reject(connectionLost())
        },
      ]
      const updated = records.update('a', count)
      const waiting = async () =>
        (await database.pool.query(`SELECT count(*)::integer AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)).rows[0].n
      await vi.waitFor(async () => expect(await waiting()).toBe(2), PATIENCE)
      await holder.query('COMMIT')
      holder.release()
      await updated
      await expect(late).rejects.toThrow('sync_writes_pkey')
      expect(await processed()).toBe(1)
    })

    test('says a statement again where it was undone, or where it only reads', async () => {
      for (const error of [refusedWith('40P01'), refusedWith('40001'), connectionLost(), refusedWith('57P01')]) {
        faults = [(query) => (isWrite(query) ? Promise.reject(error) : undefined), () => Promise.reject(error)]
        await records.update('a', count)
      }
      expect([await processed(), faults]).toEqual([4, []])
      faults = [() => Promise.reject(connectionLost()), () => Promise.reject(refusedWith('57P03'))]
      expect([await records.get('a'), faults]).toMatchObject([{ word: { processed_items: 4 } }, []])
    })

    test.each(['26000', '42P05'])('is spoken to without names where a pooler loses them (%s)', async (code) => {
      const names: unknown[] = []
      faults = [(query) => (query.name === undefined ? undefined : Promise.reject(refusedWith(code)))]
      await records.update('a', count)
      faults = [(query) => void names.push(query.name)]
      await records.update('a', count)
      expect([await processed(), new Set(names)]).toEqual([2, new Set([undefined])])
    })

    test('is told of as unavailable where it can do nothing, and as it is where the statement is at fault', async () => {
      for (const code of ['53300', '53100', '55P03', '57014', '25006']) {
        faults = [(query) => (isWrite(query) ? Promise.reject(refusedWith(code)) : undefined)]
        await expect(records.update('a', count)).rejects.toMatchObject({ code: 'records_unavailable', status: 503, retryable: true })
        faults = [() => Promise.reject(refusedWith(code))]
        await expect(records.get('a')).rejects.toMatchObject({ code: 'records_unavailable' })
      }
      faults = [() => Promise.reject(refusedWith('42P01'))]
      await expect(records.get('a')).rejects.toMatchObject({ code: '42P01' })
      expect(await processed()).toBe(0)
    })

    test('and gives no answer at all is given up after a time', async () => {
      const clock = manualClock()
      const patient = postgres({ pool, schema })
      await patient.open({ clock, logger: SILENT })
      const never = new Promise<never>(() => {})
      faults = [() => never, (query) => (isWrite(query) ? never : undefined)]
      let isDone = false
      const updated = patient.update('a', count).finally(() => {
        isDone = true
      })
      await vi.waitFor(() => {
        clock.advance(1000)
        expect(isDone).toBe(true)
      }, PATIENCE)
      expect([(await updated)?.record.word.processed_items, faults]).toEqual([1, []])
      faults = Array.from({ length: 4 }, () => () => never)
      let error: unknown
      void patient.get('a').catch((reason: unknown) => {
        error = reason
      })
      await vi.waitFor(() => {
        clock.advance(1000)
        expect(error).toMatchObject({ code: 'records_unavailable', cause: { message: 'The database gave no answer within 20000 ms.' } })
      }, PATIENCE)
      await patient.close()
    })
  })

  describe('and comes back', () => {
    test('a broken connection to listen on is made again, and what came meanwhile is told', async () => {
      const schema = database.newSchema()
      const [records, other] = [await database.open(schema), await database.open(schema)]
      let seen = 0
      records.watch(() => {
        void records.latestVersion().then((version) => {
          seen = Math.max(seen, version)
        })
      })
      const hears = async () => {
        const [outcome] = await other.insert([newOperation(crypto.randomUUID())])
        await vi.waitFor(() => expect(seen).toBe(outcome?.record.word.version), PATIENCE)
      }
      await hears()
      const broken = await database.pool.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN ${schema}%'`,
      )
      expect(broken.rowCount).toBe(1)
      await hears()
      await Promise.all([records.close(), other.close()])
    })

    test('a connection to listen on that is dead and does not say so is found out, and made again', async () => {
      const network = await startTcpNetwork(() => Number(new URL(database.server.url).port))
      const schema = database.newSchema()
      const other = await database.open(schema)
      const pool = new Pool({ connectionString: `postgres://postgres@127.0.0.1:${network.port}/postgres` })
      const clock = manualClock()
      const records = postgres({ pool, schema })
      await records.open({ clock, logger: SILENT })
      let calls = 0
      records.watch(() => {
        calls += 1
      })
      await vi.waitFor(() => expect(calls).toBe(1), PATIENCE)
      network.swallow()
      await other.insert([newOperation('a')])
      let advanced = 0
      await vi.waitFor(() => {
        clock.advance(500)
        advanced += 500
        expect(calls).toBeGreaterThan(1)
      }, PATIENCE)
      expect(advanced).toBeGreaterThan(5000)
      expect(await records.get('a')).toBeDefined()
      await Promise.all([records.close(), other.close()])
      await pool.end()
      await network.close()
    })

    test('a restart loses nothing that was acknowledged, does nothing twice, and is over when it is over', async () => {
      const schema = database.newSchema()
      const pools = [new Pool({ connectionString: database.server.url }), new Pool({ connectionString: database.server.url })]
      for (const pool of pools) pool.on('error', () => {})
      const nodes = await Promise.all(pools.map((pool) => database.open(schema, { pool })))
      const ids = Array.from({ length: 20 }, (_, index) => `operation-${index}`)
      await nodes[0]!.insert(ids.map((id) => newOperation(id, { processed_items: 0 })))
      const acknowledged = new Map(ids.map((id) => [id, 0]))
      const failed = new Map(ids.map((id) => [id, 0]))
      const codes = new Set<unknown>()
      const add = (counts: Map<string, number>, id: string) => counts.set(id, (counts.get(id) ?? 0) + 1)
      const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, value) => sum + value, 0)
      let isOver = false
      const work = ids.flatMap((id) =>
        nodes.map(async (node) => {
          let last = 0
          while (!isOver) {
            try {
              const outcome = await node.update(id, count)
              expect(outcome!.record.word.version).toBeGreaterThan(last)
              last = outcome!.record.word.version
              add(acknowledged, id)
            } catch (error) {
              codes.add((error as { readonly code?: unknown }).code)
              add(failed, id)
            }
          }
        }),
      )
      const goesOn = async () => {
        const before = total(acknowledged)
        await vi.waitFor(() => expect(total(acknowledged)).toBeGreaterThan(before + 100), PATIENCE)
      }
      await goesOn()
      await database.server.shutDown()
      await vi.waitFor(() => expect(total(failed)).toBeGreaterThan(50), PATIENCE)
      await database.server.restart()
      await goesOn()
      isOver = true
      await Promise.all(work)
      expect([...codes]).toEqual(['records_unavailable'])
      for (const id of ids) {
        const kept = (await nodes[1]!.get(id))?.word.processed_items
        expect(kept).toBeGreaterThanOrEqual(acknowledged.get(id)!)
        expect(kept).toBeLessThanOrEqual(acknowledged.get(id)! + failed.get(id)!)
      }
      await Promise.all(nodes.map((node) => node.close()))
      await Promise.all(pools.map((pool) => pool.end()))
    })
  })
})
