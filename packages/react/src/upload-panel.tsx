'use client'
import { createComponent } from '@lit/react'
import { UploadPanel as UploadPanelElement } from '@upload-panel/widget/upload-panel'
import * as React from 'react'
import { useShownUploader } from './use-shown-uploader.js'
import { UPLOADER_EVENTS } from './uploader-events.js'

const Panel = /* @__PURE__ */ createComponent({
  react: React,
  tagName: 'upload-panel',
  elementClass: UploadPanelElement,
  displayName: 'UploadPanel',
  events: UPLOADER_EVENTS,
})

/** Properties of `<upload-panel>`, its events as `onUpload…`, and what every HTML element takes. */
export type UploadPanelProps = React.ComponentProps<typeof Panel>

/**
 * `<upload-panel>` as a component. Shows the uploader that it is given, else the one that it makes from its `endpoint`,
 * else that of the nearest `UploaderProvider`.
 */
export const UploadPanel = /* @__PURE__ */ React.forwardRef<UploadPanelElement, UploadPanelProps>(function UploadPanel(props, ref) {
  const uploader = useShownUploader(props)
  return <Panel {...props} {...(uploader !== undefined && { uploader })} ref={ref} />
})
