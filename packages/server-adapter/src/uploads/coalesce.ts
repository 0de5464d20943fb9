import type { Clock } from '../clock.js'

/** Gathers changes, so that at most one is written in an interval. */
export interface Coalescer<T extends object> {
  /** Written at once where nothing was for an interval, and else together with what else comes until then. */
  push(change: T): void
  /** Writes what is waiting now, and waits for all that was begun. */
  flush(): Promise<void>
  /** Forgets what is waiting. */
  stop(): void
}

export interface CoalescerOptions<T extends object> {
  readonly clock: Clock
  readonly intervalMs: number
  /** Must not reject. */
  write(change: T): Promise<void>
}

export function createCoalescer<T extends object>({ clock, intervalMs, write }: CoalescerOptions<T>): Coalescer<T> {
  let waiting: T | undefined
  let cancelTimer: (() => void) | undefined
  let written = Promise.resolve()

  function writeWaiting(): void {
    const change = waiting
    if (change === undefined) return
    waiting = undefined
    written = written.then(() => write(change))
  }
  function onInterval(): void {
    cancelTimer = undefined
    if (waiting === undefined) return
    writeWaiting()
    cancelTimer = clock.setTimeout(onInterval, intervalMs)
  }
  function stop(): void {
    waiting = undefined
    cancelTimer?.()
    cancelTimer = undefined
  }

  return {
    push(change) {
      waiting = { ...waiting, ...change }
      if (cancelTimer !== undefined) return
      writeWaiting()
      cancelTimer = clock.setTimeout(onInterval, intervalMs)
    },
    async flush() {
      writeWaiting()
      await written
    },
    stop,
  }
}
