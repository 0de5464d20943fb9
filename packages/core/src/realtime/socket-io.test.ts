import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type ServerOptions, type Socket as ServerSocket } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { postForm } from '../backends/post-form.js'
import { createUploader } from '../create-uploader.js'
import { createMemoryServer, createTestEnvironment, createTestFile } from '../testing/index.js'
import { uploadProgress } from '../protocol/index.js'
import { followUploads } from './follow.js'
import { socketIo, type SocketIoOptions } from './socket-io.js'
import type { Topic } from './transport.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** Facts in the order in which they were heard, and who waits for more. */
function createLog() {
  const facts: string[] = []
  const waiting = new Set<() => void>()
  return {
    facts,
    tell(fact: string) {
      facts.push(fact)
      for (const look of waiting) look()
    },
    /** Resolves once a condition holds. */
    until: (condition: (facts: readonly string[]) => boolean) =>
      new Promise<readonly string[]>((resolve) => {
        const look = () => {
          if (!condition(facts)) return
          waiting.delete(look)
          resolve(facts)
        }
        waiting.add(look)
        look()
      }),
  }
}

/** A join is not answered. */
const NEVER = Symbol('never')

/** A real server that lets everyone in and notes what it is asked. */
async function startServer(options: Partial<ServerOptions> = {}) {
  const log = createLog()
  const http = createServer()
  const server = new Server(http, options)
  const state = {
    /** What a join is answered with. */
    answer: (_room: unknown): unknown => ({ ok: true }),
    /** What a connection is refused with. */
    refuse: (_auth: Record<string, unknown>): Error | undefined => undefined,
    answersPings: true,
  }
  server.use((socket, next) => next(state.refuse(socket.handshake.auth)))
  server.on('connection', (socket: ServerSocket) => {
    log.tell(`connected${socket.recovered ? ' again' : ''}`)
    socket.on('join-upload', async (room: string, ack: (answer: unknown) => void) => {
      const answer = state.answer(room)
      if (JSON.stringify(answer) === '{"ok":true}') await socket.join(room)
      log.tell(`join ${room}`)
      if (answer !== NEVER) ack(answer)
    })
    socket.on('leave-upload', async (room: string) => {
      await socket.leave(room)
      log.tell(`leave ${room}`)
    })
    socket.on('ping-upload', (ack: () => void) => {
      if (state.answersPings) ack()
      log.tell('ping')
    })
    socket.on('disconnect', () => log.tell('disconnected'))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  ends.push(() => server.close())
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    server,
    state,
    facts: log.facts,
    /** What it was asked, but for pings. */
    asked: () => without(log.facts, 'ping'),
    until: log.until,
    publish: (room: string, update: unknown) => server.to(room).emit('sync-status', update),
    /** Breaks the connections below Socket.IO, as a network does. */
    cut() {
      for (const socket of server.sockets.sockets.values()) socket.conn.close()
    },
  }
}

const JOB: Topic = { kind: 'job', id: '1' }

/** Time is put forward faster than a server can answer a ping. */
const PATIENT = { heartbeatMs: 3_600_000 }

function listen(options: SocketIoOptions, defaults: Partial<typeof PATIENT> = PATIENT) {
  const environment = { ...createTestEnvironment(), baseUrl: undefined }
  const log = createLog()
  const transport = socketIo('url' in options ? { ...defaults, ...options } : options)({ environment })
  ends.push(() => transport.dispose())
  const stopListening = transport.$connection.subscribe(({ status, reconnectAttempts }) => log.tell(`${status} ${reconnectAttempts}`))
  ends.push(stopListening)
  return {
    clock: environment.clock,
    transport,
    ...log,
    follow: (topic: Topic = JOB, name = '') =>
      transport.subscribe(topic, {
        onMessage: (raw) => log.tell(`${name}message ${JSON.stringify(raw)}`),
        onSubscribed: () => log.tell(`${name}subscribed`),
        onRefused: ({ code, message, remoteCode }) => log.tell(`${name}refused ${code}: ${message} ${remoteCode ?? ''}`),
      }),
  }
}

const count = (facts: readonly string[], fact: string) => facts.filter((one) => one === fact).length
const without = (facts: readonly string[], ...prefixes: readonly string[]) =>
  facts.filter((fact) => !prefixes.some((prefix) => fact.startsWith(prefix)))
const words = (facts: readonly string[]) => without(facts, 'connected', 'reconnecting', 'disconnected', 'error')

/** A socket of the page's own, with its own events, which tries again at once. */
function openSocket(url: string): Socket<{ chat: (text: string, at: number) => void }, { say: (text: string) => void }> {
  const socket = io(url, { forceNew: true, reconnectionDelay: 1, reconnectionDelayMax: 1, transports: ['websocket'] })
  ends.push(() => socket.disconnect())
  return socket
}

describe('Socket.IO', () => {
  it('joins the room of a topic, says so once the server has acknowledged it, and hands on what is said there', async () => {
    const server = await startServer()
    const { follow, until, transport } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('subscribed'))
    server.publish('job:2', { job_id: '2' })
    server.publish('job:1', { job_id: '1', text: '😀' })
    expect(words(await until((facts) => facts.some((fact) => fact.startsWith('message'))))).toEqual([
      'subscribed',
      'message {"job_id":"1","text":"😀"}',
    ])
    expect(transport.$connection.get()).toMatchObject({ status: 'connected', reconnectAttempts: 0, latency: 0, transport: 'socket-io' })
    expect(transport.authoritative).toBe(true)
  })

  it('has one connection for all topics, and gives each message to those whom it is about', async () => {
    const server = await startServer()
    const { follow, until } = listen({ url: server.url })
    const leaveJob = follow({ kind: 'job', id: '1' }, 'job ')
    follow({ kind: 'operation', id: 'a' }, 'operation ')
    follow({ kind: 'all' }, 'all ')
    await until((facts) => facts.filter((fact) => fact.endsWith('subscribed')).length === 3)
    expect(server.asked()).toEqual(['connected', 'join job:1', 'join upload:a', 'join all'])
    server.server.emit('sync-status', { job_id: '1', operation_id: 'a' })
    server.server.emit('sync-status', { job_id: '2', operation_id: 'b' })
    // A sender need not name the job: it may be any.
    server.server.emit('sync-status', { operation_id: 'c' })
    await until((facts) => facts.includes('all message {"operation_id":"c"}'))
    leaveJob()
    await server.until((facts) => facts.includes('leave job:1'))
    server.server.emit('sync-status', { operation_id: 'a', end: 1 })
    expect(words(await until((facts) => facts.at(-1) === 'all message {"operation_id":"a","end":1}'))).toEqual([
      ...['job subscribed', 'operation subscribed', 'all subscribed'],
      ...['job', 'operation', 'all'].map((name) => `${name} message {"job_id":"1","operation_id":"a"}`),
      'all message {"job_id":"2","operation_id":"b"}',
      ...['job', 'all'].map((name) => `${name} message {"operation_id":"c"}`),
      ...['operation', 'all'].map((name) => `${name} message {"operation_id":"a","end":1}`),
    ])
  })

  it('gives a message that may be about any topic once to whom follows several', async () => {
    const server = await startServer()
    const { transport } = listen({ url: server.url })
    const log = createLog()
    const onMessage = (raw: unknown) => log.tell(JSON.stringify(raw))
    for (const id of ['1', '2']) {
      transport.subscribe({ kind: 'job', id }, { onMessage, onSubscribed: () => log.tell('subscribed'), onRefused() {} })
    }
    await log.until((facts) => count(facts, 'subscribed') === 2)
    server.server.emit('sync-status', 1)
    const nonsense = { job_id: { toString: 1 }, operation_id: ['1'] }
    server.server.emit('sync-status', nonsense)
    server.server.emit('sync-status', 2)
    expect(await log.until((facts) => facts.includes('2'))).toEqual(['subscribed', 'subscribed', '1', JSON.stringify(nonsense), '2'])
  })

  it('joins a topic once, however many follow it, and leaves it with the last one', async () => {
    const server = await startServer()
    const { follow, until } = listen({ url: server.url })
    const leaves = [follow(JOB, 'a '), follow(JOB, 'b ')]
    await until((facts) => facts.includes('b subscribed'))
    leaves.push(follow(JOB, 'c '))
    await until((facts) => facts.includes('c subscribed'))
    for (const leave of leaves) leave()
    await server.until((facts) => facts.includes('leave job:1'))
    expect(server.asked()).toEqual(['connected', 'join job:1', 'leave job:1'])
  })

  it('leaves a room that several topics have with the last of them', async () => {
    const server = await startServer()
    const { follow, until } = listen({ url: server.url, room: () => 'everything' })
    const stops = [follow(JOB, 'a '), follow({ kind: 'operation', id: '2' }, 'b ')]
    await until((facts) => facts.includes('b subscribed'))
    // Left before its answer has come.
    follow({ kind: 'operation', id: '3' })()
    stops[1]?.()
    follow({ kind: 'operation', id: '4' }, 'd ')
    await until((facts) => facts.includes('d subscribed'))
    expect(count(server.facts, 'leave everything')).toBe(0)
  })

  it('takes two that follow a topic with the same handlers for two', async () => {
    const server = await startServer()
    const { transport, tell, until } = listen({ url: server.url })
    const handlers = { onMessage() {}, onSubscribed: () => tell('subscribed'), onRefused() {} }
    const [first, second] = [transport.subscribe(JOB, handlers), transport.subscribe(JOB, handlers)]
    await until((facts) => facts.includes('subscribed'))
    first()
    transport.subscribe({ kind: 'job', id: '2' }, handlers)
    await server.until((facts) => facts.includes('join job:2'))
    second()
    await server.until((facts) => facts.includes('leave job:1'))
    expect(server.asked()).toEqual(['connected', 'join job:1', 'join job:2', 'leave job:1'])
  })

  it('closes a connection of its own soon after the last topic, and opens another one for the next', async () => {
    const server = await startServer()
    const { follow, until, clock, transport } = listen({ url: server.url })
    const leave = follow()
    await until((facts) => facts.includes('subscribed'))
    leave()
    await clock.advance(1000)
    await server.until((facts) => facts.includes('disconnected'))
    expect(transport.$connection.get().status).toBe('disconnected')
    const leaveAgain = follow()
    await until((facts) => count(facts, 'subscribed') === 2)
    leaveAgain()
    follow()
    await until((facts) => count(facts, 'subscribed') === 3)
    await clock.advance(1000)
    expect(count(server.facts, 'connected')).toBe(2)
    expect(transport.$connection.get().status).toBe('connected')
  })

  it('tells that a room was refused, and asks for it again', async () => {
    const server = await startServer()
    server.state.answer = () => ({ ok: false, error: { code: 'unauthorized', message: 'This is not\u0000 yours.' } })
    const { follow, until, clock, facts } = listen({ url: server.url })
    follow()
    const refused = 'refused auth: The Socket.IO server refused to follow the upload. This is not yours. unauthorized'
    await until((facts) => facts.includes(refused))
    const leave = follow(JOB, 'who comes later is ')
    expect(words(facts).at(-1)).toBe(`who comes later is ${refused}`)
    leave()
    await clock.advance(15_000)
    await server.until((facts) => count(facts, 'join job:1') === 2)
    server.state.answer = () => ({ ok: true })
    await clock.advance(15_000)
    await until((facts) => facts.includes('subscribed'))
    server.state.answer = () => ({ ok: false, error: { code: 'unauthorized', message: 'This is not yours.' } })
    server.cut()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    expect(words(await until((facts) => count(facts, refused) === 2))).toEqual([
      refused,
      `who comes later is ${refused}`,
      'subscribed',
      refused,
    ])
  })

  it('asks at once when the page wakes up: for rooms that were refused, and whether the server is there', async () => {
    const server = await startServer()
    server.state.answer = () => false
    const { follow, until, transport } = listen({ url: server.url })
    follow()
    await until((facts) => facts.some((fact) => fact.startsWith('refused')))
    server.state.answer = () => ({ ok: true })
    transport.wake()
    await until((facts) => facts.includes('subscribed'))
    await server.until((facts) => count(facts, 'ping') === 2)
    expect(count(server.facts, 'connected')).toBe(1)
  })

  it('does not take the end of a connection for an answer to a join', async () => {
    const server = await startServer()
    server.state.answer = () => NEVER
    const { follow, until, clock } = listen({ url: server.url })
    follow()
    await server.until((facts) => facts.includes('join job:1'))
    server.state.answer = () => ({ ok: true })
    server.cut()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    expect(words(await until((facts) => facts.includes('subscribed')))).toEqual(['subscribed'])
  })

  it.each([[undefined], [null], ['joined'], [true], [{ status: 'ok' }], [{ error: null }]])('takes %j for a yes', async (answer) => {
    const server = await startServer()
    server.state.answer = () => answer
    const { follow, until } = listen({ url: server.url })
    follow()
    expect(words(await until((facts) => facts.includes('subscribed')))).toEqual(['subscribed'])
  })

  it.each([[false], [{ ok: false }], [{ error: 'No.' }]])('takes %j for a no', async (answer) => {
    const server = await startServer()
    server.state.answer = () => answer
    const { follow, until } = listen({ url: server.url })
    follow()
    expect(words(await until((facts) => facts.some((fact) => fact.startsWith('refused auth'))))).toHaveLength(1)
  })

  it('asks for a fresh token where the first one is refused, and tells of no refusal', async () => {
    const server = await startServer()
    server.state.refuse = ({ token }) => (token === 'token 1' ? new Error('expired') : undefined)
    const { follow, until, clock } = listen({ url: server.url, auth: async ({ attempt }) => ({ token: `token ${attempt}` }) })
    follow()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    expect(words(await until((facts) => facts.includes('subscribed')))).toEqual(['subscribed'])
  })

  it('asks for a fresh token where the server has ended the connection, and not where the network has', async () => {
    const server = await startServer()
    const tokens: number[] = []
    const { follow, until, clock } = listen({ url: server.url, auth: ({ attempt }) => ({ token: String(tokens.push(attempt)) }) })
    follow()
    await until((facts) => facts.includes('subscribed'))
    for (const [round, end] of [server.cut, () => server.server.disconnectSockets()].entries()) {
      await clock.advance(5000)
      end()
      await until((facts) => count(facts, 'reconnecting 1') === round + 1)
      await clock.advance(500)
      await until((facts) => count(facts, 'subscribed') === round + 2)
    }
    expect(tokens).toEqual([1, 1, 2])
  })

  it('tells once that the server refuses the connection, and goes on asking', async () => {
    const server = await startServer()
    server.state.refuse = () => Object.assign(new Error('Sign in.'), { data: { code: 'unauthorized' } })
    const { follow, until, clock, transport } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    const refused = 'refused auth: The Socket.IO server refused the connection. Sign in. unauthorized'
    await until((facts) => facts.includes(refused))
    await clock.advance(30_000)
    await until((facts) => facts.includes('error 3'))
    server.state.refuse = () => undefined
    transport.wake()
    expect(words(await until((facts) => facts.includes('subscribed')))).toEqual([refused, 'subscribed'])
  })

  it('takes a token that could not be made for a refusal', async () => {
    const server = await startServer()
    const { follow, until, clock } = listen({ url: server.url, auth: () => Promise.reject(new Error('Signed out.')) })
    follow()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    await until((facts) => facts.some((fact) => fact.startsWith('refused auth: The credentials')))
    expect(server.facts).toEqual([])
  })

  it('takes the refusal of a request for one, where long-polling shows it', async () => {
    const server = await startServer({ allowRequest: (_request, answer) => answer(null, false) })
    const { follow, until, clock } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    await until((facts) => facts.includes('refused auth: The Socket.IO server refused the connection. '))
    expect(server.facts).toEqual([])
  })

  it('has done with a token that comes too late', async () => {
    const server = await startServer()
    let reject = (_error: Error) => {}
    const asked = createLog()
    const { follow, until, facts, clock } = listen({
      url: server.url,
      auth: () =>
        new Promise((_resolve, rejectToken) => {
          reject = rejectToken
          asked.tell('asked')
        }),
    })
    follow()
    await asked.until((questions) => questions.includes('asked'))
    await clock.advance(20_000)
    await until((heard) => heard.includes('reconnecting 1'))
    reject(new Error('Signed out.'))
    await clock.advance(0)
    expect(facts.at(-1)).toBe('reconnecting 1')
  })

  it('is made anew after three failures, so that the server meets it as a stranger', async () => {
    let isOpen = true
    const server = await startServer({ connectionStateRecovery: {}, allowRequest: (_request, answer) => answer(null, isOpen) })
    const { follow, until, clock, transport } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('subscribed'))
    // Without one there is nothing to go on from.
    server.publish('job:1', 0)
    await until((facts) => facts.includes('message 0'))
    isOpen = false
    server.cut()
    for (const failures of [1, 2, 3]) {
      await until((facts) => facts.some((fact) => fact.endsWith(` ${failures}`)))
      if (failures < 3) await clock.advance(30_000)
    }
    isOpen = true
    transport.wake()
    await until((facts) => count(facts, 'subscribed') === 2)
    expect(server.asked()).toEqual(['connected', 'join job:1', 'disconnected', 'connected', 'join job:1'])
  })

  it.each(['ours', 'the page’s'])(
    'comes back when the server has ended %s connection, which the client does not by itself',
    async (whose) => {
      const server = await startServer()
      const { follow, until, clock } = listen(whose === 'ours' ? { url: server.url } : { socket: openSocket(server.url) })
      follow()
      await until((facts) => facts.includes('subscribed'))
      server.server.disconnectSockets()
      await until((facts) => facts.includes('reconnecting 1'))
      await clock.advance(500)
      await until((facts) => count(facts, 'subscribed') === 2)
      expect(count(server.facts, 'join job:1')).toBe(2)
    },
  )

  it.each(['ours', 'the page’s'])('joins again, and says so, when %s connection was cut', async (whose) => {
    const server = await startServer()
    const { follow, until, clock } = listen(whose === 'ours' ? { url: server.url } : { socket: openSocket(server.url) })
    follow()
    await until((facts) => facts.includes('subscribed'))
    server.cut()
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    await until((facts) => count(facts, 'subscribed') === 2)
    expect(count(server.facts, 'join job:1')).toBe(2)
  })

  it('does not join again where the server still knows the connection, but says that something may have been missed', async () => {
    const server = await startServer({ connectionStateRecovery: {} })
    const { follow, until, clock } = listen({ url: server.url })
    follow()
    const leave = follow({ kind: 'job', id: 'left' })
    await until((facts) => count(facts, 'subscribed') === 2)
    // What tells the client where to go on.
    server.publish('job:1', 1)
    await until((facts) => facts.includes('message 1'))
    server.cut()
    await until((facts) => facts.includes('reconnecting 1'))
    leave()
    server.publish('job:1', 2)
    await clock.advance(500)
    await until((facts) => count(facts, 'subscribed') === 3)
    await until((facts) => facts.includes('message 2'))
    await server.until((facts) => facts.includes('leave job:left'))
    expect(without(server.asked(), 'disconnected')).toEqual([
      ...['connected', 'join job:1', 'join job:left'],
      'connected again',
      'leave job:left',
    ])
  })

  it('gives up a connection of its own on which nothing comes any more', async () => {
    const server = await startServer()
    const { follow, until, clock, transport } = listen({ url: server.url, heartbeatMs: 3000 })
    follow()
    await until((facts) => facts.includes('subscribed'))
    await server.until((facts) => facts.includes('ping'))
    server.state.answersPings = false
    await clock.advance(1200)
    await server.until((facts) => count(facts, 'ping') === 2)
    await clock.advance(1500)
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    await until((facts) => count(facts, 'subscribed') === 2)
    // A server that answers no ping may be one that knows none: such a connection is left alone.
    await clock.advance(20_000)
    expect(count(server.facts, 'ping')).toBe(3)
    expect(transport.$connection.get().status).toBe('connected')
  })

  it('keeps a connection that is slow to answer while other things come', async () => {
    const server = await startServer()
    // By default a connection is given up after ten seconds: asked every four, given five to answer.
    const { follow, until, clock } = listen({ url: server.url }, {})
    follow()
    await until((facts) => facts.includes('subscribed'))
    server.state.answersPings = false
    await clock.advance(4000)
    await server.until((facts) => count(facts, 'ping') === 2)
    server.publish('job:1', 1)
    await until((facts) => facts.includes('message 1'))
    await clock.advance(5000)
    server.state.answersPings = true
    await clock.advance(4000)
    await server.until((facts) => count(facts, 'ping') === 3)
    expect(count(server.facts, 'connected')).toBe(1)
  })

  it('asks again for a room whose join was not answered; with a dialect that is a yes', async () => {
    const server = await startServer()
    for (const decode of [undefined, () => null]) {
      const socket = openSocket(server.url)
      const unanswered: ((error: Error) => void)[] = []
      const impatient = new Proxy(socket, {
        get: (target, name) =>
          name === 'timeout'
            ? () => ({ emit: (_event: string, _room: string, answer: (error: Error) => void) => unanswered.push(answer) })
            : Reflect.get(target, name, target),
      })
      const { follow, until, clock } = listen({ socket: impatient, ...(decode !== undefined && { decode }) })
      follow()
      await vi.waitUntil(() => unanswered.length === 1)
      unanswered[0]?.(new Error('operation has timed out'))
      if (decode === undefined) {
        expect(words(await until((facts) => facts.length > 2))).toEqual([
          'refused stalled: The Socket.IO server does not answer “join-upload”. ',
        ])
        await clock.advance(15_000)
        expect(unanswered).toHaveLength(2)
      } else expect(words(await until((facts) => facts.length > 2))).toEqual(['subscribed'])
    }
  })

  it('respects that the page has closed its own socket', async () => {
    const server = await startServer()
    const socket = openSocket(server.url)
    const { follow, until, clock, transport } = listen({ socket })
    follow()
    await until((facts) => facts.includes('subscribed'))
    socket.disconnect()
    expect(transport.$connection.get().status).toBe('disconnected')
    transport.wake()
    await clock.advance(60_000)
    expect(socket.active).toBe(false)
    socket.connect()
    await until((facts) => count(facts, 'subscribed') === 2)
  })

  it('connects a socket of the page that is not yet, and leaves it open with no listener of ours', async () => {
    const server = await startServer()
    const socket = io(server.url, { autoConnect: false, forceNew: true })
    ends.push(() => socket.disconnect())
    const { follow, until, transport } = listen({ socket })
    expect(socket.active).toBe(false)
    follow()
    await until((facts) => facts.includes('subscribed'))
    transport.dispose()
    await server.until((facts) => facts.includes('leave job:1'))
    expect(socket.connected).toBe(true)
    expect(['connect', 'disconnect', 'connect_error', 'sync-status'].flatMap((event) => socket.listeners(event as 'connect'))).toEqual([])
    expect(socket.io.engine.listeners('packet')).toEqual([])
  })

  it('uses long-polling where WebSockets are refused', async () => {
    const server = await startServer({ allowRequest: (request, answer) => answer(null, request.headers.upgrade === undefined) })
    const { follow, until } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('subscribed'))
    expect([...server.server.sockets.sockets.values()].map(({ conn }) => conn.transport.name)).toEqual(['polling'])
    server.publish('job:1', 1)
    await until((facts) => facts.includes('message 1'))
  })

  it('begins with long-polling where a WebSocket leads nowhere', async () => {
    const http = createServer()
    const server = new Server(http, { transports: ['polling'] })
    const log = createLog()
    // A proxy that takes the request to upgrade, and never answers it.
    http.removeAllListeners('upgrade')
    http.on('upgrade', (_request, socket) => {
      ends.push(() => socket.destroy())
      log.tell('upgrade')
    })
    server.on('connection', (socket) => socket.on('join-upload', (_room: string, ack: () => void) => ack()))
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    ends.push(() => server.close())
    const { follow, until, clock } = listen({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` })
    follow()
    await log.until((facts) => facts.includes('upgrade'))
    await clock.advance(20_000)
    await until((facts) => facts.includes('reconnecting 1'))
    await clock.advance(500)
    expect(words(await until((facts) => facts.includes('subscribed')))).toEqual(['subscribed'])
  })

  it('says after four failures, as every transport does, that the connection is broken, goes on trying, and tries at once when it is woken', async () => {
    const server = await startServer()
    const port = new URL(server.url).port
    await server.server.close()
    const tokens: number[] = []
    const { follow, until, clock, transport } = listen({
      url: server.url,
      auth: ({ attempt }) => {
        tokens.push(attempt)
        return {}
      },
    })
    follow()
    for (const status of ['reconnecting 1', 'reconnecting 2', 'reconnecting 3', 'error 4', 'error 5']) {
      await until((facts) => facts.includes(status))
      if (status !== 'error 5') await clock.advance(15_000)
    }
    const back = new Server(Number(port))
    ends.push(() => back.close())
    back.on('connection', (socket) => socket.on('join-upload', (_room: string, ack: () => void) => ack()))
    transport.wake()
    await until((facts) => facts.includes('subscribed'))
    expect(tokens).toEqual([2])
    expect(transport.$connection.get()).toMatchObject({ status: 'connected', reconnectAttempts: 0 })
  })

  it('counts messages and their bytes', async () => {
    const server = await startServer()
    const { follow, until, clock, transport } = listen({ url: server.url })
    follow()
    await until((facts) => facts.includes('subscribed'))
    const update = { text: 'x'.repeat(1000) }
    server.server.emit('something-else', update)
    server.publish('job:1', update)
    server.publish('job:1', update)
    await until((facts) => count(facts, `message ${JSON.stringify(update)}`) === 2)
    await clock.advance(1000)
    // With the names around each.
    expect(transport.$connection.get()).toMatchObject({ messagesPerSecond: 2, bytesPerSecond: 2 * (JSON.stringify(update).length + 17) })
  })

  it('leaves nothing behind, neither in the client nor on the server', async () => {
    const server = await startServer()
    const socket = openSocket(server.url)
    const { follow, until, clock, transport } = listen({ socket })
    follow()
    await until((facts) => facts.includes('subscribed'))
    for (let round = 0; round < 1000; round++) follow({ kind: 'operation', id: String(round) })()
    await server.until((facts) => count(facts, 'leave upload:999') === 1)
    const [there] = server.server.sockets.sockets.values()
    expect([...(there?.rooms ?? [])]).toEqual([socket.id, 'job:1'])
    transport.dispose()
    expect(clock.pending).toBe(0)
    expect(Object.keys((socket as unknown as { acks: object }).acks)).toEqual([])
  })

  it('has its own names where the server has them, and reads what it says', async () => {
    const server = await startServer()
    const log = createLog()
    server.server.on('connection', (socket) => socket.on('watch', (...args: unknown[]) => log.tell(JSON.stringify(args.slice(0, -1)))))
    const decode = () => null
    const { follow, until, transport } = listen({
      url: server.url,
      events: { message: 'upload-progress', join: 'watch' },
      room: (topic) => ({ uploadId: topic.kind === 'all' ? '*' : topic.id }),
      decode,
    })
    follow({ kind: 'operation', id: 'a' })
    await log.until((facts) => facts.includes('[{"uploadId":"a"}]'))
    server.server.emit('upload-progress', 1)
    await until((facts) => facts.includes('message 1'))
    expect(transport).toMatchObject({ authoritative: false, decode })
  })

  it('ends uploads to a server that has its own words, and acknowledges nothing', async () => {
    const server = await startServer()
    server.server.on('connection', (socket) =>
      socket.on('subscribe', ({ uploadId }: { uploadId: string }) => {
        server.server.emit('upload-progress', { uploadId, status: 'uploading', progress: 50 })
        server.server.emit('upload-progress', { uploadId, status: 'completed', progress: 100, element: { url: `/${uploadId}` } })
      }),
    )
    const world = createTestEnvironment()
    const uploader = createUploader({
      environment: world,
      backend: postForm({ url: '/upload', follow: followUploads() }),
      realtime: socketIo({
        url: server.url,
        events: { message: 'upload-progress', join: 'subscribe' },
        room: (topic) => ({ uploadId: topic.kind === 'all' ? '*' : topic.id }),
        decode: uploadProgress,
        trusted: true,
      }),
    })
    ends.push(() => uploader.dispose())
    const log = createLog()
    uploader.on('completed', ({ result }) => log.tell(JSON.stringify(result)))
    uploader.add(['a', 'b', 'c'].map((name) => createTestFile(name, 4)))
    await world.clock.advance(0)
    for (const [index, request] of world.waiting().entries()) request.respond(200, {}, `{"uploadId":"u${index}"}`)
    expect(await log.until((facts) => facts.length === 3)).toEqual(['{"url":"/u0"}', '{"url":"/u1"}', '{"url":"/u2"}'])
  })

  it('lets an uploader end by polling where realtime is blocked', async () => {
    const server = await startServer()
    await server.server.close()
    const world = createTestEnvironment()
    const memory = createMemoryServer()
    const uploader = createUploader({ backend: memory.backend, environment: world, realtime: socketIo({ url: server.url }) })
    ends.push(() => uploader.dispose())
    const [id = ''] = uploader.add([createTestFile('a.png', 4)])
    await world.clock.advance(0)
    world.waiting()[0]?.respond(200)
    await world.clock.advance(0)
    expect(uploader.$item(id).get()?.phase).toBe('processing')
    expect(uploader.$connection.get()).toMatchObject({ transport: 'socket-io', polling: true })
    memory.say(memory.words()[0]?.operation_id ?? '', { status: 'completed', progress: 100 })
    await world.clock.advance(2000)
    expect(uploader.$item(id).get()?.phase).toBe('completed')
  })
})
