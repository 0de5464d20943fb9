import { toUploadError, type UploadError } from '../errors.js'
import type { Decode } from '../protocol/index.js'
import type { Connection } from './connection.js'
import { createEventReader } from './event-stream.js'
import { createReconnect, down } from './reconnect.js'
import { createSseFollowers } from './sse-followers.js'
import { openEvents, type SseAddress } from './sse-request.js'
import type { ConnectionStatus, TopicHandlers } from './transport.js'

/** How a stream stands, as a part of the connection. */
export type StreamStatus = Pick<ConnectionStatus, 'status' | 'reconnectAttempts'>

/** A stream of events about some topics, which comes back for as long as it has any. */
export interface SseStream {
  /** As they are written in the query, such as `job_id=1`. */
  readonly topics: ReadonlyMap<string, unknown>
  /** Many that come and go at a time are one request. */
  follow(topic: string, handlers: TopicHandlers): () => void
  status(): StreamStatus
  wake(): void
  close(): void
}

export interface SseStreamOptions extends SseAddress {
  readonly connection: Connection
  readonly decode: Decode | undefined
  /** Without a byte for this long it is taken for dead. */
  readonly silenceMs: number
  /** Its status may be another one. */
  onStatus(): void
}

/** One request. */
interface Attempt {
  readonly topics: ReadonlySet<string>
  readonly controller: AbortController
  heardAt: number
  hasSpoken?: boolean
  cancelTimer?: () => void
}

/** Topics that come and go while a stream is open are changed together, after so many milliseconds. */
const CHANGE_MS = 50
/** A page that wakes has a connection that was heard within this part of its silence: it stands. */
const FRESH = 0.5
/** Longest message that is read, in UTF-16 units. */
const MAX_EVENT = 4 * 2 ** 20

/** Topics are put behind the `url`. */
export function createSseStream({ connection, decode, silenceMs, onStatus, ...address }: SseStreamOptions): SseStream {
  const { clock } = address.environment
  const { byTopic: topics, tell, take, opened: tellOpened, isFollowed, joined } = createSseFollowers(connection, decode)
  /** The one that is read, and the one that is to take its place: the first goes on until the second one stands. */
  let current: Attempt | undefined
  let next: Attempt | undefined
  let lastEventId = ''
  let isRefused = false
  let isChanging = false
  let cancelChange = () => {}
  const reconnect = createReconnect(address.environment, open)

  function open(): void {
    drop(next)
    reconnect.cancel()
    const attempt: Attempt = { topics: new Set(topics.keys()), controller: new AbortController(), heardAt: clock.now() }
    next = attempt
    onStatus()
    watch(attempt)
    // Also where the server ended it in good order: a restart, or a proxy's limit.
    read(attempt).then(
      () => ended(attempt),
      (thrown: unknown) => ended(attempt, toUploadError(thrown, 'network')),
    )
  }

  async function read(attempt: Attempt): Promise<void> {
    const { signal } = attempt.controller
    const askedAt = attempt.heardAt
    const url = address.url + [...attempt.topics].join('&')
    const body = await openEvents({ ...address, url }, reconnect.isStale() || isRefused, lastEventId, signal)
    signal.throwIfAborted()
    attempt.heardAt = clock.now()
    opened(attempt, askedAt)
    const readEvents = createEventReader(MAX_EVENT, (event) => {
      lastEventId = event.id ?? lastEventId
      take(event, attempt.topics)
    })
    const reader = body.getReader()
    const decoder = new TextDecoder()
    for (;;) {
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return
      attempt.heardAt = clock.now()
      attempt.hasSpoken = true
      connection.alive()
      readEvents(decoder.decode(value, { stream: true }))
    }
  }

  function opened(attempt: Attempt, askedAt: number): void {
    const before = current?.topics
    drop(current)
    current = attempt
    next = undefined
    isRefused = false
    reconnect.opened()
    onStatus()
    connection.answered(askedAt)
    // What the one before followed was followed all the time: it stood until now.
    tellOpened(without(attempt.topics, before))
  }

  function ended(attempt: Attempt, error?: UploadError): void {
    drop(attempt)
    if (attempt === current) current = undefined
    else if (attempt === next) next = undefined
    // It was replaced, or nobody wants it any more.
    else return
    if (next === undefined) {
      isRefused = error?.code === 'auth' || error?.code === 'rejected'
      // What is left of what it follows is what the next one was refused.
      if (isRefused && current !== undefined && ![...current.topics].some((topic) => topics.has(topic) && isFollowed(topic))) {
        drop(current)
        current = undefined
      }
      // Accepted, and never a word: behind a proxy that keeps all to itself.
      const isVain = !attempt.hasSpoken && clock.now() - attempt.heardAt >= silenceMs
      // Refused too: a token may come back, and until then the snapshot is polled.
      reconnect.failed({ isRefused, isVain, retryAfterMs: error?.retryAfterMs })
    }
    onStatus()
    if (next === undefined && error && isRefused) tell(without(attempt.topics, current?.topics), ({ onRefused }) => onRefused(error))
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
    if (reconnect.isWaiting() && !isRefused) return
    const asked = (next ?? current)?.topics
    if (asked?.size !== topics.size || without(topics.keys(), asked).length > 0) open()
  }

  function close(): void {
    topics.clear()
    cancelChange()
    reconnect.cancel()
    drop(current)
    drop(next)
    current = next = undefined
    onStatus()
  }

  return {
    topics,
    follow(topic, own) {
      const followers = topics.get(topic) ?? new Set()
      topics.set(topic, followers.add(own))
      change()
      // The others who follow it are not told that it begins.
      if (current?.topics.has(topic)) queueMicrotask(() => followers.has(own) && joined(topic, own))
      return () => {
        if (!followers.delete(own) || followers.size > 0) return
        topics.delete(topic)
        change()
      }
    },
    status() {
      if (current === undefined && topics.size > 0) return down(reconnect.failures(), isRefused)
      return { status: current === undefined ? 'disconnected' : 'connected', reconnectAttempts: 0 }
    },
    wake() {
      if (reconnect.wake()) return
      // An attempt that was begun without a network may wait for it for ever, and a connection that is long silent may be a dead one.
      if (next !== undefined || (current !== undefined && clock.now() - current.heardAt > silenceMs * FRESH)) open()
    },
    close,
  }
}

function without(topics: Iterable<string>, others: ReadonlySet<string> | undefined): readonly string[] {
  return [...topics].filter((topic) => !others?.has(topic))
}
