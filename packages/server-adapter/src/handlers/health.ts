import type { SystemHealth } from '@upload-panel/core/protocol'
import type { PublisherState } from '../manager/feed.js'
import type { PerformanceMetrics } from '../manager/performance-metrics.js'
import type { ClientConnection, SystemSnapshot } from '../records/server-state.js'
import type { Rooms, Route } from './rooms.js'

/** Answer of `GET /queries/health`. */
export interface HealthAnswer {
  readonly health: SystemHealth
  readonly metrics: PerformanceMetrics
  /** Event streams that this node holds open. */
  readonly connections: number
  /** The asking subject's own clients, on all nodes. */
  readonly clients: readonly ClientConnection[]
  /** Channels that updates go out on. Why one fails its operator knows: the text of an error may tell of the inside. */
  readonly publishers: readonly Omit<PublisherState, 'lastError'>[]
  /** How everything was in the last hours, oldest first. */
  readonly snapshots: readonly SystemSnapshot[]
}

const MAX_SNAPSHOTS = 24

/** `GET /queries/health` */
export function healthRoute({ access, manager, connections, sse }: Rooms): Route {
  return async ({ request }): Promise<HealthAnswer> => {
    const subject = await access.subject(request, 'read-health')
    return {
      health: manager.health(),
      metrics: manager.metrics(),
      connections: sse.size(),
      clients: await connections.list({ subject }),
      publishers: manager.publishers().map(withoutError),
      snapshots: await manager.snapshots(MAX_SNAPSHOTS),
    }
  }
}

function withoutError(publisher: PublisherState): Omit<PublisherState, 'lastError'> {
  const { lastError: _, ...state } = publisher
  return state
}
