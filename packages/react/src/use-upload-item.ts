'use client'
import type { UploadItem } from '@upload-panel/core'
import { useMemo } from 'react'
import { useAtom } from './use-atom.js'
import { useUploader } from './use-uploader.js'

/** One item; `undefined` for an id that the queue does not have. Renders again for this item's changes only, at most once a frame. */
export function useUploadItem(id: string): UploadItem | undefined {
  const uploader = useUploader()
  const $item = useMemo(() => uploader.$item(id), [uploader, id])
  return useAtom<UploadItem | undefined>($item, undefined)
}
