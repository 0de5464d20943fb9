import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createManualClock, createTestEnvironment, type ManualClock } from '../testing/index.js'
import { sse, type SseOptions } from './sse.js'
import type { RealtimeTransport } from './transport.js'

interface Connection {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Opens the event stream. */
  open(): Connection
  write(...chunks: readonly (string | Uint8Array)[]): Promise<void>
}

/** A real server whose connections a test answers by hand, and a transport that listens to it. */
async function setUp(options: Partial<SseOptions> = {}) {
  const connections: Connection[] = []
  const waiters: ((connection: Connection) => void)[] = []
  let taken = 0
  const server = createServer((request, response) => {
    const connection: Connection = {
      request,
      response,
      open() {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
        response.flushHeaders()
        return connection
      },
      async write(...chunks) {
        for (const chunk of chunks) {
          await new Promise((resolve) => response.write(chunk, resolve))
        }
      },
    }
    connections.push(connection)
    waiters.shift()?.(connection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const clock = createManualClock()
  const transport = sse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`, ...options })({
    environment: { ...createTestEnvironment(), clock, fetch: (input, init) => fetch(input, init) },
  })
  const facts: string[] = []
  const listeners = new Set<() => void>()
  const tell = (fact: string) => {
    facts.push(fact)
    for (const listener of listeners) listener()
  }
  const unsubscribe = transport.subscribe(
    { kind: 'job', id: 'job 1' },
    {
      onMessage: (raw) => tell(`message ${String(raw)}`),
      onSubscribed: () => tell('subscribed'),
      onRefused: (error) => tell(`refused ${error.code}`),
    },
  )
  ends.push(async () => {
    transport.dispose()
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  return {
    clock,
    transport,
    facts,
    unsubscribe,
    /** The next connection that was not taken yet. */
    next(): Promise<Connection> {
      const ready = connections[taken]
      taken += 1
      return ready === undefined ? new Promise((resolve) => waiters.push(resolve)) : Promise.resolve(ready)
    },
    /** Resolves once so many facts were heard. */
    async heard(count: number): Promise<readonly string[]> {
      while (facts.length < count) {
        await new Promise<void>((resolve) => {
          const done = () => {
            listeners.delete(done)
            resolve()
          }
          listeners.add(done)
        })
      }
      return facts
    },
  }
}
const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** Resolves once the connection has a status. */
const status = (transport: RealtimeTransport, wanted: string) =>
  new Promise<void>((resolve) => {
    const unsubscribe = transport.$connection.subscribe((connection) => {
      if (connection.status !== wanted) return
      resolve()
      queueMicrotask(() => unsubscribe())
    })
  })
const message = (data: string, id = '') => `${id && `id: ${id}\n`}event: sync-status\ndata: ${data}\n\n`
/** Exactly until the first repetition: the next connection is made in real time, and the clock must not run past its patience. */
const afterBackoff = (clock: ManualClock) => clock.advance(500)
const afterRefusal = (clock: ManualClock) => clock.advance(15_000)

describe('Server-Sent Events', () => {
  it('ask for the job with the protocol’s headers and one’s own', async () => {
    const { next } = await setUp({ headers: async ({ attempt }) => ({ authorization: `Bearer ${attempt}` }) })
    const { request } = await next()
    expect(request.url).toBe('/events?job_id=job%201')
    expect(request.headers).toMatchObject({ accept: 'text/event-stream', 'upload-panel-protocol': '1', authorization: 'Bearer 1' })
    expect(request.headers['last-event-id']).toBeUndefined()
  })

  it('say that they are subscribed before the first message, and hand on messages of their kind alone', async () => {
    const { next, heard, transport } = await setUp()
    const connection = (await next()).open()
    await connection.write('retry: 5\n\n', ': heartbeat\n\n', 'event: other\ndata: x\n\n', message('{"a":1}'))
    expect(await heard(2)).toEqual(['subscribed', 'message {"a":1}'])
    expect(transport.$connection.get()).toMatchObject({ status: 'connected', reconnectAttempts: 0, latency: 0, transport: 'sse' })
  })

  it('read lines that are cut anywhere, also inside a character, and with any line end', async () => {
    const { next, heard } = await setUp()
    const connection = (await next()).open()
    const bytes = new TextEncoder().encode(': c\r\nid: 7\r\nevent: sync-status\r\ndata: {"name":\r\ndata: "Ä😀"}\r\n\r\n')
    await connection.write(...Array.from(bytes, (byte) => Uint8Array.of(byte)))
    await connection.write(message('line feeds'), 'event: sync-status\rdata: returns\r\r', message('end'))
    expect(await heard(5)).toEqual(['subscribed', 'message {"name":\n"Ä😀"}', 'message line feeds', 'message returns', 'message end'])
  })

  it('come back after a cut where they were', async () => {
    const { next, heard, clock, transport } = await setUp()
    const first = (await next()).open()
    await first.write(message('a', 'cursor-1'), message('b', 'cursor-2'), message('c'))
    await heard(4)
    const cut = status(transport, 'reconnecting')
    first.response.destroy()
    await cut
    expect(transport.$connection.get().reconnectAttempts).toBe(1)
    await afterBackoff(clock)
    const second = (await next()).open()
    expect(second.request.headers['last-event-id']).toBe('cursor-2')
    expect(await heard(5)).toContain('subscribed')
    expect(transport.$connection.get().reconnectAttempts).toBe(0)
  })

  it('come back when the server ends the stream in good order', async () => {
    const { next, heard, clock, transport } = await setUp()
    const first = (await next()).open()
    await heard(1)
    const ended = status(transport, 'reconnecting')
    first.response.end()
    await ended
    await afterBackoff(clock)
    ;(await next()).open()
    expect(await heard(2)).toEqual(['subscribed', 'subscribed'])
  })

  it('ask a server that ends every stream at once less and less often, and soon again after a good one', async () => {
    const { next, clock, transport } = await setUp()
    const endAfter = async (ms: number) => {
      const { response } = (await next()).open()
      await status(transport, 'connected')
      await clock.advance(ms)
      const ended = new Promise<number>((resolve) => {
        const stop = transport.$connection.listen(({ status: now, reconnectAttempts }) => {
          if (now === 'connected') return
          stop()
          resolve(reconnectAttempts)
        })
      })
      response.end()
      return ended
    }
    expect(await endAfter(0)).toBe(1)
    await clock.advance(500)
    expect(await endAfter(0)).toBe(2)
    await clock.advance(1000)
    expect(await endAfter(5000)).toBe(1)
  })

  it('ask for the snapshot when the server says that it does not know the cursor', async () => {
    const { next, heard } = await setUp()
    const connection = (await next()).open()
    await connection.write('event: reset\ndata: \n\n')
    expect(await heard(2)).toEqual(['subscribed', 'subscribed'])
  })

  it('take a connection for dead that says nothing for ten seconds', async () => {
    const { next, heard, clock, transport } = await setUp()
    const connection = (await next()).open()
    await connection.write(message('a'))
    await heard(2)
    await clock.advance(9999)
    expect(transport.$connection.get().status).toBe('connected')
    const dead = status(transport, 'reconnecting')
    await clock.advance(1)
    await dead
    await afterBackoff(clock)
    await next()
  })

  it('stay with a connection that only sends heartbeats', async () => {
    const { next, heard, clock, transport } = await setUp()
    const connection = (await next()).open()
    await heard(1)
    for (let beat = 1; beat <= 5; beat += 1) {
      await clock.advance(8000)
      const before = transport.$connection.get().lastPing
      await connection.write(': heartbeat\n\n')
      await new Promise<void>((resolve) => {
        const unlisten = transport.$connection.listen(({ lastPing }) => {
          if (lastPing === before) return
          unlisten()
          resolve()
        })
      })
    }
    expect(transport.$connection.get()).toMatchObject({ status: 'connected', lastPing: new Date(clock.now()).toISOString() })
  })

  it.each([
    [401, 'auth'],
    [403, 'auth'],
    [404, 'rejected'],
  ])('that are refused with %i say so, and ask again later', async (code, error) => {
    const { next, heard, clock, transport } = await setUp()
    const { response } = await next()
    response.writeHead(code, { 'content-type': 'application/problem+json' }).end('{"code":"no","detail":"No."}')
    expect(await heard(1)).toEqual([`refused ${error}`])
    expect(transport.$connection.get().status).toBe('error')
    await afterRefusal(clock)
    ;(await next()).open()
    expect(await heard(2)).toEqual([`refused ${error}`, 'subscribed'])
  })

  it('ask for fresh headers after a refusal', async () => {
    const { next, heard, clock } = await setUp({ headers: ({ attempt }) => ({ authorization: `token-${attempt}` }) })
    ;(await next()).response.writeHead(401).end()
    await heard(1)
    await afterRefusal(clock)
    expect((await next()).request.headers.authorization).toBe('token-2')
  })

  it('come back where the hook for headers never answers', async () => {
    let asked = 0
    const { next, heard, clock, transport } = await setUp({
      headers() {
        asked += 1
        return asked === 1 ? new Promise(() => {}) : {}
      },
    })
    const given = status(transport, 'reconnecting')
    await clock.advance(10_000)
    await given
    await afterBackoff(clock)
    ;(await next()).open()
    expect(await heard(1)).toEqual(['subscribed'])
  })

  it('do not take a page for a stream', async () => {
    const { next, heard } = await setUp()
    ;(await next()).response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
    expect(await heard(1)).toEqual(['refused rejected'])
  })

  it('stay away as long as the server asks', async () => {
    const { next, clock, transport, facts } = await setUp()
    const failed = new Promise<void>((resolve) => {
      transport.$connection.listen(({ reconnectAttempts }) => {
        if (reconnectAttempts === 1) resolve()
      })
    })
    ;(await next()).response.writeHead(503, { 'retry-after': '60' }).end()
    await failed
    await clock.advance(59_999)
    expect(clock.pending).toBe(1)
    await clock.advance(1)
    ;(await next()).open()
    expect(facts).not.toContain('refused server')
  })

  it('give up a message without end', async () => {
    const { next, heard, transport } = await setUp()
    const connection = (await next()).open()
    await heard(1)
    const given = status(transport, 'reconnecting')
    const chunk = `data: ${'x'.repeat(2 ** 20)}`
    for (let sent = 0; sent < 6 && !connection.response.destroyed; sent += 1) await Promise.race([connection.write(chunk), given])
    await given
    expect(transport.$connection.get()).toMatchObject({ status: 'reconnecting', reconnectAttempts: 1 })
  })

  it('come back at once when they are woken', async () => {
    const { next, heard, transport } = await setUp()
    const first = (await next()).open()
    await heard(1)
    const cut = status(transport, 'reconnecting')
    first.response.destroy()
    await cut
    transport.wake()
    ;(await next()).open()
    expect(await heard(2)).toEqual(['subscribed', 'subscribed'])
  })

  it('do not open a second connection when they are woken beside a good one', async () => {
    const { next, heard, transport, clock } = await setUp()
    ;(await next()).open()
    await heard(1)
    transport.wake()
    expect(clock.pending).toBe(1)
    expect(transport.$connection.get().status).toBe('connected')
  })

  it.each(['unsubscribe', 'dispose'] as const)('end with %s: the connection closes, no timer stays', async (how) => {
    const { next, heard, transport, clock, unsubscribe, facts } = await setUp()
    const connection = (await next()).open()
    await heard(1)
    const closed = once(connection.response, 'close')
    if (how === 'dispose') transport.dispose()
    else unsubscribe()
    await closed
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
    expect(facts).toEqual(['subscribed'])
    expect(transport.$connection.get().status).toBe('disconnected')
  })

  it('end while they wait to come back', async () => {
    const { next, heard, transport, clock } = await setUp()
    ;(await next()).response.writeHead(404).end()
    await heard(1)
    transport.dispose()
    expect(clock.pending).toBe(0)
  })
})
