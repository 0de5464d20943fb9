'use client'
import type { Uploader } from '@upload-panel/core'
import { useContext } from 'react'
import { UploaderContext } from './uploader-context.js'

/** The uploader that an element is given, unless it finds one by itself: by its `endpoint`, or by the `htmlFor` that names another element. */
export function useShownUploader({
  uploader,
  endpoint,
  htmlFor,
}: {
  readonly uploader?: Uploader | undefined
  readonly endpoint?: string | undefined
  readonly htmlFor?: string | undefined
}): Uploader | undefined {
  const provided = useContext(UploaderContext)
  return uploader ?? (endpoint || htmlFor ? undefined : provided)
}
