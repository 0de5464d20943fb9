import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import type { StreamEvent } from './event-stream.js'
import { createReconnect, downStatus } from './reconnect.js'
import { readSse } from './sse-request.js'
import type { ConnectionStatus } from './transport.js'

/** A stream of events about some topics, which comes back for as long as it has any. */
export interface SseStream {
  readonly topics: ReadonlySet<string>
  /** Topics are as they are written in the query, such as `job_id=1`. Many changes at a time are one request. */
  add(topic: string): void
  remove(topic: string): void
  /** Those that the server speaks of now. */
  followed(): ReadonlySet<string>
  status(): ConnectionStatus['status']
  /** Attempts in vain since it was open. */
  failures(): number
  wake(): void
  close(): void
}

export interface SseStreamOptions {
  readonly environment: Environment
  /** Topics are put behind it. */
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
  /** Its status may be another one. */
  onStatus(): void
}

/** One request. */
interface Attempt {
  readonly topics: ReadonlySet<string>
  readonly controller: AbortController
  heardAt: number
  cancelTimer?: () => void
}

const NONE: ReadonlySet<string> = new Set()
/** Topics that come and go while a stream is open are changed together, after so many milliseconds. */
const CHANGE_MS = 50
/** A page that wakes has a connection that was heard within this part of its silence: it stands. */
const FRESH = 0.5

export function createSseStream(options: SseStreamOptions): SseStream {
  const { environment, silenceMs } = options
  const { clock } = environment
  const topics = new Set<string>()
  /** The one that is read, and the one that is to take its place: the first goes on until the second one stands. */
  let current: Attempt | undefined
  let next: Attempt | undefined
  let lastEventId = ''
  let isRefused = false
  let isChanging = false
  let cancelChange = () => {}
  const reconnect = createReconnect(environment, () => void open())

  const followed = () => current?.topics ?? NONE

  async function open(): Promise<void> {
    drop(next)
    reconnect.cancel()
    const askedAt = clock.now()
    const attempt: Attempt = { topics: new Set(topics), controller: new AbortController(), heardAt: askedAt }
    const { signal } = attempt.controller
    next = attempt
    options.onStatus()
    watch(attempt)
    let error: unknown
    try {
      await readSse({
        ...options,
        url: options.url + [...attempt.topics].join('&'),
        isStale: reconnect.isStale || isRefused,
        lastEventId,
        signal,
        onOpen() {
          attempt.heardAt = clock.now()
          opened(attempt, attempt.heardAt - askedAt)
        },
        onBytes() {
          attempt.heardAt = clock.now()
          options.onBytes()
        },
        onEvent(event) {
          if (event.id !== undefined) lastEventId = event.id
          options.onEvent(event)
        },
      })
    } catch (thrown) {
      error = thrown
    }
    ended(attempt, error instanceof UploadError ? error : new UploadError('network', 'The event stream broke off.', { cause: error }))
  }

  function opened(attempt: Attempt, latency: number): void {
    const before = current
    current = attempt
    next = undefined
    isRefused = false
    drop(before)
    reconnect.opened()
    options.onStatus()
    // What the one before followed was followed all the time: it stood until now.
    options.onOpen(
      [...attempt.topics].filter((topic) => before?.topics.has(topic) !== true),
      latency,
    )
  }

  function ended(attempt: Attempt, error: UploadError): void {
    drop(attempt)
    // It was replaced, or nobody wants it any more.
    if (attempt !== current && attempt !== next) return
    if (attempt === current) current = undefined
    else next = undefined
    if (next === undefined) {
      isRefused = error.code === 'auth' || error.code === 'rejected'
      // Refused too: a token may come back, and until then the snapshot is polled.
      reconnect.failed({ isRefused, retryAfterMs: error.retryAfterMs })
    }
    options.onStatus()
    if (next === undefined && isRefused)
      options.onRefused(
        [...attempt.topics].filter((topic) => !followed().has(topic)),
        error,
      )
  }

  /** Ends what says nothing for too long. It looks when the last byte came, so that not every byte sets a timer. */
  function watch(attempt: Attempt): void {
    // The clock may have been put back.
    attempt.heardAt = Math.min(attempt.heardAt, clock.now())
    const left = attempt.heardAt + silenceMs - clock.now()
    if (left <= 0) attempt.controller.abort()
    else attempt.cancelTimer = clock.setTimeout(() => watch(attempt), left)
  }

  function drop(attempt: Attempt | undefined): void {
    attempt?.cancelTimer?.()
    attempt?.controller.abort()
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
    // What was refused was something else: it is no reason to wait.
    if (reconnect.isWaiting && !isRefused) return
    const asked = (next ?? current)?.topics
    if (asked === undefined || asked.size !== topics.size || [...topics].some((topic) => !asked.has(topic))) void open()
  }

  function close(): void {
    topics.clear()
    cancelChange()
    reconnect.cancel()
    drop(current)
    drop(next)
    current = next = undefined
    options.onStatus()
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
    status() {
      if (current !== undefined) return 'connected'
      if (topics.size === 0) return 'disconnected'
      return downStatus(reconnect.failures, isRefused)
    },
    failures: () => (current === undefined ? reconnect.failures : 0),
    wake() {
      if (reconnect.wake()) return
      // An attempt that was begun without a network may wait for it for ever, and a connection that is long silent may be a dead one.
      if (next !== undefined || (current !== undefined && clock.now() - current.heardAt > silenceMs * FRESH)) void open()
    },
    close,
  }
}
