'use client'
import type { UploaderOptions } from '@upload-panel/core'
import { createContext } from 'react'

/** What an `UploaderProvider` made its uploader of: the same server can be asked about more than uploads. */
export const UploaderOptionsContext = createContext<UploaderOptions | undefined>(undefined)
