import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { StatusPublisher } from '@upload-panel/server-adapter'
import { socketIoPublisher } from '@upload-panel/server-adapter/socket-io'
import { createClient } from 'redis'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeWithRedis } from './provided.ts'
import { startRedis } from './redis.ts'
import { type SocketIoServer, type SocketIoServerOptions, startSocketIo } from './socket-io.ts'

const UPDATE: SyncStatusUpdate & { readonly version: number } = {
  operation_id: 'a',
  operation_type: 'upload',
  status: 'in_progress',
  progress: 50,
  timestamp: '2026-01-01T00:00:00Z',
  job_id: '1',
  version: 1,
}

async function start(options?: SocketIoServerOptions): Promise<SocketIoServer> {
  const server = await startSocketIo(options)
  onTestFinished(() => server.stop())
  return server
}

function connect({ port }: SocketIoServer, token: string): Socket {
  const socket = io(`http://127.0.0.1:${port}`, { auth: { token }, forceNew: true, transports: ['websocket'] })
  onTestFinished(() => void socket.disconnect())
  return socket
}

const untilVersion = (socket: Socket, version: number) =>
  new Promise<void>((resolve) => {
    socket.on('sync-status', (update: SyncStatusUpdate) => {
      if (update.version === version) resolve()
    })
  })
const next = (socket: Socket, event: string) => new Promise<unknown>((resolve) => socket.once(event, resolve))

describe('the Socket.IO server', () => {
  it('lets in who has its token, and tells those in a room', async () => {
    const server = await start()
    const socket = connect(server, server.token())
    expect(await socket.emitWithAck('join-upload', 'job:1')).toEqual({ ok: true })
    const told = next(socket, 'sync-status')
    await server.publish(UPDATE)
    expect(await told).toEqual(UPDATE)
    expect(await server.count()).toEqual({ connections: 1, rooms: ['job:1'] })
  })

  it('refuses others, and lets a guest follow nothing', async () => {
    const server = await start()
    expect(await next(connect(server, 'no token'), 'connect_error')).toMatchObject({
      message: 'The token is too old.',
      data: { code: 'unauthorized' },
    })
    const guest = connect(server, server.guestToken)
    expect(await guest.emitWithAck('join-upload', 'job:1')).toMatchObject({ ok: false, error: { code: 'unauthorized' } })
    expect((await server.count()).rooms).toEqual([])
  })

  it('sends everyone away when its token changes', async () => {
    const server = await start()
    const old = server.token()
    const socket = connect(server, old)
    await next(socket, 'connect')
    const left = next(socket, 'disconnect')
    await server.expireToken()
    // After which its client does not try again by itself.
    expect(await left).toBe('io server disconnect')
    socket.connect()
    expect(await next(socket, 'connect_error')).toMatchObject({ message: 'The token is too old.' })
    expect(server.token()).not.toBe(old)
  })

  it('can be killed, and comes back on its port', async () => {
    const server = await start()
    await server.kill()
    await expect(server.count()).rejects.toThrow('ECONNREFUSED')
    await server.start()
    expect(await server.count()).toEqual({ connections: 0, rooms: [] })
  })
})

describeWithRedis('Socket.IO servers at one Redis', () => {
  let directory: string
  let redis: Awaited<ReturnType<typeof startRedis>>
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-redis-'))
    redis = await startRedis({ directory })
  })
  afterAll(async () => {
    await redis.stop()
    await rm(directory, { recursive: true, force: true })
  })

  /** Two nodes with a client each, and what each has heard once everything that was said before has come. */
  async function startNodes(options: SocketIoServerOptions = {}) {
    const nodes = await Promise.all([start({ redis: redis.url, ...options }), start({ redis: redis.url, ...options })])
    const heard: unknown[][] = [[], []]
    const clients = await Promise.all(
      nodes.map(async (node, index) => {
        const client = connect(node, node.token())
        client.on('sync-status', (update: unknown) => heard[index]?.push(update))
        for (const room of ['job:1', 'all']) expect(await client.emitWithAck('join-upload', room)).toEqual({ ok: true })
        return client
      }),
    )
    return {
      nodes,
      clients,
      async heard() {
        await Promise.all(clients.map((client) => client.emitWithAck('ping-upload')))
        return heard
      },
    }
  }

  /** A process that has no clients. */
  async function startWorker(): Promise<StatusPublisher> {
    const client = await createClient({ url: redis.url }).connect()
    const io = new Server({ adapter: createAdapter(client) })
    const { adapter } = io.of('/')
    onTestFinished(() => {
      void adapter.close()
      client.destroy()
    })
    // With the two nodes: it has joined them. Closed before, the adapter would leave a promise behind that nobody looks at.
    await vi.waitUntil(async () => (await adapter.serverCount()) === 3, { timeout: 20_000 })
    return socketIoPublisher({ io, cluster: true })
  }
  const recordOf = (word: typeof UPDATE) => ({ subject: 'tester', createdAtMs: 0, word })

  it('are nodes of one server: what one says all clients hear, once', async () => {
    const { nodes, clients, heard } = await startNodes()
    const told = clients.map((client) => next(client, 'sync-status'))
    await nodes[1].publish(UPDATE)
    await Promise.all(told)
    expect(await heard()).toEqual([[UPDATE], [UPDATE]])
  })

  it('that tell their own clients alone tell each of them once, though all hear of everything', async () => {
    const { nodes, clients, heard } = await startNodes({ isAlone: true })
    for (const node of nodes) await node.publish(UPDATE)
    // Comes through the Redis, behind what should not have.
    const last = { ...UPDATE, version: 2 }
    const told = clients.map((client) => untilVersion(client, 2))
    await (await startWorker()).publish([recordOf(last)])
    await Promise.all(told)
    expect(await heard()).toEqual([
      [UPDATE, last],
      [UPDATE, last],
    ])
  })

  it('pass on what a process without any socket says', async () => {
    const { clients, heard } = await startNodes()
    const told = clients.map((client) => next(client, 'sync-status'))
    await (await startWorker()).publish([recordOf(UPDATE)])
    await Promise.all(told)
    expect(await heard()).toEqual([[UPDATE], [UPDATE]])
  })
})
