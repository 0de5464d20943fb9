import { toUploadError, UploadError } from '../errors.js'
import { headersFor, type HeadersOption } from '../http/policy/headers.js'
import { originOf } from '../http/policy/origin.js'
import { type Decode, SYNC_STATUS_EVENT } from '../protocol/index.js'
import { createConnection } from './connection.js'
import { createReconnect, down } from './reconnect.js'
import {
  connectionError,
  type EnginePacket,
  makeSocket,
  type SocketIoAddress,
  type SocketIoMedium,
  type SocketIoSocket,
} from './socket-io-client.js'
import { createRooms, roomName } from './socket-io-rooms.js'
import type { RealtimeFactory, Topic } from './transport.js'

export type { SocketIoSocket } from './socket-io-client.js'

/** What the server calls its events. */
export interface SocketIoEvents {
  /** An update. @default 'sync-status' */
  readonly message?: string
  /** Asks for a room; answered by an acknowledgement. @default 'join-upload' */
  readonly join?: string
  /** @default 'leave-upload' */
  readonly leave?: string
  /** Answered by an acknowledgement: how long that takes is the latency. Not sent again to who does not answer. @default 'ping-upload' */
  readonly ping?: string
}

interface SocketIoDialect {
  readonly events?: SocketIoEvents
  /** What `join` and `leave` carry. @default `job:<id>`, `upload:<id>`, `all` */
  readonly room?: (topic: Topic) => unknown
  /** How messages are read. A server that has a way of its own to say things need not answer joins. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  /**
   * Whether an end may be believed as the message tells it, without asking for the snapshot: only where no client can make the server send what it
   * likes to others.
   * @default true; false with `decode`
   */
  readonly trusted?: boolean
}

/** A socket of yours. It is connected where it is not yet, and otherwise stays as you made it; it is never closed. */
export interface SocketIoOptionsWithSocket extends SocketIoDialect {
  readonly socket: SocketIoSocket
}

/** A connection of our own, open while anything is followed. */
export interface SocketIoOptionsWithUrl extends SocketIoDialect, SocketIoAddress {
  /**
   * What the server's middleware reads in `socket.handshake.auth`. A function is asked for each connection. `attempt` is 2 where the server
   * has refused or ended the one before, and where the connection failed three times in a row: then a fresh token is wanted.
   * @default none
   */
  readonly auth?: HeadersOption
  /** A connection on which nothing comes is given up after this long, in milliseconds, where the server answers `ping`. @default 10000 */
  readonly heartbeatMs?: number
}

export type SocketIoOptions = SocketIoOptionsWithSocket | SocketIoOptionsWithUrl

/** How long a connection may take until the server has accepted it, in milliseconds. */
const CONNECT_MS = 20_000
/** How long a connection of ours stays open that nobody needs, in milliseconds: the next upload may come at once. */
const IDLE_MS = 1000
/** When a ping is sent and how long its answer may take, as parts of the time within which a dead connection is found. */
const PING_EVERY = 0.4
const PING_PATIENCE = 0.5

/**
 * Socket.IO 4, by `socket.io-client`: one connection, one room a topic. Tries a WebSocket, then HTTP long-polling.
 *
 * @example
 * socketIo({ url: 'https://example.com', auth: async ({ attempt }) => ({ token: await token({ fresh: attempt > 1 }) }) })
 * socketIo({ socket: io('https://example.com') })
 */
export function socketIo(options: SocketIoOptions): RealtimeFactory {
  const { decode } = options
  const events = { message: SYNC_STATUS_EVENT, join: 'join-upload', leave: 'leave-upload', ping: 'ping-upload', ...options.events }
  const isOurs = !('socket' in options)
  const heartbeatMs = (isOurs ? options.heartbeatMs : undefined) ?? 10_000

  return ({ environment }) => {
    const { clock } = environment
    const connection = createConnection(clock, 'socket-io')
    const rooms = createRooms({ clock, events, nameOf: options.room ?? roomName, decode, connection })
    const reconnect = createReconnect(environment, retry)
    const listeners = { connect: onConnect, disconnect: onDisconnect, connect_error: onConnectError, [events.message]: onMessage }
    const nameMark = `[${JSON.stringify(events.message)},`
    /** Turned around where the first one leads nowhere: some networks let a WebSocket begin, and nothing through. */
    const media: SocketIoMedium[] = ['websocket', 'polling']
    let socket: SocketIoSocket | undefined
    let engine: SocketIoSocket['io']['engine'] | undefined
    let attempt = new AbortController()
    let packets = 0
    /** Of messages that were not handed on yet. */
    let bytes = 0
    /** How often in a row the server has said no, or has ended the connection. */
    let refusals = 0
    let isPingAnswered = false
    /** One thing at a time is waited for: that a connection stands, that a ping is answered, that the next one is due. */
    let cancelWait = () => {}
    let cancelClose = () => {}

    // -- one connection after the other --------------------------------------------------------------------------------------------------

    function open(): void {
      socket = 'socket' in options ? options.socket : makeOurs(options)
      listen('on')
      if (socket.connected) onConnect()
      else connect()
    }

    function close(): void {
      stop()
      rooms.leaveConnection()
      listen('off')
      if (isOurs) socket?.disconnect()
      socket = undefined
    }

    function listen(onOrOff: 'on' | 'off'): void {
      for (const [event, listener] of Object.entries(listeners)) socket?.[onOrOff](event, listener)
    }

    /** Ends what a connection has begun, and all that waits for one. */
    function stop(): void {
      engine?.off('packet', onPacket)
      attempt.abort()
      reconnect.cancel()
      cancelWait()
    }

    function wait(act: () => void, ms: number): void {
      cancelWait()
      cancelWait = clock.setTimeout(act, ms)
    }

    function makeOurs({ auth, ...rest }: SocketIoOptionsWithUrl): SocketIoSocket {
      const url = environment.baseUrl === undefined ? rest.url : new URL(rest.url, environment.baseUrl).href
      const ours = makeSocket({ ...rest, url }, media, (send) => {
        const { signal } = attempt
        headersFor(auth, originOf(url), refusals > 0 || reconnect.isStale() ? 2 : 1, signal).then(send, (error: unknown) => {
          if (signal.aborted) return
          ours.disconnect()
          failed(toUploadError(error, 'auth'))
        })
      })
      return ours
    }

    function connect(): void {
      attempt = new AbortController()
      // The page's own client tries again by itself, unless it was the server that ended the connection.
      if (isOurs || socket?.active === false) socket?.connect()
      if (!isOurs) return
      wait(() => {
        socket?.disconnect()
        media.reverse()
        failed(new UploadError('stalled', 'The Socket.IO server did not answer in time.'))
      }, CONNECT_MS)
    }

    function onConnect(): void {
      if (socket === undefined) return
      stop()
      reconnect.opened()
      refusals = 0
      connection.set({ status: 'connected', reconnectAttempts: 0 })
      connection.alive()
      engine = socket.io.engine
      engine.on('packet', onPacket)
      // Before the joins: who is subscribed is known to be watched.
      ping()
      rooms.enter(socket)
    }

    function onDisconnect(reason: unknown): void {
      if (isOurs || reason !== 'io client disconnect')
        return failed(new UploadError('network', 'The connection was lost.'), reason === 'io server disconnect')
      // Whoever made the socket has closed it, and will open it again.
      disconnected(stop)
    }

    function onConnectError(error: unknown): void {
      failed(connectionError(error, socket?.active === false))
    }

    function disconnected(end: () => void): void {
      end()
      connection.set({ status: 'disconnected' })
    }

    /** `isEnded`: by the server's application, perhaps since the token has ended. */
    function failed(error: UploadError, isEnded = false): void {
      stop()
      const isNo = error.code === 'auth'
      refusals = isNo || isEnded ? refusals + 1 : 0
      // The first no may be about a token that was too old.
      const isRefused = isNo && refusals > 1
      reconnect.failed({ isRefused })
      connection.set(down(reconnect.failures(), isRefused))
      if (isRefused) rooms.refuse(error)
    }

    function retry(): void {
      stop()
      if (!isOurs || !reconnect.isStale()) return connect()
      close()
      open()
    }

    // -- what comes --------------------------------------------------------------------------------------------------------------------------

    function onPacket({ type, data }: EnginePacket): void {
      packets += 1
      if (type === 'message' && typeof data === 'string' && data.includes(nameMark)) bytes += data.length
      else connection.alive()
    }

    function onMessage(raw: unknown): void {
      const size = bytes
      bytes = 0
      connection.received(size)
      rooms.deliver(raw, size)
    }

    /** Who has answered once is gone when it does not any more. Who never has may not know the question. */
    function ping(): void {
      const asked = socket
      if (asked === undefined) return
      const askedAt = clock.now()
      const packetsBefore = packets
      wait(() => {
        if (!isPingAnswered) return
        if (!isOurs || packets > packetsBefore) return pingLater()
        isPingAnswered = false
        asked.disconnect()
      }, heartbeatMs * PING_PATIENCE)
      asked.emit(events.ping, () => {
        if (asked !== socket) return
        isPingAnswered = true
        connection.answered(askedAt)
        pingLater()
      })
    }

    function pingLater(): void {
      wait(ping, heartbeatMs * PING_EVERY)
    }

    function wake(): void {
      if (socket?.connected === true) {
        rooms.retry()
        ping()
      } else if (socket?.active === true || reconnect.isWaiting()) {
        // Also an attempt that was begun without a network, and may hang for long; and the page's own client, which waits by itself.
        socket?.disconnect()
        retry()
      }
    }

    return {
      $connection: connection.$status,
      authoritative: options.trusted ?? decode === undefined,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        cancelClose()
        const leave = rooms.add(topic, handlers)
        if (socket === undefined) {
          connection.set({ status: 'reconnecting' })
          open()
        }
        return () => {
          leave()
          if (socket === undefined || !rooms.isEmpty()) return
          cancelClose()
          cancelClose = clock.setTimeout(() => disconnected(close), IDLE_MS)
        }
      },
      wake,
      dispose() {
        cancelClose()
        close()
        connection.dispose()
      },
    }
  }
}
