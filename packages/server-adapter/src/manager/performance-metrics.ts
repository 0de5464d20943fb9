/** How the operations of all processes have gone since this one started, but for the total. */
export interface PerformanceMetrics {
  /** All that are kept. */
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
