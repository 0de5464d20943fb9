import type { HeadersOption } from '../http/policy/headers.js'
import type { Decode } from '../protocol/index.js'
import { createConnection } from './connection.js'
import { nameOf } from './sse-followers.js'
import { createSseStream, type SseStream, type StreamStatus } from './sse-stream.js'
import type { RealtimeFactory } from './transport.js'

/** What `sse` takes. Only `url` is needed. */
export interface SseOptions {
  /** The `events` route, relative to the page or absolute. */
  readonly url: string
  /**
   * Fixed, or asked for each connection. `attempt` is 2 where the server said that the first ones are too old, and where the connection failed three
   * times in a row: then a fresh token is wanted.
   * @default none
   */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /** How messages are read. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  /**
   * Without a byte for this long the connection is taken for dead, in milliseconds; at least 2500. The server sends something every 4 s, and more often
   * where this asks for it.
   * @default 10000
   */
  readonly heartbeatMs?: number
}

/** The server's own heartbeat is often enough for this. */
const HEARTBEAT_MS = 10_000
/** A server sends one a second, and no more. */
const LEAST_HEARTBEAT_MS = 2500
/** A connection is taken for dead when this many heartbeats did not come. */
const BEATS = 2.5
/** What one request may ask for: the server's limit, and what every proxy takes for an address. */
const MAX_TOPICS = 100
const MAX_QUERY = 6000

/**
 * Server-Sent Events by `fetch`: unlike `EventSource` it can send headers, and it says why a connection was refused. All topics share one stream, which
 * resumes with `Last-Event-ID`. Authoritative: only the server can write to its stream.
 *
 * Its `latency` is the time from the request that opened the stream to the first byte of its answer: the protocol has no other round trip.
 */
export function sse({ url, headers, credentials = 'same-origin', decode, heartbeatMs = HEARTBEAT_MS }: SseOptions): RealtimeFactory {
  return ({ environment }) => {
    const { baseUrl } = environment
    const address = baseUrl === undefined ? url : new URL(url, baseUrl).href
    const silenceMs = Math.max(heartbeatMs, LEAST_HEARTBEAT_MS)
    const heartbeat = silenceMs < HEARTBEAT_MS ? `heartbeat_ms=${Math.floor(silenceMs / BEATS)}&` : ''
    const connection = createConnection(environment.clock, 'sse')
    const streams: SseStream[] = []

    /** One more. */
    function newStream(): SseStream {
      const stream = createSseStream({
        environment,
        url: `${address}${address.includes('?') ? '&' : '?'}${heartbeat}`,
        headers,
        credentials,
        connection,
        decode,
        silenceMs,
        onStatus: updateStatus,
      })
      streams.push(stream)
      return stream
    }

    function updateStatus(): void {
      const rank = ({ status }: StreamStatus) => SEVERITY.indexOf(status)
      const [worst] = streams
        .map((stream) => stream.status())
        .sort((a, b) => rank(a) - rank(b) || b.reconnectAttempts - a.reconnectAttempts)
      connection.set({ ...worst })
    }

    return {
      $connection: connection.$status,
      authoritative: true,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        const name = nameOf(topic)
        const stream =
          streams.find(({ topics }) => topics.has(name)) ?? streams.find(({ topics }) => hasRoom([...topics.keys(), name])) ?? newStream()
        // Two that follow the same thing with the same handlers are two.
        return stream.follow(name, { ...handlers })
      },
      wake() {
        for (const stream of streams) stream.wake()
      },
      dispose() {
        for (const stream of streams) stream.close()
        connection.dispose()
      },
    }
  }
}

/** Of several streams the worst one counts. */
const SEVERITY: readonly StreamStatus['status'][] = ['error', 'reconnecting', 'connected', 'disconnected']

function hasRoom(topics: readonly string[]): boolean {
  return topics.length <= MAX_TOPICS && topics.join('&').length <= MAX_QUERY
}
