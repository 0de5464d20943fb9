import { type Clock, repeat } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecords } from '../records/operation-records.js'

/** A job that one process at a time does, of those that share the records, and that another one takes over when it ends. */
export interface KeptLease {
  /** Tries for the first time, and from then on again and again. */
  start(): Promise<void>
  /** Gives it back, so that others need not wait for its end. Never rejects. */
  stop(): Promise<void>
}

export interface KeptLeaseOptions {
  readonly records: OperationRecords
  readonly name: string
  /** Names this process. */
  readonly holder: string
  readonly clock: Clock
  readonly logger: Logger
  /** The job is this process’s from now on. Where it rejects, it is tried again. */
  onGained(): Promise<void>
  onLost(): void
}

/** After so long without a sign of its holder a lease is anyone's, milliseconds. */
const LEASE_MS = 5000
const RENEW_MS = 1500

export function createKeptLease({ records, name, holder, clock, logger, onGained, onLost }: KeptLeaseOptions): KeptLease {
  let isHeld = false
  let isStopped = false
  let cancelEnd = () => {}
  let stopRenewing = () => {}

  function lose(): void {
    cancelEnd()
    if (!isHeld) return
    isHeld = false
    onLost()
  }

  async function attempt(): Promise<void> {
    // The time before the question: the database counts from a moment after it.
    const askedAtMs = clock.now()
    try {
      const isOurs = await records.leases.acquire(name, holder, LEASE_MS)
      if (!isOurs) {
        lose()
        return
      }
      if (isStopped) {
        await release()
        return
      }
      cancelEnd()
      // Whoever cannot renew it in time has lost it, though nobody could tell him.
      cancelEnd = clock.setTimeout(lose, Math.max(0, askedAtMs + LEASE_MS - clock.now()))
      if (isHeld) return
      await onGained()
      if (isStopped) await release()
      else isHeld = true
    } catch (error) {
      logger.warn(`The lease "${name}" could not be had; it is tried again.`, error)
    }
  }

  async function release(): Promise<void> {
    cancelEnd()
    isHeld = false
    await records.leases
      .release(name, holder)
      .catch((error: unknown) => logger.warn(`The lease "${name}" could not be given back; it ends by itself.`, error))
  }

  return {
    async start() {
      // Nobody else is there to take it.
      if (!records.isShared()) {
        await onGained()
        return
      }
      await attempt()
      if (!isStopped) stopRenewing = repeat(clock, RENEW_MS, attempt)
    },
    async stop() {
      isStopped = true
      stopRenewing()
      if (isHeld) await release()
    },
  }
}
