'use client'
import { createComponent } from '@lit/react'
import { UploadDropzone as UploadDropzoneElement } from '@upload-panel/widget/upload-dropzone'
import * as React from 'react'
import { UPLOADER_EVENTS } from './uploader-events.js'
import { withUploader } from './with-uploader.js'

/** `<upload-dropzone>` as a component. Takes files for the uploader that it is given, or finds by `endpoint` or `htmlFor`, else for that of the nearest `UploaderProvider`. */
export const UploadDropzone = /* @__PURE__ */ withUploader(
  /* @__PURE__ */ createComponent({
    react: React,
    tagName: 'upload-dropzone',
    elementClass: UploadDropzoneElement,
    displayName: 'UploadDropzone',
    events: UPLOADER_EVENTS,
  }),
)

/** Properties of `<upload-dropzone>`, its events as `onUpload…`, and what every HTML element takes. */
export type UploadDropzoneProps = React.ComponentProps<typeof UploadDropzone>
