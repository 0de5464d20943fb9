import type { Uploader } from '@upload-panel/core'

import '@upload-panel/widget/types/solid'

declare const uploader: Uploader

/** Attributes, properties, events, the ref, and what every element has. */
export const right = (
  <>
    <upload-panel
      ref={(panel) => panel.start()}
      class="tray"
      theme="light"
      prop:uploader={uploader}
      maxFiles={3}
      max-size="5000000"
      no-auto-start
      on:upload-completed={({ detail: { item } }) => void item.result}
      on:batch-completed={({ detail: { items } }) => void items.length}
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
    <upload-panel on:upload-added={({ detail: { item } }) => void item} />
    {/* @ts-expect-error not a public element */}
    <upload-panel-row />
  </>
)
