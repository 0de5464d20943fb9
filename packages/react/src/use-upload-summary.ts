'use client'
import type { UploadSummary } from '@upload-panel/core'
import { useAtom } from './use-atom.js'
import { useUploader } from './use-uploader.js'

/** What a server, which has no queue, renders. */
const EMPTY: UploadSummary = Object.freeze({
  held: false,
  total: 0,
  queued: 0,
  active: 0,
  processing: 0,
  waiting: 0,
  paused: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  totalBytes: 0,
  sentBytes: 0,
  fraction: 0,
  bytesPerSecond: 0,
  secondsLeft: undefined,
})

/** Totals over all items. Renders again at most once a frame. */
export function useUploadSummary(): UploadSummary {
  return useAtom(useUploader().$summary, EMPTY)
}
