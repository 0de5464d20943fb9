'use client'
import { createStatusMonitor, type StatusMonitor, type StatusMonitorOptions } from '@upload-panel/core/status'
import { type ReactNode, useState } from 'react'
import { onPageConnection } from './on-page-connection.js'
import { StatusContext } from './status-context.js'

/** Either a monitor that the app owns, or options to make one from. */
export type SyncStatusProviderProps =
  | { readonly monitor: StatusMonitor; readonly options?: never; readonly children?: ReactNode }
  | {
      /** Read once: for other options, change the provider's `key`. */
      readonly options: StatusMonitorOptions
      readonly monitor?: never
      readonly children?: ReactNode
    }

/**
 * Gives the status of all that the server does to the hooks below it, on a page that need not upload anything. Below an `UploaderProvider` with
 * `options` it is not needed: the hooks ask the same server.
 *
 * @example
 * <SyncStatusProvider options={{ realtime: sse({ url: '/uploads/events' }), backend: statusRoutes({ url: '/uploads' }) }}>
 *   <Operations />
 * </SyncStatusProvider>
 */
export function SyncStatusProvider({ monitor, options, children }: SyncStatusProviderProps): ReactNode {
  if (monitor === undefined) return <OwningProvider options={options}>{children}</OwningProvider>
  return <StatusContext.Provider value={monitor}>{children}</StatusContext.Provider>
}

/** A monitor that nobody listens to has no connection and no timer: there is nothing to end. */
function OwningProvider({ options, children }: { readonly options: StatusMonitorOptions; readonly children: ReactNode }): ReactNode {
  const [monitor] = useState(() => createStatusMonitor(onPageConnection(options)))
  return <StatusContext.Provider value={monitor}>{children}</StatusContext.Provider>
}
