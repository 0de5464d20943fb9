'use client'
import { createComponent, type EventName } from '@lit/react'
import { UploadQueue as UploadQueueElement, type UploadQueueEventMap } from '@upload-panel/widget/upload-queue'
import * as React from 'react'
import { UPLOADER_EVENTS } from './uploader-events.js'
import { withUploader } from './with-uploader.js'

/** `<upload-queue>` as a component. Shows the order of the files of the uploader that it is given, or finds by `endpoint` or `htmlFor`, else of the nearest `UploaderProvider`. */
export const UploadQueue = /* @__PURE__ */ withUploader(
  /* @__PURE__ */ createComponent({
    react: React,
    tagName: 'upload-queue',
    elementClass: UploadQueueElement,
    displayName: 'UploadQueue',
    events: { ...UPLOADER_EVENTS, onOrderChanged: 'order-changed' as EventName<UploadQueueEventMap['order-changed']> },
  }),
)

/** Properties of `<upload-queue>`, its events as `onUpload…` and `onOrderChanged`, and what every HTML element takes. */
export type UploadQueueProps = React.ComponentProps<typeof UploadQueue>
