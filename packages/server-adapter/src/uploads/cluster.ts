import { type Clock, repeat } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Leases } from '../records/server-state.js'
import { createKeyedLock, type KeyedLock } from './keyed-lock.js'

/** The processes that share records and storage, as one of them sees the others. A process that is alone with its storage has none. */
export interface Cluster {
  /** Names this process, from its start to its end. */
  readonly nodeId: string
  /** One command at a time per key, whichever process it came to. Refuses (503) where another one does not come to its end. */
  readonly exclusively: KeyedLock
  /** Whether a process still looks after its work; one that ended without a word counts as alive for a quarter of a minute. */
  isAlive(nodeId: string): Promise<boolean>
  /** Tells the others that this one lives. Called before the first command. */
  join(): Promise<void>
  /** Leaves its work to the others. */
  leave(): Promise<void>
}

export interface ClusterOptions {
  readonly leases: Leases
  readonly clock: Clock
  readonly logger: Logger
  /** Names this process, and no other one, nor an earlier one. */
  readonly nodeId: string
}

/** How long a process that says nothing more keeps what it holds, and how often it says that it lives, milliseconds. */
const LEASE_MS = 15_000
const RENEW_MS = 5000
/** How long a command waits for another one on the same upload, milliseconds: storage that seals 10,000 parts takes seconds. */
const PATIENCE_MS = 20_000
/** Between two looks at whether the other one has ended, milliseconds. */
const LOOK_MS = { least: 20, most: 500 }

export function createCluster({ leases, clock, logger, nodeId }: ClusterOptions): Cluster {
  const exclusivelyHere = createKeyedLock()
  /** When others were seen alive: a look at thousands of operations asks about few processes. */
  const seenAlive = new Map<string, number>()
  let stopRenewing = () => {}

  /** Keeps a lease until the returned function ends it. A renewal that fails is made good by the next one. */
  function keep(name: string): () => void {
    return repeat(clock, RENEW_MS, async () => {
      try {
        await leases.acquire(name, nodeId, LEASE_MS)
      } catch (error) {
        logger.warn('A lease could not be renewed.', error)
      }
    })
  }

  async function hold<T>(name: string, work: () => Promise<T>): Promise<T> {
    const giveUpAt = clock.now() + PATIENCE_MS
    for (let wait = LOOK_MS.least; !(await leases.acquire(name, nodeId, LEASE_MS)); wait = Math.min(2 * wait, LOOK_MS.most)) {
      if (clock.now() >= giveUpAt) {
        throw new Refusal(503, 'upload_busy', 'Another request works on this upload. Try again in a moment.', { retryable: true })
      }
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, wait))
    }
    const stop = keep(name)
    try {
      return await work()
    } finally {
      stop()
      // Nobody waits for this: a lease that is not given back ends by itself.
      void leases.release(name, nodeId).catch((error: unknown) => logger.warn('A lease could not be given back.', error))
    }
  }

  return {
    nodeId,
    exclusively: (key, work) => exclusivelyHere(key, () => hold(`upload:${key}`, work)),
    async isAlive(other) {
      if (other === nodeId) return true
      const seenAt = seenAlive.get(other)
      if (seenAt !== undefined && clock.now() - seenAt < RENEW_MS) return true
      // Whoever can take its lease, if only for a moment, knows that it was not renewed.
      const isDead = await leases.acquire(leaseOf(other), nodeId, 1)
      if (isDead) seenAlive.delete(other)
      else seenAlive.set(other, clock.now())
      return !isDead
    },
    async join() {
      await leases.acquire(leaseOf(nodeId), nodeId, LEASE_MS)
      stopRenewing = keep(leaseOf(nodeId))
    },
    async leave() {
      stopRenewing()
      await leases.release(leaseOf(nodeId), nodeId)
    },
  }
}

const leaseOf = (nodeId: string) => `node:${nodeId}`
