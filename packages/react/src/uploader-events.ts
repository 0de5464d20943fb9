import type { EventName } from '@lit/react'
import type { UploadPanelEventMap } from '@upload-panel/widget/upload-panel'

type UploaderEvent<E extends keyof UploadPanelEventMap> = EventName<UploadPanelEventMap[E]>

/** What every element with an uploader tells, as properties of a component. */
export const UPLOADER_EVENTS = {
  onUploadAdded: 'upload-added' as UploaderEvent<'upload-added'>,
  onUploadRejected: 'upload-rejected' as UploaderEvent<'upload-rejected'>,
  onUploadStarted: 'upload-started' as UploaderEvent<'upload-started'>,
  onUploadTransferred: 'upload-transferred' as UploaderEvent<'upload-transferred'>,
  onUploadCompleted: 'upload-completed' as UploaderEvent<'upload-completed'>,
  onUploadFailed: 'upload-failed' as UploaderEvent<'upload-failed'>,
  onUploadRevoked: 'upload-revoked' as UploaderEvent<'upload-revoked'>,
  onUploadCancelled: 'upload-cancelled' as UploaderEvent<'upload-cancelled'>,
  onBatchCompleted: 'batch-completed' as UploaderEvent<'batch-completed'>,
}
