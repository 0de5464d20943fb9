import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import { Server, type ServerOptions } from 'socket.io'

/** What a test wants of the server, told by `POST /orders`. */
export type SocketIoOrder =
  | { readonly do: 'publish'; readonly rooms: readonly string[]; readonly event: string; readonly update: unknown; readonly times?: number }
  /** From now on this token is the one that counts, and whoever came with another one is sent away. */
  | { readonly do: 'expire'; readonly token: string }
  | { readonly do: 'count' }

/** What `count` answers. */
export interface SocketIoCount {
  readonly connections: number
  /** In which anyone is, but for the one that each connection has of its own. */
  readonly rooms: readonly string[]
}

/** A Socket.IO server as an application writes it, as a process of its own, which can really be killed. Other servers at the same Redis are nodes of it. */
const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    token: { type: 'string' },
    /** May connect, and follow nothing. */
    guest: { type: 'string' },
    redis: { type: 'string' },
    /** More of Socket.IO's own options, as JSON. */
    options: { type: 'string', default: '{}' },
  },
})
let { token } = values

const http = createServer((request, response) => {
  if (request.method !== 'POST' || request.url !== '/orders') return void response.writeHead(404).end()
  void json(request).then((order) => response.end(JSON.stringify(obey(order as SocketIoOrder))))
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
io.on('connection', (socket) => {
  const isGuest = socket.handshake.auth['token'] === values.guest
  socket.on('join-upload', async (room: unknown, ack: (answer: unknown) => void) => {
    if (isGuest || typeof room !== 'string') return ack({ ok: false, error: { code: 'unauthorized', message: 'This is not yours.' } })
    await socket.join(room)
    ack({ ok: true })
  })
  socket.on('leave-upload', (room: unknown) => (typeof room === 'string' ? socket.leave(room) : undefined))
  socket.on('ping-upload', (ack: () => void) => ack())
})

function obey(order: SocketIoOrder): unknown {
  switch (order.do) {
    case 'publish':
      for (let time = 0; time < (order.times ?? 1); time += 1) io.to([...order.rooms]).emit(order.event, order.update)
      return {}
    case 'expire':
      token = order.token
      io.local.disconnectSockets(true)
      return {}
    case 'count': {
      const { sockets, adapter } = io.of('/')
      const rooms = [...adapter.rooms.keys()].filter((room) => !adapter.sids.has(room))
      return { connections: sockets.size, rooms } satisfies SocketIoCount
    }
  }
}

http.listen(Number(values.port), '127.0.0.1')
await once(http, 'listening')
