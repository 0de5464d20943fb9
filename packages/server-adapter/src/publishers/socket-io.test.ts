import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Server, type ServerOptions } from 'socket.io'
import { io as connectTo, type Socket, type SocketOptions, type ManagerOptions } from 'socket.io-client'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { Refusal } from '../errors.js'
import type { SyncServerOptions } from '../options.js'
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
    const closed = await start({ sync: { authorize, cors: { origins: ['https://app.example.com'] } } })
    expect(await (await closed.connect(undefined, from('https://evil.example.com'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect('any', from('https://evil.example.com'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect(undefined, from('null'))).join('all')).toEqual(refusal('cross_site'))
    expect(await (await closed.connect(undefined, from('https://app.example.com'))).join('all')).toEqual({ ok: true })
    const host = 'app.example.com:8443'
    expect(await (await closed.connect(undefined, from(`https://${host}`, { host }))).join('all')).toEqual({ ok: true })
    // Where all may, none may with the user's cookies.
    const open = await start({ sync: { authorize, cors: { origins: '*' } } })
    const client = await open.connect(undefined, from('https://evil.example.com'))
    expect(await client.join('all')).toEqual({ ok: true })
    await open.create('ann')
    const own = await open.create('nobody')
    await settled(client)
    expect(idsOf(client)).toEqual([own])
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
