'use client'
import type { UploaderOptions } from '@upload-panel/core'
import { createStatusMonitor, type StatusMonitor } from '@upload-panel/core/status'
import { useContext } from 'react'
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
  const monitor = useNearestMonitor()
  if (monitor !== undefined) return monitor
  throw new Error(
    'There is no status to follow here. Put <SyncStatusProvider options={…}> or <UploaderProvider options={…}> around the component that uses it.',
  )
}

function monitorOf(options: UploaderOptions): StatusMonitor {
  const { backend, realtime, environment, debug = false } = options
  const monitor =
    monitors.get(options) ??
    createStatusMonitor({ backend, debug, ...(realtime !== undefined && { realtime }), ...(environment !== undefined && { environment }) })
  monitors.set(options, monitor)
  return monitor
}
