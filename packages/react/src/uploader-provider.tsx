'use client'
import type { Uploader, UploaderOptions } from '@upload-panel/core'
import { type ReactNode, useState } from 'react'
import { UploaderContext } from './uploader-context.js'
import { UploaderOptionsContext } from './uploader-options-context.js'
import { useOwnedUploader } from './use-owned-uploader.js'

/** Either an uploader that the app owns, or options to make one from. */
export type UploaderProviderProps =
  | {
      /** Made and disposed of by the app: its uploads outlive this component. */
      readonly uploader: Uploader
      readonly options?: never
      readonly children?: ReactNode
    }
  | {
      /** What to make an uploader of. It ends with this component. Read once: to start over with other options, change the provider's `key`. */
      readonly options: UploaderOptions
      readonly uploader?: never
      readonly children?: ReactNode
    }

/**
 * Gives an uploader to the hooks below it.
 *
 * @example
 * <UploaderProvider options={{ backend: httpBackend({ url: '/uploads' }), realtime: sse({ url: '/uploads/events' }) }}>
 *   <UploadPanel />
 * </UploaderProvider>
 */
export function UploaderProvider({ uploader, options, children }: UploaderProviderProps): ReactNode {
  if (uploader === undefined) return <OwningProvider options={options}>{children}</OwningProvider>
  return (
    <UploaderOptionsContext.Provider value={undefined}>
      <UploaderContext.Provider value={uploader}>{children}</UploaderContext.Provider>
    </UploaderOptionsContext.Provider>
  )
}

function OwningProvider({ options, children }: { readonly options: UploaderOptions; readonly children: ReactNode }): ReactNode {
  // Those of the first render, of which the uploader is made.
  const [first] = useState(options)
  return (
    <UploaderOptionsContext.Provider value={first}>
      <UploaderContext.Provider value={useOwnedUploader(first)}>{children}</UploaderContext.Provider>
    </UploaderOptionsContext.Provider>
  )
}
