import type { Clock } from './clock.js'
import { createHeap, type Heap } from './heap.js'

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
/** Entries that do not hold any more are thrown out once there are this many more of them than of those that do. */
const MAX_STALE = 1000

interface Entry<K> {
  readonly key: K
  readonly at: number
}

export function createAlarms<K>(clock: Clock, onAlarm: (key: K) => void): Alarms<K> {
  const deadlines = new Map<K, Entry<K>>()
  // Moved and cleared deadlines stay in the heap until they come up; the map says which entry is the true one.
  let heap = newHeap<K>()
  /** By how much the wall clock was set back, as far as it was noticed, in milliseconds: a deadline does not wait that much longer. */
  let setBackMs = 0
  let latest = -Infinity
  let timer: { readonly at: number; readonly firesAt: number; cancel(): void } | undefined
  let isDisposed = false

  /** Time that does not go back. */
  function now(): number {
    const time = clock.now() + setBackMs
    setBackMs += Math.max(0, latest - time)
    latest = Math.max(latest, time)
    return latest
  }

  const isStale = (entry: Entry<K>) => deadlines.get(entry.key) !== entry

  function arm(): void {
    while (heap.size > 0 && isStale(heap.peek()!)) heap.pop()
    const first = heap.peek()
    if (first !== undefined && first.at === timer?.at) return
    timer?.cancel()
    timer = undefined
    if (first === undefined) return
    const wait = Math.min(LONGEST_TIMER_MS, Math.max(0, first.at - now()))
    timer = { at: first.at, firesAt: now() + wait, cancel: clock.setTimeout(onTimer, wait) }
  }

  function onTimer(): void {
    // Timers do not mind what the wall clock says.
    latest = Math.max(latest, timer?.firesAt ?? latest)
    check()
  }

  function check(): void {
    const time = now()
    try {
      while (heap.size > 0 && (isStale(heap.peek()!) || heap.peek()!.at <= time)) {
        const entry = heap.pop()!
        if (isStale(entry)) continue
        deadlines.delete(entry.key)
        onAlarm(entry.key)
      }
    } finally {
      timer?.cancel()
      timer = undefined
      arm()
    }
  }

  function compact(): void {
    heap = newHeap()
    for (const entry of deadlines.values()) heap.push(entry)
  }

  return {
    set(key, at) {
      now()
      const entry = { key, at: at + setBackMs }
      if (isDisposed || deadlines.get(key)?.at === entry.at) return
      deadlines.set(key, entry)
      heap.push(entry)
      if (heap.size > 2 * deadlines.size + MAX_STALE) compact()
      arm()
    },
    clear(key) {
      if (deadlines.delete(key)) arm()
    },
    check,
    dispose() {
      isDisposed = true
      deadlines.clear()
      arm()
    },
  }
}

function newHeap<K>(): Heap<Entry<K>> {
  return createHeap<Entry<K>>((a, b) => a.at < b.at)
}
