'use client'
import { httpBackend } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { UploaderProvider, UploadPanel, useUploadSummary } from '@upload-panel/react'

const options = { backend: httpBackend({ url: '/uploads' }), realtime: sse({ url: '/uploads/events' }) }

export function Uploads() {
  return (
    <UploaderProvider options={options}>
      <Total />
      <UploadPanel placement="inline" theme="auto" />
    </UploaderProvider>
  )
}

function Total() {
  const { completed, total } = useUploadSummary()
  return (
    <p role="status">
      {completed} of {total} confirmed
    </p>
  )
}
