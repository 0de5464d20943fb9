import type { SetTimer } from '../text/voice.js'

/** Time that passes when a test says so. */
export function manualTimer(): { readonly setTimer: SetTimer; advance(ms: number): void } {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>()
  let now = 0
  return {
    setTimer(callback, ms) {
      const timer = { at: now + ms, callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance(ms) {
      const end = now + ms
      for (;;) {
        const [due] = Array.from(timers)
          .filter((timer) => timer.at <= end)
          .sort((a, b) => a.at - b.at)
        if (!due) break
        now = due.at
        timers.delete(due)
        due.callback()
      }
      now = end
    },
  }
}
