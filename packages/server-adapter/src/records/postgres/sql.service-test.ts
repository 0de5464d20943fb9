import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { describeWithPostgresql } from '../../../../../scripts/services/provided.js'
import { amend } from '../../manager/operations.js'
import { newOperation } from '../../testing/operation-records-contract.js'
import { type PostgresDatabase, startPostgresDatabase } from '../../testing/postgres-database.js'
import type { OperationRecords } from '../operation-records.js'

describeWithPostgresql('PostgreSQL, spoken to by a team without Node', () => {
  let database: PostgresDatabase
  let schema: string
  let records: OperationRecords
  beforeAll(async () => {
    database = await startPostgresDatabase()
  })
  afterAll(() => database.stop())
  beforeEach(async () => {
    schema = database.newSchema()
    records = await database.open(schema)
    return () => records.close()
  })

  /** The one value that a function answers. */
  async function call(text: string, values: readonly unknown[] = []): Promise<string | null> {
    const { rows } = await database.pool.query({ text: `SELECT ${schema}.${text} AS value`, values: [...values] })
    return rows[0].value
  }
  const word = async (id: string) => (await records.get(id))?.word

  test('an operation goes from its creation over its progress to its end', async () => {
    const id = await call(
      `create_sync_operation('full_sync', 1200, triggered_by => 'cron', source => 'erp', subject => 'anna', message => E'go\\u0007es')`,
    )
    const created = await word(id!)
    expect(created).toMatchObject({
      operation_type: 'full_sync',
      status: 'pending',
      progress: 0,
      total_items: 1200,
      source: 'erp',
      message: 'goes',
    })
    expect(created?.position).toBe(created?.version)
    expect(Math.abs(Date.parse(created!.timestamp) - Date.now())).toBeLessThan(60_000)

    const version = await call('update_sync_progress($1, 50, 600, 3, $2)', [id, 'half\u0001way'])
    const half = await word(id!)
    expect(half).toMatchObject({
      status: 'in_progress',
      progress: 50,
      processed_items: 600,
      failed_items: 3,
      message: 'halfway',
      version: Number(version),
    })
    expect(half!.version).toBeGreaterThan(created!.version)
    await call('update_sync_progress($1, 140)', [id])
    expect(await word(id!)).toMatchObject({ progress: 100, processed_items: 600, message: 'halfway' })

    const details = { result: { rows: 1197 }, performance_data: { ms: 3 }, message: 'done' }
    const ended = await call(`complete_sync_operation($1, 'completed', $2)`, [id, JSON.stringify(details)])
    expect(await word(id!)).toMatchObject({ status: 'completed', progress: 100, ...details, version: Number(ended) })
    expect(
      (await records.changes({ subject: 'anna', selection: 'all', after: half!.version, limit: 10 })).map(({ word }) => word.status),
    ).toEqual(['completed'])
  })

  test('an end absorbs, and an id that nobody has changes nothing', async () => {
    const id = await call(`create_sync_operation('delete')`)
    await call(`complete_sync_operation($1, 'cancelled')`, [id])
    const ended = await records.get(id!)
    expect(ended).toMatchObject({ subject: 'everyone', word: { status: 'cancelled' } })
    for (const late of ['update_sync_progress($1, 10)', `complete_sync_operation($1, 'failed')`]) {
      expect([await call(late, [id]), await call(late, ['nobody'])]).toEqual([null, null])
    }
    expect(await records.get(id!)).toEqual(ended)
    await expect(call(`complete_sync_operation($1, 'done')`, [id])).rejects.toThrow('completed, failed or cancelled, not as done')
  })

  test('a failure says why, in the form of the wire', async () => {
    const failed = async (details: object) => {
      const id = await call(`create_sync_operation('update')`)
      await call(`complete_sync_operation($1, 'failed', $2)`, [id, JSON.stringify(details)])
      return (await word(id!))?.error
    }
    expect(await failed({})).toEqual({ code: 'failed', message: 'The operation failed.', retryable: true })
    expect(await failed({ message: 'No.' })).toEqual({ code: 'failed', message: 'No.', retryable: true })
    const error = { code: 'out_of_stock', message: 'Sold out.', retryable: false }
    expect(await failed({ error, result: 'none' })).toEqual(error)
  })

  test('a call that is repeated with its key creates nothing', async () => {
    const create = (subject: string) => call(`create_sync_operation('webhook', subject => $1, key => 'order-7')`, [subject])
    const [first, again, other] = [await create('anna'), await create('anna'), await create('bert')]
    expect([again, (await records.count()).total]).toEqual([first, 2])
    expect(other).not.toBe(first)
    const [outcome] = await records.insert([newOperation('a', {}, { key: 'order-7' })])
    expect([outcome?.kind, outcome?.record.word.operation_id]).toEqual(['existing', first])
  })

  test('a row that is changed by hand takes the next version and the time, and those that are given are kept', async () => {
    await records.insert(['a', 'b', 'c'].map((id) => newOperation(id)))
    const before = await records.latestVersion()
    await database.pool.query(`UPDATE ${schema}.sync_operations SET status = 'failed' WHERE operation_id IN ('a', 'c')`)
    const changes = await records.everyChange({ after: before, limit: 10 })
    expect(changes.map(({ word: { version, status } }) => [version, status])).toEqual([
      [before + 1, 'failed'],
      [before + 2, 'failed'],
    ])
    expect(Math.abs(Date.parse(changes[0]!.word.timestamp) - Date.now())).toBeLessThan(60_000)
    await database.pool.query(`UPDATE ${schema}.sync_operations SET "timestamp" = '2001-01-01T00:00:00Z' WHERE operation_id = 'a'`)
    expect(await word('a')).toMatchObject({ timestamp: '2001-01-01T00:00:00.000Z', version: before + 3 })
    await database.pool.query(`INSERT INTO ${schema}.sync_operations (operation_type) VALUES ('update')`)
    const [inserted] = await records.everyChange({ after: before + 3, limit: 10 })
    expect(inserted).toMatchObject({
      subject: 'everyone',
      word: { status: 'pending', position: before + 4, operation_id: expect.stringMatching(/^[0-9a-f]{32}$/) },
    })
    expect(await records.update('a', (record) => amend(record, { progress: 7 }))).toMatchObject({
      changed: true,
      record: { word: { version: before + 5 } },
    })
  })

  test('a snapshot of the system is one that the server reads, and judges as it does', async () => {
    const end = async (status: string, seconds: number) => {
      const id = `${status}-${seconds}`
      const [start, over] = [Date.parse('2026-01-01T00:00:00Z'), new Date(Date.parse('2026-01-01T00:00:00Z') + seconds * 1000)]
      await records.insert([newOperation(id, { timestamp: over.toISOString(), status: status as 'failed' }, { createdAtMs: start })])
    }
    await call('take_sync_status_snapshot()')
    const [empty] = await records.snapshots.list(10)
    expect(empty).toMatchObject({
      metrics: {
        totalOperations: 0,
        successRate: null,
        avgDuration: null,
        peakConcurrency: 0,
        errorRate: null,
        throughput: 0,
        trend: null,
      },
      health: { status: 'healthy', score: 100, errorRate: 0, checkedAt: empty!.taken_at },
      connections: 0,
      active_operations: 0,
    })
    // A hundred that went well, then a hundred of which 8 failed.
    for (let second = 1; second <= 200; second += 1) await end(second > 100 && second <= 108 ? 'failed' : 'completed', second)
    await records.insert([newOperation('running', { status: 'in_progress' })])
    await call(`complete_sync_operation($1, 'cancelled')`, [await call(`create_sync_operation('update')`)])
    await records.clients.save([
      {
        connection_id: 'c',
        subject: 'anna',
        status: 'connected',
        transport: 'sse',
        latency: null,
        reconnect_attempts: 0,
        connected_at: empty!.taken_at,
        last_ping: empty!.taken_at,
      },
    ])
    await call('take_sync_status_snapshot()')
    const [, full] = await records.snapshots.list(10)
    expect(full).toMatchObject({
      metrics: {
        totalOperations: 202,
        successRate: 192 / 200,
        avgDuration: 100_500,
        peakConcurrency: 1,
        errorRate: 0.08,
        throughput: 1,
        trend: 0.08,
      },
      health: { status: 'warning', score: 92, errorRate: 0.08 },
      connections: 1,
      active_operations: 1,
    })
  })

  describe('the database', () => {
    test('says what its functions are for', async () => {
      const { rows } = await database.pool.query(
        `SELECT proname FROM pg_proc WHERE pronamespace = $1::regnamespace AND prorettype <> 'trigger'::regtype AND obj_description(oid) IS NULL`,
        [schema],
      )
      expect(rows).toEqual([])
    })
  })
})
