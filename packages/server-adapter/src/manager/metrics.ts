import { judgeHealth, type OperationStatus, type SystemHealth } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'

/** How the server's operations have gone since it started, but for the total. */
export interface PerformanceMetrics {
  /** Of all time. */
  readonly totalOperations: number
  /** Completed among those that completed or failed, 0..1; `null` before the first. */
  readonly successRate: number | null
  /** From creation to end, milliseconds; `null` before the first. */
  readonly avgDuration: number | null
  /** Most operations that were unfinished at one time. */
  readonly peakConcurrency: number
  /** Failed among the last 100 that ended, 0..1; `null` before the first. */
  readonly errorRate: number | null
  /** Operations that ended in the last minute. */
  readonly throughput: number
  /** Change of the error rate against the 100 before, -1..1; `null` while there are none. */
  readonly trend: number | null
}

export interface Metrics {
  /** How many operations there were before this process. */
  load(totalOperations: number, unfinished: number): void
  started(): void
  reopened(): void
  ended(status: OperationStatus, durationMs: number): void
  performance(): PerformanceMetrics
  health(): SystemHealth
}

const WINDOW = 100
const MINUTE_MS = 60_000
/** Most ends that are remembered for the throughput of a minute. */
const MAX_ENDS = 100_000

/** Counts as things happen: O(1) each, however many operations there are. */
export function createMetrics(clock: Clock): Metrics {
  let total = 0
  let unfinished = 0
  let peak = 0
  let completed = 0
  let failed = 0
  let durationMs = 0
  /** The last 200 ends, oldest first: whether each was a failure. */
  let lastEnds: boolean[] = []
  /** When operations ended in the last minute, oldest first. */
  let endTimes: number[] = []

  const failures = (ends: readonly boolean[]) => (ends.length === 0 ? null : ends.filter(Boolean).length / ends.length)
  function rise(): void {
    unfinished += 1
    peak = Math.max(peak, unfinished)
  }
  function forgetOldEnds(now: number): void {
    const firstKept = endTimes.findIndex((time) => time > now - MINUTE_MS)
    endTimes = firstKept === -1 ? [] : endTimes.slice(firstKept)
  }

  return {
    load(totalOperations, alreadyUnfinished) {
      total = totalOperations
      unfinished = alreadyUnfinished
      peak = alreadyUnfinished
    },
    started() {
      total += 1
      rise()
    },
    reopened: rise,
    ended(status, ms) {
      unfinished -= 1
      endTimes.push(clock.now())
      if (endTimes.length > MAX_ENDS) endTimes = endTimes.slice(-MAX_ENDS / 2)
      // What a person cancelled says nothing about how well the server does.
      if (status === 'cancelled') return
      if (status === 'completed') completed += 1
      else failed += 1
      durationMs += ms
      lastEnds.push(status === 'failed')
      if (lastEnds.length > 4 * WINDOW) lastEnds = lastEnds.slice(-2 * WINDOW)
    },
    performance() {
      const ends = completed + failed
      const errorRate = failures(lastEnds.slice(-WINDOW))
      const before = failures(lastEnds.slice(-2 * WINDOW, -WINDOW))
      forgetOldEnds(clock.now())
      return {
        totalOperations: total,
        successRate: ends === 0 ? null : completed / ends,
        avgDuration: ends === 0 ? null : durationMs / ends,
        peakConcurrency: peak,
        errorRate,
        throughput: endTimes.length,
        trend: errorRate === null || before === null ? null : errorRate - before,
      }
    },
    // How long words take to arrive only their receivers know.
    health: () => judgeHealth({ errorRate: failures(lastEnds.slice(-WINDOW)), p95LatencyMs: null, connected: null }, clock.now()),
  }
}
