import { NOT_CONNECTED } from '@upload-panel/core'
import { type HealthSigns, judgeHealth } from '@upload-panel/core/protocol'
import type { PerformanceMetrics } from '@upload-panel/core/status'

const metrics: PerformanceMetrics = {
  totalOperations: 0,
  activeOperations: 0,
  successRate: null,
  avgDuration: null,
  peakConcurrency: 0,
  errorRate: null,
  throughput: 0,
  secondsLeft: null,
  trend: null,
}
const signs: HealthSigns = { errorRate: null, p95LatencyMs: null, connected: null }

/** What is shown while there is no monitor. */
export const IDLE_STATUS = { connection: NOT_CONNECTED, metrics, signs, health: judgeHealth(signs, 0) }
