'use client'
import type { Uploader } from '@upload-panel/core'
import { useContext } from 'react'
import { provided } from './provided.js'
import { UploaderContext } from './uploader-context.js'

/**
 * The uploader of the nearest `UploaderProvider`, to add files and give commands. Never causes a render by itself.
 *
 * @throws Error where there is no provider above.
 */
export function useUploader(): Uploader {
  return provided(useContext(UploaderContext), 'uploader', 'UploaderProvider')
}
