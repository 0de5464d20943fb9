import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { consoleLogger } from '../logger.js'
import { amend } from '../manager/operations.js'
import { manualClock } from '../testing/manual-clock.js'
import { newOperation, operationRecordsContract } from '../testing/operation-records-contract.js'
import { type PostgresDatabase, startPostgresDatabase } from '../testing/postgres-database.js'
import type { OperationRecords } from './operation-records.js'
import { postgres } from './postgres.js'

describeWithPostgresql('PostgreSQL', () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await startPostgresDatabase()
  })
  afterAll(() => database.stop())

  operationRecordsContract('PostgreSQL', async () => {
    const schema = database.newSchema()
    return {
      records: await database.open(schema),
      openAgain: () => database.open(schema),
      passTime: async (ms) => {
        await database.pool.query(`UPDATE ${schema}.sync_leases SET until = until - $1 * interval '1 ms'`, [ms])
      },
    }
  })

  describe('the schema', () => {
    test('is made once by nodes that start together, which share its epoch', async () => {
      const schema = database.newSchema()
      const pools = Array.from({ length: 4 }, () => new Pool({ connectionString: database.server.url }))
      const nodes = await Promise.all([...pools, ...pools].map((pool) => database.open(schema, { pool })))
      expect(new Set(nodes.map((node) => node.epoch())).size).toBe(1)
      await Promise.all(nodes.map((node, index) => node.insert([newOperation(`from-${index}`)])))
      expect(await nodes[0]!.count()).toEqual({ total: 8, unfinished: 8 })
      await Promise.all(nodes.map((node) => node.close()))
      await Promise.all(pools.map((pool) => pool.end()))
    })

    test('keeps its epoch and its operations, and is another one in another schema', async () => {
      const schema = database.newSchema()
      const first = await database.open(schema)
      await first.insert([newOperation('a', { message: 'kept' })])
      const epoch = first.epoch()
      await first.close()
      const [second, other] = [await database.open(schema), await database.open(database.newSchema())]
      expect(second.epoch()).toBe(epoch)
      expect(await second.get('a')).toMatchObject({ word: { message: 'kept' } })
      expect(other.epoch()).not.toBe(second.epoch())
      expect(await other.get('a')).toBeUndefined()
      await Promise.all([second.close(), other.close()])
    })

    test('of a newer release is refused with a sentence that says what to do', async () => {
      const schema = database.newSchema()
      await (await database.open(schema)).close()
      await database.pool.query(`UPDATE ${schema}.sync_meta SET schema_version = 99`)
      await expect(database.open(schema)).rejects.toThrow(`The schema ${schema} was written by a newer release`)
    })

    test('that a user may not make is told with what to do; once it is there, the right to use it is enough', async () => {
      const schema = database.newSchema()
      await database.pool.query('CREATE ROLE plain LOGIN')
      const pool = new Pool({ connectionString: database.server.url.replace('postgres@', 'plain@') })
      await expect(database.open(schema, { pool })).rejects.toThrow(`CREATE SCHEMA ${schema} AUTHORIZATION`)
      await (await database.open(schema)).close()
      await database.pool.query(`GRANT USAGE ON SCHEMA ${schema} TO plain;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO plain`)
      const records = await database.open(schema, { pool })
      await records.insert([newOperation('a')])
      expect(await records.update('a', (record) => amend(record, { progress: 1 }))).toMatchObject({ changed: true })
      await records.close()
      await pool.end()
    })
  })

  describe('a pool', () => {
    test('of the program’s own is left open, as it was', async () => {
      const pool = new Pool({ connectionString: database.server.url })
      const records = await database.open(database.newSchema(), { pool })
      records.watch(() => {})
      await records.insert([newOperation('a')])
      await records.close()
      expect([pool.listenerCount('error'), pool.totalCount - pool.idleCount]).toEqual([0, 0])
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
      await pool.end()
    })

    test('may read types as it likes', async () => {
      const refuse = () => () => {
        throw new Error('no')
      }
      const pool = new Pool({ connectionString: database.server.url, types: { getTypeParser: refuse } })
      const records = await database.open(database.newSchema(), { pool })
      const [outcome] = await records.insert([newOperation('a', { result: { n: 1 } })])
      expect(await records.get('a')).toEqual(outcome?.record)
      await records.close()
      await pool.end()
    })

    test('is made for an address, and ended with the records', async () => {
      const records = postgres({ connectionString: database.server.url, schema: database.newSchema() })
      await records.open({ clock: manualClock(), logger: consoleLogger })
      records.watch(() => {})
      await records.insert([newOperation('a')])
      const ours = async () =>
        (await database.pool.query(`SELECT count(*)::integer AS n FROM pg_stat_activity WHERE application_name = 'upload-panel'`)).rows[0].n
      expect(await ours()).toBeGreaterThan(0)
      await records.close()
      await expect.poll(ours).toBe(0)
      await expect(records.get('a')).rejects.toThrow('not open')
      await expect(records.insert([newOperation('b')])).rejects.toThrow('not open')
      await records.close()
    })
  })

  test('an address where nothing answers is told without its password', async () => {
    const records = postgres({ connectionString: 'postgres://user:hidden@127.0.0.1:1/database' })
    const error: unknown = await records.open({ clock: manualClock(), logger: consoleLogger }).catch((reason: unknown) => reason)
    expect(String(error)).toMatch(/cannot be opened.*ECONNREFUSED.*See that it runs/)
    expect(String(error)).not.toContain('hidden')
  })

  test('leases end by the database’s clock, whatever that of a node says', async () => {
    const schema = database.newSchema()
    const nodes: OperationRecords[] = []
    for (const time of ['2001-01-01', '2041-01-01']) {
      const records = postgres({ pool: database.pool, schema })
      await records.open({ clock: manualClock(Date.parse(time)), logger: consoleLogger })
      nodes.push(records)
    }
    const acquired: boolean[] = []
    for (const [index, node] of nodes.entries()) acquired.push(await node.leases.acquire('feed', `node-${index}`, 60_000))
    expect(acquired).toEqual([true, false])
    await Promise.all(nodes.map((node) => node.close()))
  })

  test('an operation that the database refuses fails alone, whatever else is written with it', async () => {
    const records = await database.open(database.newSchema())
    await records.insert([newOperation('a'), newOperation('b')])
    const outcomes = await Promise.allSettled([
      records.update('a', (record) => amend(record, { progress: 50 })),
      records.update('b', (record) => amend(record, { progress: 101 })),
      records.update('b', (record) => amend(record, { result: 1n })),
      records.insert([newOperation('c'), newOperation('d', { progress: Number.NaN })]),
      records.insert([newOperation('e')]),
      records.update('b', (record) => amend(record, { progress: 60 })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled', 'fulfilled'])
    expect((await records.everyChange({ after: 0, limit: 10 })).map(({ word }) => [word.operation_id, word.progress])).toEqual([
      ['a', 50],
      ['e', 0],
      ['b', 60],
    ])
    await records.close()
  })

  test('a call that was answered is not made again because of another one', async () => {
    const records = await database.open(database.newSchema())
    await records.insert([newOperation('a'), newOperation('b'), newOperation('c')])
    const calls: string[] = []
    const outcomes = await Promise.allSettled([
      records.update('a', (record) => {
        calls.push('a')
        if (calls.length === 1) throw new RangeError('no')
        return amend(record, { progress: 1 })
      }),
      records.update('b', (record) => {
        calls.push('b')
        return calls.includes('b', 2) ? amend(record, { progress: 1 }) : undefined
      }),
      records.update('c', (record) => amend(record, { progress: 101 })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
    expect([calls, (await records.get('a'))?.word.progress, (await records.get('b'))?.word.progress]).toEqual([['a', 'b'], 0, 0])
    await records.close()
  })

  test('a change finds what was inserted just before it', async () => {
    const records = await database.open(database.newSchema())
    const [, outcome] = await Promise.all([
      records.insert([newOperation('a')]),
      records.update('a', (record) => amend(record, { progress: 1 })),
    ])
    expect(outcome).toMatchObject({ changed: true, record: { word: { progress: 1 } } })
    await records.close()
  })
})

test('options that make no sense are refused with a sentence', () => {
  // @ts-expect-error Neither of the two.
  expect(() => postgres({})).toThrow('either `pool`')
  expect(() => postgres({ connectionString: 'postgres://x', schema: 'Robert"; DROP' })).toThrow('lower-case letters')
  const pool = new Pool({ max: 1 })
  expect(() => postgres({ pool })).toThrow('two connections')
})
