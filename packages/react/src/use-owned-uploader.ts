'use client'
import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { useEffect, useState } from 'react'
import { createOwnedUploader } from './owned-uploader.js'

/**
 * An uploader made of the options of the first render, disposed of when the component is gone for good.
 * Without options: `undefined`.
 */
export function useOwnedUploader(options: UploaderOptions | undefined): Uploader | undefined {
  const [owned, setOwned] = useState(() => options && createOwnedUploader(options))

  useEffect(() => {
    if (owned === undefined) return undefined
    // A hidden `<Activity>` ends its effects and keeps its state: shown again, it needs a living uploader.
    if (owned.isDisposed && options !== undefined) {
      setOwned(createOwnedUploader(options))
      return undefined
    }
    return owned.retain()
    // Options are read when the uploader is made, as initial state is.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [owned])

  return owned?.uploader
}
