import { polling } from '@upload-panel/core/polling'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, type StatusMonitor, statusRoutes } from '@upload-panel/core/status'

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

/** `/uploads`, `/uploads/` and the whole address are one server. */
export function monitorKey({ endpoint, realtime }: MonitorSettings): string {
  const base = globalThis.document?.baseURI
  const address = URL.canParse(endpoint, base) ? new URL(endpoint, base).href : endpoint
  return `${realtime} ${withoutEnd(address)}`
}

/** The one registry of the page. */
export const leaseMonitor = createSharedMonitors(({ endpoint, realtime }) =>
  createStatusMonitor({
    backend: statusRoutes({ url: endpoint }),
    realtime: realtime === 'sse' ? sse({ url: `${withoutEnd(endpoint)}/events` }) : polling(),
  }),
)

const withoutEnd = (address: string) => address.replace(/\/+$/, '')
