'use client'
import type { UploaderOptions } from '@upload-panel/core'
import { createStatusMonitor, type StatusMonitor } from '@upload-panel/core/status'
import { useContext } from 'react'
import { provided } from './provided.js'
import { onPageConnection } from './on-page-connection.js'
import { StatusContext } from './status-context.js'
import { UploaderOptionsContext } from './uploader-options-context.js'

/** All components below one provider share one. */
const monitors = new WeakMap<UploaderOptions, StatusMonitor>()

/** The monitor of the nearest `SyncStatusProvider`, else one of the server that the nearest `UploaderProvider` was given in its `options`. */
export function useNearestMonitor(): StatusMonitor | undefined {
  const given = useContext(StatusContext)
  const options = useContext(UploaderOptionsContext)
  return given ?? (options && monitorOf(options))
}

/** @throws Error where there is none. */
export function useStatusMonitor(): StatusMonitor {
  return provided(useNearestMonitor(), 'status', 'SyncStatusProvider', 'UploaderProvider options={…}')
}

function monitorOf(options: UploaderOptions): StatusMonitor {
  const monitor = monitors.get(options) ?? createStatusMonitor(onPageConnection(options))
  monitors.set(options, monitor)
  return monitor
}
