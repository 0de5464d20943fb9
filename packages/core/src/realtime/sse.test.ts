import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createManualClock, createTestEnvironment, settle, type ManualClock } from '../testing/index.js'
import { sse, type SseOptions } from './sse.js'
import type { RealtimeTransport, Topic } from './transport.js'

interface Connection {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Opens the event stream. */
  open(): Connection
  write(...chunks: readonly (string | Uint8Array)[]): Promise<void>
}

/** A real server whose connections a test answers by hand, and a transport that listens to it. */
async function setUp({
  topics = [{ kind: 'job', id: 'job 1' }],
  ...options
}: Partial<SseOptions> & { readonly topics?: readonly Topic[] } = {}) {
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
  /** Notes what is heard of a topic, behind its name, which is left out for the first one. */
  function follow(topic: Topic): () => void {
    const name = topic === topics[0] ? '' : `${topic.kind === 'all' ? 'all' : topic.id} `
    return transport.subscribe(topic, {
      onMessage: (raw) => tell(`${name}message ${typeof raw === 'string' ? raw : JSON.stringify(raw)}`),
      onSubscribed: () => tell(`${name}subscribed`),
      onRefused: (error) => tell(`${name}refused ${error.code}`),
    })
  }
  const stops = topics.map(follow)
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
    follow,
    /** Ends what was followed from the beginning, by its place. */
    stop: (index: number) => stops[index]?.(),
    unsubscribe: () => {
      for (const stop of stops) stop()
    },
    connections,
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
/** Resolves once so many attempts in a row have failed. */
const failed = (transport: RealtimeTransport, attempts: number) =>
  new Promise<void>((resolve) => {
    const unsubscribe = transport.$connection.subscribe(({ reconnectAttempts }) => {
      if (reconnectAttempts !== attempts) return
      resolve()
      queueMicrotask(() => unsubscribe())
    })
  })
const JOB: Topic = { kind: 'job', id: 'job 1' }
const OPERATION: Topic = { kind: 'operation', id: 'op' }
const REFUSED = 'event: refused\ndata: {"operation_id":"op","code":"unknown_operation","detail":"None."}\n\n'
const PING = 'event: ping\ndata: {}\n\n'
const message = (data: string, id = '') => `${id && `id: ${id}\n`}event: sync-status\ndata: ${data}\n\n`
/** Exactly until the first repetition: the next connection is made in real time, and the clock must not run past its patience. */
const afterBackoff = (clock: ManualClock) => clock.advance(500)
const afterRefusal = (clock: ManualClock) => clock.advance(15_500)

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

  it('find that out although the clock was put back', async () => {
    const { next, heard, clock, transport } = await setUp()
    ;(await next()).open()
    await heard(1)
    clock.set(clock.now() - 3_600_000)
    const dead = status(transport, 'reconnecting')
    await clock.advance(20_000)
    await dead
    expect(transport.$connection.get().reconnectAttempts).toBe(1)
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

  it('ask for fresh headers at once when the server says that theirs are too old', async () => {
    const { next, heard } = await setUp({ headers: ({ attempt }) => ({ authorization: `token-${attempt}` }) })
    ;(await next()).response.writeHead(401).end()
    const second = (await next()).open()
    expect(second.request.headers.authorization).toBe('token-2')
    expect(await heard(1)).toEqual(['subscribed'])
  })

  it.each([401, 404])('are refused when %i is the answer to fresh headers too, or fresh ones cannot help', async (code) => {
    const { next, heard, clock, follow, connections } = await setUp({ headers: ({ attempt }) => ({ authorization: `token-${attempt}` }) })
    const requests = code === 401 ? 2 : 1
    for (let request = 0; request < requests; request += 1) (await next()).response.writeHead(code).end()
    await heard(1)
    expect(connections).toHaveLength(requests)
    await afterRefusal(clock)
    const again = (await next()).open()
    expect(again.request.headers.authorization).toBe('token-2')
    await heard(2)
    follow(OPERATION)
    await clock.advance(50)
    expect((await next()).request.headers.authorization).toBe('token-1')
  })

  it('that are accepted and say nothing have failed, however long that takes, until one says something', async () => {
    const { next, heard, clock, transport } = await setUp()
    for (const wait of [500, 1000, 2000, 4000]) {
      ;(await next()).open()
      await status(transport, 'connected')
      await clock.advance(10_000)
      await status(transport, wait === 4000 ? 'error' : 'reconnecting')
      await clock.advance(wait)
    }
    const connection = (await next()).open()
    await connection.write(message('at last'))
    await heard(6)
    await clock.advance(5000)
    connection.response.destroy()
    await failed(transport, 1)
    expect(transport.$connection.get().status).toBe('reconnecting')
  })

  it('ask for fresh headers after three failures in a row, and after a refusal', async () => {
    const { next, heard, clock, transport } = await setUp({ headers: ({ attempt }) => ({ authorization: `token-${attempt}` }) })
    for (let failures = 1; failures <= 3; failures += 1) {
      const { request, response } = await next()
      expect(request.headers.authorization).toBe('token-1')
      response.destroy()
      await failed(transport, failures)
      await clock.advance(500 * 2 ** (failures - 1))
    }
    const fourth = await next()
    expect(fourth.request.headers.authorization).toBe('token-2')
    fourth.response.writeHead(404).end()
    await heard(1)
    await clock.advance(15_000 + 4000)
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
    const { next, clock, transport, facts, connections } = await setUp()
    ;(await next()).response.writeHead(503, { 'retry-after': '60' }).end()
    await failed(transport, 1)
    await clock.advance(59_999)
    expect(clock.pending).toBe(1)
    expect(connections).toHaveLength(1)
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
    const { next, heard, transport, connections } = await setUp()
    const first = (await next()).open()
    await heard(1)
    const cut = status(transport, 'reconnecting')
    first.response.destroy()
    await cut
    transport.wake()
    ;(await next()).open()
    expect(await heard(2)).toEqual(['subscribed', 'subscribed'])
    expect(connections).toHaveLength(2)
  })

  it('do not open a second connection when they are woken beside one that was just heard', async () => {
    const { next, heard, transport, connections, clock } = await setUp()
    const connection = (await next()).open()
    await heard(1)
    transport.wake()
    await clock.advance(4999)
    transport.wake()
    await connection.write(message('still here'))
    await heard(2)
    expect(connections).toHaveLength(1)
    expect(transport.$connection.get().status).toBe('connected')
  })

  it('try a new connection when they are woken beside one that is long silent, and keep that one until the new one stands', async () => {
    const { next, heard, transport, clock } = await setUp()
    const first = (await next()).open()
    await first.write(message('a', 'cursor-1'))
    await heard(2)
    await clock.advance(5001)
    transport.wake()
    const second = await next()
    expect(second.request.headers['last-event-id']).toBe('cursor-1')
    expect(transport.$connection.get().status).toBe('connected')
    const closed = once(first.response, 'close')
    await second.open().write(message('b'))
    await closed
    // Nothing was missed, so nobody has to ask.
    expect(await heard(3)).toEqual(['subscribed', 'message a', 'message b'])
  })

  it('begin anew when they are woken during an attempt, which may wait for a network that is gone', async () => {
    const { next, heard, transport } = await setUp()
    const first = await next()
    const closed = once(first.response, 'close')
    transport.wake()
    await closed
    ;(await next()).open()
    expect(await heard(1)).toEqual(['subscribed'])
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

  describe('about several topics', () => {
    const word = (operationId: string, jobId?: string) => JSON.stringify({ operation_id: operationId, ...(jobId && { job_id: jobId }) })

    it('outlive a message whose ids are none', async () => {
      const { next, heard } = await setUp({ topics: [JOB, OPERATION] })
      const connection = (await next()).open()
      const odd = ['{"operation_id":"op","job_id":"\\ud800"}', '{"operation_id":{"toString":1},"job_id":"job 1"}']
      await connection.write(...odd.map((text) => message(text)), 'event: refused\ndata: {"operation_id":{"toString":1}}\n\n')
      await connection.write(message(word('op', 'job 1')))
      expect((await heard(8)).slice(6)).toEqual([`message ${word('op', 'job 1')}`, `op message ${word('op', 'job 1')}`])
    })

    it('share one connection', async () => {
      const { next, heard, connections } = await setUp({ topics: [JOB, OPERATION, { kind: 'all' }] })
      const { request } = (await next()).open()
      expect(request.url).toBe('/events?job_id=job%201&operation_id=op&all=1')
      expect(await heard(3)).toEqual(['subscribed', 'op subscribed', 'all subscribed'])
      expect(connections).toHaveLength(1)
    })

    it('give each message to those whom it concerns, once', async () => {
      const { next, heard, facts } = await setUp({ topics: [JOB, OPERATION, { kind: 'job', id: 'other' }] })
      const connection = (await next()).open()
      await connection.write(
        message(word('op', 'job 1')),
        message(word('x', 'other')),
        message(word('x', 'nobody’s')),
        message('{"b":1}'),
        message('no JSON'),
      )
      expect((await heard(12)).slice(3)).toEqual([
        `message ${word('op', 'job 1')}`,
        `op message ${word('op', 'job 1')}`,
        `other message ${word('x', 'other')}`,
        'message {"b":1}',
        'op message {"b":1}',
        'other message {"b":1}',
        'message no JSON',
        'op message no JSON',
        'other message no JSON',
      ])
      expect(facts).toHaveLength(12)
    })

    it('are asked for together when they change, on a new connection, beside which the old one goes on until it stands', async () => {
      const { next, heard, follow, clock, connections } = await setUp()
      const first = (await next()).open()
      await first.write(message('a', 'cursor-1'))
      await heard(2)
      const stops = Array.from({ length: 1000 }, (_, index) => follow({ kind: 'job', id: `gone-${index}` }))
      for (const stop of stops) stop()
      follow(OPERATION)
      await clock.advance(50)
      const second = await next()
      expect(second.request.url).toBe('/events?job_id=job%201&operation_id=op')
      expect(second.request.headers['last-event-id']).toBe('cursor-1')
      await first.write(message('b'))
      await heard(3)
      const closed = once(first.response, 'close')
      second.open()
      await closed
      // What was followed before has missed nothing.
      expect(await heard(4)).toEqual(['subscribed', 'message a', 'message b', 'op subscribed'])
      expect(connections).toHaveLength(2)
    })

    it('give a message once to who hears it by several', async () => {
      const { next, heard, transport } = await setUp({ topics: [JOB, OPERATION] })
      const got: unknown[] = []
      const handlers = { onMessage: (raw: unknown) => got.push(raw), onSubscribed() {}, onRefused() {} }
      const stops = [JOB, JOB, OPERATION].map((topic) => transport.subscribe(topic, handlers))
      const connection = (await next()).open()
      await connection.write(message(word('op', 'job 1')))
      await heard(4)
      stops[0]?.()
      stops[2]?.()
      await connection.write(message(word('op', 'job 1')))
      await heard(6)
      expect(got).toHaveLength(2)
      stops[1]?.()
      await connection.write(message(word('op', 'job 1')))
      await heard(8)
      expect(got).toHaveLength(2)
    })

    it.each([
      ['goes', [] as const],
      ['takes the place of another', [{ kind: 'job', id: 'new' }] as const],
    ])('are asked for anew when one %s', async (_what, added) => {
      const { next, heard, clock, follow, transport } = await setUp()
      const stop = transport.subscribe(OPERATION, { onMessage() {}, onSubscribed() {}, onRefused() {} })
      ;(await next()).open()
      await heard(1)
      await clock.advance(50)
      ;(await next()).open()
      await settle()
      stop()
      for (const topic of added) follow(topic)
      await clock.advance(50)
      const asked = new URL((await next()).request.url ?? '', 'http://server').searchParams
      expect([asked.getAll('operation_id'), asked.getAll('job_id')]).toEqual([[], ['job 1', ...added.map(({ id }) => id)]])
    })

    it('go on where the new ones are refused', async () => {
      const { next, heard, follow, clock, transport } = await setUp()
      const first = (await next()).open()
      await heard(1)
      follow(OPERATION)
      await clock.advance(50)
      ;(await next()).response.writeHead(404).end()
      expect(await heard(2)).toEqual(['subscribed', 'op refused rejected'])
      await first.write(message('still here'))
      await heard(3)
      expect(transport.$connection.get()).toMatchObject({ status: 'connected', reconnectAttempts: 0 })
    })

    it('that are refused keep no connection that was for others, who have gone', async () => {
      const { next, heard, clock, stop, transport } = await setUp({ topics: [JOB, OPERATION] })
      const connection = (await next()).open()
      await connection.write(REFUSED, PING)
      await heard(3)
      stop(0)
      await clock.advance(50)
      const closed = once(connection.response, 'close')
      ;(await next()).response.writeHead(404).end()
      await closed
      expect((await heard(4)).slice(3)).toEqual(['op refused rejected'])
      expect(transport.$connection.get().status).toBe('error')
    })

    it('do not wait for what was refused without them', async () => {
      const { next, heard, follow, stop } = await setUp({ topics: [OPERATION] })
      ;(await next()).response.writeHead(404).end()
      expect(await heard(1)).toEqual(['refused rejected'])
      follow(JOB)
      const both = await next()
      expect(both.request.url).toContain('operation_id=op&job_id=job%201')
      both.response.writeHead(403).end()
      expect((await heard(3)).slice(1)).toEqual(['refused auth', 'job 1 refused auth'])
      stop(0)
      ;(await next()).open()
      expect((await heard(4)).slice(3)).toEqual(['job 1 subscribed'])
    })

    it('wait for the new connection where the old one ends before it stands', async () => {
      const { next, heard, follow, clock, transport, connections } = await setUp()
      const first = (await next()).open()
      await heard(1)
      follow(OPERATION)
      await clock.advance(50)
      const second = await next()
      const cut = status(transport, 'reconnecting')
      first.response.destroy()
      await cut
      await clock.advance(1000)
      second.open()
      expect(await heard(3)).toEqual(['subscribed', 'subscribed', 'op subscribed'])
      expect([connections.length, transport.$connection.get().reconnectAttempts]).toEqual([2, 0])
    })

    it('are not told of a beginning that they did not wait for', async () => {
      const { next, heard, follow, facts, unsubscribe } = await setUp()
      const connection = (await next()).open()
      await heard(1)
      follow({ kind: 'job', id: 'job 1' })()
      await connection.write(message('a'))
      await heard(2)
      expect(facts).toEqual(['subscribed', 'message a'])
      unsubscribe()
    })

    it('stay with their connection where as much goes as comes', async () => {
      const { next, heard, follow, clock, connections } = await setUp()
      ;(await next()).open()
      await heard(1)
      for (let round = 0; round < 1000; round += 1) follow({ kind: 'job', id: `${round}` })()
      await clock.advance(1000)
      expect(connections).toHaveLength(1)
    })

    it('hear that they are followed where others follow the same', async () => {
      const { next, heard, follow, connections } = await setUp()
      ;(await next()).open()
      await heard(1)
      follow({ kind: 'job', id: 'job 1' })
      expect(await heard(2)).toEqual(['subscribed', 'job 1 subscribed'])
      expect(connections).toHaveLength(1)
    })

    it('wait for the next attempt where the server is away', async () => {
      const { next, heard, follow, clock, transport, connections } = await setUp()
      ;(await next()).response.destroy()
      await failed(transport, 1)
      follow(OPERATION)
      await clock.advance(499)
      expect(connections).toHaveLength(1)
      await clock.advance(1)
      ;(await next()).open()
      expect(await heard(2)).toEqual(['subscribed', 'op subscribed'])
    })

    it('are refused one by one', async () => {
      const { next, heard, transport } = await setUp({ topics: [JOB, OPERATION, { kind: 'all' }, { kind: 'job', id: 'job 2' }] })
      const connection = (await next()).open()
      const because = '"code":"unknown_operation","detail":"None."}'
      const named = ['{"operation_id":"op",', '{"all":true,', '{"job_id":"job 2",', '{"all":1,', 'x']
      await connection.write(...named.map((start) => `event: refused\ndata: ${start}${because}\n\n`))
      expect((await heard(7)).slice(4)).toEqual(['op refused rejected', 'all refused rejected', 'job 2 refused rejected'])
      await connection.write(message(word('x', 'job 1')))
      expect(await heard(9)).toContain(`message ${word('x', 'job 1')}`)
      expect(transport.$connection.get().status).toBe('connected')
    })

    it('are refused to those who come later, too', async () => {
      const { next, heard, follow, connections } = await setUp({ topics: [JOB, OPERATION] })
      const connection = (await next()).open()
      await connection.write(REFUSED)
      expect((await heard(3)).slice(2)).toEqual(['op refused rejected'])
      follow({ kind: 'operation', id: 'op' })
      expect((await heard(4)).slice(3)).toEqual(['op refused rejected'])
      expect(connections).toHaveLength(1)
    })

    it('that were refused are followed as soon as a connection does not refuse them, and not before', async () => {
      const { next, heard, follow, clock, facts } = await setUp({ topics: [JOB, OPERATION] })
      await (await next()).open().write(REFUSED)
      await heard(3)
      follow({ kind: 'job', id: 'job 2' })
      await clock.advance(50)
      const second = (await next()).open()
      expect(await heard(4)).toContain('job 2 subscribed')
      // He, too, waits for what the server says.
      follow({ kind: 'operation', id: 'op' })
      await second.write('event: reset\ndata: {}\n\n', REFUSED, PING)
      expect((await heard(8)).slice(4)).toEqual(['subscribed', 'job 2 subscribed', 'op refused rejected', 'op refused rejected'])
      follow({ kind: 'all' })
      await clock.advance(50)
      await (await next()).open().write(PING)
      expect((await heard(11)).slice(8)).toEqual(['all subscribed', 'op subscribed', 'op subscribed'])
      expect(facts).toHaveLength(11)
    })

    it('are spread over connections where one request cannot name them all', async () => {
      const { next, heard, transport } = await setUp({
        topics: Array.from({ length: 250 }, (_, index) => ({ kind: 'job', id: `${index}` })),
      })
      const connections = [await next(), await next(), await next()]
      const asked = connections.map(({ request }) => new URL(request.url ?? '', 'http://server').searchParams.getAll('job_id'))
      expect(asked.map(({ length }) => length)).toEqual([100, 100, 50])
      expect(new Set(asked.flat()).size).toBe(250)
      for (const connection of connections.slice(1)) connection.open()
      await heard(150)
      expect(transport.$connection.get().status).toBe('reconnecting')
      connections[0]?.open()
      await heard(250)
      expect(transport.$connection.get().status).toBe('connected')
    })

    it('of a dialect of one’s own are given to everyone, who reads them by himself', async () => {
      const { next, heard, transport } = await setUp({ topics: [JOB, OPERATION], decode: () => null })
      const connection = (await next()).open()
      await connection.write(message(word('x', 'job 1')))
      expect((await heard(4)).slice(2)).toEqual([`message ${word('x', 'job 1')}`, `op message ${word('x', 'job 1')}`])
      expect(transport.decode?.('anything')).toBeNull()
    })
  })

  it('keep an address short enough for every proxy', async () => {
    const id = (index: number) => `${index}`.padEnd(200, '-')
    const { next } = await setUp({ topics: Array.from({ length: 60 }, (_, index) => ({ kind: 'job', id: id(index) })) })
    const urls = [await next(), await next(), await next()].map(({ request }) => request.url ?? '')
    expect(urls.every(({ length }) => length < 6100)).toBe(true)
  })

  it('name each topic on one connection only', async () => {
    const { next, heard, stop, follow, connections } = await setUp({
      topics: Array.from({ length: 150 }, (_, index) => ({ kind: 'job', id: `${index}` })),
    })
    for (const connection of [await next(), await next()]) connection.open()
    await heard(150)
    stop(0)
    follow({ kind: 'job', id: '149' })
    expect((await heard(151)).at(-1)).toBe('149 subscribed')
    expect(connections).toHaveLength(2)
  })

  it('give a server time for its heartbeats, however soon a dead connection is to be found', async () => {
    const { next, heard, clock, transport } = await setUp({ heartbeatMs: 100 })
    const connection = (await next()).open()
    expect(connection.request.url).toBe('/events?heartbeat_ms=1000&job_id=job%201')
    await heard(1)
    await clock.advance(2499)
    expect(transport.$connection.get().status).toBe('connected')
    const dead = status(transport, 'reconnecting')
    await clock.advance(1)
    await dead
  })

  it('ask for heartbeats that let a dead connection be found as soon as is wanted', async () => {
    const { next, heard, clock, transport } = await setUp({ heartbeatMs: 3000 })
    const connection = (await next()).open()
    expect(connection.request.url).toBe('/events?heartbeat_ms=1200&job_id=job%201')
    await heard(1)
    const dead = status(transport, 'reconnecting')
    await clock.advance(3000)
    await dead
  })
})
