'use client'
import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { useState, useSyncExternalStore } from 'react'
import { createOwnedUploader } from './owned-uploader.js'

/** An uploader made of the options of the first render, disposed of when the component is gone for good. */
export function useOwnedUploader(options: UploaderOptions): Uploader {
  const [{ get, subscribe }] = useState(() => createOwnedUploader(options))
  return useSyncExternalStore(subscribe, get, get)
}
