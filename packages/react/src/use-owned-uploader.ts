'use client'
import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { useEffect, useState } from 'react'
import { createOwnedUploader } from './owned-uploader.js'

/** An uploader that is disposed of when the component is gone for good. @param options the same object each time */
export function useOwnedUploader(options: UploaderOptions): Uploader {
  const [owned, setOwned] = useState(() => createOwnedUploader(options))

  useEffect(() => {
    if (!owned.isDisposed) return owned.retain()
    // A hidden `<Activity>` ends its effects and keeps its state: shown again, it needs a living uploader.
    setOwned(createOwnedUploader(options))
    return undefined
  }, [owned, options])

  return owned.uploader
}
