import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecord } from '../records/operation-records.js'

/** One client's stream of events. */
export interface EventStream {
  readonly readable: ReadableStream<Uint8Array>
  /** Sends as it is. */
  send(bytes: Uint8Array): void
  /** Sends a record that was just published, or leaves it to be read later where the client is behind. */
  sendRecord(bytes: Uint8Array, version: number): void
  /** Says that the server is still here; gives up a client that has taken nothing for too long. */
  ping(): void
  end(): void
}

export interface EventStreamOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** The version up to which the client knows everything. */
  readonly after: number
  /** Whether something has changed since. */
  readonly isBehind: boolean
  encode(record: OperationRecord): Uint8Array
  /** @param after the version up to which the client knows everything, where that is not simply the latest */
  encodePing(after: number | undefined): Uint8Array
  /** What changed after a version, by rising version. */
  changes(after: number, limit: number): Promise<readonly OperationRecord[]>
  onEnd(): void
}

/** Bytes that may wait for one client. */
const BUFFER_BYTES = 256 * 1024
const PAGE = 100
/** "With a deliberate overlap": a cursor names the last word that came, and one before it may have been committed later. */
const OVERLAP = 32
/** A client that takes nothing for so long, though something waits for it, is gone: milliseconds. */
const STALLED_MS = 60_000

/**
 * A client that is as fast as the news gets each as it happens. One that is slower, or was away, gets the current state of what has changed since,
 * as fast as it reads: memory is bounded, nothing is lost, and words that were overtaken meanwhile are not sent at all.
 */
export function createEventStream(options: EventStreamOptions): EventStream {
  const { clock, logger } = options
  let after = Math.max(0, options.after - OVERLAP)
  /** Just below the lowest version that was published while it could not be sent. */
  let missedAfter = Number.POSITIVE_INFINITY
  let isBehind = options.isBehind
  let isReading = false
  let isEnded = false
  let lastPullMs = clock.now()
  let controller!: ReadableStreamDefaultController<Uint8Array>

  const hasRoom = () => (controller.desiredSize ?? 0) > 0

  function finish(close: () => void): void {
    if (isEnded) return
    isEnded = true
    options.onEnd()
    close()
  }

  /** Reads what changed since, until the client is up to date or its buffer is full. */
  async function catchUp(): Promise<void> {
    if (isReading) return
    isReading = true
    try {
      while (isBehind && !isEnded && hasRoom()) {
        // From here on a new record is either in the page, or sets these again.
        isBehind = false
        after = Math.min(after, missedAfter)
        missedAfter = Number.POSITIVE_INFINITY
        const page = await options.changes(after, PAGE)
        if (isEnded) return
        for (const record of page) controller.enqueue(options.encode(record))
        after = page.at(-1)?.word.version ?? after
        if (page.length === PAGE) isBehind = true
      }
    } catch (error) {
      logger.error('An event stream could not read what its client has missed; the client will come back for it.', error)
      finish(() => controller.close())
    } finally {
      isReading = false
    }
  }

  const readable = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given
      },
      pull() {
        lastPullMs = clock.now()
        return catchUp()
      },
      cancel: () => finish(() => {}),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_BYTES }),
  )

  return {
    readable,
    send(bytes) {
      if (!isEnded) controller.enqueue(bytes)
    },
    sendRecord(bytes, version) {
      if (isEnded) return
      if (isBehind || isReading || !hasRoom()) {
        isBehind = true
        missedAfter = Math.min(missedAfter, version - 1)
        return
      }
      controller.enqueue(bytes)
      after = Math.max(after, version)
    },
    ping() {
      if (isEnded) return
      if (hasRoom()) {
        lastPullMs = clock.now()
        controller.enqueue(options.encodePing(isBehind || isReading ? Math.min(after, missedAfter) : undefined))
      } else if (clock.now() - lastPullMs >= STALLED_MS) {
        finish(() => controller.error(new Error('The client of an event stream took nothing for a minute.')))
      }
    },
    end: () => finish(() => controller.close()),
  }
}
