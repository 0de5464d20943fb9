import { type HealthSigns, judgeHealth } from '../protocol/index.js'
import { NOT_CONNECTED } from '../realtime/transport.js'
import type { PerformanceMetrics } from './metrics.js'

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

/** What a page shows while it has no monitor, or knows nothing yet: a server that renders it, for one. */
export const IDLE_STATUS = /* @__PURE__ */ Object.freeze({
  connection: NOT_CONNECTED,
  metrics,
  signs,
  health: /* @__PURE__ */ judgeHealth(signs, 0),
})
