import type { Clock } from '../environment.js'
import { createHeap } from '../heap.js'

/** Time that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves on by `ms`; what is due runs in the order of its times, with all promises that it settles. */
  advance(ms: number): Promise<void>
  /** Sets the clock without running timers, as a user or NTP does. */
  set(now: number): void
  /** Timers that wait. */
  readonly pending: number
}

/** `start` in milliseconds since the epoch. `calm` lets all end that a timer began, where promises alone are not all. */
export function createManualClock(start: number = Date.UTC(2026, 0, 1), calm: () => Promise<void> = settle): ManualClock {
  interface Timer {
    readonly at: number
    readonly order: number
    callback: (() => void) | undefined
  }
  // Timers run on a clock of their own, which only goes forward, as those of browsers do.
  let elapsed = 0
  let offset = start
  let count = 0
  let pending = 0
  const timers = createHeap<Timer>((a, b) => (a.at === b.at ? a.order < b.order : a.at < b.at))

  return {
    now: () => offset + elapsed,
    setTimeout(callback, ms) {
      const timer: Timer = { at: elapsed + Math.max(0, ms), order: (count += 1), callback }
      timers.push(timer)
      pending += 1
      return () => {
        if (timer.callback === undefined) return
        timer.callback = undefined
        pending -= 1
      }
    },
    async advance(ms) {
      const end = elapsed + ms
      await calm()
      for (let next = timers.peek(); next !== undefined && next.at <= end; next = timers.peek()) {
        timers.pop()
        const { callback } = next
        if (callback === undefined) continue
        elapsed = Math.max(elapsed, next.at)
        next.callback = undefined
        pending -= 1
        callback()
        await calm()
      }
      elapsed = end
      await calm()
    },
    set(now) {
      offset = now - elapsed
    },
    get pending() {
      return pending
    },
  }
}

/** Node's own is quicker than a channel, and a simulation settles a million times. Taken once: fake timers put theirs in its place. */
const { setImmediate: immediately } = globalThis as { readonly setImmediate?: (callback: () => void) => void }

/** Lets every promise that can settle do so: a macrotask comes after all microtasks. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    if (immediately !== undefined) return immediately(resolve)
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
