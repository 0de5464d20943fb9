'use client'
import type { Uploader } from '@upload-panel/core'
import { createContext } from 'react'

/** The uploader that the hooks below an `UploaderProvider` use. */
export const UploaderContext = createContext<Uploader | undefined>(undefined)
