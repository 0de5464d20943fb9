import type { Clock } from '../clock.js'

/** The machine's time, which a test may put forward: for real servers and networks, which do not wait for a clock that stands still. */
export interface SkippingClock extends Clock {
  /** Puts it forward; what is due then runs in the order of its times, unless it is held. */
  skip(ms: number): void
  /** No timer runs any more, as in a page that the browser has frozen. */
  hold(): void
  /** Timers run again, first those that became due meanwhile. */
  release(): void
  /** Timers that wait. */
  readonly pending: number
}

export function createSkippingClock(): SkippingClock {
  interface Timer {
    readonly at: number
    readonly callback: () => void
    cancel(): void
  }
  const timers = new Set<Timer>()
  let skipped = 0
  let isHeld = false

  const now = () => Date.now() + skipped

  function arm(timer: Timer): void {
    timer.cancel()
    const handle = setTimeout(
      () => {
        runDue()
        // Timers may fire a moment before the clock says so.
        if (!isHeld && timers.has(timer)) arm(timer)
      },
      Math.max(0, timer.at - now()),
    )
    timer.cancel = () => clearTimeout(handle)
  }

  function runDue(): void {
    if (isHeld) return
    const due = [...timers].filter(({ at }) => at <= now()).sort((a, b) => a.at - b.at)
    for (const timer of due) {
      // One that ran before may have cancelled it.
      if (!timers.delete(timer)) continue
      timer.cancel()
      timer.callback()
    }
  }

  function runAndArm(): void {
    runDue()
    for (const timer of timers) arm(timer)
  }

  return {
    now,
    setTimeout(callback, ms) {
      const timer: Timer = { at: now() + ms, callback, cancel() {} }
      timers.add(timer)
      arm(timer)
      return () => {
        timer.cancel()
        timers.delete(timer)
      }
    },
    skip(ms) {
      skipped += ms
      runAndArm()
    },
    hold() {
      isHeld = true
    },
    release() {
      isHeld = false
      runAndArm()
    },
    get pending() {
      return timers.size
    },
  }
}
