import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { isRecord, type SyncStatusUpdate, uploadProgress } from '@upload-panel/core/protocol'
import { Server, type ServerOptions } from 'socket.io'
import { io as connectTo, type Socket, type SocketOptions, type ManagerOptions } from 'socket.io-client'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Refusal } from '../errors.js'
import type { SyncServerOptions } from '../options.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { Authorize } from '../security/authorize.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'
import { type SocketIoServerOptions, socketIoPublisher } from './socket-io.js'

/** Everybody is who his token says, until the time that it says. */
const byToken: Authorize = ({ request }) => {
  const [, subject, until] = /^Bearer (\w+)(?: until (\d+))?$/.exec(request.headers.get('authorization') ?? '') ?? []
  return subject === undefined ? null : { subject, ...(until !== undefined && { expiresAtMs: Number(until) }) }
}

interface StartOptions {
  readonly server?: Partial<ServerOptions>
  readonly publisher?: Partial<SocketIoServerOptions>
  readonly sync?: Partial<SyncServerOptions>
  readonly namespace?: string
}

/** A team's own Socket.IO server, and a sync server that tells by it. */
async function start({ server = {}, publisher = {}, sync = {}, namespace }: StartOptions = {}) {
  const http = createServer()
  const io = new Server(http, server)
  const clock = manualClock()
  const told = socketIoPublisher({ io: namespace === undefined ? io : io.of(namespace), ...publisher })
  const directory = await temporaryDirectory()
  const logger = { debug() {}, info() {}, warn() {}, error: vi.fn<() => void>() }
  const harness: Harness = await startHarness(directory.path, { authorize: byToken, publishers: [told], clock, logger, ...sync })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  onTestFinished(async () => {
    await harness.close()
    await io.close()
    await directory.remove()
  })

  /** A client that is connected. */
  async function connect(token?: string, options: Partial<ManagerOptions & SocketOptions> = {}): Promise<Client> {
    const auth = token === undefined ? {} : { token }
    const socket = connectTo(`${url}${namespace ?? ''}`, {
      auth,
      forceNew: true,
      transports: ['websocket'],
      reconnection: false,
      ...options,
    })
    onTestFinished(() => void socket.disconnect())
    const heard: SyncStatusUpdate[] = []
    socket.on('sync-status', (update: SyncStatusUpdate) => heard.push(update))
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('connect_error', reject))
    return { socket, heard, join: (asked) => socket.emitWithAck('join-upload', asked) as Promise<unknown> }
  }

  return {
    io,
    clock,
    harness,
    logger,
    manager: harness.sync.manager,
    publisher: told,
    connect,
    /** An operation that somebody else's program drives. */
    create: (subject: string, jobId?: string) =>
      harness.sync.manager.createSyncOperation({ operation_type: 'update', subject, ...(jobId !== undefined && { job_id: jobId }) }),
  }
}

interface Client {
  readonly socket: Socket
  readonly heard: SyncStatusUpdate[]
  join(asked: unknown): Promise<unknown>
}

/** All that was sent to a client before has come once this was answered. */
const settled = async ({ socket }: Client) => void (await socket.emitWithAck('ping-upload'))

const idsOf = ({ heard }: Client) => heard.map(({ operation_id }) => operation_id)
const refusal = (code: string) => ({ ok: false, error: { code, message: expect.stringMatching(/^[A-Z].+\.$/) } })
const left = ({ socket }: Client) => new Promise<string>((resolve) => void socket.once('disconnect', resolve))

describe('who follows', () => {
  test('hears of a job, of an upload, and of all that is his', async () => {
    const { connect, create, manager } = await start()
    const [job, one, all] = [await connect('ann'), await connect('ann'), await connect('ann')]
    const known = await create('ann')
    expect(await job.join('job:j')).toEqual({ ok: true })
    expect(await one.join(`upload:${known}`)).toEqual({ ok: true })
    expect(await all.join('all')).toEqual({ ok: true })
    const ofJob = await create('ann', 'j')
    await manager.updateSyncProgress(known, 50)
    for (const client of [job, one, all]) await settled(client)
    expect(idsOf(job)).toEqual([ofJob])
    expect(idsOf(one)).toEqual([known])
    expect(all.heard).toEqual([await manager.get(ofJob), await manager.get(known)])
  })

  test('hears each word once, in however many ways he follows it', async () => {
    const { connect, create } = await start()
    const client = await connect('ann')
    for (const room of ['all', 'job:j', 'job:j']) await client.join(room)
    const id = await create('ann', 'j')
    await settled(client)
    expect(idsOf(client)).toEqual([id])
  })

  test('hears nothing of another’s, though he knows the ids; a job of another looks like one that nobody has used', async () => {
    const { connect, create, manager } = await start()
    const id = await create('ann', 'j')
    const client = await connect('ben')
    expect(await client.join('job:j')).toEqual(await client.join('job:unused'))
    expect(await client.join('all')).toEqual({ ok: true })
    const refused = await client.join(`upload:${id}`)
    expect(refused).toEqual(refusal('unknown_operation'))
    expect(await client.join('upload:unused')).toEqual(refused)
    await manager.updateSyncProgress(id, 50)
    await create('ann', 'j')
    await settled(client)
    expect(client.heard).toEqual([])
  })

  test('hears nothing any more of what he has left', async () => {
    const { connect, create, io } = await start()
    const client = await connect('ann')
    await client.join('job:j')
    client.socket.emit('leave-upload', 'job:j')
    client.socket.emit('leave-upload', 'job:never')
    await settled(client)
    await create('ann', 'j')
    await settled(client)
    expect(client.heard).toEqual([])
    expect(io.of('/').adapter.rooms.size).toBe(1)
  })

  test('is not let in where he leaves before he is', async () => {
    let letIn = (_subject: string) => {}
    const { connect, create } = await start({
      sync: { authorize: () => new Promise((resolve) => (letIn = (subject) => resolve({ subject }))) },
    })
    const client = await connect()
    const answer = client.join('job:j')
    client.socket.emit('leave-upload', 'job:j')
    await settled(client)
    letIn('ann')
    await answer
    await create('ann', 'j')
    await settled(client)
    expect(client.heard).toEqual([])
  })

  test('is not let in where he is gone before he is', async () => {
    let letIn = (_subject: string) => {}
    const { connect, io, manager } = await start({
      sync: { authorize: () => new Promise((resolve) => (letIn = (subject) => resolve({ subject }))) },
    })
    const client = await connect()
    client.socket.emit('join-upload', 'job:j')
    await settled(client)
    client.socket.disconnect()
    await expect.poll(() => io.of('/').sockets.size, PATIENCE).toBe(0)
    letIn('ann')
    await setImmediate()
    expect(await manager.connections()).toEqual([])
  })

  test('joins twice, and has left after he left once', async () => {
    const { connect, create, io } = await start()
    const client = await connect('ann')
    for (const event of ['join-upload', 'join-upload', 'leave-upload']) await client.socket.emitWithAck(event, 'job:j')
    const broadcast = vi.spyOn(io.of('/').adapter, 'broadcast')
    await create('ann', 'j')
    expect(broadcast).not.toHaveBeenCalled()
  })

  test('hears what is another’s from when on the application says that he is another', async () => {
    const { connect, create, io } = await start()
    const client = await connect('ann')
    await client.join('all')
    const [socket] = io.of('/').sockets.values()
    Object.assign(socket?.handshake.auth ?? {}, { token: 'ben' })
    await client.join('all')
    await create('ann')
    const id = await create('ben')
    await settled(client)
    expect(idsOf(client)).toEqual([id])
  })

  test('is asked once for all that he joins at the same time', async () => {
    const authorize = vi.fn<Authorize>(byToken)
    const { connect } = await start({ sync: { authorize } })
    const client = await connect('ann')
    await Promise.all(Array.from({ length: 100 }, (_, index) => client.join(`job:${index}`)))
    expect(authorize.mock.calls.length).toBeLessThan(10)
  })

  test('connected before the sync server was opened', async () => {
    const http = createServer()
    const io = new Server(http)
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    onTestFinished(() => io.close())
    const socket = connectTo(`http://127.0.0.1:${(http.address() as AddressInfo).port}`, { forceNew: true, transports: ['websocket'] })
    onTestFinished(() => void socket.disconnect())
    await new Promise<void>((resolve) => void socket.once('connect', resolve))
    const directory = await temporaryDirectory()
    const harness = await startHarness(directory.path, { publishers: [socketIoPublisher({ io })] })
    onTestFinished(async () => {
      await harness.close()
      await directory.remove()
    })
    expect(await socket.emitWithAck('join-upload', 'all')).toEqual({ ok: true })
  })
})

describe('permission', () => {
  test('is asked with the headers of the handshake, and with the token of `auth` as a bearer token', async () => {
    const authorize = vi.fn<Authorize>(byToken)
    const { connect } = await start({ sync: { authorize } })
    await (await connect(undefined, { extraHeaders: { authorization: 'Bearer ann', 'x-team': 'red' } })).join('all')
    await (await connect('ben', { extraHeaders: { authorization: 'Bearer ann' } })).join('all')
    const seen = authorize.mock.calls.map(([{ request, action }]) => [
      action,
      request.headers.get('authorization'),
      request.headers.get('x-team'),
      new URL(request.url).pathname,
    ])
    expect(seen).toEqual([
      ['subscribe', 'Bearer ann', 'red', '/socket.io/'],
      ['subscribe', 'Bearer ben', null, '/socket.io/'],
    ])
  })

  test('is asked with the operation that is named', async () => {
    const authorize = vi.fn<Authorize>(byToken)
    const { connect, create } = await start({ sync: { authorize } })
    const id = await create('ann')
    await (await connect('ann')).join(`upload:${id}`)
    expect(authorize.mock.lastCall?.[0].operation?.operation_id).toBe(id)
  })

  test('is refused in the words of the server', async () => {
    const { connect } = await start()
    expect(await (await connect()).join('job:j')).toEqual({ ok: false, error: { code: 'unauthorized', message: 'Sign in to do this.' } })
  })

  test.each([['line\nbreak'], ['x'.repeat(10_000)], ['€'], [7], [{ length: 3 }], [true]])(
    'is refused where the token can be none, whoever the headers say: %#',
    async (token) => {
      const { connect } = await start()
      const client = await connect(undefined, { auth: { token }, extraHeaders: { authorization: 'Bearer ann' } })
      expect(await client.join('all')).toEqual(refusal('unauthorized'))
    },
  )

  test('is what a subscribe token says, and no more', async () => {
    const { connect, create, harness } = await start()
    const id = await create('ann', 'j')
    const answer = await harness.post('commands/subscribe-token', { job_ids: ['j'] }, { authorization: 'Bearer ann' })
    const { token } = (await answer.json()) as { token: string }
    const client = await connect(token)
    expect(await client.join('job:j')).toEqual({ ok: true })
    expect(await client.join(`upload:${id}`)).toEqual({ ok: true })
    expect(await client.join('job:other')).toEqual(refusal('not_granted'))
    expect(await client.join('all')).toEqual(refusal('not_granted'))
  })

  test('ends at its time: the client is sent away, and comes back with a fresh one', async () => {
    const { connect, create, clock, io } = await start()
    const client = await connect(`ann until ${clock.now() + 5000}`)
    const [idle, other] = [await connect(`ann until ${clock.now() + 5000}`), await connect('ann')]
    for (const room of ['job:j', 'all']) await client.join(room)
    await other.join('all')
    clock.advance(4000)
    await setImmediate()
    await create('ann', 'j')
    const gone = left(client)
    clock.advance(1000)
    expect(await gone).toBe('io server disconnect')
    await create('ann', 'j')
    await settled(other)
    expect([client.heard.length, other.heard.length]).toEqual([1, 2])
    // Who follows nothing is the team's alone.
    expect([idle.socket.connected, io.of('/').sockets.size]).toEqual([true, 2])
    client.socket.auth = { token: 'ann' }
    client.socket.connect()
    expect(await client.join('job:j')).toEqual({ ok: true })
  })

  test('has ended already where its time is over', async () => {
    const { connect, clock } = await start()
    const client = await connect(`ann until ${clock.now()}`)
    expect(await client.join('all')).toEqual(refusal('token_expired'))
  })

  test('that was taken away is found with the next join: what was joined by it ends, too', async () => {
    let isIn = true
    const { connect } = await start({ sync: { authorize: (input) => (isIn ? byToken(input) : null) } })
    const [client, never] = [await connect('ann'), await connect('ann')]
    await client.join('job:j')
    isIn = false
    const gone = left(client)
    expect(await client.join('job:k')).toEqual(refusal('unauthorized'))
    expect(await gone).toBe('io server disconnect')
    // Who was never let in is told so, and not sent away again and again.
    expect(await never.join('job:k')).toEqual(refusal('unauthorized'))
    await settled(never)
  })

  test('that is refused for one thing ends that, and nothing else', async () => {
    let isHidden = false
    const authorize: Authorize = (input) => {
      if (isHidden && input.operation !== undefined) throw new Refusal(403, 'hidden', 'Look elsewhere.')
      return byToken(input)
    }
    const { connect, create, manager } = await start({ sync: { authorize } })
    const [client, id] = [await connect('ann'), await create('ann')]
    for (const room of [`upload:${id}`, 'job:j']) await client.join(room)
    isHidden = true
    expect(await client.join(`upload:${id}`)).toEqual({ ok: false, error: { code: 'hidden', message: 'Look elsewhere.' } })
    await manager.updateSyncProgress(id, 50)
    const other = await create('ann', 'j')
    await settled(client)
    expect(idsOf(client)).toEqual([other])
  })

  test('is for pages of this site, and of origins that may use the server', async () => {
    const from = (origin: string, more: Record<string, string> = {}) => ({ extraHeaders: { origin, cookie: 'session=1', ...more } })
    const authorize: Authorize = ({ request }) => ({ subject: request.headers.has('cookie') ? 'ann' : 'nobody' })
    const closed = await start({ sync: { authorize, cors: { origins: ['https://app.example.com'], credentials: true } } })
    expect(await (await closed.connect(undefined, from('https://evil.example.com'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect('any', from('https://evil.example.com'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect(undefined, from('null'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect(undefined, from('https://app.example.com'))).join('all')).toEqual({ ok: true })
    const host = 'app.example.com:8443'
    expect(await (await closed.connect(undefined, from(`https://${host}`, { host }))).join('all')).toEqual({ ok: true })
    // Where all may, and where cookies are not asked for, none may with the user's cookies.
    for (const [origins, origin] of [
      ['*', 'https://evil.example.com'],
      [['https://app.example.com'], 'https://app.example.com'],
    ] as const) {
      const open = await start({ sync: { authorize, cors: { origins } } })
      const client = await open.connect(undefined, from(origin))
      expect(await client.join('all')).toEqual({ ok: true })
      await open.create('ann')
      const own = await open.create('nobody')
      await settled(client)
      expect(idsOf(client)).toEqual([own])
    }
  })

  test('counts a connection once where requests are counted, by the address that it came from', async () => {
    const clientAddress = vi.fn<(request: Request, peer: string | undefined) => string | undefined>((_request, peer) => peer)
    const streams = { perMinute: 1, burst: 2 }
    const { connect } = await start({ sync: { clientAddress, rateLimits: { streams } } })
    const [one, two, three] = [await connect('ann'), await connect('ann'), await connect('ann')]
    for (let round = 0; round < 5; round += 1) expect(await one.join(`job:${round}`)).toEqual({ ok: true })
    expect(await two.join('all')).toEqual({ ok: true })
    expect(await three.join('all')).toEqual(refusal('rate_limited'))
    expect(clientAddress.mock.calls.map(([, peer]) => peer)).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1'])
  })
})

describe('a client that', () => {
  test('does not wait for answers is served all the same', async () => {
    const { connect, create, logger } = await start()
    const client = await connect('ann')
    for (const room of ['job:j', 'nothing', undefined]) client.socket.emit('join-upload', room)
    client.socket.emit('join-upload')
    client.socket.emit('leave-upload')
    client.socket.emit('ping-upload')
    await settled(client)
    const id = await create('ann', 'j')
    await settled(client)
    expect(idsOf(client)).toEqual([id])
    expect(logger.error).not.toHaveBeenCalled()
  })

  test.each([
    ...['', 'job', 'job:', 'all:ann', 'ALL', '__proto__:x', 'constructor', 'job:a\u0000b', 'job:a\nb', `upload:${'x'.repeat(201)}`],
    `job:${'x'.repeat(500_000)}`,
    ...[null, 7, true, [], ['job:j'], { room: 'job:j' }, Buffer.from('job:j'), { __proto__: null, kind: 'all' }],
    Array.from({ length: 10_000 }, () => 'job:j'),
    'job:\ud800',
  ])('asks for what is no topic is told so: %#', async (asked) => {
    const { connect, io } = await start()
    const client = await connect('ann')
    expect(await client.join(asked)).toEqual(refusal('invalid_topic'))
    client.socket.emit('leave-upload', asked)
    await settled(client)
    expect(io.of('/').adapter.rooms.size).toBe(1)
  })

  test('gives more than its answer function answers where that stands last', async () => {
    const { connect } = await start()
    const { socket } = await connect('ann')
    expect(await socket.emitWithAck('join-upload', 'job:j', 'more', { of: 'it' })).toEqual({ ok: true })
    expect(await socket.emitWithAck('join-upload')).toEqual(refusal('invalid_topic'))
    expect(await socket.emitWithAck('leave-upload', 'job:j')).toBeUndefined()
  })

  test('asks for ten thousand rooms gets as many as one may have, and is heard out by others meanwhile', async () => {
    const { connect, create, io } = await start()
    const [hungry, other] = [await connect('ann'), await connect('ann')]
    const answers = Array.from({ length: 10_000 }, (_, index) => hungry.join(`job:${index}`))
    expect(await other.join('all')).toEqual({ ok: true })
    const codes = (await Promise.all(answers)).map((answer) => JSON.stringify(answer))
    expect(codes.filter((answer) => answer === '{"ok":true}')).toHaveLength(1000)
    expect(codes.filter((answer) => answer.includes('rate_limited'))).toHaveLength(9000)
    // Its own, and that of the other one.
    expect(io.of('/').adapter.rooms.size).toBe(1000 + 3)
    await create('ann', '999')
    await settled(hungry)
    expect(hungry.heard).toHaveLength(1)
  })

  test('follows as much as one connection may is told so, until it leaves something', async () => {
    const { connect } = await start({ publisher: { maxTopics: 2 } })
    const client = await connect('ann')
    for (const room of ['job:1', 'job:2', 'job:1']) expect(await client.join(room)).toEqual({ ok: true })
    expect(await client.join('job:3')).toEqual(refusal('too_many_topics'))
    await client.socket.emitWithAck('leave-upload', 'job:1')
    expect(await client.join('job:3')).toEqual({ ok: true })
  })

  test('was refused something may follow as much as before', async () => {
    const { connect } = await start({ publisher: { maxTopics: 1 } })
    const client = await connect('ann')
    expect(await client.join('upload:unknown')).toEqual(refusal('unknown_operation'))
    expect(await client.join('job:1')).toEqual({ ok: true })
  })

  test('joins too often has to wait', async () => {
    const { connect, clock } = await start({ publisher: { joins: { perMinute: 60, burst: 2 } } })
    const client = await connect('ann')
    for (const room of ['job:1', 'job:1']) expect(await client.join(room)).toEqual({ ok: true })
    expect(await client.join('job:1')).toEqual(refusal('rate_limited'))
    clock.advance(1000)
    expect(await client.join('job:1')).toEqual({ ok: true })
  })

  test('says a host that is none, or one with a password, is one like others', async () => {
    const { connect } = await start()
    for (const host of ['a b', 'user:password@host', '[', '']) {
      const client = await connect('ann', { extraHeaders: { host } })
      expect(await client.join('all')).toEqual({ ok: true })
    }
  })

  test('meets a fault of the server’s is told no more than that', async () => {
    const { connect, logger } = await start({ sync: { authorize: () => Promise.reject(new Error('password of the database: 1234')) } })
    const client = await connect('ann')
    expect(await client.join('all')).toEqual({ ok: false, error: { code: 'internal', message: 'The server had a fault of its own.' } })
    expect(logger.error).toHaveBeenCalledOnce()
  })

  const long = (version: number): OperationRecord => {
    const result = 'x'.repeat(60_000)
    const word = {
      operation_id: 'a',
      operation_type: 'update',
      status: 'completed',
      progress: 100,
      timestamp: '',
      version,
      result,
    } as const
    return { subject: 'ann', createdAtMs: 0, word }
  }
  /** Nothing more is taken from the line, as when a network stands still. */
  const stop = (io: Server) => {
    const [socket] = io.of('/').sockets.values()
    if (socket !== undefined) Object.assign(socket.conn.transport, { writable: false })
  }

  test('takes nothing any more is cut off before its words fill the memory', async () => {
    const { connect, publisher, io, clock } = await start()
    const [slow, other] = [await connect('ann'), await connect('ann')]
    await slow.join('all')
    await other.join('job:j')
    stop(io)
    for (let version = 1; version < 70; version += 1) await publisher.publish([long(version)])
    clock.advance(1000)
    expect(io.of('/').sockets.size).toBe(2)
    const gone = left(slow)
    await publisher.publish([long(70)])
    clock.advance(1000)
    expect(await gone).toBe('transport close')
    expect(io.of('/').sockets.size).toBe(1)
  })

  test('takes what comes is left alone, however much that is; so is one for which what is the application’s own waits', async () => {
    const { connect, publisher, io, clock } = await start()
    const client = await connect('ann')
    await client.join('all')
    for (let version = 1; version < 100; version += 1) await publisher.publish([long(version)])
    await settled(client)
    clock.advance(1000)
    await setImmediate()
    stop(io)
    io.emit('film', 'x'.repeat(6_000_000))
    clock.advance(1000)
    expect(io.of('/').sockets.size).toBe(1)
  })
})

describe('the clients that are recorded', () => {
  test('are those who follow something, as long as they do', async () => {
    const { connect, manager } = await start()
    const [client] = [await connect('ann'), await connect('ann')]
    expect(await manager.connections()).toEqual([])
    for (const room of ['job:1', 'job:2']) await client.join(room)
    expect(await manager.connections()).toMatchObject([{ subject: 'ann', transport: 'socket-io', status: 'connected', latency: null }])
    await client.socket.emitWithAck('leave-upload', 'job:1')
    expect(await manager.connections()).toHaveLength(1)
    await client.socket.emitWithAck('leave-upload', 'job:2')
    expect(await manager.connections()).toEqual([])
    await client.join('job:1')
    expect(await manager.connections()).toHaveLength(1)
    client.socket.disconnect()
    await expect.poll(() => manager.connections(), PATIENCE).toEqual([])
  })

  test('are seen to be there, with the time that they take to answer Socket.IO', async () => {
    const { connect, manager, clock } = await start({ server: { pingInterval: 20 } })
    const client = await connect('ann')
    await client.join('all')
    const [connected] = await manager.connections()
    await new Promise<void>((resolve) => client.socket.io.engine.once('heartbeat', resolve))
    await settled(client)
    for (let seconds = 0; seconds < 60; seconds += 1) {
      clock.advance(1000)
      await setImmediate()
    }
    const [there] = await manager.connections()
    expect(there).toMatchObject({ connection_id: connected?.connection_id, connected_at: connected?.connected_at })
    expect([connected?.latency, typeof there?.latency]).toEqual([null, 'number'])
    expect(Date.parse(there?.last_ping ?? '') - Date.parse(connected?.last_ping ?? '')).toBeGreaterThanOrEqual(60_000)
  })
})

describe('a connection that Socket.IO recovers', () => {
  /** A client that was cut off, and is back. */
  async function recover(options: StartOptions, token: string, meanwhile: (server: Awaited<ReturnType<typeof start>>) => Promise<unknown>) {
    const server = await start({ ...options, server: { connectionStateRecovery: {} } })
    const client = await server.connect(token)
    await client.join('job:j')
    // Only who has heard something is recovered.
    await server.create('ann', 'j')
    await settled(client)
    async function cutOff(): Promise<void> {
      const gone = left(client)
      for (const { conn } of server.io.of('/').sockets.values()) conn.close()
      await gone
    }
    async function comeBack(): Promise<void> {
      client.socket.connect()
      await new Promise<void>((resolve) => void client.socket.once('connect', resolve))
      expect(client.socket.recovered).toBe(true)
    }
    await cutOff()
    await meanwhile(server)
    const sentAway = left(client)
    await comeBack()
    return { ...server, client, cutOff, comeBack, sentAway }
  }

  test('follows what it followed, from the moment on in which it is there', async () => {
    const { client, create, manager } = await recover({}, 'ann', ({ create: say }) => say('ann', 'j'))
    const id = await create('ann', 'j')
    await settled(client)
    // What was said meanwhile is in the snapshot, which is asked for anyway.
    expect(idsOf(client).slice(1)).toEqual([id])
    expect(await manager.connections()).toHaveLength(1)
    expect(await client.join('job:j')).toEqual({ ok: true })
    await client.socket.emitWithAck('leave-upload', 'job:j')
    await create('ann', 'j')
    await settled(client)
    expect(client.heard).toHaveLength(2)
  })

  test('follows nothing that it has left since the last time', async () => {
    const { client, create, cutOff, comeBack } = await recover({}, 'ann', async () => {})
    await client.socket.emitWithAck('leave-upload', 'job:j')
    await cutOff()
    await comeBack()
    await create('ann', 'j')
    await settled(client)
    expect(client.heard).toHaveLength(1)
  })

  test('is sent away where its permission has ended: its client believes that it follows', async () => {
    const until = Date.parse('2026-01-01T00:00:05Z')
    const { client, sentAway, create } = await recover({}, `ann until ${until}`, async ({ clock, create: say }) => {
      clock.advance(5000)
      await say('ann', 'j')
    })
    await create('ann', 'j')
    expect(await sentAway).toBe('io server disconnect')
    expect(client.heard).toHaveLength(1)
  })

  test('is sent away where its permission was taken away', async () => {
    let isIn = true
    const authorize: Authorize = (input) => (isIn ? byToken(input) : null)
    const { sentAway } = await recover({ sync: { authorize } }, 'ann', async () => void (isIn = false))
    expect(await sentAway).toBe('io server disconnect')
  })
})

describe('what is told', () => {
  const record = (id: string, version = 1): OperationRecord => ({
    subject: 'ann',
    createdAtMs: 0,
    word: { operation_id: id, operation_type: 'upload', status: 'completed', progress: 100, timestamp: '2026-01-01T00:00:00Z', version },
  })

  test('goes to the sockets of this process alone, and is not even written where nobody hears it', async () => {
    const { io, connect, create, publisher } = await start()
    const broadcast = vi.spyOn(io.of('/').adapter, 'broadcast')
    expect(publisher.reach).toBe('node')
    await create('ann', 'j')
    await (await connect('ben')).join('job:j')
    await create('ann', 'j')
    expect(broadcast).not.toHaveBeenCalled()
    await (await connect('ann')).join('job:j')
    await create('ann', 'j')
    expect(broadcast.mock.calls.map(([, { flags }]) => flags)).toEqual([{ local: true }])
  })

  test('goes through the adapter to all processes where that is wanted, whoever hears it here', async () => {
    const { io, create, publisher } = await start({ publisher: { cluster: true } })
    const broadcast = vi.spyOn(io.of('/').adapter, 'broadcast')
    expect(publisher.reach).toBe('cluster')
    const id = await create('ann', 'j')
    await expect.poll(() => broadcast.mock.calls.length, PATIENCE).toBe(1)
    expect(
      broadcast.mock.calls.map(([{ data }, { flags, rooms }]) => [data[0], flags, [...rooms].map((room) => room.split('\0'))]),
    ).toEqual([
      [
        'sync-status',
        {},
        [
          ['job:j', 'ann'],
          [`upload:${id}`, 'ann'],
          ['all:ann', 'ann'],
        ],
      ],
    ])
  })

  test('goes by an emitter where a process has no sockets', async () => {
    const emit = vi.fn<(event: string, ...args: unknown[]) => unknown>(() => true)
    const to = vi.fn<(rooms: string[]) => { emit: typeof emit }>(() => ({ emit }))
    const publisher = socketIoPublisher({ emitter: { to } })
    expect(publisher.reach).toBe('cluster')
    expect(publisher.publish([record('a'), record('b')])).toBeUndefined()
    expect(to.mock.calls).toEqual(['a', 'b'].map((id) => [[`upload:${id}\0ann`, 'all:ann\0ann']]))
    expect(emit.mock.calls).toEqual(['a', 'b'].map((id) => ['sync-status', record(id).word]))
    // One that knows what became of it is believed.
    emit.mockReturnValueOnce(Promise.resolve()).mockReturnValueOnce(Promise.reject(new Error('The broker is down.')))
    await expect(publisher.publish([record('a'), record('b')])).rejects.toThrow('The broker is down.')
    await publisher.close()
  })

  test('has names and words of the clients’ own where they are not ours', async () => {
    const { connect, create, manager } = await start({
      publisher: {
        events: { message: 'upload-progress', join: 'subscribe', leave: 'unsubscribe', ping: 'hello' },
        topic: (asked) =>
          isRecord(asked) && typeof asked['uploadId'] === 'string' ? { kind: 'operation', id: asked['uploadId'] } : undefined,
        encode: ({ operation_id, status, progress, message, result }) => ({
          uploadId: operation_id,
          status: { pending: 'starting', in_progress: 'uploading', completed: 'completed', failed: 'error', cancelled: 'error' }[status],
          progress,
          message,
          element: result,
        }),
      },
    })
    const { socket } = await connect('ann')
    const heard: unknown[] = []
    socket.on('upload-progress', (message: unknown) => heard.push(message))
    const id = await create('ann')
    expect(await socket.emitWithAck('subscribe', { uploadId: id })).toEqual({ ok: true })
    for (const asked of [id, { uploadId: 7 }, { uploadId: 'x'.repeat(201) }]) {
      expect(await socket.emitWithAck('subscribe', asked)).toEqual(refusal('invalid_topic'))
    }
    await manager.completeSyncOperation(id, 'completed', { result: { url: '/a.png' } })
    await socket.emitWithAck('hello')
    expect(heard).toHaveLength(1)
    expect(uploadProgress(heard[0])?.update).toMatchObject({ operation_id: id, status: 'completed', result: { url: '/a.png' } })
    await socket.emitWithAck('unsubscribe', { uploadId: id })
    await manager.revoke(id, { code: 'virus', message: 'A virus.', retryable: false })
    await socket.emitWithAck('hello')
    expect(heard).toHaveLength(1)
  })

  test('is left out where it cannot be said, or shall not be; the others are told', async () => {
    const { connect, publisher, logger } = await start({
      publisher: {
        encode(update) {
          if (update.operation_id === 'bad') throw new Error('No.')
          if (update.operation_id === 'endless') return { size: 1n }
          return update.operation_id === 'secret' ? undefined : update
        },
      },
    })
    const client = await connect('ann')
    await client.join('all')
    await publisher.publish(['bad', 'endless', 'secret', 'good'].map((id) => record(id)))
    await settled(client)
    expect(idsOf(client)).toEqual(['good'])
    expect(logger.error).toHaveBeenCalledTimes(2)
  })

  test('goes to rooms that are the application’s where it says which, and joins are its own', async () => {
    const { io, connect, create } = await start({ publisher: { rooms: (update, subject) => [`${subject}/${update.job_id ?? ''}`] } })
    io.on('connection', (socket) => {
      socket.on('join-upload', (_room: unknown, answer: (words: string) => void) => answer('mine'))
      socket.on('ping-upload', (answer: () => void) => answer())
    })
    const client = await connect('ann')
    expect(await client.join('job:j')).toBe('mine')
    io.socketsJoin('ann/j')
    const id = await create('ann', 'j')
    await create('ann', 'k')
    await settled(client)
    expect(idsOf(client)).toEqual([id])
  })

  test('goes by a namespace, where there are others', async () => {
    const { io, connect, create } = await start({ namespace: '/uploads' })
    const client = await connect('ann')
    await client.join('all')
    const id = await create('ann')
    await settled(client)
    expect(idsOf(client)).toEqual([id])
    expect(io.of('/').sockets.size).toBe(0)
  })

  test('comes by a namespace that is made when somebody wants it', async () => {
    const http = createServer()
    const io = new Server(http)
    const directory = await temporaryDirectory()
    const harness = await startHarness(directory.path, { publishers: [socketIoPublisher({ io: io.of(/^\/team-\d+$/) })] })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    onTestFinished(async () => {
      await harness.close()
      await io.close()
      await directory.remove()
    })
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/team-7`
    const socket = connectTo(url, { forceNew: true, transports: ['websocket'] })
    onTestFinished(() => void socket.disconnect())
    expect(await socket.emitWithAck('join-upload', 'all')).toEqual({ ok: true })
    const heard = new Promise((resolve) => void socket.once('sync-status', resolve))
    await harness.sync.manager.createSyncOperation({ operation_type: 'update' })
    expect(await heard).toMatchObject({ operation_type: 'update' })
  })
})

describe('the server of a team', () => {
  test('may know what its own events are', () => {
    interface Events {
      chat: (text: string) => void
    }
    const io = new Server<Events, Events, Events, { user: string }>()
    expect(socketIoPublisher({ io }).name).toBe('socket-io')
    expect(socketIoPublisher({ io: io.of('/chat'), name: 'chat' }).name).toBe('chat')
  })

  test('stays open when the sync server closes: who follows is sent away, and nothing of ours is left', async () => {
    const { io, connect, harness } = await start()
    const [client, idle] = [await connect('ann'), await connect('ann')]
    await client.join('all')
    const gone = left(client)
    await harness.sync.close()
    expect(await gone).toBe('io server disconnect')
    expect(idle.socket.connected).toBe(true)
    const [socket] = io.of('/').sockets.values()
    expect(
      ['join-upload', 'leave-upload', 'ping-upload', 'disconnecting'].flatMap((event) => socket?.listeners(event as 'disconnecting')),
    ).toEqual([])
    expect(io.of('/').listeners('connection')).toEqual([])
    expect(socket?.conn.listeners('packetCreate')).toEqual([])
  })

  test('is left as it was by each client that goes', async () => {
    const { io, connect, create } = await start()
    for (let round = 0; round < 20; round += 1) {
      const client = await connect('ann')
      for (const room of ['all', 'job:j']) await client.join(room)
      client.socket.disconnect()
    }
    await expect.poll(() => io.of('/').sockets.size, PATIENCE).toBe(0)
    const broadcast = vi.spyOn(io.of('/').adapter, 'broadcast')
    await create('ann', 'j')
    expect(broadcast).not.toHaveBeenCalled()
    expect(io.of('/').adapter.rooms.size).toBe(0)
  })
})
