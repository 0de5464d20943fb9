'use client'
import { createComponent } from '@lit/react'
import { UploadPanel as UploadPanelElement } from '@upload-panel/widget/upload-panel'
import * as React from 'react'
import { UPLOADER_EVENTS } from './uploader-events.js'
import { withUploader } from './with-uploader.js'

/**
 * `<upload-panel>` as a component. Shows the uploader that it is given, else the one that it makes from its `endpoint`,
 * else that of the nearest `UploaderProvider`.
 */
export const UploadPanel = /* @__PURE__ */ withUploader(
  /* @__PURE__ */ createComponent({
    react: React,
    tagName: 'upload-panel',
    elementClass: UploadPanelElement,
    displayName: 'UploadPanel',
    events: UPLOADER_EVENTS,
  }),
)

/** Properties of `<upload-panel>`, its events as `onUpload…`, and what every HTML element takes. */
export type UploadPanelProps = React.ComponentProps<typeof UploadPanel>
