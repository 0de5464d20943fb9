'use client'
import { createComponent, type EventName } from '@lit/react'
import type { Uploader } from '@upload-panel/core'
import {
  type ProgressDetail,
  UploadProgress as UploadProgressElement,
  type UploadProgressEventMap,
} from '@upload-panel/widget/upload-progress'
import * as React from 'react'
import { UploaderContext } from './uploader-context.js'
import { $nothing, useAtom } from './use-atom.js'
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
 * `<upload-progress>` as a component, by its `uploadId`: an item of the nearest `UploaderProvider`, with its bytes, else an operation of the server, of which
 * the nearest provider is asked. An `uploader`, `endpoint` or `monitor` that it is given comes before both.
 */
export const UploadProgress = /* @__PURE__ */ React.forwardRef<UploadProgressElement, UploadProgressProps>(function UploadProgress(
  { onComplete, onError, onCancel, ...props },
  ref,
) {
  const nearest = useNearestMonitor()
  const isTold = Boolean(props.uploader ?? props.monitor ?? props.endpoint)
  const uploader = useUploaderWith(isTold ? undefined : props.uploadId)
  return (
    <Progress
      {...props}
      {...(!isTold && (uploader ? { uploader } : nearest && { monitor: nearest }))}
      onProgressCompleted={({ detail }) => onComplete?.(detail)}
      onProgressFailed={({ detail }) => onError?.(detail)}
      onProgressCancelled={({ detail }) => onCancel?.(detail)}
      ref={ref}
    />
  )
})

/** The nearest provider's uploader while this is an item of its, which it may become: a queue that is kept comes back later. */
function useUploaderWith(id: string | undefined): Uploader | undefined {
  const uploader = React.useContext(UploaderContext)
  const $isItem = React.useMemo(() => {
    const $item = id === undefined ? undefined : uploader?.$item(id)
    return $item ? { get: () => $item.get() !== undefined, listen: $item.listen } : $nothing
  }, [uploader, id])
  return useAtom<boolean | undefined>($isItem, false) ? uploader : undefined
}
