import type { Clock } from '../clock.js'

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on and runs what is due on the way, in order. */
  advance(ms: number): void
}

export function manualClock(startMs = Date.parse('2026-01-01T00:00:00Z')): ManualClock {
  let nowMs = startMs
  let timers: { readonly at: number; readonly callback: () => void }[] = []
  return {
    now: () => nowMs,
    setTimeout(callback, ms) {
      const timer = { at: nowMs + ms, callback }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const end = nowMs + ms
      while (true) {
        const due = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers = timers.filter((timer) => timer !== due)
        nowMs = Math.max(nowMs, due.at)
        due.callback()
      }
      nowMs = end
    },
  }
}
