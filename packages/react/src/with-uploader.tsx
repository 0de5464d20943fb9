'use client'
import type { Uploader } from '@upload-panel/core'
import * as React from 'react'
import { UploaderContext } from './uploader-context.js'

/** What tells an element its uploader, in this order; an element finds the last two by itself. */
interface UploaderProps {
  readonly uploader?: Uploader | undefined
  readonly endpoint?: string | undefined
  readonly htmlFor?: string | undefined
}

/** The same component, which has the uploader of the nearest provider unless it is told of another one. */
export function withUploader<E, P extends UploaderProps>(
  Element: React.ForwardRefExoticComponent<P & React.RefAttributes<E>>,
): React.ForwardRefExoticComponent<React.PropsWithoutRef<P> & React.RefAttributes<E>> {
  const WithUploader = React.forwardRef<E, P>(function WithUploader(props, ref) {
    const provided = React.useContext(UploaderContext)
    const { endpoint, htmlFor, uploader = endpoint || htmlFor ? undefined : provided } = props
    return <Element {...(props as P)} {...(uploader !== undefined && { uploader })} ref={ref} />
  })
  WithUploader.displayName = Element.displayName
  return WithUploader
}
