import { REFUSED_EVENT, type RefusedTopic, RESET_EVENT, SYNC_STATUS_EVENT } from '@upload-panel/core/protocol'
import { type Clock, repeat } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Connections } from '../manager/connections.js'
import type { Cursors } from '../manager/cursor.js'
import type { OperationRecord, OperationRecords, Selection } from '../records/operation-records.js'
import { EVERYONE } from '../security/authorize.js'
import type { StatusPublisher } from './publisher.js'
import { createEventStream, type EventStream } from './event-stream.js'

/** What one client wants to hear. */
export interface SseSubscription {
  readonly subject: string
  readonly selection: Selection
  /** What it may not hear, though it asked. */
  readonly refused: readonly RefusedTopic[]
  /** How often it is shown that the server is still here, milliseconds. */
  readonly heartbeatMs: number
  /** When the permission to hear it ends, milliseconds since the epoch. @default never */
  readonly expiresAtMs?: number
  /** `Last-Event-ID` of a stream that broke, of this process or another one. */
  readonly lastEventId?: string
}

/** Server-Sent Events: the publisher, and the streams that it feeds. */
export interface SsePublisher extends StatusPublisher {
  /** Opens a stream. It hears all that is committed from now on, by whichever process, until its permission ends. */
  subscribe(subscription: SseSubscription): Promise<ReadableStream<Uint8Array>>
  /** Streams that are open. */
  size(): number
}

export interface SseOptions {
  readonly records: OperationRecords
  readonly cursors: Cursors
  readonly connections: Pick<Connections, 'observe'>
  readonly clock: Clock
  readonly logger: Logger
  readonly maxStreams: number
  /** Of one subject, where not everyone is one. */
  readonly maxStreamsPerSubject: number
}

/** Name of the event that says only: still here. Its id keeps the client's cursor fresh. */
const PING_EVENT = 'ping'
/** How often it is looked at which streams have to be pinged, milliseconds: one timer for all of them. */
const BEAT_MS = 1000
/** Where a client should come back after a break, milliseconds. */
const RETRY_MS = 1000

const encoder = new TextEncoder()

/** Streams are found by what they listen to, so an event costs its listeners, not all streams. */
export function createSsePublisher({
  records,
  cursors,
  connections,
  clock,
  logger,
  maxStreams,
  maxStreamsPerSubject,
}: SseOptions): SsePublisher {
  const streams = new Map<EventStream, { readonly heartbeatMs: number; readonly expiresAtMs: number; pingedAt: number }>()
  const byTopic = new Map<string, Set<EventStream>>()
  /** How many each has. */
  const subjects = new Map<string, number>()
  /** The version up to which everything was told: what another process has committed meanwhile may still be on its way. */
  let lastPublished = 0
  let isClosed = false

  const encodeRecord = ({ word }: OperationRecord) =>
    encode({ event: SYNC_STATUS_EVENT, id: cursors.write(word.version), data: JSON.stringify(word) })
  const stopHeartbeat = repeat(clock, BEAT_MS, () => {
    const now = clock.now()
    for (const [stream, pings] of streams) {
      if (now >= pings.expiresAtMs) {
        stream.end()
        continue
      }
      // At the next look it would be too late.
      if (now + BEAT_MS - pings.pingedAt <= pings.heartbeatMs) continue
      pings.pingedAt = now
      stream.ping()
    }
  })

  function listen(stream: EventStream, { subject, selection, heartbeatMs, expiresAtMs = Infinity }: SseSubscription): () => void {
    const topics = topicsOf(subject, selection)
    streams.set(stream, { heartbeatMs, expiresAtMs, pingedAt: clock.now() })
    subjects.set(subject, (subjects.get(subject) ?? 0) + 1)
    for (const topic of topics) {
      const listeners = byTopic.get(topic) ?? new Set()
      byTopic.set(topic, listeners.add(stream))
    }
    return () => {
      streams.delete(stream)
      const left = (subjects.get(subject) ?? 0) - 1
      if (left > 0) subjects.set(subject, left)
      else subjects.delete(subject)
      for (const topic of topics) {
        const listeners = byTopic.get(topic)
        listeners?.delete(stream)
        if (listeners?.size === 0) byTopic.delete(topic)
      }
    }
  }

  function tell(record: OperationRecord): void {
    const { operation_id, job_id, version } = record.word
    lastPublished = Math.max(lastPublished, version)
    const { subject } = record
    const topics = [topic('all', '', subject), topic('operation', operation_id, subject)]
    if (job_id !== undefined) topics.push(topic('job', job_id, subject))
    const listeners = new Set(topics.flatMap((name) => [...(byTopic.get(name) ?? [])]))
    if (listeners.size === 0) return
    const bytes = encodeRecord(record)
    const now = clock.now()
    for (const stream of listeners) {
      if (now < (streams.get(stream)?.expiresAtMs ?? 0)) stream.sendRecord(bytes, version)
      else stream.end()
    }
  }

  return {
    async open() {
      lastPublished = await records.latestVersion()
    },
    async subscribe(subscription) {
      const { subject, selection, refused, lastEventId } = subscription
      // Before it is counted: whoever waits for an answer of the database is not counted yet.
      const known = lastEventId === undefined ? undefined : await cursors.read(lastEventId)
      if (isClosed || streams.size >= maxStreams) {
        throw new Refusal(503, 'too_many_streams', 'The server has too many open streams. Try again in a moment.', { retryable: true })
      }
      if (subject !== EVERYONE && (subjects.get(subject) ?? 0) >= maxStreamsPerSubject) {
        throw new Refusal(429, 'too_many_streams', 'You have too many open streams. Close one.', { retryable: true, retryAfterMs: 5000 })
      }
      const isReset = lastEventId !== undefined && known === undefined
      const after = known ?? lastPublished
      const stream = createEventStream({
        clock,
        logger,
        after,
        isBehind: after < lastPublished,
        encode: encodeRecord,
        encodePing: (after = lastPublished) => encode({ event: PING_EVENT, id: cursors.write(after), data: '{}' }),
        changes: (after, limit) => records.changes({ subject, selection, after, limit }),
        onEnd() {
          stopListening()
          stopObserving()
        },
      })
      const stopObserving = connections.observe(subject, 'sse')
      // Listening begins before the first read of what was missed: what changes in between comes twice rather than never.
      const stopListening = listen(stream, subscription)
      stream.send(encoder.encode(`retry: ${RETRY_MS}\n\n`))
      // "An unknown cursor → `event: reset` → snapshot."
      if (isReset) stream.send(encode({ event: RESET_EVENT, id: cursors.write(after), data: '{}' }))
      for (const topic of refused) stream.send(encoder.encode(`event: ${REFUSED_EVENT}\ndata: ${JSON.stringify(topic)}\n\n`))
      stream.ping()
      return stream.readable
    },
    name: 'sse',
    reach: 'node',
    publish(changed) {
      for (const record of changed) tell(record)
    },
    size: () => streams.size,
    close() {
      isClosed = true
      stopHeartbeat()
      for (const stream of [...streams.keys()]) stream.end()
    },
  }
}

/** A topic carries its subject: nobody hears of another's operations, whatever ids he names. */
function topicsOf(subject: string, selection: Selection): readonly string[] {
  if (selection === 'all') return [topic('all', '', subject)]
  return [
    ...selection.jobIds.map((id) => topic('job', id, subject)),
    ...selection.operationIds.map((id) => topic('operation', id, subject)),
  ]
}

/** Ids have no NUL, so no two topics are written alike. */
function topic(kind: 'all' | 'job' | 'operation', id: string, subject: string): string {
  return `${kind}\0${id}\0${subject}`
}

/** JSON has no line breaks, so one `data` line carries it. */
function encode({ event, id, data }: { readonly event: string; readonly id: string; readonly data: string }): Uint8Array {
  return encoder.encode(`event: ${event}\nid: ${id}\ndata: ${data}\n\n`)
}
