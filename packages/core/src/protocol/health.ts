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
export interface HealthSigns {
  /** Failed among the last 100 that ended, 0..1. */
  readonly errorRate: number | null
  /** From the server's word to its arrival, 95th percentile, milliseconds. */
  readonly p95LatencyMs: number | null
  /** Share of the time, 0..1. */
  readonly connected: number | null
}

/** An update that comes within this time is quick enough, in milliseconds. */
const QUICK_MS = 500

/** What the score is made of. */
export interface HealthPart {
  readonly sign: 'success' | 'quickness' | 'connected'
  /** Out of 100. */
  readonly weight: number
  /** 0..1, where 1 is best; `null`: not known, and not part of the score. */
  readonly value: number | null
}

/** The parts of the score, the weightiest first. */
export function healthParts({ errorRate, p95LatencyMs, connected }: HealthSigns): readonly HealthPart[] {
  return [
    { sign: 'success', weight: 60, value: errorRate === null ? null : 1 - errorRate },
    { sign: 'quickness', weight: 25, value: p95LatencyMs === null ? null : Math.min(1, QUICK_MS / p95LatencyMs) },
    { sign: 'connected', weight: 15, value: connected },
  ]
}

export function judgeHealth(signs: HealthSigns, nowMs: number): SystemHealth {
  const failing = signs.errorRate ?? 0
  let points = 0
  let weights = 0
  for (const { weight, value } of healthParts(signs)) {
    if (value === null) continue
    points += weight * value
    weights += weight
  }
  return {
    status: failing < 0.05 ? 'healthy' : failing <= 0.1 ? 'warning' : 'critical',
    // Where nothing is known nothing bad is.
    score: weights === 0 ? 100 : Math.round((points / weights) * 100),
    errorRate: failing,
    checkedAt: new Date(nowMs).toISOString(),
  }
}
