/** Whether the operations go well, and their words come. */
export interface SystemHealth {
  /** By error rate: under 5 % healthy, up to 10 % warning, above critical. */
  readonly status: 'healthy' | 'warning' | 'critical'
  /** 0..100: 60 % success, 25 % how quickly updates come, 15 % how long it was connected; what is not known is left out, and the others count for more. */
  readonly score: number
  /** Failed among the last 100 that ended, 0..1; 0 before the first. */
  readonly errorRate: number
  /** When it was judged, ISO 8601. */
  readonly checkedAt: string
}

/** What is known to judge by; `null` where it is not. */
export interface Signs {
  readonly errorRate: number | null
  /** From the server's word to its arrival, 95th percentile, milliseconds. */
  readonly p95LatencyMs: number | null
  /** Share of the time, 0..1. */
  readonly connected: number
}

/** An update that comes within this time is quick enough, in milliseconds. */
const QUICK_MS = 500

export function judgeHealth({ errorRate, p95LatencyMs, connected }: Signs, nowMs: number): SystemHealth {
  const failing = errorRate ?? 0
  const successWeight = errorRate === null ? 0 : 60
  const quicknessWeight = p95LatencyMs === null ? 0 : 25
  const points = successWeight * (1 - failing) + quicknessWeight * Math.min(1, QUICK_MS / (p95LatencyMs ?? 1)) + 15 * connected
  return {
    status: failing < 0.05 ? 'healthy' : failing <= 0.1 ? 'warning' : 'critical',
    score: Math.round((points / (successWeight + quicknessWeight + 15)) * 100),
    errorRate: failing,
    checkedAt: new Date(nowMs).toISOString(),
  }
}
