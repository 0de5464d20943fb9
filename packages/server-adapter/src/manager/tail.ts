import { createBackoff } from '../backoff.js'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'

/** Hears of changes after they were committed. Must not throw. */
export type TailListener = (records: readonly OperationRecord[]) => void

/** The end of the one sequence of all changes, followed as it grows, whichever process makes it grow. */
export interface Tail {
  /** Begins with what comes after the latest version. */
  open(): Promise<void>
  /** Hears of all changes by rising version; of several of one operation that come late or in one go, of the newest. */
  listen(listener: TailListener): void
  /** Takes changes that this process has committed. They are heard before this returns, where nothing before them is missing. */
  committed(records: readonly OperationRecord[]): void
  /** The version up to which everything was heard. */
  position(): number
  /** Resolves once all that this process knows to be there was heard, or could not be read. */
  caughtUp(): Promise<void>
  close(): void
}

export interface TailOptions {
  readonly records: OperationRecords
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

const PAGE = 200

/**
 * One reader for all who listen in this process. Its own commits need no reading: the next version is the next change. Where a version is
 * missing, another process has it, or another connection's answer is still on its way: then the records are asked.
 */
export function createTail({ records, clock, random, logger }: TailOptions): Tail {
  const listeners: TailListener[] = []
  const backoff = createBackoff({ random, baseMs: 100, capMs: 10_000 })
  let position = 0
  /** The newest version of which this process knows that it is there. */
  let known = 0
  /** Whether others may have written since the last reading began. */
  let isStale = false
  let isReading = true
  let isClosed = false
  let stopWatching = () => {}
  let cancelRetry = () => {}
  let reading = Promise.resolve()

  function tell(changed: readonly OperationRecord[]): void {
    const last = changed.at(-1)
    if (last === undefined) return
    position = last.word.version
    for (const listener of listeners) listener(changed)
  }

  function read(): void {
    if (isReading || isClosed) return
    isReading = true
    reading = readOn()
  }

  async function readOn(): Promise<void> {
    try {
      while (!isClosed && (isStale || known > position)) {
        isStale = false
        const knownBefore = known
        const page = await records.everyChange({ after: position, limit: PAGE })
        if (isClosed) return
        tell(page)
        if (page.length === PAGE) isStale = true
        // What is known and not there any more has been forgotten meanwhile.
        else position = Math.max(position, knownBefore)
      }
      backoff.reset()
      isReading = false
    } catch (error) {
      const pauseMs = backoff.next()
      logger.error(`What has changed could not be read; it is tried again in ${Math.round(pauseMs)} ms.`, error)
      cancelRetry = clock.setTimeout(() => {
        isStale = true
        isReading = false
        read()
      }, pauseMs)
    }
  }

  return {
    async open() {
      // Before the version is read: what others write in between is read again rather than missed.
      stopWatching = records.watch(() => {
        isStale = true
        read()
      })
      position = await records.latestVersion()
      isReading = false
      read()
    },
    listen: (listener) => void listeners.push(listener),
    committed(changed) {
      const first = changed[0]?.word.version ?? 0
      known = Math.max(known, changed.at(-1)?.word.version ?? 0)
      const isNext = changed.every(({ word }, index) => word.version === first + index)
      if (!isReading && !isClosed && isNext && first === position + 1) tell(changed)
      else read()
    },
    position: () => position,
    caughtUp: () => reading,
    close() {
      isClosed = true
      stopWatching()
      cancelRetry()
    },
  }
}
