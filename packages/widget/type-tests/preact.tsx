import type { Uploader } from '@upload-panel/core'
import type { UploadPanel } from '@upload-panel/widget'
import '@upload-panel/widget/types/preact'
import { createRef } from 'preact'

declare const uploader: Uploader
const ref = createRef<UploadPanel>()

/** Attributes, properties, events, the ref, and what every element has. */
export const right = (
  <>
    <upload-panel
      ref={ref}
      key="panel"
      class="tray"
      theme="light"
      uploader={uploader}
      maxFiles={3}
      max-size="5000000"
      no-auto-start
      onupload-completed={({ detail: { item } }) => void item.result}
      onbatch-completed={({ detail: { items } }) => void items.length}
    />
    <upload-dropzone for="panel" accept="image/*" />
    <upload-queue for="panel" />
    <upload-progress />
    <sync-status theme="auto" />
  </>
)

export const wrong = (
  <>
    {/* @ts-expect-error no such theme */}
    <upload-panel theme="blue" />
    {/* @ts-expect-error no number */}
    <upload-panel max-size="large" />
    {/* @ts-expect-error no such property */}
    <upload-panel maxFile={3} />
    {/* @ts-expect-error it is there or it is not */}
    <upload-panel no-auto-start={false} />
    {/* @ts-expect-error another detail */}
    <upload-panel onupload-added={({ detail: { item } }) => void item} />
    {/* @ts-expect-error not a public element */}
    <upload-panel-row />
  </>
)
