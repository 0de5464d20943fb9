import type { Clock } from '../environment.js'

/** Half of what is remembered of the speed is this old, in milliseconds. */
const HALF_LIFE_MS = 2000
/** A speed is shown only after it was watched for this long: the first bytes go into the socket's buffer, not over the network. */
const STABLE_AFTER_MS = 1500
/** After this long without a byte, the next byte starts a new measurement. */
const IDLE_MS = 5000
/** A short memory and a long one that differ by more than this part say that the speed swings; it has settled once they differ by half of it. */
const SWING = 0.4
const SHORT_HALF_LIFE_MS = 1000
const LONG_HALF_LIFE_MS = 4000

/** A smoothed speed: an average in which what is older weighs less. */
export interface Rate {
  add(bytes: number): void
  /** Bytes per second, or `undefined` while it is not stable. */
  read(): number | undefined
  /** It has just become much faster or slower: how long the rest takes is anyone's guess. */
  swings(): boolean
}

export function createRate(clock: Pick<Clock, 'now'>): Rate {
  let updatedAt: number | undefined
  let watched = 0
  let isSwinging = false
  const shown = createAverage(HALF_LIFE_MS)
  const short = createAverage(SHORT_HALF_LIFE_MS)
  const long = createAverage(LONG_HALF_LIFE_MS)

  /** Since the last bytes. A clock that was set back must not make old bytes weigh more than new ones. */
  function elapsedSince(then: number): number {
    return Math.max(0, clock.now() - then)
  }

  return {
    add(sent) {
      const elapsed = updatedAt === undefined ? Infinity : elapsedSince(updatedAt)
      updatedAt = clock.now()
      if (elapsed > IDLE_MS) {
        watched = 0
        isSwinging = false
        for (const average of [shown, short, long]) average.reset()
        return
      }
      watched += elapsed
      for (const average of [shown, short, long]) average.add(sent, elapsed)
      const difference = Math.abs(short.read() - long.read())
      isSwinging = difference > long.read() * (isSwinging ? SWING / 2 : SWING)
    },
    read() {
      if (updatedAt === undefined) return undefined
      const elapsed = elapsedSince(updatedAt)
      return elapsed > IDLE_MS || watched + elapsed < STABLE_AFTER_MS ? undefined : shown.read(elapsed)
    },
    swings: () => isSwinging,
  }
}

interface Average {
  add(bytes: number, elapsed: number): void
  /** Bytes per second, as it is after so many milliseconds without a byte. */
  read(idle?: number): number
  reset(): void
}

function createAverage(halfLife: number): Average {
  // Both sums decay alike, so that their quotient is the average even while there is little to average.
  let bytes = 0
  let time = 0
  const keptAfter = (elapsed: number) => 0.5 ** (elapsed / halfLife)

  return {
    add(sent, elapsed) {
      const kept = keptAfter(elapsed)
      bytes = bytes * kept + sent
      time = time * kept + elapsed
    },
    read(idle = 0) {
      const kept = keptAfter(idle)
      return ((bytes * kept) / (time * kept + idle)) * 1000
    },
    reset() {
      bytes = time = 0
    },
  }
}
