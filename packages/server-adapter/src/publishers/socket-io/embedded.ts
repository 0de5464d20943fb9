import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { isMissing } from '../../node-error.js'
import type { ServerOptions } from 'socket.io'
import type { CorsOptions } from '../../security/cors.js'
import { isCrossSite } from '../../security/cross-site.js'
import type { StatusPublisher } from '../publisher.js'
import { socketIoPublisher } from '../socket-io.js'
import { headersOf } from './handshake.js'

/** Socket.IO of a program that has none of its own. */
export interface EmbeddedSocketIo {
  /** Ends all connections when it is closed. */
  readonly publisher: StatusPublisher
  /** Takes what comes to `/socket.io`, and leaves everything else to the server. */
  attach(server: HttpServer): void
}

/** Makes what several nodes tell each other by, as `createAdapter` of `@socket.io/redis-streams-adapter` does. */
export type SocketIoAdapter = NonNullable<Extract<ServerOptions['adapter'], (...args: never[]) => unknown>>

/** What clients send is small: names of rooms, and tokens. */
const MAX_MESSAGE_BYTES = 32 * 1024

/**
 * `undefined` where `socket.io` is not installed.
 * @param cors the same as the server's: which other origins' pages may connect
 * @param adapter by which one node speaks for all, and for other servers that have it; without one each node tells its own clients
 */
export async function embedSocketIo(
  { origins, credentials = false }: CorsOptions = { origins: [] },
  adapter?: SocketIoAdapter,
): Promise<EmbeddedSocketIo | undefined> {
  const socketIo = await import('socket.io').catch((error: unknown) => {
    if (isMissing(error, ['socket.io'])) return undefined
    throw error
  })
  if (socketIo === undefined) return undefined
  const io = new socketIo.Server({
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    cors: { origin: origins === '*' ? '*' : [...origins], credentials },
    // "Socket upgrades check `Origin`": browsers leave that to the server.
    allowRequest: (request, answer) => answer(null, mayConnect(request, origins)),
  })
  if (adapter !== undefined) io.adapter(adapter)
  const publisher = socketIoPublisher({ io, cluster: adapter !== undefined })
  let isAttached = false
  return {
    publisher: {
      ...publisher,
      async close() {
        await publisher.close()
        io.disconnectSockets(true)
        if (isAttached) io.engine.close()
      },
    },
    attach(server) {
      io.attach(server)
      isAttached = true
    },
  }
}

function mayConnect({ headers }: IncomingMessage, origins: CorsOptions['origins']): boolean {
  return origins === '*' || !isCrossSite(new Request('http://localhost', { headers: headersOf(headers) }), origins)
}
