import { UploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import { type Decode, isId, isRecord, parseProblem, REFUSED_EVENT, RESET_EVENT, SYNC_STATUS_EVENT } from '../protocol/index.js'
import { createConnection } from './connection.js'
import type { StreamEvent } from './event-stream.js'
import { createSseStream, type SseStream } from './sse-stream.js'
import type { RealtimeFactory, Topic, TopicHandlers } from './transport.js'

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
    const subscriptions = new Map<string, Set<TopicHandlers>>()
    const streams: SseStream[] = []

    function subscribe(topic: Topic, handlers: TopicHandlers): () => void {
      const name = nameOf(topic)
      // Two that follow the same thing with the same handlers are two.
      const own = { ...handlers }
      const listeners = subscriptions.get(name) ?? new Set()
      subscriptions.set(name, listeners.add(own))
      const stream = streamOf(name)
      stream.add(name)
      // The others who follow it are not told that it begins.
      if (stream.followed().has(name)) queueMicrotask(() => listeners.has(own) && own.onSubscribed())
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return
        subscriptions.delete(name)
        stream.remove(name)
      }
    }

    /** The stream that has the topic, or has room for it. */
    function streamOf(name: string): SseStream {
      return streams.find(({ topics }) => topics.has(name)) ?? streams.find(({ topics }) => hasRoom(topics, name)) ?? newStream()
    }

    function newStream(): SseStream {
      const stream = createSseStream({
        environment,
        url: `${address}${address.includes('?') ? '&' : '?'}${heartbeat}`,
        headers,
        credentials,
        silenceMs,
        onOpen(topics, latency) {
          connection.set({ latency: Math.max(0, latency) })
          connection.alive()
          tell(topics, ({ onSubscribed }) => onSubscribed())
        },
        onBytes: connection.alive,
        onEvent: (event) => take(stream, event),
        onRefused: (topics, error) => tell(topics, ({ onRefused }) => onRefused(error)),
        onStatus: updateStatus,
      })
      streams.push(stream)
      return stream
    }

    function take(stream: SseStream, { event, data }: StreamEvent): void {
      const topics = stream.followed()
      if (event === SYNC_STATUS_EVENT) {
        connection.received(data.length)
        deliver(topics, data)
      }
      // The server does not know our cursor: messages may be lost, the snapshot tells.
      else if (event === RESET_EVENT) tell(topics, ({ onSubscribed }) => onSubscribed())
      else if (event === REFUSED_EVENT) {
        const topic = refusedIn(parsed(data))
        if (topic === undefined) return
        const { code = 'refused', detail = code } = parseProblem(data) ?? {}
        const error = new UploadError('rejected', detail, { remoteCode: code })
        tell([topic], ({ onRefused }) => onRefused(error))
      }
    }

    /** To those whom a message concerns: each once, whatever of it he follows. */
    function deliver(topics: ReadonlySet<string>, data: string): void {
      // Where one follows one thing, which is what most pages have, it is his.
      const [only] = topics.size === 1 ? topics : []
      const followers = only === undefined ? undefined : subscriptions.get(only)
      if (followers?.size === 1) {
        for (const { onMessage } of followers) onMessage(data, data.length)
        return
      }
      // Where all follow the same, and in a dialect of one's own, nothing is looked at here.
      const raw = topics.size > 1 && decode === undefined ? parsed(data) : data
      const receivers = new Set<TopicHandlers['onMessage']>()
      tell(isRecord(raw) ? topicsOf(raw, topics) : topics, ({ onMessage }) => receivers.add(onMessage))
      for (const receive of receivers) receive(raw, data.length)
    }

    function tell(topics: Iterable<string>, act: (handlers: TopicHandlers) => void): void {
      for (const topic of topics) for (const handlers of [...(subscriptions.get(topic) ?? [])]) act(handlers)
    }

    function updateStatus(): void {
      const statuses = streams.map((stream) => stream.status())
      connection.set({
        status: SEVERITY.find((status) => statuses.includes(status)) ?? 'disconnected',
        reconnectAttempts: Math.max(0, ...streams.map((stream) => stream.failures())),
      })
    }

    return {
      $connection: connection.$status,
      authoritative: true,
      ...(decode !== undefined && { decode }),
      subscribe,
      wake() {
        for (const stream of streams) stream.wake()
      },
      dispose() {
        subscriptions.clear()
        for (const stream of streams) stream.close()
        connection.dispose()
      },
    }
  }
}

const ALL = 'all=1'
/** Of several streams the worst one counts. */
const SEVERITY = ['error', 'reconnecting', 'connected'] as const

/** As it is written in the query. */
function nameOf(topic: Topic): string {
  return topic.kind === 'all' ? ALL : `${topic.kind}_id=${encodeURIComponent(topic.id)}`
}

function hasRoom(topics: ReadonlySet<string>, name: string): boolean {
  return topics.size < MAX_TOPICS && [...topics, name].join('&').length <= MAX_QUERY
}

/** Whom a message may concern. */
function topicsOf({ operation_id, job_id }: Record<string, unknown>, topics: ReadonlySet<string>): Iterable<string> {
  // One that names no job may be of any; of what makes no sense the receiver says so.
  if (!isId(job_id) || !isId(operation_id)) return topics
  return [ALL, nameOf({ kind: 'job', id: job_id }), nameOf({ kind: 'operation', id: operation_id })]
}

/** What a server says that it does not tell, though it was asked to. */
function refusedIn(refusal: unknown): string | undefined {
  if (!isRecord(refusal)) return undefined
  const { operation_id, job_id, all } = refusal
  if (isId(operation_id)) return nameOf({ kind: 'operation', id: operation_id })
  if (isId(job_id)) return nameOf({ kind: 'job', id: job_id })
  return all === true ? ALL : undefined
}

/** The value of a text, or the text where it is no JSON: whoever receives it says what is wrong with it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
