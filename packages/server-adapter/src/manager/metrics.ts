import { isTerminal, judgeHealth, type OperationStatus, type SystemHealth } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { PerformanceMetrics } from './performance-metrics.js'

export interface Metrics {
  /** Takes what the records count, now and then: of changes that came late some may have been missed here. The latest version is read before the count. */
  load(counted: { readonly total: number; readonly unfinished: number }, latestVersion: number): void
  /** Counts changes, whichever process made them, by rising version. */
  take(records: readonly OperationRecord[]): void
  unfinished(): number
  performance(): PerformanceMetrics
  health(): SystemHealth
}

const WINDOW = 100
const MINUTE_MS = 60_000
/** Most ends that are remembered for the throughput of a minute. */
const MAX_ENDS = 100_000
/** Operations of which it is remembered whether they have ended. */
const MAX_SEEN = 20_000

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
  /** Whether operations had ended when they were heard of last; who was heard of last comes last. */
  const seen = new Map<string, boolean>()
  let newestPosition = 0

  const failures = (ends: readonly boolean[]) => (ends.length === 0 ? null : ends.filter(Boolean).length / ends.length)
  function rise(): void {
    unfinished += 1
    peak = Math.max(peak, unfinished)
  }
  function forgetOldEnds(now: number): void {
    const firstKept = endTimes.findIndex((time) => time > now - MINUTE_MS)
    endTimes = firstKept === -1 ? [] : endTimes.slice(firstKept)
  }

  function end(status: OperationStatus, ms: number): void {
    unfinished = Math.max(0, unfinished - 1)
    endTimes.push(clock.now())
    if (endTimes.length > MAX_ENDS) endTimes = endTimes.slice(-MAX_ENDS / 2)
    // What a person cancelled says nothing about how well the server does.
    if (status === 'cancelled') return
    if (status === 'completed') completed += 1
    else failed += 1
    durationMs += ms
    lastEnds.push(status === 'failed')
    if (lastEnds.length > 4 * WINDOW) lastEnds = lastEnds.slice(-2 * WINDOW)
  }

  function take({ word, createdAtMs }: OperationRecord): void {
    const { operation_id, status, position = 0 } = word
    const changedAtMs = Date.parse(word.timestamp)
    const hadEnded = seen.get(operation_id)
    // A new attempt has the place of the one before it.
    const isNewAttempt = (word.attempt ?? 1) > 1 && changedAtMs === createdAtMs
    const isNew = hadEnded === undefined && (position > newestPosition || isNewAttempt)
    newestPosition = Math.max(newestPosition, position)
    remember(operation_id, isTerminal(status))
    if (isNew) total += 1
    if (isNew || (hadEnded === true && !isTerminal(status))) rise()
    if (hadEnded !== true && isTerminal(status)) end(status, Math.max(0, changedAtMs - createdAtMs))
  }

  function remember(operationId: string, hasEnded: boolean): void {
    seen.delete(operationId)
    seen.set(operationId, hasEnded)
    const [oldest] = seen.keys()
    if (seen.size > MAX_SEEN && oldest !== undefined) seen.delete(oldest)
  }

  return {
    load(counted, latestVersion) {
      newestPosition = Math.max(newestPosition, latestVersion)
      total = counted.total
      unfinished = counted.unfinished
      peak = Math.max(peak, unfinished)
    },
    take(records) {
      for (const record of records) take(record)
    },
    unfinished: () => unfinished,
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
