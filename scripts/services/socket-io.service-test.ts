import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { io, type Socket } from 'socket.io-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { describeWithRedis } from './provided.ts'
import { startRedis } from './redis.ts'
import { type SocketIoServer, type SocketIoServerOptions, startSocketIo } from './socket-io.ts'

const UPDATE: SyncStatusUpdate = {
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
  it('are nodes of one server', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'upload-panel-redis-'))
    const redis = await startRedis({ directory })
    onTestFinished(async () => {
      await redis.stop()
      await rm(directory, { recursive: true, force: true })
    })
    const [one, other] = await Promise.all([start({ redis: redis.url }), start({ redis: redis.url })])
    const socket = connect(one, one.token())
    await socket.emitWithAck('join-upload', 'job:1')
    const told = next(socket, 'sync-status')
    await other.publish(UPDATE)
    expect(await told).toEqual(UPDATE)
  })
})
