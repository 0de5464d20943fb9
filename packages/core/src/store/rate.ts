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
  let startedAt: number | undefined
  let updatedAt = 0
  // Both sums decay alike, so that their quotient is the average even while there is little to average.
  let bytes = 0
  let time = 0

  function decayTo(now: number): void {
    // A clock that was set back must not make old bytes weigh more than new ones.
    const elapsed = Math.max(0, now - updatedAt)
    const kept = 0.5 ** (elapsed / HALF_LIFE_MS)
    bytes *= kept
    time = time * kept + elapsed
    updatedAt = now
  }

  return {
    add(sent) {
      const now = clock.now()
      if (startedAt === undefined || now - updatedAt > IDLE_MS) {
        startedAt = updatedAt = now
        bytes = time = 0
        return
      }
      decayTo(now)
      bytes += sent
    },
    read() {
      const now = clock.now()
      if (startedAt === undefined || now - updatedAt > IDLE_MS || now - startedAt < STABLE_AFTER_MS || time === 0) return undefined
      return (bytes / (time + Math.max(0, now - updatedAt))) * 1000
    },
  }
}
