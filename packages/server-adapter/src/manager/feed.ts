import { createBackoff } from '../backoff.js'
import { type Clock, settledWithin } from '../clock.js'
import type { Logger } from '../logger.js'
import type { StatusPublisher } from '../publishers/publisher.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { createKeptLease } from './lease.js'
import type { Tail } from './tail.js'

/** How a publisher stands. */
export interface PublisherState {
  readonly name: string
  readonly reach: StatusPublisher['reach']
  /**
   * `live`: has told all that this process knows of. `behind`: is telling older changes. `failing`: did not take the last ones, which are told again.
   * `standby`: another process tells.
   */
  readonly state: 'live' | 'behind' | 'failing' | 'standby'
  /** The version up to which it has told everything. */
  readonly position: number
  /** How long it has not been up to date, milliseconds. */
  readonly lagMs: number
  /** What went wrong last, while it fails: for the operator, not for clients. */
  readonly lastError?: string
}

/** Feeds one publisher from the sequence of all changes: in order, from where it stopped, as often as it takes, and never in the way of a command. */
export interface Feed {
  open(): Promise<void>
  state(): PublisherState
  /** Ends between two calls of the publisher; what is left to be told is told by the next process. Waits for the call that is under way, for a bounded time. */
  close(): Promise<void>
}

export interface FeedOptions {
  readonly publisher: StatusPublisher
  readonly records: OperationRecords
  readonly tail: Tail
  /** Names this process. */
  readonly holder: string
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/** Changes that are told in one call. */
const PAGE = 200
/** Changes that wait in memory; more are read from the records when it is their turn. */
const MOST_WAITING = 1000
/** How long a publisher may take for one call, milliseconds. */
const DEADLINE_MS = 30_000
/** How long `close` waits for what is still being told, and then for the publisher to close, milliseconds. */
const CLOSE_GRACE_MS = 5000
/** How far it has told is written down so often, milliseconds: what was told since is told again after a crash. */
const SAVE_MS = 1000

export function createFeed({ publisher, records, tail, holder, clock, random, logger }: FeedOptions): Feed {
  const { name, reach } = publisher
  const backoff = createBackoff({ random })
  /** Newest states by operation, in the order of their versions. */
  const waiting = new Map<string, OperationRecord>()
  /** Whether there is more to tell than what waits. */
  let isBehind = false
  /** The version up to which all is told, and the one up to which all is to be told. */
  let told = 0
  let heard = 0
  let staleSinceMs = 0
  let isOn = false
  let isClosing = false
  let isRunning = false
  let running = Promise.resolve()
  let lastError: string | undefined
  let saved = 0
  let cancelSave: (() => void) | undefined
  let endPause = () => {}

  tail.listen((changed) => {
    if (!isOn) return
    for (const record of changed) {
      const { operation_id, version } = record.word
      if (version <= told) continue
      hear(version)
      if (isBehind) continue
      waiting.delete(operation_id)
      waiting.set(operation_id, record)
    }
    if (waiting.size > MOST_WAITING) fallBehind()
    run()
  })

  function hear(version: number): void {
    if (told >= heard) staleSinceMs = clock.now()
    heard = Math.max(heard, version)
  }

  function fallBehind(): void {
    waiting.clear()
    isBehind = true
  }

  function run(): void {
    if (!isRunning) running = tellAll()
  }

  /** Waits only where the publisher or the records do: a word that can go out at once goes out with the call that says it. */
  async function tellAll(): Promise<void> {
    isRunning = true
    while (isOn && told < heard) {
      try {
        const { batch, upTo } = isBehind ? await readOn() : takeWaiting()
        const answer = batch.length === 0 ? undefined : publisher.publish(batch)
        if (answer !== undefined) await inTime(answer)
        told = Math.max(told, upTo)
        succeed()
      } catch (error) {
        fallBehind()
        const pauseMs = fail(error)
        if (isClosing) break
        await pause(pauseMs)
      }
    }
    isRunning = false
  }

  function takeWaiting(): { readonly batch: readonly OperationRecord[]; readonly upTo: number } {
    const batch = [...waiting.values()].slice(0, PAGE)
    for (const { word } of batch) waiting.delete(word.operation_id)
    return { batch, upTo: waiting.size === 0 ? heard : (batch.at(-1)?.word.version ?? heard) }
  }

  async function readOn(): Promise<{ readonly batch: readonly OperationRecord[]; readonly upTo: number }> {
    // From here on a change is either in the page, or waits.
    isBehind = false
    const heardBefore = heard
    const batch = await records.everyChange({ after: told, limit: PAGE }).catch((cause: unknown) => {
      throw new Error('What it is to be told could not be read.', { cause })
    })
    const last = batch.at(-1)?.word.version ?? 0
    if (batch.length === PAGE) fallBehind()
    for (const [id, { word }] of waiting) if (word.version <= last) waiting.delete(id)
    // What was heard of and is not there any more has been forgotten meanwhile.
    return { batch, upTo: isBehind ? last : Math.max(last, heardBefore) }
  }

  async function inTime(answer: Promise<void>): Promise<void> {
    if (!(await settledWithin(clock, DEADLINE_MS, answer))) throw new Error(`It gave no answer within ${DEADLINE_MS / 1000} s.`)
    return answer
  }

  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = clock.setTimeout(resolve, ms)
      endPause = () => {
        cancel()
        resolve()
      }
    })
  }

  function succeed(): void {
    if (lastError !== undefined) logger.warn(`The publisher "${name}" takes changes again.`)
    lastError = undefined
    backoff.reset()
    if (reach === 'cluster') cancelSave ??= clock.setTimeout(() => void save(), SAVE_MS)
  }

  function fail(error: unknown): number {
    // Once is enough: while a broker is down each further try tells nothing new.
    if (lastError === undefined) logger.error(`The publisher "${name}" failed. What it did not take is told again.`, error)
    lastError = error instanceof Error ? error.message : String(error)
    return backoff.next()
  }

  async function save(): Promise<void> {
    cancelSave?.()
    cancelSave = undefined
    const version = told
    if (version <= saved) return
    try {
      await records.feeds.save(name, version)
      saved = version
    } catch (error) {
      logger.warn(`How far the publisher "${name}" has told could not be written down; it may tell some changes again.`, error)
    }
  }

  /** Begins at a version; what is above it and was heard of before is read. */
  function begin(after: number): void {
    if (isClosing) return
    told = after
    hear(tail.position())
    waiting.clear()
    isBehind = told < heard
    isOn = true
    run()
  }

  async function hangUp(): Promise<void> {
    try {
      await publisher.close()
    } catch (error) {
      logger.warn(`The publisher "${name}" could not be closed.`, error)
    }
  }

  const lease = createKeptLease({
    records,
    name: `publisher:${name}`,
    holder,
    clock,
    logger,
    async onGained() {
      const latest = await records.latestVersion()
      const stored = await records.feeds.get(name)
      saved = stored ?? 0
      // From now on it is known where to begin, also by whoever takes over before anything was told.
      if (stored === undefined) await records.feeds.save(name, latest)
      // Above the latest is a position of a database that was restored from a backup.
      begin(Math.min(stored ?? latest, latest))
    },
    onLost() {
      isOn = false
      cancelSave?.()
      cancelSave = undefined
      endPause()
      logger.warn(`The publisher "${name}" is another process's now.`)
    },
  })

  return {
    async open() {
      if (reach === 'node') begin(tail.position())
      else await lease.start()
    },
    state() {
      const isStale = isOn && told < heard
      return {
        name,
        reach,
        state: !isOn ? 'standby' : lastError !== undefined ? 'failing' : isStale ? 'behind' : 'live',
        position: told,
        lagMs: isStale ? clock.now() - staleSinceMs : 0,
        ...(lastError !== undefined && { lastError }),
      }
    },
    async close() {
      isClosing = true
      endPause()
      await settledWithin(clock, CLOSE_GRACE_MS, running)
      isOn = false
      if (reach === 'cluster') {
        await save()
        await lease.stop()
      }
      await settledWithin(clock, CLOSE_GRACE_MS, hangUp())
    },
  }
}
