import { reportConnection } from '@upload-panel/core/connection-reports'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, type StatusMonitor, type StatusMonitorOptions, statusRoutes } from '@upload-panel/core/status'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Harness, startHarnessOfTest } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'

/** A page that uploads nothing, and the real server, over the real protocol. */
let server: Harness
let monitor: StatusMonitor

beforeEach(async () => {
  server = await startHarnessOfTest()
})
afterEach(() => monitor.dispose())

function watch(options: StatusMonitorOptions = { realtime: sse({ url: `${server.url}/events` }) }): void {
  monitor = createStatusMonitor({ backend: statusRoutes({ url: server.url }), ...options })
  monitor.$operations.listen(() => {})
}

const statuses = () => monitor.$operations.get().map(({ operation_type, status }) => `${operation_type} ${status}`)
const isConnected = () => vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)

describe('a status monitor and the server', () => {
  test('agree on operations of all types, those that were there and those that come', async () => {
    const { manager } = server.sync
    const there = await manager.createSyncOperation({ operation_type: 'full_sync', total_items: 10 })
    watch()
    await vi.waitFor(() => expect(statuses()).toEqual(['full_sync pending']), PATIENCE)
    await isConnected()
    for (const type of ['upload', 'delete', 'update', 'webhook'] as const) await manager.createSyncOperation({ operation_type: type })
    await manager.updateSyncProgress(there, 50, 5)
    await manager.completeSyncOperation(there, 'completed')
    const expected = ['upload pending', 'delete pending', 'update pending', 'webhook pending', 'full_sync completed']
    await vi.waitFor(() => expect(statuses()).toEqual(expected), PATIENCE)
    expect(monitor.$metrics.get()).toMatchObject({ totalOperations: 5, activeOperations: 4, successRate: 1, throughput: 1 })
    expect(monitor.$health.get()).toMatchObject({ status: 'healthy', errorRate: 0 })
    // One clock: what is left is the way of a word.
    const [subscription] = monitor.$subscriptions.get()
    expect(subscription).toMatchObject({ isSubscribed: true, messages: 6, errorRate: 0 })
    expect(subscription?.latency).toBeLessThan(1000)
    expect(subscription?.bytes).toBeGreaterThan(600)
  })

  test('agree by polling alone', async () => {
    const { manager } = server.sync
    watch({})
    const id = await manager.createSyncOperation({ operation_type: 'delete' })
    await vi.waitFor(() => expect(statuses()).toEqual(['delete pending']), PATIENCE)
    await manager.completeSyncOperation(id, 'failed')
    await vi.waitFor(() => expect(statuses()).toEqual(['delete failed']), PATIENCE)
  })

  test('agree on more operations than fit on a page', async () => {
    const { manager } = server.sync
    for (let index = 0; index < 1100; index += 1) await manager.createSyncOperation({ operation_type: 'update', job_id: 'j' })
    watch()
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await vi.waitFor(() => expect(monitor.$metrics.get().activeOperations).toBe(1100), PATIENCE)
    await vi.waitFor(() => expect($job.get()?.totalCount).toBe(1100), PATIENCE)
  })

  test('agree on how a job stands', async () => {
    const { manager } = server.sync
    watch()
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await isConnected()
    const created = await server.create({}, 'j')
    const other = await server.create({}, 'j')
    await vi.waitFor(() => expect($job.get()).toMatchObject({ status: 'QUEUED', totalCount: 2 }), PATIENCE)
    await manager.completeSyncOperation(created.operation_id, 'completed')
    await manager.completeSyncOperation(other.operation_id, 'cancelled')
    const summary = { status: 'COMPLETED', totalCount: 2, completedCount: 1, failedCount: 0, partial: true }
    await vi.waitFor(() => expect($job.get()).toEqual(summary), PATIENCE)
    expect(await (await server.request('queries/upload-jobs/j')).json()).toMatchObject(summary)
  })

  test('agree on one operation that is followed alone, and on its end', async () => {
    const { operation_id: id } = await server.create({}, 'j')
    monitor = createStatusMonitor({ backend: statusRoutes({ url: server.url }), realtime: sse({ url: `${server.url}/events` }) })
    const $operation = monitor.$operation(id)
    const $unknown = monitor.$operation('0123456789abcdef0123456789abcdef')
    $operation.listen(() => {})
    $unknown.listen(() => {})
    await vi.waitFor(() => expect($operation.get()).toMatchObject({ status: 'pending' }), PATIENCE)
    await vi.waitFor(() => expect($unknown.get()).toBe(null), PATIENCE)
    await monitor.cancel(id)
    expect($operation.get()).toMatchObject({ status: 'cancelled' })
    await expect(monitor.cancel('nobody')).rejects.toMatchObject({ status: 404 })
  })

  test('agree after the server was killed and started again', async () => {
    watch()
    await isConnected()
    const id = await server.sync.manager.createSyncOperation({ operation_type: 'webhook' })
    await vi.waitFor(() => expect(statuses()).toEqual(['webhook pending']), PATIENCE)
    const port = Number(new URL(server.url).port)
    await server.crash()
    server = await startHarnessOfTest({}, server.directory, port)
    await server.sync.manager.completeSyncOperation(id, 'completed')
    await vi.waitFor(() => expect(statuses()).toEqual(['webhook completed']), PATIENCE)
  })

  test('know of each other', async () => {
    watch()
    const end = reportConnection(monitor.$connection, { url: server.url })
    const clients = async () =>
      (await server.sync.manager.connections()).map(({ connection_id, transport }) => [connection_id.split(':')[0], transport])
    await vi.waitFor(async () => expect(await clients()).toEqual([[expect.not.stringMatching(/^seen$/), 'sse']]), PATIENCE)
    end()
    // Its event stream is still open: now the server tells what it sees itself.
    await vi.waitFor(async () => expect(await clients()).toEqual([['seen', 'sse']]), PATIENCE)
  })
})
