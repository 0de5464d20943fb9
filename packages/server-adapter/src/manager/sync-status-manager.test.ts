import { beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../errors.js'
import { consoleLogger } from '../logger.js'
import { memory } from '../records/memory.js'
import type { StatusPublisher } from '../publishers/publisher.js'
import type { OperationRecord } from '../records/operation-records.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { createConnections } from './connections.js'
import { createCursors } from './cursor.js'
import { createFeed } from './feed.js'
import { createMetrics } from './metrics.js'
import { createOperations } from './operations.js'
import { createSyncStatusManager, type SyncStatusManager } from './sync-status-manager.js'
import { createTail } from './tail.js'

let clock: ManualClock
let published: OperationRecord[]
let notes: string[]
let manager: SyncStatusManager

beforeEach(async () => {
  clock = manualClock()
  published = []
  notes = []
  let ids = 0
  const records = memory()
  const metrics = createMetrics(clock)
  const logger = {
    ...consoleLogger,
    debug: (message: string) => void notes.push(message),
  }
  const publisher: StatusPublisher = { name: 'test', reach: 'node', publish: (records) => void published.push(...records), close() {} }
  const tail = createTail({ records, clock, random: Math.random, logger })
  tail.listen(metrics.take)
  await tail.open()
  await createFeed({ publisher, records, tail, holder: 'test', clock, random: Math.random, logger }).open()
  const operations = createOperations({ records, tail, clock })
  manager = createSyncStatusManager({
    records,
    operations,
    cursors: createCursors(records),
    metrics,
    connections: createConnections({ records, clock, logger, createId: () => 'unused' }),
    publishers: () => [],
    progressWritesPerSecond: 10,
    clock,
    createId: () => `id-${(ids += 1)}`,
    logger,
  })
})

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
