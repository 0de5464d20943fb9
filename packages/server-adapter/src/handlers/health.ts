import type { SystemHealth } from '@upload-panel/core/protocol'
import type { ClientConnection } from '../records/server-state.js'
import type { PerformanceMetrics } from '../manager/metrics.js'
import type { Rooms, Route } from './rooms.js'

/** Answer of `GET /queries/health`. */
export interface HealthAnswer {
  readonly health: SystemHealth
  readonly metrics: PerformanceMetrics
  /** Event streams that are open. */
  readonly connections: number
  /** The asking subject's own clients, as far as they report how their connection stands. */
  readonly clients: readonly ClientConnection[]
}

/** `GET /queries/health` */
export function healthRoute({ access, manager, connections, sse }: Rooms): Route {
  return async ({ request }): Promise<HealthAnswer> => {
    const asking = await access.subject(request, 'read-health')
    return { health: manager.health(), metrics: manager.metrics(), connections: sse.size(), clients: connections.list(asking) }
  }
}
