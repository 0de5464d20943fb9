'use client'
import { createComponent, type EventName } from '@lit/react'
import {
  type ProgressDetail,
  UploadProgress as UploadProgressElement,
  type UploadProgressEventMap,
} from '@upload-panel/widget/upload-progress'
import * as React from 'react'
import { useNearestMonitor } from './use-status-monitor.js'

type ProgressEvent<E extends keyof UploadProgressEventMap> = EventName<UploadProgressEventMap[E]>

const Progress = /* @__PURE__ */ createComponent({
  react: React,
  tagName: 'upload-progress',
  elementClass: UploadProgressElement,
  displayName: 'UploadProgress',
  events: {
    onProgressCompleted: 'progress-completed' as ProgressEvent<'progress-completed'>,
    onProgressFailed: 'progress-failed' as ProgressEvent<'progress-failed'>,
    onProgressCancelled: 'progress-cancelled' as ProgressEvent<'progress-cancelled'>,
    onProgressRevoked: 'progress-revoked' as ProgressEvent<'progress-revoked'>,
  },
})

/** Properties of `<upload-progress>`, and what becomes of its operation. */
export type UploadProgressProps = Omit<
  React.ComponentProps<typeof Progress>,
  'onProgressCompleted' | 'onProgressFailed' | 'onProgressCancelled'
> & {
  readonly onComplete?: (detail: ProgressDetail) => void
  /** It failed. */
  readonly onError?: (detail: ProgressDetail) => void
  readonly onCancel?: (detail: ProgressDetail) => void
}

/**
 * `<upload-progress>` as a component: one operation of the server, by its `uploadId`. Asks the `endpoint` or the `monitor` that it is given, else the
 * nearest provider's server.
 */
export const UploadProgress = /* @__PURE__ */ React.forwardRef<UploadProgressElement, UploadProgressProps>(function UploadProgress(
  { onComplete, onError, onCancel, ...props },
  ref,
) {
  const nearest = useNearestMonitor()
  const monitor = props.monitor ?? (props.endpoint || props.uploader ? undefined : nearest)
  return (
    <Progress
      {...props}
      {...(monitor !== undefined && { monitor })}
      onProgressCompleted={({ detail }) => onComplete?.(detail)}
      onProgressFailed={({ detail }) => onError?.(detail)}
      onProgressCancelled={({ detail }) => onCancel?.(detail)}
      ref={ref}
    />
  )
})
