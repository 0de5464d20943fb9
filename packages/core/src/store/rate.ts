import type { Clock } from '../environment.js'

/** Half of what is remembered of the speed is this old, in milliseconds. */
const HALF_LIFE_MS = 2000
/** The short memory forgets in half the time, and the long one takes twice as long: what each keeps is the root of what the one before keeps. */
const SHORT_HALF_LIFE_MS = HALF_LIFE_MS / 2
/** A speed is shown only after it was watched for this long: the first bytes go into the socket's buffer, not over the network. */
const STABLE_AFTER_MS = 1500
/** After this long without a byte, the next byte starts a new measurement. */
const IDLE_MS = 5000
/** A short memory and a long one that differ by more than this part say that the speed swings; it has settled once they differ by half of it. */
const SWING = 0.4

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
  const short = createAverage()
  const shown = createAverage()
  const long = createAverage()
  const all = [short, shown, long]

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
        for (const average of all) average.reset()
        return
      }
      watched += elapsed
      let kept = 0.5 ** (elapsed / SHORT_HALF_LIFE_MS)
      for (const average of all) {
        average.add(sent, elapsed, kept)
        kept = Math.sqrt(kept)
      }
      const difference = Math.abs(short.read() - long.read())
      isSwinging = difference > long.read() * (isSwinging ? SWING / 2 : SWING)
    },
    read() {
      if (updatedAt === undefined) return undefined
      const elapsed = elapsedSince(updatedAt)
      return elapsed > IDLE_MS || watched + elapsed < STABLE_AFTER_MS ? undefined : shown.read(elapsed, 0.5 ** (elapsed / HALF_LIFE_MS))
    },
    swings: () => isSwinging,
  }
}

interface Average {
  /** `kept`: what is left of the earlier bytes after `elapsed` milliseconds, of one. */
  add(bytes: number, elapsed: number, kept: number): void
  /** Bytes per second, as it is after so many milliseconds without a byte. */
  read(idle?: number, kept?: number): number
  reset(): void
}

function createAverage(): Average {
  // Both sums decay alike, so that their quotient is the average even while there is little to average.
  let bytes = 0
  let time = 0

  return {
    add(sent, elapsed, kept) {
      bytes = bytes * kept + sent
      time = time * kept + elapsed
    },
    read: (idle = 0, kept = 1) => ((bytes * kept) / (time * kept + idle)) * 1000,
    reset() {
      bytes = time = 0
    },
  }
}
