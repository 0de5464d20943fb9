import type { UploadItem } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'

/** What an event of `<upload-progress>` is about: an operation of the server, or an upload of this page. */
export type ProgressDetail =
  | { readonly operation: SyncStatusUpdate; readonly item?: undefined }
  | { readonly item: UploadItem; readonly operation?: undefined }

/** Events of `<upload-progress>`: they bubble, cross shadow boundaries, and carry a frozen `detail`. */
export interface UploadProgressEventMap {
  /** It is completed; also said of one that had ended before anybody looked. */
  'progress-completed': CustomEvent<ProgressDetail>
  'progress-failed': CustomEvent<ProgressDetail>
  'progress-cancelled': CustomEvent<ProgressDetail>
  /** The server took its confirmation back. */
  'progress-revoked': CustomEvent<ProgressDetail>
}

declare global {
  interface HTMLElementEventMap extends UploadProgressEventMap {}
}
