'use client'
import { EMPTY_SUMMARY, type UploadSummary } from '@upload-panel/core'
import { useAtom } from './use-atom.js'
import { useUploader } from './use-uploader.js'

/** Totals over all items. Renders again at most once a frame; a server, which has no queue, renders those of an empty one. */
export function useUploadSummary(): UploadSummary {
  return useAtom(useUploader().$summary, EMPTY_SUMMARY)
}
