import { Client, Versions } from '@stomp/stompjs'
import type { Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import { headersFor, type HeadersOption } from '../http/policy/headers.js'
import { originOf } from '../http/policy/origin.js'
import type { Connection } from './connection.js'
import { createReconnect, down } from './reconnect.js'
import { type CloseEvent, stompError, type StompFrame, type StompSubscriptions } from './stomp-subscriptions.js'

/** A WebSocket, or what behaves like one. */
export type StompSocket = ReturnType<NonNullable<Client['webSocketFactory']>>

/** How a client of ours connects. */
export interface StompAddress {
  /** The broker's address, relative to the page or absolute; `http:` means `ws:`. @default '/ws' */
  readonly url?: string
  /** Makes a new socket for each connection in place of a WebSocket, such as `() => new SockJS(url)`. */
  readonly webSocketFactory?: () => StompSocket
  /**
   * What the broker is told of who connects, such as `login` and `passcode`: fixed, or asked for each connection. `attempt` is 2 where the broker did not
   * accept the first ones, and where the connection failed three times in a row: then a fresh token is wanted.
   * @default none
   */
  readonly connectHeaders?: HeadersOption
  /**
   * A connection on which nothing comes is given up after this long, in milliseconds; at least 2000. The broker is asked for heartbeats accordingly. One that
   * sends them more rarely is given more time, and of one that sends none it is not found out.
   * @default 10000
   */
  readonly heartbeatMs?: number
}

/** One connection after the other. */
export interface StompLink {
  open(): void
  close(): void
  wake(): void
}

/**
 * How often the broker hears of us while there is nothing to say, in milliseconds. Brokers wait for twice as long, and browsers let the timers of a page that is
 * hidden for minutes run once in a minute only.
 */
const OUTGOING_MS = 40_000
/** `@stomp/stompjs` misses a heartbeat after two intervals, and looks for it once in each. */
const INTERVALS = 3
const LEAST_HEARTBEAT_MS = 2000
/** An attempt that is older than this when the network returns was begun without one, in milliseconds, and may wait for an answer for long. */
const HOPELESS_MS = 1000
/** Where there is no socket because there cannot be one. */
const NO_SOCKET: StompSocket = {
  url: '',
  readyState: 3,
  onopen: null,
  onclose: null,
  onerror: null,
  onmessage: null,
  close() {},
  send() {},
}

/** Connects with a client of our own for each connection, so that none begins with an old token. */
export function ownLink(
  options: StompAddress,
  environment: Environment,
  connection: Connection,
  subscriptions: StompSubscriptions,
): StompLink {
  const { clock } = environment
  const { connectHeaders } = options
  const heartbeatMs = Math.max(options.heartbeatMs ?? 10_000, LEAST_HEARTBEAT_MS)
  const address = options.webSocketFactory === undefined ? webSocketUrl(options.url ?? '/ws', environment.baseUrl) : ''
  const origin = originOf(address.replace(/^ws/, 'http'), environment.baseUrl)
  const makeSocket = options.webSocketFactory ?? (() => new WebSocket(address, Versions.default.protocolVersions()))
  const reconnect = createReconnect(environment, () => void connect())
  let attempt: AbortController | undefined
  let begunAt = 0
  let isConnected = false
  /** How often in a row the broker has said no. */
  let refusals = 0

  async function connect(): Promise<void> {
    const current = new AbortController()
    const { signal } = current
    attempt = current
    begunAt = clock.now()
    isConnected = false
    const end = (error: UploadError, event?: CloseEvent) => {
      if (signal.aborted) return
      stop()
      subscriptions.closed(event)
      failed(error)
    }
    const cancelDeadline = clock.setTimeout(() => end(new UploadError('stalled', 'The broker did not answer in time.')), heartbeatMs)
    signal.addEventListener('abort', cancelDeadline)
    let headers: Readonly<Record<string, string>>
    try {
      headers = await headersFor(connectHeaders, origin, refusals > 0 || reconnect.isStale() ? 2 : 1, signal)
      signal.throwIfAborted()
    } catch (error) {
      return end(toUploadError(error, 'auth'))
    }
    const client = new Client({
      webSocketFactory() {
        try {
          return makeSocket()
        } catch (cause) {
          end(new UploadError('network', 'The broker could not be reached.', { cause }))
          return NO_SOCKET
        }
      },
      connectHeaders: { ...headers },
      // Its own waits are the same for all clients, which would come back together.
      reconnectDelay: 0,
      heartbeatIncoming: Math.floor(heartbeatMs / INTERVALS),
      heartbeatOutgoing: OUTGOING_MS,
      // A half-open socket says nothing when it is closed, for half a minute in some runtimes.
      discardWebsocketOnCommFailure: true,
      onConnect() {
        cancelDeadline()
        isConnected = true
        refusals = 0
        reconnect.opened()
        connection.alive()
        subscriptions.connected(client)
      },
      onStompError(frame: StompFrame) {
        if (isConnected) subscriptions.failed(frame)
        // RabbitMQ leaves the socket open.
        else end(stompError('the connection', frame))
      },
      onWebSocketClose(event: CloseEvent) {
        end(new UploadError('network', 'The connection was lost.'), event)
      },
      onHeartbeatReceived: connection.alive,
    })
    signal.addEventListener('abort', () => void client.deactivate({ force: true }))
    client.activate()
  }

  function failed(error: UploadError): void {
    refusals = error.code === 'auth' ? refusals + 1 : 0
    // The first no may be about a token that was too old.
    const isRefused = refusals > (typeof connectHeaders === 'function' ? 1 : 0)
    reconnect.failed({ isRefused })
    connection.set({ ...down(reconnect.failures(), isRefused), latency: null })
    if (isRefused) subscriptions.refuseAll(error)
  }

  function stop(): void {
    attempt?.abort()
    attempt = undefined
    reconnect.cancel()
  }

  return {
    open() {
      connection.set({ status: 'reconnecting' })
      void connect()
    },
    close: stop,
    wake() {
      if (reconnect.wake() || isConnected || attempt === undefined || clock.now() - begunAt < HOPELESS_MS) return
      stop()
      void connect()
    },
  }
}

function webSocketUrl(url: string, baseUrl: string | undefined): string {
  try {
    const { href, protocol } = new URL(url, baseUrl)
    if (/^(ws|http)s?:$/.test(protocol)) return href.replace(/^http/, 'ws')
  } catch {
    // Said below.
  }
  throw new UploadError('validation', 'The address of the broker is not a URL.')
}
