import type { Clock } from './clock.js'

/** Gathers changes, so that at most one is written in an interval. */
export interface Coalescer<T extends object> {
  /** Written at once where nothing was for an interval, and else together with what else comes until then. */
  push(change: T): void
  /** What could not be written waits for the next interval, under what has come since. */
  putBack(change: T): void
  /** What is waiting, which is not written any more: for whoever writes it together with something else. Waits for what was begun. */
  take(): Promise<T | undefined>
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
  /** Nothing was pushed for an interval. */
  onIdle?(): void
}

export function createCoalescer<T extends object>({ clock, intervalMs, write, onIdle }: CoalescerOptions<T>): Coalescer<T> {
  let waiting: T | undefined
  let cancelTimer: (() => void) | undefined
  let written = Promise.resolve()
  let isWriting = false
  let dueAtMs = 0

  function writeWaiting(): void {
    const change = waiting
    if (change === undefined) return
    waiting = undefined
    isWriting = true
    written = written
      .then(() => write(change))
      .then(() => {
        isWriting = false
      })
  }
  function wait(): void {
    dueAtMs = clock.now() + intervalMs
    cancelTimer = clock.setTimeout(onInterval, intervalMs)
  }
  function onInterval(): void {
    cancelTimer = undefined
    if (waiting === undefined && !isWriting) {
      onIdle?.()
      return
    }
    // Where writes take longer than an interval, what comes meanwhile waits for the next one.
    if (!isWriting) writeWaiting()
    wait()
  }
  function stop(): void {
    waiting = undefined
    cancelTimer?.()
    cancelTimer = undefined
  }

  return {
    push(change) {
      waiting = { ...waiting, ...change }
      if (cancelTimer === undefined) {
        writeWaiting()
        wait()
      } else if (clock.now() >= dueAtMs) {
        // A loop that waits for nothing else keeps timers from their turn.
        cancelTimer()
        onInterval()
      }
    },
    putBack(change) {
      waiting = { ...change, ...waiting }
      if (cancelTimer === undefined) wait()
    },
    async take() {
      const change = waiting
      waiting = undefined
      await written
      return change
    },
    async flush() {
      writeWaiting()
      await written
    },
    stop,
  }
}
