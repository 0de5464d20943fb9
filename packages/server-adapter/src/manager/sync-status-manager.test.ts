import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSyncManager } from '../create-sync-manager.js'
import { Refusal } from '../errors.js'
import { consoleLogger } from '../logger.js'
import type { StatusPublisher } from '../publishers/publisher.js'
import { memory } from '../records/memory.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { sqlite } from '../records/sqlite.js'
import { temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import type { SyncStatusManager } from './sync-status-manager.js'

let clock: ManualClock
let published: OperationRecord[]
let notes: string[]
let records: OperationRecords
let manager: SyncStatusManager
let close: () => Promise<void>

const logger = {
  ...consoleLogger,
  debug: (message: string) => void notes.push(message),
  warn: (message: string) => void notes.push(message),
}

beforeEach(async () => {
  clock = manualClock()
  published = []
  notes = []
  let ids = 0
  records = memory()
  const publisher: StatusPublisher = { name: 'test', reach: 'node', publish: (records) => void published.push(...records), close() {} }
  const createId = () => `id-${(ids += 1)}`
  ;({ manager, close } = await createSyncManager({ records, publishers: [publisher], clock, createId, logger }))
})
afterEach(() => close())

/** Writes that are under way come to their end. */
const settle = () => setImmediate()
const words = () => published.map(({ word }) => word)
const error = { code: 'virus_found', message: 'A virus.', retryable: false }

describe('the status manager', () => {
  test('creates an operation of any type, and tells it', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'full_sync', total_items: 10, triggered_by: 'cron', source: 'crm' })
    expect(words()).toEqual([
      {
        operation_id: id,
        operation_type: 'full_sync',
        status: 'pending',
        progress: 0,
        total_items: 10,
        triggered_by: 'cron',
        source: 'crm',
        timestamp: '2026-01-01T00:00:00.000Z',
        version: 1,
        position: 1,
      },
    ])
  })

  test('follows an operation from progress to its end, with rising versions and its own time', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'delete' })
    clock.advance(1500)
    expect(await manager.updateSyncProgress(id, 40, 4, 1, 'Four of ten')).toMatchObject({
      status: 'in_progress',
      progress: 40,
      processed_items: 4,
      failed_items: 1,
      message: 'Four of ten',
      timestamp: '2026-01-01T00:00:01.500Z',
    })
    const completed = await manager.completeSyncOperation(id, 'completed', { result: { deleted: 9 } })
    expect(completed).toMatchObject({ status: 'completed', progress: 100, result: { deleted: 9 }, processed_items: 4 })
    expect(completed).not.toHaveProperty('message')
    expect(words().map(({ version }) => version)).toEqual([1, 2, 3])
  })

  test.each([
    [-5, 0],
    [150, 100],
    [Number.NaN, 0],
    [12.5, 12.5],
  ])('keeps the progress %d within bounds, as %d', async (given, kept) => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    expect(await manager.updateSyncProgress(id, given)).toMatchObject({ progress: kept })
  })

  test('gives a failure a reason where its caller has none', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    expect(await manager.completeSyncOperation(id, 'failed', { message: 'Too slow.' })).toMatchObject({
      status: 'failed',
      error: { code: 'failed', message: 'Too slow.', retryable: true },
    })
  })

  test('leaves what has ended as it is, and says so in debug mode', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const ended = await manager.completeSyncOperation(id, 'cancelled')
    expect(await manager.updateSyncProgress(id, 50)).toEqual(ended)
    expect(await manager.completeSyncOperation(id, 'completed')).toEqual(ended)
    expect(notes).toEqual([`Operation ${id} stays cancelled.`, `Operation ${id} stays cancelled.`])
  })

  test('takes an end back: reopened, and revoked', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    await manager.completeSyncOperation(id, 'failed')
    const reopened = await manager.reopen(id)
    expect(reopened).toMatchObject({ status: 'in_progress', progress: 0 })
    expect(reopened).not.toHaveProperty('error')
    await manager.completeSyncOperation(id, 'completed', { result: 1 })
    const revoked = await manager.revoke(id, error)
    expect(revoked).toMatchObject({ status: 'failed', message: 'A virus.', error })
    expect(revoked).not.toHaveProperty('result')
    expect(await manager.revoke(id, error)).toEqual(revoked)
  })

  test('refuses what is about an unknown id', async () => {
    const refusal = { status: 404, code: 'unknown_operation', message: 'There is no operation nobody.' }
    await expect(manager.updateSyncProgress('nobody', 1)).rejects.toMatchObject(refusal)
    await expect(manager.completeSyncOperation('nobody', 'completed')).rejects.toMatchObject(refusal)
    await expect(manager.cancelSyncOperation('nobody')).rejects.toMatchObject(refusal)
    await expect(manager.reopen('nobody')).rejects.toMatchObject(refusal)
    await expect(manager.revoke('nobody', error)).rejects.toMatchObject(refusal)
    expect(await manager.get('nobody')).toBeUndefined()
    expect(words()).toEqual([])
  })

  test('keeps what another system reports, with a version of its own', async () => {
    const word = { operation_id: 'theirs', operation_type: 'webhook', status: 'in_progress', progress: 10 } as const
    expect(await manager.broadcastSyncUpdate({ ...word, message: 'a\u0000b' })).toMatchObject({ ...word, message: 'ab', version: 1 })
    expect(await manager.broadcastSyncUpdate({ ...word, status: 'completed', progress: 100 })).toMatchObject({
      status: 'completed',
      version: 2,
    })
    expect(await manager.get('theirs')).not.toHaveProperty('message')
  })

  test('keeps the identity of an operation that another system reports on without it', async () => {
    const word = { operation_id: 'theirs', operation_type: 'upload', status: 'pending', progress: 0 } as const
    const identity = { job_id: 'j', client_ref: 'r', attempt: 1, file: { name: 'a', size: 1, type: '' } }
    await manager.broadcastSyncUpdate({ ...word, ...identity })
    expect(await manager.broadcastSyncUpdate({ ...word, status: 'in_progress' })).toMatchObject({ ...identity, status: 'in_progress' })
  })

  test('refuses a malformed report', async () => {
    const malformed = { operation_id: 'x', operation_type: 'upload', status: 'pending', progress: 500 } as const
    await expect(manager.broadcastSyncUpdate(malformed)).rejects.toThrow(Refusal)
  })

  test('lists and snapshots a subject’s own operations', async () => {
    await manager.createSyncOperation({ operation_type: 'update', subject: 'anna', job_id: 'j' })
    await manager.createSyncOperation({ operation_type: 'update', subject: 'bert' })
    await manager.createSyncOperation({ operation_type: 'update', subject: 'anna' })
    expect(await manager.list({ subject: 'anna' })).toHaveLength(2)
    expect(await manager.list({ subject: 'anna', selection: { jobIds: ['j'], operationIds: [] } })).toHaveLength(1)
    expect(await manager.list()).toEqual([])
    const first = await manager.snapshot({ subject: 'anna', limit: 1 })
    expect([first.operations.length, first.more]).toEqual([1, true])
    const second = await manager.snapshot({ subject: 'anna', limit: 1, cursor: first.cursor })
    expect([second.operations.length, second.more]).toEqual([1, false])
  })
})

describe('its metrics', () => {
  const end = async (status: 'completed' | 'failed' | 'cancelled', times = 1) => {
    for (let index = 0; index < times; index += 1) {
      const id = await manager.createSyncOperation({ operation_type: 'update' })
      clock.advance(10)
      await manager.completeSyncOperation(id, status)
    }
  }

  test('say what is not known as null, never as a guess', () => {
    expect(manager.metrics()).toEqual({
      totalOperations: 0,
      successRate: null,
      avgDuration: null,
      peakConcurrency: 0,
      errorRate: null,
      throughput: 0,
      trend: null,
    })
    expect(manager.health()).toMatchObject({ status: 'healthy', score: 100 })
  })

  test('count what ended, and not what people cancelled', async () => {
    await end('completed', 3)
    await end('failed')
    await end('cancelled', 5)
    expect(manager.metrics()).toMatchObject({
      totalOperations: 9,
      successRate: 0.75,
      avgDuration: 10,
      peakConcurrency: 1,
      errorRate: 0.25,
      throughput: 9,
    })
    clock.advance(60_000)
    expect(manager.metrics().throughput).toBe(0)
  })

  test('take the error rate of the last hundred, and its change against the hundred before', async () => {
    await end('failed', 50)
    await end('completed', 50)
    await end('failed', 8)
    await end('completed', 92)
    expect(manager.metrics()).toMatchObject({ errorRate: 0.08, trend: 0.08 - 0.5 })
    expect(manager.health()).toMatchObject({ status: 'warning', score: 92 })
    await end('failed', 200)
    expect(manager.metrics()).toMatchObject({ errorRate: 1, trend: 0 })
    expect(manager.health()).toMatchObject({ status: 'critical', score: 0 })
  })

  test('know how many were unfinished at one time, reopened ones too', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    await manager.completeSyncOperation(id, 'failed')
    await manager.createSyncOperation({ operation_type: 'update' })
    await manager.reopen(id)
    expect(manager.metrics().peakConcurrency).toBe(2)
  })
})

describe('its progress', () => {
  const progressOf = () => words().map(({ progress }) => progress)

  test('is written ten times a second at most, the first at once and the last always; the others are answered at once with what is kept', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const answers = [await manager.updateSyncProgress(id, 1, 1)]
    for (let count = 2; count <= 50; count += 1) answers.push(await manager.updateSyncProgress(id, count, count))
    expect(new Set(answers.map(({ progress }) => progress))).toEqual(new Set([1]))
    expect(progressOf()).toEqual([0, 1])
    clock.advance(100)
    await settle()
    expect(words().at(-1)).toMatchObject({ progress: 50, processed_items: 50 })
    expect(await manager.updateSyncProgress(id, 51)).toMatchObject({ progress: 50 })
    clock.advance(100)
    await settle()
    expect(progressOf()).toEqual([0, 1, 50, 51])
    clock.advance(10_000)
    await settle()
    expect(await manager.updateSyncProgress(id, 60)).toMatchObject({ progress: 60 })
  })

  test('of a thousand a second costs ten writes', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    for (let ms = 0; ms < 1000; ms += 1) {
      await manager.updateSyncProgress(id, ms / 10)
      clock.advance(1)
    }
    await settle()
    expect(published.length).toBeLessThanOrEqual(12)
    expect(words().at(-1)).toMatchObject({ progress: 99.9 })
  })

  test('that was not written yet goes along with the end, in one word', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    await manager.updateSyncProgress(id, 10, 1)
    await manager.updateSyncProgress(id, 90, 9, 2)
    await manager.failSyncOperation(id, error)
    clock.advance(1000)
    await settle()
    expect(words().map(({ status, progress, processed_items, failed_items }) => [status, progress, processed_items, failed_items])).toEqual(
      [
        ['pending', 0, undefined, undefined],
        ['in_progress', 10, 1, undefined],
        ['failed', 90, 9, 2],
      ],
    )
  })

  test('is written when the manager is closed, and when it is asked to', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    for (const value of [1, 2]) await manager.updateSyncProgress(id, value)
    await manager.flush()
    expect(progressOf()).toEqual([0, 1, 2])
    await manager.updateSyncProgress(id, 3)
    await close()
    expect(progressOf()).toEqual([0, 1, 2, 3])
  })

  test('waits where it cannot be written, and takes no newer word back', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    for (const value of [1, 2]) await manager.updateSyncProgress(id, value, value)
    const { update } = records
    records.update = () => Promise.reject(new Error('locked'))
    clock.advance(100)
    await settle()
    await manager.updateSyncProgress(id, 3)
    clock.advance(100)
    await settle()
    expect(progressOf()).toEqual([0, 1])
    records.update = update
    clock.advance(100)
    await settle()
    expect(words().at(-1)).toMatchObject({ progress: 3, processed_items: 2 })
    expect(notes).toContain(`The progress of operation ${id} could not be written yet.`)
  })

  test('that goes along with an end which fails is not lost', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    for (const value of [1, 2]) await manager.updateSyncProgress(id, value, value)
    const { update } = records
    records.update = () => Promise.reject(new Error('locked'))
    await expect(manager.completeSyncOperation(id, 'completed')).rejects.toThrow('locked')
    records.update = update
    await manager.completeSyncOperation(id, 'completed')
    expect(words().at(-1)).toMatchObject({ status: 'completed', processed_items: 2 })
  })

  test('that goes along with an end which fails takes no newer word back', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    for (const value of [1, 2]) await manager.updateSyncProgress(id, value, value)
    const { update } = records
    records.update = () => Promise.reject(new Error('locked'))
    const ended = manager.completeSyncOperation(id, 'completed')
    const newer = manager.updateSyncProgress(id, 3)
    await expect(ended).rejects.toThrow('locked')
    await newer
    records.update = update
    await manager.flush()
    expect(words().at(-1)).toMatchObject({ progress: 3, processed_items: 2 })
  })

  test('whose first write fails is answered so, to all who wait for it', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const { update } = records
    records.update = () => Promise.reject(new Error('locked'))
    const calls = [manager.updateSyncProgress(id, 1), manager.updateSyncProgress(id, 2)]
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    records.update = update
    expect(await manager.updateSyncProgress(id, 3)).toMatchObject({ progress: 3 })
  })

  test('of an operation that has ended is answered with its end', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    await manager.cancelSyncOperation(id, 'Enough.')
    expect(await manager.updateSyncProgress(id, 5)).toMatchObject({ status: 'cancelled', message: 'Enough.' })
    expect(words()).toHaveLength(2)
  })

  test.each([
    ['counts', [1, 5.9, -3], { processed_items: 5, failed_items: 0 }],
    [
      'huge counts',
      [1, Number.POSITIVE_INFINITY, 1e300],
      { processed_items: Number.MAX_SAFE_INTEGER, failed_items: Number.MAX_SAFE_INTEGER },
    ],
  ] as const)('has %s within bounds', async (_, [value, processed, failed], kept) => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    expect(await manager.updateSyncProgress(id, value, processed, failed)).toMatchObject(kept)
  })

  test('says nothing of counts that are no numbers, and cuts its text', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const word = await manager.updateSyncProgress(id, 1, Number.NaN, undefined, `a\u0000${'b'.repeat(5000)}`)
    expect(word).not.toHaveProperty('processed_items')
    expect(word.message).toHaveLength(2000)
  })
})

describe('what makes no sense', () => {
  const refusal = { status: 422, code: 'invalid_update' }

  test('is refused with a sentence, and nothing is written', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const long = 'x'.repeat(70_000)
    const circle: Record<string, unknown> = {}
    circle['self'] = circle
    await expect(manager.completeSyncOperation(id, 'completed', { result: long })).rejects.toMatchObject({
      ...refusal,
      message: 'The update was not kept: result must be JSON of at most 65536 characters.',
    })
    await expect(manager.completeSyncOperation(id, 'completed', { result: circle })).rejects.toMatchObject(refusal)
    await expect(manager.completeSyncOperation(id, 'completed', { performance_data: { long } })).rejects.toMatchObject(refusal)
    await expect(manager.createSyncOperation({ operation_type: 'update', job_id: 'a\nb' })).rejects.toMatchObject(refusal)
    await expect(manager.createSyncOperation({ operation_type: 'update', subject: '' })).rejects.toMatchObject(refusal)
    await expect(manager.createSyncOperation({ operation_type: 'update', key: 'x'.repeat(201) })).rejects.toMatchObject(refusal)
    await expect(manager.cancelSyncOperation(id, 'No more.', { key: '' })).rejects.toMatchObject(refusal)
    await expect(
      manager.broadcastSyncUpdate({ operation_id: 'x', operation_type: 'update', status: 'pending', progress: 500 }),
    ).rejects.toThrow(Refusal)
    expect(words()).toHaveLength(1)
  })

  test('is refused from plain JavaScript, too', async () => {
    const id = await manager.createSyncOperation({ operation_type: 'update' })
    const plain = manager as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
    await expect(plain['updateSyncProgress']?.(id, 1, '5')).rejects.toMatchObject(refusal)
    await expect(plain['updateSyncProgress']?.(id, 1, 5, 0, { text: 'no' })).rejects.toMatchObject(refusal)
    await expect(plain['failSyncOperation']?.(id, { message: 'No code.' })).rejects.toMatchObject(refusal)
    await expect(plain['createSyncOperation']?.({ operation_type: 'dance' })).rejects.toMatchObject(refusal)
    expect(words()).toHaveLength(1)
  })

  test('is a job of another subject', async () => {
    await manager.createSyncOperation({ operation_type: 'update', subject: 'anna', job_id: 'j' })
    expect(await records.jobOwner('j')).toBe('anna')
    const bert = { operation_type: 'update', job_id: 'j' } as const
    await expect(manager.createSyncOperation({ ...bert, subject: 'bert' })).rejects.toMatchObject({ code: 'job_taken' })
    const report = { ...bert, operation_id: 'theirs', status: 'pending', progress: 0 } as const
    await expect(manager.broadcastSyncUpdate(report, { subject: 'bert' })).rejects.toMatchObject({ code: 'job_taken' })
    expect(await manager.broadcastSyncUpdate(report, { subject: 'anna' })).toMatchObject({ job_id: 'j' })
  })
})

describe('a report of another system', () => {
  const word = { operation_id: 'theirs', operation_type: 'webhook', status: 'in_progress', progress: 10 } as const

  test('does not take an end back, unless that is meant', async () => {
    const ended = await manager.broadcastSyncUpdate({ ...word, status: 'completed', progress: 100 })
    expect(await manager.broadcastSyncUpdate(word)).toEqual(ended)
    expect(await manager.broadcastSyncUpdate(word, { overridesEnd: true })).toMatchObject({ status: 'in_progress' })
  })

  test('stands in place of the progress that was gathered before it', async () => {
    await manager.broadcastSyncUpdate(word)
    for (const value of [20, 30]) await manager.updateSyncProgress('theirs', value)
    await manager.broadcastSyncUpdate({ ...word, progress: 50 })
    clock.advance(1000)
    await settle()
    expect(await manager.get('theirs')).toMatchObject({ progress: 50 })
  })

  test('that was made before, or that fails, does not lose the progress that waits', async () => {
    await manager.broadcastSyncUpdate(word, { key: 'k' })
    for (const value of [20, 30]) await manager.updateSyncProgress('theirs', value)
    await manager.broadcastSyncUpdate(word, { key: 'k' })
    const { update } = records
    records.update = () => Promise.reject(new Error('locked'))
    await expect(manager.broadcastSyncUpdate({ ...word, progress: 50 })).rejects.toThrow('locked')
    records.update = update
    await manager.flush()
    expect(await manager.get('theirs')).toMatchObject({ progress: 30 })
  })
})

describe('a call with a key', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let managers: SyncStatusManager[]
  let ends: (() => Promise<void>)[]
  beforeEach(async () => {
    directory = await temporaryDirectory()
    const processes = [0, 1].map(() => createSyncManager({ records: sqlite({ path: join(directory.path, 'records.db') }), clock, logger }))
    const made = await Promise.all(processes)
    managers = made.map(({ manager }) => manager)
    ends = made.map(({ close }) => close)
  })
  afterEach(async () => {
    for (const end of ends) await end()
    await directory.remove()
  })
  const both = () => managers as [SyncStatusManager, SyncStatusManager]

  test('creates an operation once, in whichever process', async () => {
    const [here, there] = both()
    const options = { operation_type: 'full_sync', subject: 'anna', key: 'nightly' } as const
    const id = await here.createSyncOperation(options)
    expect(await there.createSyncOperation(options)).toBe(id)
    expect(await there.createSyncOperation({ ...options, subject: 'bert' })).not.toBe(id)
    expect(await here.list({ subject: 'anna' })).toHaveLength(1)
  })

  test.each([
    ['progress', (manager: SyncStatusManager, id: string) => manager.updateSyncProgress(id, 5, 1, 0, 'One', { key: 'k' })],
    ['an end', (manager: SyncStatusManager, id: string) => manager.completeSyncOperation(id, 'completed', { key: 'k' })],
    ['a failure', (manager: SyncStatusManager, id: string) => manager.failSyncOperation(id, error, { key: 'k' })],
    ['a cancellation', (manager: SyncStatusManager, id: string) => manager.cancelSyncOperation(id, 'Enough.', { key: 'k' })],
    [
      'a report',
      (manager: SyncStatusManager, id: string) =>
        manager.broadcastSyncUpdate({ operation_id: id, operation_type: 'update', status: 'in_progress', progress: 7 }, { key: 'k' }),
    ],
  ] as const)('writes %s once, in whichever process', async (_, call) => {
    const [here, there] = both()
    const id = await here.createSyncOperation({ operation_type: 'update' })
    const first = await call(here, id)
    const changed = await here.broadcastSyncUpdate(
      { operation_id: id, operation_type: 'update', status: 'in_progress', progress: 50 },
      { overridesEnd: true },
    )
    expect(changed.version).toBeGreaterThan(first.version ?? 0)
    expect(await call(there, id)).toEqual(changed)
    expect(await call(here, id)).toEqual(changed)
  })

  test('reopens and revokes once', async () => {
    const [here, there] = both()
    const id = await here.createSyncOperation({ operation_type: 'update' })
    await here.completeSyncOperation(id, 'completed')
    await here.revoke(id, error, { key: 'r' })
    await here.reopen(id, 'Again.', { key: 'o' })
    const completed = await there.completeSyncOperation(id, 'completed')
    expect(await there.revoke(id, error, { key: 'r' })).toEqual(completed)
    expect(await there.reopen(id, 'Again.', { key: 'o' })).toEqual(completed)
  })

  test('is known among the last twenty of an operation', async () => {
    const [here] = both()
    const id = await here.createSyncOperation({ operation_type: 'update' })
    for (let index = 0; index <= 20; index += 1) await here.updateSyncProgress(id, index, index, 0, undefined, { key: `k${index}` })
    expect(await here.updateSyncProgress(id, 99, 99, 0, undefined, { key: 'k1' })).toMatchObject({ progress: 20 })
    expect(await here.updateSyncProgress(id, 99, 99, 0, undefined, { key: 'k0' })).toMatchObject({ progress: 99 })
  })

  test('that was made before does not lose the progress that waits', async () => {
    const [here] = both()
    const id = await here.createSyncOperation({ operation_type: 'update' })
    await here.updateSyncProgress(id, 1, 1, 0, undefined, { key: 'k' })
    for (const value of [2, 3]) await here.updateSyncProgress(id, value)
    await here.updateSyncProgress(id, 1, 1, 0, undefined, { key: 'k' })
    await here.flush()
    expect(await here.get(id)).toMatchObject({ progress: 3 })
  })
})

describe('the metrics of several processes', () => {
  test('count what each of them does', async () => {
    const directory = await temporaryDirectory()
    const open = () => createSyncManager({ records: sqlite({ path: join(directory.path, 'records.db') }), clock, logger })
    const [here, worker] = [await open(), await open()]
    const pass = async () => {
      clock.advance(200)
      await settle()
    }
    const ids: string[] = []
    for (let index = 0; index < 4; index += 1) ids.push(await worker.manager.createSyncOperation({ operation_type: 'update' }))
    await pass()
    expect(here.manager.metrics()).toMatchObject({ totalOperations: 4, peakConcurrency: 4, successRate: null })
    clock.advance(1000)
    for (const id of ids.slice(0, 3)) await worker.manager.completeSyncOperation(id, 'completed')
    await here.manager.failSyncOperation(ids[3] ?? '', error)
    await pass()
    const metrics = { totalOperations: 4, peakConcurrency: 4, successRate: 0.75, errorRate: 0.25, throughput: 4 }
    expect(here.manager.metrics()).toMatchObject(metrics)
    expect(worker.manager.metrics()).toMatchObject(metrics)
    await worker.manager.revoke(ids[0] ?? '', error)
    await pass()
    expect(here.manager.metrics()).toMatchObject(metrics)
    const late = await open()
    expect(late.manager.metrics()).toMatchObject({ totalOperations: 4, successRate: null })
    for (const { close } of [here, worker, late]) await close()
    await directory.remove()
  })
})
