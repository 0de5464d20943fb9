import { createUploader, type Uploader, type UploaderOptions } from '@upload-panel/core'

/** An uploader whose life is that of the component that made it. */
export interface OwnedUploader {
  readonly uploader: Uploader
  readonly isDisposed: boolean
  /** Holds the uploader for as long as a component is mounted; the returned function lets go. The last one to let go disposes of it. */
  retain(): () => void
}

export function createOwnedUploader(options: UploaderOptions): OwnedUploader {
  const uploader = createUploader(options)
  let holders = 0
  let isDisposed = false

  function disposeIfUnheld(): void {
    if (holders > 0 || isDisposed) return
    isDisposed = true
    void uploader.dispose()
  }

  return {
    uploader,
    get isDisposed() {
      return isDisposed
    },
    retain() {
      let isHeld = true
      holders += 1
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
