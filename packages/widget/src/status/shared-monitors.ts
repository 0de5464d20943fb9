import { createStatusMonitor, type StatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { serverAddress, serverStream } from '../shared/server-stream.js'

/** What the attributes of an element say about the monitor that it needs. */
export interface MonitorSettings {
  readonly endpoint: string
  readonly realtime: 'sse' | 'polling'
}

/** A monitor that others may use as well. */
export interface MonitorLease {
  readonly monitor: StatusMonitor
  /** Ends the use; the last one to go ends the monitor. Idempotent. */
  release(): void
}

/** Elements that speak with the same server share one connection, however many they are. */
export function createSharedMonitors(make: (settings: MonitorSettings) => StatusMonitor): (settings: MonitorSettings) => MonitorLease {
  const shared = new Map<string, { readonly monitor: StatusMonitor; users: number }>()

  return (settings) => {
    const key = monitorKey(settings)
    const entry = shared.get(key) ?? { monitor: make(settings), users: 0 }
    shared.set(key, entry)
    entry.users += 1
    let isReleased = false
    return {
      monitor: entry.monitor,
      release() {
        if (isReleased) return
        isReleased = true
        entry.users -= 1
        if (entry.users > 0) return
        shared.delete(key)
        entry.monitor.dispose()
      },
    }
  }
}

export const monitorKey = ({ endpoint, realtime }: MonitorSettings) => `${realtime} ${serverAddress(endpoint)}`

/** The one registry of the page. */
export const leaseMonitor = createSharedMonitors(({ endpoint, realtime }) =>
  createStatusMonitor({
    backend: statusRoutes({ url: endpoint }),
    ...(realtime === 'sse' && { realtime: serverStream(endpoint) }),
  }),
)
