import { createAlarms } from '../alarms.js'
import type { Clock } from '../clock.js'

/** A deadline that would move by less than this is left where it is, in milliseconds: thousands of words a second need not move it each time. */
const GRAIN_MS = 1000

/** How long the server may say nothing of an item that it works on. */
export interface ProcessingDeadlines {
  /** It has said something just now. */
  prolong(id: string): void
  clear(id: string): void
  /** Finds what has passed while the page slept. */
  check(): void
  dispose(): void
}

/** @param afterMs of silence, in milliseconds */
export function createProcessingDeadlines(clock: Clock, afterMs: number, onPassed: (id: string) => void): ProcessingDeadlines {
  const setAt = new Map<string, number>()
  const { set, clear, check, dispose } = createAlarms<string>(clock, (id) => {
    setAt.delete(id)
    onPassed(id)
  })

  return {
    prolong(id) {
      const now = clock.now()
      const before = setAt.get(id)
      if (before !== undefined && Math.abs(now - before) < Math.min(GRAIN_MS, afterMs / 10)) return
      setAt.set(id, now)
      set(id, now + afterMs)
    },
    clear(id) {
      clear(id)
      setAt.delete(id)
    },
    check,
    dispose,
  }
}
