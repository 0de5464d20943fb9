import { createUploader, httpBackend } from '@upload-panel/core'
import { pageConnection } from '@upload-panel/core/page-connection'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, type StatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Harness, startHarnessOfTest } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'

/** A page that uploads and shows what the server does, and the real server, over the real protocol. */
let server: Harness
let ends: (() => unknown)[]

beforeEach(async () => {
  server = await startHarnessOfTest()
  ends = []
})
afterEach(async () => {
  for (const end of ends) await end()
})

/** An uploader of the job `own`, and a monitor that listens to everything, on one connection. */
function page(headers: Record<string, string> = {}) {
  const realtime = pageConnection(sse({ url: `${server.url}/events`, headers }))
  const uploader = createUploader({ backend: httpBackend({ url: server.url }), realtime, jobId: 'own' })
  const monitor = createStatusMonitor({ backend: statusRoutes({ url: server.url }), realtime })
  ends.push(() => uploader.dispose(), monitor.dispose)
  return { uploader, monitor, stop: monitor.$operations.listen(() => {}) }
}

const streams = async () => ((await (await server.request('queries/health')).json()) as { connections: number }).connections
const statusOf = ({ $subscriptions }: StatusMonitor) =>
  $subscriptions.get().map(({ isSubscribed, error }) => [isSubscribed, error?.remoteCode])

describe('a page', () => {
  test('hears by one stream of its uploads and of all else, as long as either is there', async () => {
    const { uploader, monitor, stop } = page()
    const [id = ''] = uploader.add([new File(['content'], 'a.txt')])
    await vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe('completed'), PATIENCE)
    await server.sync.manager.createSyncOperation({ operation_type: 'full_sync' })
    await vi.waitFor(
      () => expect(monitor.$operations.get().map((operation) => operation.operation_type)).toEqual(['full_sync', 'upload']),
      PATIENCE,
    )
    await vi.waitFor(async () => expect(await streams()).toBe(1), PATIENCE)
    await uploader.dispose()
    await server.sync.manager.createSyncOperation({ operation_type: 'delete' })
    await vi.waitFor(() => expect(monitor.$operations.get()).toHaveLength(3), PATIENCE)
    await vi.waitFor(async () => expect(await streams()).toBe(1), PATIENCE)
    stop()
    await vi.waitFor(async () => expect(await streams()).toBe(0), PATIENCE)
  })

  test('whose token is for its job alone hears of that, and that it may not hear of all', async () => {
    const answer = await server.post('commands/subscribe-token', { job_ids: ['own'] })
    const { token } = (await answer.json()) as { token: string }
    const { uploader, monitor } = page({ authorization: `Bearer ${token}` })
    await vi.waitFor(() => expect(statusOf(monitor)).toEqual([[false, 'not_granted']]), PATIENCE)
    const [id = ''] = uploader.add([new File(['content'], 'a.txt')])
    await vi.waitFor(() => expect(uploader.$connection.get()).toMatchObject({ status: 'connected', polling: false }), PATIENCE)
    await vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe('completed'), PATIENCE)
    expect(statusOf(monitor)).toEqual([[false, 'not_granted']])
    expect(await streams()).toBe(1)
  })
})
