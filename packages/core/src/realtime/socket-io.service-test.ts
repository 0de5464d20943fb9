import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe } from 'vitest'
import { describeWithRedis } from '../../../../scripts/services/provided.js'
import { startRedis } from '../../../../scripts/services/redis.js'
import { type SocketIoServer, startSocketIo } from '../../../../scripts/services/socket-io.js'
import { startTcpNetwork } from '../../../../scripts/services/tcp-network.js'
import { type ContractScene, type SceneOptions, transportContract } from '../testing/transport-contract.js'
import { socketIo } from './socket-io.js'

const WRONG_ROOM = { room: () => 'job:nowhere' }

/** What all servers have in common; `server` is the one that the client is connected with. */
function sceneOn(server: () => SocketIoServer, jobId: string) {
  return {
    publish: (update) =>
      server()
        .publish(update)
        .then(() => update),
    kill: () => server().kill(),
    start: () => server().start(),
    freeze: () => server().freeze(),
    thaw: () => server().thaw(),
    expireToken: () => server().expireToken(),
    /** Connections that a test before this one has made half-open are there for as long as the server’s own patience. */
    async leftovers() {
      const { rooms } = await server().count()
      return rooms.filter((room) => room.includes(jobId) || room.startsWith('upload:'))
    },
  } satisfies Partial<ContractScene>
}

describe.each([
  ['socket-io', 'a server with its default heartbeat', {}],
  ['socket-io, by long-polling', 'a server that takes no WebSocket', { transports: ['polling'] }],
] as const)('%s: a client of ours, before %s', (name, _server, options) => {
  let server: SocketIoServer
  beforeAll(async () => {
    server = await startSocketIo({ options })
  })
  afterAll(() => server.stop())

  transportContract(name, {
    async open({ jobId, isRefused, isMisdirected }) {
      const network = await startTcpNetwork(() => server.port)
      let token = server.token()
      return {
        ...sceneOn(() => server, jobId),
        factory: socketIo({
          url: `http://127.0.0.1:${network.port}`,
          auth({ attempt }) {
            // A page keeps its token until it is told that it is worth nothing.
            if (attempt > 1) token = server.token()
            return { token: isRefused ? server.guestToken : token }
          },
          heartbeatMs: 3000,
          ...(isMisdirected && WRONG_ROOM),
        }),
        network,
        close: () => network.close(),
      }
    },
  })
})

describe('a socket of the page, before a server that pings each second and remembers connections', () => {
  let server: SocketIoServer
  beforeAll(async () => {
    server = await startSocketIo({ options: { pingInterval: 1000, pingTimeout: 2000, connectionStateRecovery: {} } })
  })
  afterAll(() => server.stop())

  transportContract('socket-io, by the page’s own socket', {
    async open({ jobId, isRefused, isMisdirected }: SceneOptions) {
      const network = await startTcpNetwork(() => server.port)
      const socket = io(`http://127.0.0.1:${network.port}`, {
        auth: (send) => send({ token: isRefused ? server.guestToken : server.token() }),
        transports: ['websocket'],
        forceNew: true,
      })
      return {
        ...sceneOn(() => server, jobId),
        factory(context) {
          const transport = socketIo({ socket, ...(isMisdirected && WRONG_ROOM) })(context)
          return {
            ...transport,
            dispose() {
              transport.dispose()
              socket.disconnect()
            },
          }
        },
        network,
        close: () => network.close(),
      }
    },
  })
})

describeWithRedis('two nodes at one Redis, of which the client reaches another one after each kill', () => {
  let directory: string
  let redis: Awaited<ReturnType<typeof startRedis>>
  let nodes: readonly [SocketIoServer, SocketIoServer]
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-redis-'))
    redis = await startRedis({ directory })
    const options = { connectionStateRecovery: {} }
    nodes = await Promise.all([startSocketIo({ redis: redis.url, options }), startSocketIo({ redis: redis.url, options })])
  })
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    await redis.stop()
    await rm(directory, { recursive: true, force: true })
  })

  transportContract('socket-io, on two nodes', {
    async open({ jobId, isRefused, isMisdirected }) {
      let [near, far] = nodes
      const network = await startTcpNetwork(() => near.port)
      let token = near.token()
      return {
        ...sceneOn(() => near, jobId),
        // What the client gets was said on the other node.
        publish: (update) => far.publish(update).then(() => update),
        async kill() {
          await near.kill()
        },
        async start() {
          const killed = near
          near = far
          far = killed
          await killed.start()
        },
        factory: socketIo({
          url: `http://127.0.0.1:${network.port}`,
          auth({ attempt }) {
            if (attempt > 1) token = near.token()
            return { token: isRefused ? near.guestToken : token }
          },
          heartbeatMs: 3000,
          ...(isMisdirected && WRONG_ROOM),
        }),
        network,
        close: () => network.close(),
      }
    },
  })
})
