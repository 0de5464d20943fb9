'use client'
import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { useEffect, useState } from 'react'
import { createOwnedUploader } from './owned-uploader.js'

/** An uploader made of the options of the first render, disposed of when the component is gone for good. */
export function useOwnedUploader(options: UploaderOptions): Uploader {
  const [owned, setOwned] = useState(() => createOwnedUploader(options))

  useEffect(() => {
    if (!owned.isDisposed) return owned.retain()
    // A hidden `<Activity>` ends its effects and keeps its state: shown again, it needs a living uploader.
    setOwned(createOwnedUploader(options))
    return undefined
    // Options are read when the uploader is made, as initial state is.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [owned])

  return owned.uploader
}
