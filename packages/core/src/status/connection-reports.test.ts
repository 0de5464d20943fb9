import { atom } from 'nanostores'
import { expect, onTestFinished, test } from 'vitest'
import type { ConnectionReport } from '../protocol/index.js'
import { type ConnectionStatus, NOT_CONNECTED } from '../realtime/transport.js'
import { createTestEnvironment, settle } from '../testing/index.js'
import { type ConnectionReportsOptions, reportConnection } from './connection-reports.js'

function setUp(options: Partial<ConnectionReportsOptions> = {}, first: ConnectionStatus['status'] = 'connected') {
  const world = createTestEnvironment()
  const page = new EventTarget()
  const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, transport: 'sse', latency: 12, status: first })
  const sent: { readonly report: ConnectionReport; readonly init: RequestInit; readonly url: string }[] = []
  const server = { answer: (): Response | Promise<Response> => new Response(null, { status: 204 }) }
  const end = reportConnection($connection, {
    url: '/uploads',
    page,
    ...options,
    environment: {
      ...world,
      async fetch(url, init = {}) {
        if (typeof url !== 'string' || typeof init.body !== 'string') throw new TypeError('Reports go to an address, as text.')
        sent.push({ report: JSON.parse(init.body), init, url })
        return server.answer()
      },
    },
  })
  onTestFinished(end)
  return {
    world,
    page,
    sent,
    server,
    end,
    $connection,
    become: (status: ConnectionStatus['status']) => $connection.set({ ...$connection.get(), status }),
    events: () => sent.map(({ report }) => `${report.event} ${report.status}`),
  }
}

test('the server is told of a connection at once, and then every thirty seconds', async () => {
  const { world, sent, events } = setUp()
  await world.clock.advance(0)
  expect(sent[0]?.url).toBe('http://localhost/uploads/commands/connection')
  expect(sent[0]?.report).toEqual({
    connection_id: 'id-1',
    event: 'connect',
    status: 'connected',
    transport: 'sse',
    latency: 12,
    reconnect_attempts: 0,
  })
  await world.clock.advance(29_999)
  expect(sent).toHaveLength(1)
  await world.clock.advance(60_001)
  expect(events()).toEqual(['connect connected', 'ping connected', 'ping connected', 'ping connected'])
})

test('a connection that nothing needs any more is told, and then nothing', async () => {
  const { world, become, events } = setUp()
  await world.clock.advance(0)
  become('disconnected')
  await world.clock.advance(600_000)
  expect(events()).toEqual(['connect connected', 'disconnect disconnected'])
})

test('what flaps is not told each time', async () => {
  const { world, become, events } = setUp()
  await world.clock.advance(0)
  for (let index = 0; index < 20; index += 1) {
    become('reconnecting')
    await world.clock.advance(100)
    become('connected')
    await world.clock.advance(100)
  }
  expect(events()).toEqual(['connect connected'])
  become('reconnecting')
  await world.clock.advance(5000)
  expect(events()).toEqual(['connect connected', 'ping reconnecting'])
})

test('nothing is told as long as nothing is followed', async () => {
  const { world, sent, become } = setUp({}, 'disconnected')
  await world.clock.advance(600_000)
  expect(sent).toEqual([])
  expect(world.clock.pending).toBe(0)
  become('connected')
  await world.clock.advance(0)
  expect(sent).toHaveLength(1)
})

test('a server that fails is asked ever less, and one that knows no reports never again', async () => {
  const { world, sent, server } = setUp()
  server.answer = () => Promise.reject(new TypeError('Failed to fetch'))
  await world.clock.advance(3_600_000)
  expect(sent.length).toBeGreaterThan(5)
  expect(sent.length).toBeLessThan(12)
  server.answer = () => new Response('{}', { status: 404 })
  await world.clock.advance(600_000)
  const asked = sent.length
  await world.clock.advance(3_600_000)
  expect(sent).toHaveLength(asked)
  expect(world.clock.pending).toBe(0)
})

test('a page that goes says so in a request that outlives it, with the headers that were good last', async () => {
  const { world, page, sent, server } = setUp({ headers: async () => ({ authorization: 'Bearer 1' }) })
  await world.clock.advance(0)
  server.answer = () => new Promise(() => {})
  page.dispatchEvent(new Event('pagehide'))
  expect(sent.at(-1)).toMatchObject({
    report: { event: 'disconnect', connection_id: 'id-1' },
    init: { keepalive: true, headers: { authorization: 'Bearer 1', 'content-type': 'application/json' } },
  })
  page.dispatchEvent(new Event('pagehide'))
  expect(sent).toHaveLength(2)
})

test('a page that goes before it had an answer says so, too', async () => {
  const { world, page, events, server } = setUp()
  server.answer = () => new Promise(() => {})
  await world.clock.advance(0)
  page.dispatchEvent(new Event('pagehide'))
  expect(events()).toEqual(['connect connected', 'disconnect connected'])
})

test('a page that comes back out of the cache says so', async () => {
  const { world, page, events } = setUp()
  await world.clock.advance(0)
  page.dispatchEvent(new Event('pagehide'))
  await world.clock.advance(60_000)
  world.wake('pageshow')
  await world.clock.advance(0)
  expect(events()).toEqual(['connect connected', 'disconnect connected', 'connect connected'])
})

test('its end is told, and leaves nothing', async () => {
  const { world, page, end, become, events, $connection } = setUp()
  await world.clock.advance(0)
  end()
  end()
  await settle()
  expect(events()).toEqual(['connect connected', 'disconnect connected'])
  page.dispatchEvent(new Event('pagehide'))
  become('reconnecting')
  world.wake('online')
  await world.clock.advance(600_000)
  expect(events()).toHaveLength(2)
  expect([world.clock.pending, $connection.lc]).toEqual([0, 0])
})

test('an answer that never comes does not hold up the next report for ever', async () => {
  const { world, sent, server } = setUp()
  server.answer = () => new Promise(() => {})
  await world.clock.advance(120_000)
  expect(sent.length).toBeGreaterThan(1)
})
