import { Client, Pool } from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../../scripts/services/provided.js'
import { amend } from '../../manager/operations.js'
import { manualClock } from '../../testing/manual-clock.js'
import { newOperation } from '../../testing/operation-records-contract.js'
import { PATIENCE } from '../../testing/patience.js'
import { type PostgresDatabase, SILENT, startPostgresDatabase } from '../../testing/postgres-database.js'
import type { OperationRecord } from '../operation-records.js'
import { postgres } from '../postgres.js'

const count = (record: OperationRecord) => amend(record, { processed_items: (record.word.processed_items ?? 0) + 1 })

describeWithPostgresql('PostgreSQL with several nodes', () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await startPostgresDatabase()
  })
  afterAll(() => database.stop())

  test('gives out versions in the order of the commits, so that a reader that goes on where it was misses nothing', async () => {
    const schema = database.newSchema()
    const pools = [0, 1].map(() => new Pool({ connectionString: database.server.url }))
    const nodes = await Promise.all(pools.map((pool) => database.open(schema, { pool })))
    const reader = await database.open(schema)
    const ids = Array.from({ length: 50 }, (_, index) => `operation-${index}`)
    await nodes[0]!.insert(ids.map((id) => newOperation(id, { processed_items: 0 })))

    const heard = new Map<string, OperationRecord>()
    let after = 0
    async function read(): Promise<number> {
      const page = await reader.everyChange({ after, limit: 40 })
      for (const record of page) {
        expect(record.word.version).toBeGreaterThan(after)
        after = record.word.version
        heard.set(record.word.operation_id, record)
      }
      return page.length
    }
    let isOver = false
    async function follow(): Promise<void> {
      while (!isOver) await read()
      while ((await read()) > 0);
    }
    const following = follow()

    const versions: number[] = []
    async function work(caller: number): Promise<void> {
      const node = nodes[caller % 2]!
      for (let turn = 0; turn < 20; turn += 1) {
        const outcome = await node.update(ids[(caller + turn * 7) % ids.length]!, count)
        versions.push(outcome!.record.word.version)
      }
      const [outcome] = await node.insert([newOperation(`new-${caller}`)])
      versions.push(outcome!.record.word.version)
    }
    // Those who write by hand stand in the same line.
    const byHand = ids.map((id) => pools[0]!.query(`SELECT ${schema}.update_sync_progress($1, 50)`, [id]))
    await Promise.all([...byHand, ...Array.from({ length: 50 }, (_, caller) => work(caller))])
    isOver = true
    await following

    expect(new Set(versions).size).toBe(1050)
    for (const id of ids) {
      const kept = await reader.get(id)
      expect(kept?.word).toMatchObject({ processed_items: 20, progress: 50 })
      expect(heard.get(id)).toEqual(kept)
    }
    expect(heard.size).toBe(100)
    expect(after).toBe(Math.max(...[...heard.values()].map(({ word }) => word.version)))
    await Promise.all([...nodes, reader].map((node) => node.close()))
    await Promise.all(pools.map((pool) => pool.end()))
  })

  test('commits nothing before what has a smaller version', async () => {
    const schema = database.newSchema()
    const records = await database.open(schema)
    await records.insert([newOperation('a'), newOperation('b')])
    const before = await records.latestVersion()
    const slow = await database.pool.connect()
    await slow.query('BEGIN')
    await slow.query(`SELECT ${schema}.update_sync_progress('a', 1)`)
    const updated = records.update('b', count)
    const inserted = records.insert([newOperation('c')])
    const waiting = `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`
    await vi.waitFor(async () => expect((await database.pool.query(waiting)).rowCount).toBe(1), PATIENCE)
    expect([await records.everyChange({ after: before, limit: 10 }), await records.latestVersion()]).toEqual([[], before])
    await slow.query('COMMIT')
    slow.release()
    await Promise.all([updated, inserted])
    const changes = await records.everyChange({ after: before, limit: 10 })
    expect(changes.map(({ word }) => [word.operation_id, word.version - before])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ])
    await records.close()
  })

  test('inserts one of several equal operations that come at once', async () => {
    const schema = database.newSchema()
    const nodes = await Promise.all([database.open(schema), database.open(schema), database.open(schema)])
    const outcomes = await Promise.all(
      nodes.map((node, index) =>
        node.insert([
          newOperation(`attempt-${index}`, { client_ref: 'r', attempt: 1 }),
          newOperation(`key-${index}`, {}, { key: 'k' }),
          newOperation('id', { message: `of ${index}` }),
        ]),
      ),
    )
    for (const place of [0, 1, 2]) {
      expect(outcomes.filter((outcome) => outcome[place]?.kind === 'inserted')).toHaveLength(1)
      expect(new Set(outcomes.map((outcome) => outcome[place]?.record.word.version)).size).toBe(1)
    }
    await Promise.all(nodes.map((node) => node.close()))
  })

  test('notifies once a statement, of ids and versions and nothing else, however many they are', async () => {
    const schema = database.newSchema()
    const records = await database.open(schema)
    const client = new Client(database.server.url)
    await client.connect()
    const heard: string[] = []
    client.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`))
    await client.query(`LISTEN ${schema}_changes`)
    const [outcome] = await records.insert([newOperation('a', { message: 'secret' })])
    await records.update('a', (record) => amend(record, { progress: 1 }))
    const many = await records.insert(Array.from({ length: 300 }, (_, index) => newOperation(`${'long'.repeat(10)}-${index}`)))
    await records.update('a', () => undefined)
    const { version } = outcome!.record.word
    const told = (payload: object) => `${schema}_changes ${JSON.stringify(payload).replaceAll(':', ': ').replaceAll(',', ', ')}`
    await vi.waitFor(
      () =>
        expect(heard).toEqual([
          told({ version, operations: { a: version } }),
          told({ version: version + 1, operations: { a: version + 1 } }),
          told({ version: many.at(-1)!.record.word.version }),
        ]),
      PATIENCE,
    )
    await client.end()
    await records.close()
  })

  test('hears of what is written by hand at once, and within a second where notifications are kept back', async () => {
    const schema = database.newSchema()
    const clock = manualClock()
    const records = postgres({ pool: database.pool, schema })
    await records.open({ clock, logger: SILENT })
    await records.insert([newOperation('a')])
    let calls = 0
    records.watch(() => {
      calls += 1
    })
    // It looks for itself when it begins to listen, and when its clock says so.
    await vi.waitFor(() => expect(calls).toBe(1), PATIENCE)
    await database.pool.query(`UPDATE ${schema}.sync_operations SET message = 'by hand'`)
    await vi.waitFor(() => expect(calls).toBe(2), PATIENCE)
    clock.advance(1000)
    await vi.waitFor(() => expect(calls).toBe(3), PATIENCE)
    await database.pool.query(`ALTER TABLE ${schema}.sync_operations DISABLE TRIGGER sync_notify_updated;
      UPDATE ${schema}.sync_operations SET message = 'in silence'`)
    await vi.waitFor(() => {
      clock.advance(1000)
      expect(calls).toBe(4)
    }, PATIENCE)
    await records.close()
  })
})
