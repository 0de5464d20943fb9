import type { Clock } from '../clock.js'
import { epochMs, isTerminal, SUPERSEDED, type SyncStatusUpdate } from '../protocol/index.js'
import { createMinuteCount } from './minute-count.js'
import type { OperationChange } from './operations.js'

/** How the operations go that were heard of here. */
export interface PerformanceMetrics {
  readonly totalOperations: number
  /** Unfinished now. */
  readonly activeOperations: number
  /** Completed among those that completed or failed, 0..1; `null` before the first. What was cancelled, or superseded by a new attempt, is neither. */
  readonly successRate: number | null
  /** From beginning to end by the server's clock, in milliseconds, where the beginning was heard; `null` before the first. */
  readonly avgDuration: number | null
  /** Most operations that were unfinished at one time. */
  readonly peakConcurrency: number
  /** Failed among the last 100 that ended, 0..1; `null` before the first. */
  readonly errorRate: number | null
  /** Operations that ended in the last minute. */
  readonly throughput: number
  /** Until those that are unfinished will have ended, at the throughput of now; `null` where nothing ends. */
  readonly secondsLeft: number | null
  /** Change of the error rate against the 100 before, -1..1; `null` while there are none. */
  readonly trend: number | null
}

/** Kept by the change: a word costs the same, however many operations there are. */
export interface Metrics {
  /** `unfinished`: how many operations are, after the change. */
  take(change: OperationChange, unfinished: number): void
  read(unfinished: number): PerformanceMetrics
}

const WINDOW = 100

export function createMetrics(clock: Clock): Metrics {
  const ended = createMinuteCount(clock)
  /** The last operations that ended, in the order of their ends: whether each failed. */
  const ends = new Map<string, boolean>()
  const counts = { completed: 0, failed: 0, none: 0 }
  let total = 0
  let peak = 0
  let timed = 0
  let durationMs = 0

  return {
    take({ before, after: { update, beganAtMs }, source }, unfinished) {
      const id = update.operation_id
      const outcome = outcomeOf(update)
      const outcomeBefore = before && outcomeOf(before.update)
      peak = Math.max(peak, unfinished)
      if (outcomeBefore === undefined) total += 1
      else counts[outcomeBefore] -= 1
      counts[outcome] += 1
      // What had ended before anybody listened says nothing about this minute.
      if (isTerminal(update.status) && (before === undefined ? source === 'live' : !isTerminal(before.update.status))) ended.add()
      if (outcome === outcomeBefore) return
      ends.delete(id)
      if (outcome === 'none') return
      ends.set(id, outcome === 'failed')
      if (ends.size > 2 * WINDOW) ends.delete(ends.keys().next().value as string)
      const endedAtMs = epochMs(update.timestamp)
      if (before === undefined || beganAtMs === undefined || endedAtMs === undefined) return
      timed += 1
      durationMs += Math.max(0, endedAtMs - beganAtMs)
    },
    read(unfinished) {
      const outcomes = [...ends.values()].reverse()
      const errorRate = ratio(outcomes.slice(0, WINDOW))
      const earlier = ratio(outcomes.slice(WINDOW))
      const throughput = ended.read()
      return {
        totalOperations: total,
        activeOperations: unfinished,
        successRate: divide(counts.completed, counts.completed + counts.failed),
        avgDuration: divide(durationMs, timed),
        peakConcurrency: peak,
        errorRate,
        throughput,
        secondsLeft: divide(unfinished * 60, throughput),
        trend: errorRate === null || earlier === null ? null : errorRate - earlier,
      }
    },
  }
}

function outcomeOf({ status, error }: SyncStatusUpdate): 'completed' | 'failed' | 'none' {
  return status === 'completed' || (status === 'failed' && error?.code !== SUPERSEDED) ? status : 'none'
}

const divide = (share: number, whole: number) => (whole === 0 ? null : share / whole)

const ratio = (outcomes: readonly boolean[]) => divide(outcomes.filter(Boolean).length, outcomes.length)
