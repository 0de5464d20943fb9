import type { PerformanceMetrics, SystemHealth } from '../manager/metrics.js'
import type { Rooms, Route } from './rooms.js'

/** Answer of `GET /queries/health`. */
export interface HealthAnswer {
  readonly health: SystemHealth
  readonly metrics: PerformanceMetrics
  /** Event streams that are open. */
  readonly connections: number
}

/** `GET /queries/health` */
export function healthRoute({ access, manager, sse }: Rooms): Route {
  return async ({ request }): Promise<HealthAnswer> => {
    await access.subject(request, 'read-health')
    return { health: manager.health(), metrics: manager.metrics(), connections: sse.size() }
  }
}
