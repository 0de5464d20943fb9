'use client'
import { createComponent } from '@lit/react'
import { SyncStatus as SyncStatusElement } from '@upload-panel/widget/sync-status'
import * as React from 'react'
import { useNearestMonitor } from './use-status-monitor.js'

const Status = /* @__PURE__ */ createComponent({
  react: React,
  tagName: 'sync-status',
  elementClass: SyncStatusElement,
  displayName: 'SyncStatus',
})

/** Properties of `<sync-status>` but for its variant, and what every HTML element takes. */
export type SyncIndicatorProps = Omit<React.ComponentProps<typeof Status>, 'variant'>

/** Properties of {@link SyncStatusIndicators}. */
export type SyncStatusIndicatorsProps = SyncIndicatorProps & {
  /** The whole dashboard, not only the connection. @default false */
  readonly showDetails?: boolean
}

/** `<sync-status>` of a variant. Shows the `endpoint` or the `monitor` that it is given, else the nearest provider's server. */
function indicator(displayName: string, variant: SyncStatusElement['variant']) {
  const Indicator = React.forwardRef<SyncStatusElement, SyncIndicatorProps>(function Indicator(props, ref) {
    const nearest = useNearestMonitor()
    const monitor = props.monitor ?? (props.endpoint ? undefined : nearest)
    return <Status {...props} {...(monitor !== undefined && { monitor })} variant={variant} ref={ref} />
  })
  Indicator.displayName = displayName
  return Indicator
}

/** Connection, health, charts and every operation of the server. */
const Dashboard = /* @__PURE__ */ indicator('SyncStatusDashboard', 'full')
/** A dot and a word, for a header. */
export const CompactSyncIndicator = /* @__PURE__ */ indicator('CompactSyncIndicator', 'compact')
/** A small sign at a corner of the page. */
export const FloatingSyncStatus = /* @__PURE__ */ indicator('FloatingSyncStatus', 'floating')

/** What the server does, on any page: in a line, or with all details. */
export const SyncStatusIndicators = /* @__PURE__ */ React.forwardRef<SyncStatusElement, SyncStatusIndicatorsProps>(
  function SyncStatusIndicators({ showDetails = false, ...props }, ref) {
    return showDetails ? <Dashboard {...props} ref={ref} /> : <CompactSyncIndicator {...props} ref={ref} />
  },
)
