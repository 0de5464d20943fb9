import type { Clock } from '../clock.js'

/** How many of something there were in the last minute, in memory that does not grow: one number for each of its seconds. */
export interface MinuteCount {
  add(): void
  read(): number
}

const SECONDS = 60

export function createMinuteCount(clock: Clock): MinuteCount {
  const counts = Array.from({ length: SECONDS }, () => 0)
  let current = 0
  let total = 0

  /** The seconds since the last look were silent. A clock that was set back goes on from where it was. */
  function moveOn(): void {
    const second = Math.floor(clock.now() / 1000)
    for (let next = Math.max(current + 1, second - SECONDS + 1); next <= second; next += 1) {
      total -= counts[next % SECONDS] as number
      counts[next % SECONDS] = 0
    }
    current = Math.max(current, second)
  }

  return {
    add() {
      moveOn()
      counts[current % SECONDS]! += 1
      total += 1
    },
    read() {
      moveOn()
      return total
    },
  }
}
