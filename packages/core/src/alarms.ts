import type { Clock } from './environment.js'
import { createHeap } from './heap.js'

/** One timer for any number of deadlines, each with a key. Deadlines are wall-clock times: a tab that slept finds them passed when it wakes. */
export interface Alarms<K> {
  /** Sets, or moves, the deadline of a key. */
  set(key: K, at: number): void
  clear(key: K): void
  /** Fires what has passed, without waiting for the timer: browsers delay timers of sleeping pages. */
  check(): void
  dispose(): void
}

/** Timers that are set for longer fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export function createAlarms<K>(clock: Clock, onAlarm: (key: K) => void): Alarms<K> {
  const deadlines = new Map<K, number>()
  // Moved and cleared deadlines stay in the heap until they come up; the map says which entry is the true one.
  const heap = createHeap<{ key: K; at: number }>((a, b) => a.at < b.at)
  let cancelTimer: (() => void) | undefined
  let timerAt = Infinity

  const isStale = (entry: { key: K; at: number }) => deadlines.get(entry.key) !== entry.at

  function arm(): void {
    while (heap.size > 0 && isStale(heap.peek()!)) heap.pop()
    const first = heap.peek()
    if (first !== undefined && first.at === timerAt) return
    cancelTimer?.()
    cancelTimer = undefined
    timerAt = Infinity
    if (first === undefined) return
    timerAt = first.at
    cancelTimer = clock.setTimeout(check, Math.min(LONGEST_TIMER_MS, Math.max(0, first.at - clock.now())))
  }

  function check(): void {
    const now = clock.now()
    while (heap.size > 0 && (isStale(heap.peek()!) || heap.peek()!.at <= now)) {
      const entry = heap.pop()!
      if (isStale(entry)) continue
      deadlines.delete(entry.key)
      onAlarm(entry.key)
    }
    timerAt = Infinity
    arm()
  }

  return {
    set(key, at) {
      if (deadlines.get(key) === at) return
      deadlines.set(key, at)
      heap.push({ key, at })
      arm()
    },
    clear(key) {
      if (deadlines.delete(key)) arm()
    },
    check,
    dispose() {
      deadlines.clear()
      arm()
    },
  }
}
