'use client'
import { NOTHING, useAtom } from './use-atom.js'
import { useUploader } from './use-uploader.js'

/**
 * Ids of all items in queue order. Renders again when items come, go or move, and never for their progress:
 * with `useUploadItem` in each row, a list of thousands renders one row for one file's progress.
 */
export function useUploadIds(): readonly string[] {
  return useAtom<readonly string[]>(useUploader().$ids, NOTHING)
}
