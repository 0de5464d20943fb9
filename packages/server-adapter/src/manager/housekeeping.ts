import { setImmediate } from 'node:timers/promises'
import { type Clock, repeat } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Connections } from './connections.js'
import { createKeptLease } from './lease.js'
import type { Metrics } from './metrics.js'

/** How long what is over is kept, milliseconds; `Infinity` keeps it for good. */
export interface RetentionOptions {
  /** Operations that ended, and with failed and cancelled uploads what is left of their bytes. @default 30 days */
  readonly operationsMs?: number
  /** Completed uploads whose bytes are in storage: the operation goes together with the bytes, and never one without the other. @default Infinity: files are kept */
  readonly filesMs?: number
  /** @default 7 days */
  readonly snapshotsMs?: number
}

export interface HousekeepingOptions {
  readonly records: OperationRecords
  readonly storage: Pick<ObjectStorage, 'discard'>
  readonly metrics: Metrics
  readonly connections: Connections
  readonly retention: Required<RetentionOptions>
  readonly snapshotIntervalMs: number
  /** Names this process. */
  readonly holder: string
  readonly clock: Clock
  readonly logger: Logger
}

/** Writes down how everything is, and forgets what is old. One process at a time does it, of those that share the records. */
export interface Housekeeping {
  start(): Promise<void>
  /** Waits for what is under way, which ends soon. */
  stop(): Promise<void>
}

const DAY_MS = 24 * 60 * 60_000
/** How often it is looked for what is old, milliseconds. */
const SWEEP_MS = 10 * 60_000
const PAGE = 200

/** Throws a `TypeError` that names what is no positive number. */
export function resolveRetention(given: RetentionOptions = {}): Required<RetentionOptions> {
  const retention = { operationsMs: 30 * DAY_MS, filesMs: Number.POSITIVE_INFINITY, snapshotsMs: 7 * DAY_MS, ...given }
  for (const [name, value] of Object.entries(retention)) {
    if (!(value > 0)) throw new TypeError(`retention.${name} must be a positive number, or Infinity, not ${String(value)}.`)
  }
  return retention
}

export function createHousekeeping(options: HousekeepingOptions): Housekeeping {
  const { records, storage, metrics, connections, retention, snapshotIntervalMs, holder, clock, logger } = options
  let isOurs = false
  let isStopped = false
  let working = Promise.resolve()
  let stopTimers = () => {}

  /** One thing after another; what fails is tried again the next time. */
  function work(what: string, task: () => Promise<void>): Promise<void> {
    working = working.then(async () => {
      if (!isOurs) return
      try {
        await task()
      } catch (error) {
        logger.error(`${what} failed; it is tried again.`, error)
      }
    })
    return working
  }

  async function takeSnapshot(): Promise<void> {
    const clients = await connections.list()
    await records.snapshots.add({
      taken_at: new Date(clock.now()).toISOString(),
      metrics: metrics.performance(),
      health: metrics.health(),
      connections: clients.length,
      active_operations: metrics.unfinished(),
    })
  }

  async function forgetOld(): Promise<void> {
    await forgetEnded(false, clock.now() - retention.operationsMs)
    await forgetEnded(true, clock.now() - retention.filesMs)
    if (Number.isFinite(retention.snapshotsMs)) await records.snapshots.forget(clock.now() - retention.snapshotsMs)
  }

  async function forgetEnded(files: boolean, beforeMs: number): Promise<void> {
    if (!Number.isFinite(beforeMs)) return
    while (isOurs) {
      const page = await records.endedBefore({ beforeMs, files, limit: PAGE })
      const freed: string[] = []
      for (const record of page) if (isOurs && (await free(record))) freed.push(record.word.operation_id)
      if (freed.length > 0) await records.forget(freed, beforeMs)
      // Where a whole page could not be freed, the next one would be the same.
      if (page.length < PAGE || freed.length === 0) return
      // Requests have their turn.
      await setImmediate()
    }
  }

  /**
   * The bytes go before the operation, which is all that knows of them. Also of what was cancelled: an address of S3 that had been given out may
   * have brought some since.
   */
  async function free({ word, upload }: OperationRecord): Promise<boolean> {
    if (upload === undefined) return true
    try {
      await storage.discard(word.operation_id)
      return true
    } catch (error) {
      logger.error(`The bytes of operation ${word.operation_id}, which is to be forgotten, could not be deleted.`, error)
      return false
    }
  }

  const lease = createKeptLease({
    records,
    name: 'housekeeping',
    holder,
    clock,
    logger,
    async onGained() {
      if (isStopped) return
      isOurs = true
      const stopSnapshots = repeat(clock, snapshotIntervalMs, () => work('A snapshot of the status', takeSnapshot))
      const stopSweeping = repeat(clock, SWEEP_MS, () => work('Forgetting what is old', forgetOld))
      stopTimers = () => {
        isOurs = false
        stopSnapshots()
        stopSweeping()
      }
    },
    onLost: () => stopTimers(),
  })

  return {
    start: lease.start,
    async stop() {
      isStopped = true
      stopTimers()
      await lease.stop()
      await working
    },
  }
}
