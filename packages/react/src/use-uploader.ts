'use client'
import type { Uploader } from '@upload-panel/core'
import { useContext } from 'react'
import { missingProvider } from './missing-provider.js'
import { UploaderContext } from './uploader-context.js'

/**
 * The uploader of the nearest `UploaderProvider`, to add files and give commands. Never causes a render by itself.
 *
 * @throws Error where there is no provider above.
 */
export function useUploader(): Uploader {
  const uploader = useContext(UploaderContext)
  if (uploader === undefined) throw missingProvider('uploader', 'UploaderProvider')
  return uploader
}
