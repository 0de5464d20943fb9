import type { Clock } from '../environment.js'

/** Half of what is remembered of the speed is this old, in milliseconds. */
const HALF_LIFE_MS = 2000
/** A speed is shown only after it was watched for this long: the first bytes go into the socket's buffer, not over the network. */
const STABLE_AFTER_MS = 1500
/** After this long without a byte, the next byte starts a new measurement. */
const IDLE_MS = 5000

/** A smoothed speed: an average in which what is older weighs less. */
export interface Rate {
  add(bytes: number): void
  /** Bytes per second, or `undefined` while it is not stable. */
  read(): number | undefined
}

export function createRate(clock: Pick<Clock, 'now'>): Rate {
  let updatedAt: number | undefined
  let watched = 0
  // Both sums decay alike, so that their quotient is the average even while there is little to average.
  let bytes = 0
  let time = 0

  /** Since the last bytes. A clock that was set back must not make old bytes weigh more than new ones. */
  function elapsedSince(then: number): number {
    return Math.max(0, clock.now() - then)
  }

  function keptAfter(elapsed: number): number {
    return 0.5 ** (elapsed / HALF_LIFE_MS)
  }

  return {
    add(sent) {
      const elapsed = updatedAt === undefined ? Infinity : elapsedSince(updatedAt)
      updatedAt = clock.now()
      if (elapsed > IDLE_MS) {
        watched = bytes = time = 0
        return
      }
      watched += elapsed
      bytes = bytes * keptAfter(elapsed) + sent
      time = time * keptAfter(elapsed) + elapsed
    },
    read() {
      if (updatedAt === undefined) return undefined
      const elapsed = elapsedSince(updatedAt)
      if (elapsed > IDLE_MS || watched + elapsed < STABLE_AFTER_MS) return undefined
      const kept = keptAfter(elapsed)
      return ((bytes * kept) / (time * kept + elapsed)) * 1000
    },
  }
}
