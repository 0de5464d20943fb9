import type { UploadItem } from '@upload-panel/core'
import { useUploader, useUploadItem } from '@upload-panel/react'
import { memo } from 'react'

/** In `memo`: the progress of one file renders one row. */
export const FileRow = memo(function FileRow({ id }: { readonly id: string }) {
  const uploader = useUploader()
  const item = useUploadItem(id)
  if (item === undefined) return null
  const isOver = item.phase === 'completed' || item.phase === 'cancelled'
  return (
    <li className={`file ${item.phase}`}>
      <bdi className="name">{item.name}</bdi>
      <span className="state">{stateOf(item)}</span>
      <progress aria-label={`Progress of ${item.name}`} value={fractionOf(item)} />
      <span className="buttons">
        {item.phase === 'failed' && (
          <button type="button" aria-label={`Retry: ${item.name}`} onClick={() => uploader.retry(id)}>
            Retry
          </button>
        )}
        {isOver || item.phase === 'failed' ? (
          <button type="button" aria-label={`Remove: ${item.name}`} onClick={() => uploader.remove(id)}>
            Remove
          </button>
        ) : (
          <button type="button" aria-label={`Cancel: ${item.name}`} onClick={() => uploader.cancel(id)}>
            Cancel
          </button>
        )}
      </span>
    </li>
  )
})

function stateOf(item: UploadItem): string {
  if (item.paused) return 'Paused'
  switch (item.phase) {
    case 'uploading':
      return `Uploading ${Math.floor((item.sentBytes / item.size) * 100) || 0} %`
    case 'processing':
      return item.overdue ? 'Still checking…' : `Processing: ${item.server?.stage ?? 'waiting'}`
    case 'waiting':
    case 'failed':
      return item.error?.message ?? 'Waiting'
    case 'completed':
      return 'Confirmed'
    case 'cancelled':
      return 'Cancelled'
    default:
      return 'Queued'
  }
}

/** Bytes are the first half, the server’s work the second. */
function fractionOf(item: UploadItem): number {
  if (item.phase === 'completed') return 1
  if (item.phase === 'processing') return 0.5 + (item.server?.progress ?? 0) / 200
  return item.phase === 'uploading' && item.size > 0 ? item.sentBytes / item.size / 2 : 0
}
