import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { createSyncServer } from '@upload-panel/server-adapter'
import { disk } from '@upload-panel/server-adapter/disk'
import { memory } from '@upload-panel/server-adapter/memory'
import { socketIoPublisher } from '@upload-panel/server-adapter/socket-io'
import { createClient } from 'redis'
import { Server, type ServerOptions } from 'socket.io'

/** What a test wants of the server, told by `POST /orders`. */
export type SocketIoOrder =
  /** As it is, whatever was told before. */
  | { readonly do: 'publish'; readonly update: SyncStatusUpdate; readonly times?: number }
  /** From now on this token is the one that counts, and whoever came with another one is sent away. */
  | { readonly do: 'expire'; readonly token: string }
  | { readonly do: 'count' }

/** What `count` answers. */
export interface SocketIoCount {
  readonly connections: number
  /** In which anyone is, but for the one that each connection has of its own: as clients name them. */
  readonly rooms: readonly string[]
}

/**
 * The Socket.IO server of an application that tells by the server adapter, as a process of its own, which can really be killed. Other servers at the
 * same Redis are nodes of it.
 */
const { values } = parseArgs({
  options: {
    directory: { type: 'string', default: '' },
    port: { type: 'string' },
    token: { type: 'string' },
    /** May connect, and follow nothing. */
    guest: { type: 'string' },
    redis: { type: 'string' },
    /** What it says is for its own clients, though it is a node of others. */
    alone: { type: 'boolean', default: false },
    /** More of Socket.IO's own options, as JSON. */
    options: { type: 'string', default: '{}' },
  },
})
let { token } = values
const SUBJECT = 'tester'

const http = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/orders') return void response.writeHead(404).end()
  void json(request)
    .then((order) => obey(order as SocketIoOrder))
    .then((answer) => response.end(JSON.stringify(answer)))
})
const options = JSON.parse(values.options) as Partial<ServerOptions>
const io = new Server(http, { cors: { origin: true, credentials: true }, ...options })
if (values.redis !== undefined) {
  const redis = createClient({ url: values.redis })
  await redis.connect()
  io.adapter(createAdapter(redis))
}
io.use((socket, next) => {
  const isKnown = [token, values.guest].includes(socket.handshake.auth['token'])
  next(isKnown ? undefined : Object.assign(new Error('The token is too old.'), { data: { code: 'unauthorized' } }))
})

const publisher = socketIoPublisher({ io, cluster: values.redis !== undefined && !values.alone })
await createSyncServer({
  records: memory(),
  storage: disk({ directory: values.directory }),
  publishers: [publisher],
  // Tests in browsers have pages of another origin.
  cors: { origins: '*' },
  authorize: ({ request }) => (request.headers.get('authorization') === `Bearer ${token}` ? { subject: SUBJECT } : null),
})

async function obey(order: SocketIoOrder): Promise<unknown> {
  switch (order.do) {
    case 'publish': {
      const { update, times = 1 } = order
      const record = { subject: SUBJECT, createdAtMs: 0, word: { version: 0, ...update } }
      for (let time = 0; time < times; time += 1) await publisher.publish([record])
      return {}
    }
    case 'expire':
      token = order.token
      io.local.disconnectSockets(true)
      return {}
    case 'count': {
      const { sockets, adapter } = io.of('/')
      const rooms = [...adapter.rooms.keys()].filter((room) => !adapter.sids.has(room)).map((room) => room.split('\0', 1)[0] ?? '')
      return { connections: sockets.size, rooms } satisfies SocketIoCount
    }
  }
}

http.listen(Number(values.port), '127.0.0.1')
await once(http, 'listening')
