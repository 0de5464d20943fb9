import { Client } from '@stomp/stompjs'
import { sanitizeText } from '@upload-panel/core/protocol'
import { type Clock, settledWithin } from '../clock.js'
import { type StompSocket, socketsTo } from './stomp-socket.js'

/** What is read of a frame. */
export interface StompFrame {
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** What is used of a connection that holds. */
export interface StompChannel {
  publish(message: { destination: string; body: string; headers: Record<string, string> }): void
  watchForReceipt(receiptId: string, onReceipt: () => void): void
}

/** What is used of a `Client` of @stomp/stompjs 7. */
export interface StompPublisherClient extends StompChannel {
  readonly connected: boolean
  onConnect(frame: StompFrame): void
  onStompError(frame: StompFrame): void
  onWebSocketClose(event: unknown): void
}

/** How a connection of our own is made. */
export interface StompAddress {
  /** The broker: `wss://…` or `ws://…`, or without a WebSocket `stomp+ssl://…` or `stomp://…`. Not needed with `webSocketFactory`. */
  readonly url?: string
  /** Makes a new socket for each connection, where `url` cannot say how: with certificates of your own, or by SockJS. */
  readonly webSocketFactory?: () => StompSocket
  /**
   * What the broker is told of who connects, such as `login`, `passcode` and `host`: fixed, or asked for each connection.
   * @default none
   */
  readonly connectHeaders?: Readonly<Record<string, string>> | (() => Promise<Readonly<Record<string, string>>>)
  /** A connection on which nothing comes is given up after this long, milliseconds, if the broker sends heartbeats. @default 10000 */
  readonly heartbeatMs?: number
}

/** One connection after the other. */
export interface StompLink {
  /** The connection that holds, or one that is made now. Rejects with why there is none. */
  connect(): Promise<StompChannel>
  /** Hears of each connection's end, and of each ERROR. The returned function ends it. */
  listen(onProblem: (problem: Error) => void): () => void
  /** What was said last on this connection cannot be counted on. */
  drop(problem: Error): void
  close(): Promise<void>
}

/** `@stomp/stompjs` misses a heartbeat after two intervals, and looks for it once in each. */
const INTERVALS = 3
/** How often the broker hears of us while there is nothing to say, milliseconds. Proxies end what is silent for a minute. */
const OUTGOING_MS = 20_000
/** How long a broker may take over a goodbye, milliseconds. */
const GOODBYE_MS = 1000

/**
 * Connects when there is something to say, with a client for each connection, so that none begins with an old token. When it is tried again is for whoever
 * has something to say.
 */
export function ownLink(address: StompAddress, timeoutMs: number): (clock: Clock) => StompLink {
  const makeSocket = address.webSocketFactory ?? socketsTo(address.url ?? '')
  return (clock) => {
    const problems = createListeners<Error>()
    let connection: Connection | undefined

    return {
      connect() {
        connection ??= openConnection({ address, makeSocket, timeoutMs, clock }, (problem) => {
          connection = undefined
          problems.tell(problem)
        })
        return connection.ready
      },
      listen: problems.add,
      drop: (problem) => connection?.end(problem),
      async close() {
        const closing = connection
        if (closing?.isReady() === true) await settledWithin(clock, GOODBYE_MS, closing.sayGoodbye())
        closing?.end(new Error('The publisher is closed.'))
      },
    }
  }
}

interface Connection {
  readonly ready: Promise<Client>
  isReady(): boolean
  sayGoodbye(): Promise<void>
  end(problem: Error): void
}

interface ConnectionOptions {
  readonly address: StompAddress
  readonly makeSocket: () => StompSocket
  readonly timeoutMs: number
  readonly clock: Clock
}

/** @param onEnd called once, also where it never held */
function openConnection({ address, makeSocket, timeoutMs, clock }: ConnectionOptions, onEnd: (problem: Error) => void): Connection {
  const { connectHeaders = {}, heartbeatMs = 10_000 } = address
  const { promise: ready, resolve, reject } = Promise.withResolvers<Client>()
  let client: Client | undefined
  let isOver = false
  /** What the socket has said of its end. */
  let cause: unknown
  const cancelDeadline = clock.setTimeout(() => end(new Error('The broker did not answer in time.')), timeoutMs)

  async function open(): Promise<void> {
    const headers = typeof connectHeaders === 'function' ? await connectHeaders() : connectHeaders
    if (isOver) return
    const socket = makeSocket()
    const opened = new Client({
      webSocketFactory: () => socket,
      connectHeaders: { ...headers },
      reconnectDelay: 0,
      heartbeatIncoming: Math.floor(heartbeatMs / INTERVALS),
      heartbeatOutgoing: OUTGOING_MS,
      // A half-open socket says nothing when it is closed, for half a minute.
      discardWebsocketOnCommFailure: true,
      onConnect() {
        cancelDeadline()
        resolve(opened)
      },
      // RabbitMQ goes on after some; but what else it has refused of what was said at once, nobody knows.
      onStompError: (frame) => end(stompError(frame)),
      onWebSocketError(event: unknown) {
        cause = event
      },
      onWebSocketClose: () => end(new Error('The broker is not reached, or hung up.', { cause })),
    })
    client = opened
    opened.activate()
  }

  function end(problem: Error): void {
    if (isOver) return
    isOver = true
    cancelDeadline()
    void client?.deactivate({ force: true })
    reject(problem)
    onEnd(problem)
  }

  open().catch((error: unknown) => end(error instanceof Error ? error : new Error(String(error))))
  return {
    ready,
    isReady: () => client?.connected === true,
    sayGoodbye: async () => client?.deactivate(),
    end,
  }
}

/** Tells over a client that its user made, activates, configures and ends. */
export function userLink(client: StompPublisherClient, timeoutMs: number): (clock: Clock) => StompLink {
  return (clock) => {
    const problems = createListeners<Error>()
    const connects = createListeners<void>()
    const restores = [
      after(client, 'onConnect', () => connects.tell()),
      after(client, 'onStompError', (frame) => problems.tell(stompError(frame))),
      after(client, 'onWebSocketClose', () => problems.tell(new Error('The connection to the broker was lost.'))),
    ]
    return {
      connect: () =>
        new Promise((resolve, reject) => {
          if (client.connected) return resolve(client)
          const cancelDeadline = clock.setTimeout(decide, timeoutMs)
          const stopListening = connects.add(decide)
          function decide(): void {
            cancelDeadline()
            stopListening()
            // Its user may have replaced our handlers.
            if (client.connected) resolve(client)
            else reject(new Error('The STOMP client is not connected. Activate it, and see what its handlers say.'))
          }
        }),
      listen: problems.add,
      drop: problems.tell,
      async close() {
        for (const restore of restores) restore()
        connects.tell()
      },
    }
  }
}

type Handlers = Pick<StompPublisherClient, 'onConnect' | 'onStompError' | 'onWebSocketClose'>

/** Runs ours after theirs. The returned function leaves theirs alone, and what was set since. */
function after(client: StompPublisherClient, name: keyof Handlers, ours: (frame: StompFrame) => void): () => void {
  const theirs: (frame: StompFrame) => void = client[name]
  const both = (frame: StompFrame) => {
    theirs.call(client, frame)
    ours(frame)
  }
  client[name] = both
  return () => {
    if (client[name] === both) client[name] = theirs
  }
}

/** Those who want to hear of something. */
function createListeners<Told>() {
  const listeners = new Set<(told: Told) => void>()
  return {
    add(listener: (told: Told) => void): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell(told: Told): void {
      for (const listener of [...listeners]) listener(told)
    },
  }
}

/** What an ERROR frame says, in one sentence. */
function stompError({ headers, body }: StompFrame): Error {
  const said = `${headers['message'] ?? ''}: ${body}`.replaceAll(/\s+/g, ' ').trim()
  return new Error(`The broker refused it: ${sanitizeText(said, 500)}`)
}
