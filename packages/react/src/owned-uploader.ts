import { createUploader, type Uploader, type UploaderOptions } from '@upload-panel/core'
import { onPageConnection } from './on-page-connection.js'

/** An uploader whose life is that of the component that made it, as a store that a component subscribes to. */
export interface OwnedUploader {
  /** The one that lives, or would when somebody subscribes. */
  get(): Uploader
  /** Holds the uploader for as long as a component is mounted; the returned function lets go. The last one to let go ends it. */
  subscribe(onChange: () => void): () => void
}

export function createOwnedUploader(given: UploaderOptions): OwnedUploader {
  const options = onPageConnection(given)
  let uploader = createUploader(options)
  let holders = 0
  let isDisposed = false

  function disposeIfUnheld(): void {
    if (holders > 0 || isDisposed) return
    isDisposed = true
    void uploader.dispose()
  }

  return {
    get: () => uploader,
    subscribe(onChange) {
      let isHeld = true
      holders += 1
      if (isDisposed) {
        // A hidden `<Activity>` ends its effects and keeps its state: shown again, it needs a living uploader.
        isDisposed = false
        uploader = createUploader(options)
        onChange()
      }
      return () => {
        if (!isHeld) return
        isHeld = false
        holders -= 1
        // StrictMode and Fast Refresh unmount and mount again within one task: only what stays unheld is over.
        queueMicrotask(disposeIfUnheld)
      }
    },
  }
}
