'use client'
import { createComponent, type EventName } from '@lit/react'
import { UploadPanel as UploadPanelElement, type UploadPanelEventMap } from '@upload-panel/widget/upload-panel'
import * as React from 'react'
import { UploaderContext } from './uploader-context.js'

type PanelEvent<E extends keyof UploadPanelEventMap> = EventName<UploadPanelEventMap[E]>

const Panel = /* @__PURE__ */ createComponent({
  react: React,
  tagName: 'upload-panel',
  elementClass: UploadPanelElement,
  displayName: 'UploadPanel',
  events: {
    onUploadAdded: 'upload-added' as PanelEvent<'upload-added'>,
    onUploadRejected: 'upload-rejected' as PanelEvent<'upload-rejected'>,
    onUploadStarted: 'upload-started' as PanelEvent<'upload-started'>,
    onUploadTransferred: 'upload-transferred' as PanelEvent<'upload-transferred'>,
    onUploadCompleted: 'upload-completed' as PanelEvent<'upload-completed'>,
    onUploadFailed: 'upload-failed' as PanelEvent<'upload-failed'>,
    onUploadRevoked: 'upload-revoked' as PanelEvent<'upload-revoked'>,
    onUploadCancelled: 'upload-cancelled' as PanelEvent<'upload-cancelled'>,
    onBatchCompleted: 'batch-completed' as PanelEvent<'batch-completed'>,
  },
})

/** Properties of `<upload-panel>`, its events as `onUpload…`, and what every HTML element takes. */
export type UploadPanelProps = React.ComponentProps<typeof Panel>

/**
 * `<upload-panel>` as a component. Shows the uploader that it is given, else the one that it makes from its `endpoint`,
 * else that of the nearest `UploaderProvider`.
 */
export const UploadPanel = /* @__PURE__ */ React.forwardRef<UploadPanelElement, UploadPanelProps>(function UploadPanel(props, ref) {
  const provided = React.useContext(UploaderContext)
  const uploader = props.uploader ?? (props.endpoint ? undefined : provided)
  return <Panel {...props} {...(uploader !== undefined && { uploader })} ref={ref} />
})
