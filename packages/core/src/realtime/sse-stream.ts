import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import type { StreamEvent } from './event-stream.js'
import { createReconnect } from './reconnect.js'
import { readSse } from './sse-request.js'

/** A stream of events about some topics, which comes back for as long as it has any. */
export interface SseStream {
  readonly topics: ReadonlySet<string>
  /** Topics are as they are written in the query, such as `job_id=1`. Many changes at a time are one request. */
  add(topic: string): void
  remove(topic: string): void
  /** Those that the server speaks of now. */
  followed(): ReadonlySet<string>
  state(): 'open' | 'opening' | 'failing' | 'closed'
  failures(): number
  wake(): void
  close(): void
}

export interface SseStreamOptions {
  readonly environment: Environment
  readonly url: string
  readonly headers: HeadersOption | undefined
  readonly credentials: RequestCredentials
  /** Without a byte for this long it is taken for dead. */
  readonly silenceMs: number
  /** These are followed from now on, and something may have been missed before. */
  onOpen(topics: readonly string[], latency: number): void
  onBytes(): void
  onEvent(event: StreamEvent): void
  onRefused(topics: readonly string[], error: UploadError): void
  /** Its state may be another one. */
  onState(): void
}

interface Attempt {
  readonly controller: AbortController
  readonly topics: ReadonlySet<string>
}

/** What `silenceMs` may be without a word to the server, which sends something every 4 s. */
export const SILENCE_MS = 10_000
/** A connection is taken for dead when this many heartbeats did not come. */
const BEATS = 2.5
const NONE: ReadonlySet<string> = new Set()
/** Topics that come and go while a stream is open are changed together, after so many milliseconds. */
const CHANGE_MS = 50
/** A page that wakes has a connection that was heard within this part of its silence: it stands. */
const FRESH = 0.5
/** After so many failures in a row the connection is shown as an error. */
const FAILING_AFTER = 3

export function createSseStream(options: SseStreamOptions): SseStream {
  const { environment, silenceMs } = options
  const { clock } = environment
  const topics = new Set<string>()
  /** The one that is read, and the one that is to take its place: the first goes on until the second one stands. */
  let current: Attempt | undefined
  let next: Attempt | undefined
  let lastEventId = ''
  let heardAt = 0
  let isRefused = false
  let isChanging = false
  let cancelChange = () => {}
  const reconnect = createReconnect(environment, () => void open())

  const followed = () => current?.topics ?? NONE

  async function open(): Promise<void> {
    next?.controller.abort()
    reconnect.cancel()
    const attempt: Attempt = { controller: new AbortController(), topics: new Set(topics) }
    next = attempt
    options.onState()
    const askedAt = clock.now()
    const heard = watch(attempt.controller)
    try {
      await readSse({
        ...options,
        url: address(attempt.topics),
        isStale: reconnect.isStale || isRefused,
        lastEventId,
        signal: attempt.controller.signal,
        onOpen() {
          heardAt = heard()
          opened(attempt, heardAt - askedAt)
        },
        onBytes() {
          heardAt = heard()
          options.onBytes()
        },
        onEvent(event) {
          if (event.id !== undefined) lastEventId = event.id
          options.onEvent(event)
        },
      })
    } catch (error) {
      ended(attempt, error instanceof UploadError ? error : new UploadError('network', 'The event stream was cut.', { cause: error }))
    }
  }

  function address(asked: ReadonlySet<string>): string {
    const { url } = options
    const heartbeat = silenceMs < SILENCE_MS ? [`heartbeat_ms=${Math.floor(silenceMs / BEATS)}`] : []
    return `${url}${url.includes('?') ? '&' : '?'}${[...asked, ...heartbeat].join('&')}`
  }

  function opened(attempt: Attempt, latency: number): void {
    const before = current
    current = attempt
    next = undefined
    isRefused = false
    before?.controller.abort()
    reconnect.opened()
    options.onState()
    // What the one before followed was followed all the time: it stood until now.
    options.onOpen(
      [...attempt.topics].filter((topic) => topics.has(topic) && before?.topics.has(topic) !== true),
      latency,
    )
  }

  function ended(attempt: Attempt, error: UploadError): void {
    attempt.controller.abort()
    if (attempt === current) current = undefined
    // It was replaced, or nobody wants it any more.
    else if (attempt !== next) return
    if (attempt === next) next = undefined
    // Another attempt is on its way.
    if (next !== undefined) return options.onState()
    isRefused = error.code === 'auth' || error.code === 'rejected'
    // Refused too: a token may come back, and until then the snapshot is polled.
    reconnect.failed({ isRefused, retryAfterMs: error.retryAfterMs })
    options.onState()
    if (isRefused)
      options.onRefused(
        [...attempt.topics].filter((topic) => !followed().has(topic)),
        error,
      )
  }

  /** Ends what says nothing for too long: one timer, which looks when the last byte came. Returns what to call for each. */
  function watch(controller: AbortController): () => number {
    let last = clock.now()
    let cancelTimer = wait(silenceMs)
    function wait(ms: number): () => void {
      return clock.setTimeout(() => {
        const left = silenceMs - Math.max(0, clock.now() - last)
        if (left <= 0) controller.abort(new UploadError('stalled', 'The event stream said nothing for too long.'))
        else cancelTimer = wait(left)
      }, ms)
    }
    controller.signal.addEventListener('abort', () => cancelTimer())
    return () => (last = clock.now())
  }

  /** Together with what else changes in this moment; at once where nothing is open. */
  function change(): void {
    if (isChanging) return
    isChanging = true
    if (topics.size > 0 && (current ?? next) !== undefined) cancelChange = clock.setTimeout(applyChange, CHANGE_MS)
    else queueMicrotask(applyChange)
  }

  function applyChange(): void {
    isChanging = false
    if (topics.size === 0) return close()
    if (reconnect.isWaiting) return
    const asked = (next ?? current)?.topics
    if (asked === undefined || asked.size !== topics.size || [...topics].some((topic) => !asked.has(topic))) void open()
  }

  function close(): void {
    topics.clear()
    cancelChange()
    reconnect.cancel()
    const both = [current, next]
    current = next = undefined
    for (const attempt of both) attempt?.controller.abort()
    options.onState()
  }

  return {
    topics,
    add(topic) {
      topics.add(topic)
      change()
    },
    remove(topic) {
      topics.delete(topic)
      change()
    },
    followed,
    state() {
      if (current !== undefined) return 'open'
      if (topics.size === 0) return 'closed'
      return isRefused || reconnect.failures > FAILING_AFTER ? 'failing' : 'opening'
    },
    failures: () => (current === undefined ? reconnect.failures : 0),
    wake() {
      if (reconnect.wake()) return
      // An attempt that was begun without a network may wait for it for ever, and a connection that is long silent may be a dead one.
      if (next !== undefined || (current !== undefined && clock.now() - heardAt > silenceMs * FRESH)) void open()
    },
    close,
  }
}
