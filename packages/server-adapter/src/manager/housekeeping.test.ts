import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memory } from '../records/memory.js'
import type { NewOperation, OperationRecords } from '../records/operation-records.js'
import { sqlite } from '../records/sqlite.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { newOperation } from '../testing/operation-records-contract.js'
import { PATIENCE } from '../testing/patience.js'
import { createConnections } from './connections.js'
import { createHousekeeping, resolveRetention, type RetentionOptions } from './housekeeping.js'
import { createMetrics } from './metrics.js'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let clock: ManualClock
let errors: string[]
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeEach(async () => {
  clock = manualClock()
  errors = []
  directory = await temporaryDirectory()
})
afterEach(() => directory.remove())

/** A process that keeps house, with a storage that only tells what it was to delete. */
async function start(retention: RetentionOptions = {}, records: OperationRecords = memory(), holder = 'here') {
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) }
  await records.open({ clock, logger })
  const discarded: string[] = []
  const storage = {
    async discard(id: string) {
      discarded.push(id)
    },
  }
  const metrics = createMetrics(clock)
  const housekeeping = createHousekeeping({
    records,
    storage,
    metrics,
    connections: createConnections({ records, clock, logger, createId: () => 'id' }),
    retention: resolveRetention(retention),
    snapshotIntervalMs: 5 * MINUTE,
    holder,
    clock,
    logger,
  })
  await housekeeping.start()
  const ids = async () => (await records.everyChange({ after: 0, limit: 1000 })).map(({ word }) => word.operation_id)
  return { records, storage, discarded, metrics, housekeeping, ids }
}

async function pass(ms: number, step = 5 * MINUTE): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    clock.advance(Math.min(step, ms - passed))
    for (let turn = 0; turn < 10; turn += 1) await setImmediate()
  }
}

const upload = { kind: 'put', partBytes: 1, bytes: 'stored' } as const
const ended = (id: string, status: 'completed' | 'failed' | 'cancelled', record: Partial<NewOperation> = {}) =>
  newOperation(id, { status, timestamp: new Date(clock.now()).toISOString(), job_id: `job-${id}` }, record)

describe('what is over', () => {
  test('is forgotten after its time, with what is left of its bytes and with its job; files and what goes on are kept', async () => {
    const { records, ids, discarded } = await start()
    await records.insert([
      ended('completed', 'completed'),
      ended('file', 'completed', { upload }),
      ended('failed', 'failed', { upload }),
      ended('cancelled', 'cancelled', { upload: { ...upload, bytes: 'discarded' } }),
      newOperation('unfinished', { status: 'in_progress' }, { upload }),
    ])
    for (const id of ['completed', 'file']) await records.claimJob(`job-${id}`, 'anna')
    await pass(30 * DAY, HOUR)
    expect(await ids()).toHaveLength(5)
    await pass(10 * MINUTE)
    expect(await ids()).toEqual(['file', 'unfinished'])
    expect(discarded).toEqual(['failed', 'cancelled'])
    expect([await records.jobOwner('job-completed'), await records.jobOwner('job-file')]).toEqual([undefined, 'anna'])
    await pass(300 * DAY, DAY)
    expect(await ids()).toEqual(['file', 'unfinished'])
  })

  test('goes with its file where files are to go, the bytes first', async () => {
    const { records, ids, discarded } = await start({ filesMs: DAY })
    await records.insert([ended('file', 'completed', { upload }), ended('other', 'completed')])
    const { forget } = records
    const before: string[] = []
    records.forget = (...call) => {
      before.push(...discarded)
      return forget(...call)
    }
    await pass(DAY + 20 * MINUTE, 10 * MINUTE)
    expect([await ids(), before]).toEqual([['other'], ['file']])
  })

  test('stays where its bytes cannot be deleted, and keeps nothing else from going', async () => {
    const { records, storage, ids } = await start({ operationsMs: HOUR })
    await records.insert([ended('stuck', 'failed', { upload }), ended('other', 'failed')])
    const { discard } = storage
    storage.discard = () => Promise.reject(new Error('disk'))
    await pass(HOUR + 10 * MINUTE)
    expect(await ids()).toEqual(['stuck'])
    expect(errors[0]).toBe('The bytes of operation stuck, which is to be forgotten, could not be deleted.')
    storage.discard = discard
    await pass(10 * MINUTE)
    expect(await ids()).toEqual([])
  })

  test('goes in pages, however much there is', async () => {
    const { records, ids } = await start({ operationsMs: HOUR })
    await records.insert(Array.from({ length: 950 }, (_, index) => ended(`${index}`, 'cancelled')))
    await pass(HOUR + 20 * MINUTE)
    expect(await ids()).toEqual([])
  })

  test('is kept for good where that is asked for', async () => {
    const { records, ids } = await start({ operationsMs: Number.POSITIVE_INFINITY })
    await records.insert([ended('a', 'failed')])
    await pass(1000 * DAY, DAY)
    expect(await ids()).toEqual(['a'])
  })

  test.each([{ operationsMs: 0 }, { filesMs: -1 }, { snapshotsMs: Number.NaN }])('has a time that can be meant, not %o', (retention) => {
    expect(() => resolveRetention(retention)).toThrow(/^retention\.\w+ must be a positive number/)
  })
})

describe('snapshots of how everything is', () => {
  test('are taken every five minutes, and forgotten after a week', async () => {
    const { records, metrics } = await start()
    metrics.load({ total: 7, unfinished: 3 }, 0)
    await records.clients.save([
      {
        connection_id: 'c',
        subject: 'anna',
        status: 'connected',
        transport: 'sse',
        latency: null,
        reconnect_attempts: 0,
        connected_at: new Date(clock.now()).toISOString(),
        last_ping: new Date(clock.now() + DAY).toISOString(),
      },
    ])
    await pass(10 * MINUTE)
    expect(await records.snapshots.list(10)).toMatchObject([
      { taken_at: '2026-01-01T00:05:00.000Z', connections: 1, active_operations: 3, metrics: { totalOperations: 7 } },
      { taken_at: '2026-01-01T00:10:00.000Z', health: { status: 'healthy' } },
    ])
    await pass(8 * DAY)
    const kept = await records.snapshots.list(10_000)
    expect(kept.length).toBeLessThan((7 * DAY) / (5 * MINUTE) + 4)
    expect(kept.length).toBeGreaterThan((7 * DAY) / (5 * MINUTE) - 2)
  })

  test('are taken again after one that failed', async () => {
    const { records } = await start()
    const { add } = records.snapshots
    records.snapshots.add = () => Promise.reject(new Error('locked'))
    await pass(5 * MINUTE)
    records.snapshots.add = add
    await pass(5 * MINUTE)
    expect([errors, (await records.snapshots.list(10)).length]).toEqual([['A snapshot of the status failed; it is tried again.'], 1])
  })

  test('are taken by one of several processes, and by another one when that ends', async () => {
    const open = (holder: string) => start({}, sqlite({ path: join(directory.path, 'records.db') }), holder)
    const [first, second] = [await open('first'), await open('second')]
    const count = async () => (await second.records.snapshots.list(100)).length
    await pass(10 * MINUTE, 1000)
    expect(await count()).toBe(2)
    await first.housekeeping.stop()
    await pass(6 * MINUTE, 1000)
    expect(await count()).toBe(3)
    await second.housekeeping.stop()
    for (const { records } of [first, second]) await records.close()
  })
})

describe('a server', () => {
  let server: Harness
  afterEach(() => server.close())

  test('forgets uploads with their files, and tells in health how it was', async () => {
    server = await startHarness(directory.path, { clock, retention: { filesMs: 9 * MINUTE } })
    const { operation_id } = await server.upload(Buffer.from('hello'))
    // In steps in which a lease can be renewed.
    await pass(9 * MINUTE, 2000)
    expect(await server.sync.readFile(operation_id)).toBeDefined()
    await expect
      .poll(async () => {
        await pass(MINUTE, 2000)
        return server.sync.manager.get(operation_id)
      }, PATIENCE)
      .toBeUndefined()
    await pass(6 * MINUTE, 2000)
    expect(await server.sync.readFile(operation_id)).toBeUndefined()
    expect(await (await server.request('queries/health')).json()).toMatchObject({
      metrics: { totalOperations: 0 },
      publishers: [{ name: 'sse', reach: 'node', state: 'live', lagMs: 0 }],
      snapshots: expect.arrayContaining([expect.objectContaining({ taken_at: '2026-01-01T00:05:00.000Z', active_operations: 0 })]),
    })
  })

  test('takes no interval that no timer can keep', async () => {
    await expect(startHarness(directory.path, { snapshotIntervalMs: 2 ** 31 })).rejects.toThrow('snapshotIntervalMs')
    server = await startHarness(directory.path)
  })
})
