import { fullJitter } from '../backoff.js'
import { UploadError } from '../errors.js'
import { readFetched } from '../http/fetched.js'
import { apiError } from '../http/policy/classify.js'
import { headersFor, type HeadersOption } from '../http/policy/headers.js'
import { PROTOCOL_HEADER, PROTOCOL_VERSION, RESET_EVENT, SYNC_STATUS_EVENT } from '../protocol/index.js'
import { originOf } from '../http/policy/origin.js'
import { createEventReader } from './event-stream.js'
import { createConnection } from './connection.js'
import type { RealtimeFactory, Topic, TopicHandlers } from './transport.js'

/** What `sse` takes. Only `url` is needed. */
export interface SseOptions {
  /** The `events` route, relative to the page or absolute. */
  readonly url: string
  /** Fixed, or asked for each connection. @default none */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
}

/** Without a byte for this long the connection is taken for dead, in milliseconds. The server sends at least a heartbeat every 4 s. */
const SILENCE_MS = 10_000
const RECONNECT = { baseMs: 1000, capMs: 15_000 }
/** A connection that held this long was a good one: the next one is tried soon again, in milliseconds. */
const GOOD_AFTER_MS = 5000
/** Longest message that is read, in UTF-16 units. */
const MAX_EVENT = 4 * 2 ** 20

/**
 * Server-Sent Events by `fetch`: unlike `EventSource` it can send headers, and it says why a connection was refused.
 * Resumes with `Last-Event-ID`. Authoritative: only the server can write to its stream.
 */
export function sse({ url, headers, credentials = 'same-origin' }: SseOptions): RealtimeFactory {
  return ({ environment }) => {
    const { clock, random } = environment
    const connection = createConnection(clock, 'sse')
    const wakeAll = new Set<() => void>()
    const closeAll = new Set<() => void>()
    const { set: update } = connection

    function subscribe(topic: Topic, handlers: TopicHandlers): () => void {
      let isClosed = false
      let failures = 0
      let connectedAt = Infinity
      let lastEventId = ''
      let attempt: AbortController | undefined
      let cancelRetry: (() => void) | undefined

      async function connect(): Promise<void> {
        cancelRetry?.()
        cancelRetry = undefined
        const current = new AbortController()
        attempt = current
        try {
          await read(current)
          // The server ended the stream in good order: a restart, or a proxy's limit.
          throw new UploadError('network', 'The event stream ended.')
        } catch (error) {
          if (isClosed || attempt !== current) return
          current.abort()
          attempt = undefined
          failed(error instanceof UploadError ? error : new UploadError('network', 'The event stream was cut.', { cause: error }))
        }
      }

      function failed(error: UploadError): void {
        if (clock.now() - connectedAt >= GOOD_AFTER_MS) failures = 0
        connectedAt = Infinity
        failures += 1
        const isRefused = error.code === 'auth' || error.code === 'rejected'
        update({ status: isRefused || failures > 3 ? 'error' : 'reconnecting', reconnectAttempts: failures })
        if (isRefused) handlers.onRefused(error)
        // Refused too: a token may come back, and until then the snapshot is polled.
        const wait = Math.max(fullJitter(failures, RECONNECT, random()), error.retryAfterMs ?? 0, isRefused ? RECONNECT.capMs : 0)
        cancelRetry = clock.setTimeout(() => void connect(), wait)
      }

      async function read(current: AbortController): Promise<void> {
        let cancelWatchdog = () => {}
        const heard = () => {
          cancelWatchdog()
          cancelWatchdog = clock.setTimeout(() => current.abort(), SILENCE_MS)
        }
        heard()
        try {
          const target = eventsUrl(url, topic, environment.baseUrl)
          const askedAt = clock.now()
          const own = await headersFor(headers, originOf(target), failures + 1, current.signal)
          const response = await environment.fetch(target, {
            credentials,
            cache: 'no-store',
            headers: {
              accept: 'text/event-stream',
              [PROTOCOL_HEADER]: PROTOCOL_VERSION,
              ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
              ...own,
            },
            signal: current.signal,
          })
          current.signal.throwIfAborted()
          const type = response.headers.get('content-type') ?? ''
          if (!response.ok || response.body === null || !type.startsWith('text/event-stream')) {
            const answer = await readFetched(response)
            if (response.ok) throw new UploadError('rejected', 'The address of the event stream answers something else.')
            throw apiError(answer, clock.now())
          }
          connectedAt = clock.now()
          // The round trip of the request that opened the stream: the protocol has no other one.
          update({
            status: 'connected',
            reconnectAttempts: 0,
            latency: Math.max(0, connectedAt - askedAt),
          })
          connection.alive()
          handlers.onSubscribed()
          await consume(response.body, heard)
        } finally {
          cancelWatchdog()
        }
      }

      async function consume(body: ReadableStream<Uint8Array>, heard: () => void): Promise<void> {
        const readEvents = createEventReader(MAX_EVENT, ({ id, event, data }) => {
          if (isClosed) return
          if (id !== undefined) lastEventId = id
          if (event === SYNC_STATUS_EVENT) {
            connection.received(data.length)
            handlers.onMessage(data, data.length)
          }
          // The server does not know our cursor: messages may be lost, the snapshot tells.
          else if (event === RESET_EVENT) handlers.onSubscribed()
        })
        const reader = body.getReader()
        const decoder = new TextDecoder()
        try {
          for (;;) {
            const { done, value } = await reader.read()
            if (done) return
            heard()
            connection.alive()
            readEvents(decoder.decode(value, { stream: true }))
          }
        } finally {
          void reader.cancel().catch(() => {})
        }
      }

      const wake = () => {
        if (cancelRetry !== undefined) void connect()
      }
      const close = () => {
        isClosed = true
        cancelRetry?.()
        attempt?.abort()
        wakeAll.delete(wake)
        closeAll.delete(close)
        if (closeAll.size === 0) update({ status: 'disconnected' })
      }
      wakeAll.add(wake)
      closeAll.add(close)
      update({ status: 'reconnecting' })
      void connect()
      return close
    }

    return {
      $connection: connection.$status,
      authoritative: true,
      subscribe,
      wake() {
        for (const wake of wakeAll) wake()
      },
      dispose() {
        for (const close of [...closeAll]) close()
        connection.dispose()
      },
    }
  }
}

function eventsUrl(url: string, topic: Topic, baseUrl: string | undefined): string {
  const query = topic.kind === 'all' ? 'all=1' : `${topic.kind}_id=${encodeURIComponent(topic.id)}`
  const absolute = baseUrl === undefined ? url : new URL(url, baseUrl).href
  return `${absolute}${absolute.includes('?') ? '&' : '?'}${query}`
}
