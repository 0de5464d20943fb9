import type { StatusMonitor } from '@upload-panel/core/status'
import type { ReactiveControllerHost } from 'lit'
import { leaseMonitor, type MonitorLease, monitorKey, type MonitorSettings } from './shared-monitors.js'

export interface MonitorController {
  /** The given one, else the one for the host's endpoint. */
  readonly current: StatusMonitor | undefined
  /** Uses somebody else's monitor, or none: it is never disposed of. */
  give(monitor: StatusMonitor | undefined): void
}

/**
 * Which monitor an element shows, and for how long: one for its endpoint is used as long as the element is in a document; being moved there, which
 * disconnects and connects in one task, ends nothing.
 */
export function monitorController(
  host: ReactiveControllerHost & HTMLElement,
  settings: () => MonitorSettings,
  lease: (settings: MonitorSettings) => MonitorLease = leaseMonitor,
): MonitorController {
  let given: StatusMonitor | undefined
  let own: MonitorLease | undefined
  let ownKey: string | undefined

  const use = (wanted: MonitorSettings | undefined) => {
    const key = wanted && monitorKey(wanted)
    if (key === ownKey) return
    const before = own
    own = wanted && lease(wanted)
    ownKey = key
    // After the new one: where both have the same connection it lives on.
    before?.release()
  }

  host.addController({
    hostConnected: () => host.requestUpdate(),
    hostDisconnected() {
      setTimeout(() => {
        if (!host.isConnected) use(undefined)
      })
    },
  })

  return {
    get current() {
      if (given) return given
      // What nobody sees any more must not open a connection that nobody would close.
      if (host.isConnected) use(settings().endpoint === '' ? undefined : settings())
      return own?.monitor
    },
    give(monitor) {
      given = monitor
      if (monitor) use(undefined)
      host.requestUpdate()
    },
  }
}
