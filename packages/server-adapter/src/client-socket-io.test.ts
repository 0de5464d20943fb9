import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { socketIo } from '@upload-panel/core/socket-io'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { Server } from 'socket.io'
import { expect, onTestFinished, test, vi } from 'vitest'
import { socketIoPublisher } from './publishers/socket-io.js'
import type { Authorize } from './security/authorize.js'
import { startHarness, temporaryDirectory } from './testing/harness.js'
import { manualClock } from './testing/manual-clock.js'
import { PATIENCE } from './testing/patience.js'

/** A page that follows everything of its user's by Socket.IO, and the real server. */
async function start(authorize: Authorize, auth: (request: { readonly attempt: number }) => Record<string, string>) {
  const http = createServer()
  const io = new Server(http)
  const clock = manualClock(Date.now())
  const directory = await temporaryDirectory()
  const server = await startHarness(directory.path, { authorize, clock, publishers: [socketIoPublisher({ io })] })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const monitor = createStatusMonitor({
    realtime: socketIo({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, auth }),
    backend: statusRoutes({ url: server.url, headers: () => ({ authorization: 'Bearer page' }) }),
  })
  monitor.$operations.listen(() => {})
  onTestFinished(async () => {
    monitor.dispose()
    await io.close()
    await server.close()
    await directory.remove()
  })
  return {
    clock,
    io,
    manager: server.sync.manager,
    isConnected: () => vi.waitFor(() => expect(monitor.$subscriptions.get()[0]?.isSubscribed).toBe(true), PATIENCE),
    /** What came by Socket.IO, and not by a question of its own. */
    messages: () => monitor.$subscriptions.get()[0]?.messages ?? 0,
    statuses: () => monitor.$operations.get().map(({ operation_type, status }) => `${operation_type} ${status}`),
  }
}

test('a page hears of everything of its user’s, and of nobody else’s', async () => {
  const { manager, isConnected, messages, statuses } = await start(
    () => ({ subject: 'ann' }),
    () => ({}),
  )
  await isConnected()
  const id = await manager.createSyncOperation({ operation_type: 'delete', subject: 'ann' })
  await manager.createSyncOperation({ operation_type: 'update', subject: 'ben' })
  await manager.completeSyncOperation(id, 'completed')
  await vi.waitFor(() => expect(messages()).toBe(2), PATIENCE)
  expect(statuses()).toEqual(['delete completed'])
})

test('a page whose permission ends comes back with a fresh token, and goes on', async () => {
  const tokens: string[] = []
  const { clock, io, manager, isConnected, messages, statuses } = await start(
    ({ request }) => {
      const isFirst = request.headers.get('authorization') === 'Bearer token 1'
      return { subject: 'ann', ...(isFirst && { expiresAtMs: clock.now() + 5000 }) }
    },
    ({ attempt }) => {
      tokens.push(`token ${attempt}`)
      return { token: `token ${attempt}` }
    },
  )
  await isConnected()
  const followers = () => [...io.of('/').adapter.rooms].flatMap(([room, ids]) => (room.startsWith('all:') ? [...ids] : []))
  const [before] = followers()
  for (let second = 0; second < 6; second += 1) {
    clock.advance(1000)
    await setImmediate()
  }
  await vi.waitFor(() => {
    expect(followers()).toHaveLength(1)
    expect(followers()).not.toContain(before)
  }, PATIENCE)
  await manager.createSyncOperation({ operation_type: 'delete', subject: 'ann' })
  await vi.waitFor(() => expect(statuses()).toEqual(['delete pending']), PATIENCE)
  await vi.waitFor(() => expect(messages()).toBe(1), PATIENCE)
  expect(tokens).toEqual(['token 1', 'token 2'])
})
