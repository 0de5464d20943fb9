import type { ItemIn, RejectedFile, Uploader, UploadItem, UploadPhase } from '@upload-panel/core'

/** About one file, in a phase of its life. */
export interface UploadItemDetail<P extends UploadPhase = UploadPhase> {
  readonly item: ItemIn<P>
}
/** About the files of one `add`. */
export interface UploadItemsDetail {
  readonly items: readonly UploadItem[]
}
/** About files that the restrictions refused: none of them is an item. */
export interface UploadRejectedDetail {
  readonly files: readonly RejectedFile[]
}

/** Events of `<upload-panel>`: they bubble, cross shadow boundaries, and carry a frozen `detail`. */
export interface UploadPanelEventMap {
  'upload-added': CustomEvent<UploadItemsDetail>
  'upload-rejected': CustomEvent<UploadRejectedDetail>
  /** The first bytes are on their way. */
  'upload-started': CustomEvent<UploadItemDetail<'uploading'>>
  /** Storage has every byte; the server's word is still to come. */
  'upload-transferred': CustomEvent<UploadItemDetail>
  /** Confirmed by the server. */
  'upload-completed': CustomEvent<UploadItemDetail<'completed'>>
  'upload-failed': CustomEvent<UploadItemDetail<'failed'>>
  /** The server took a completion back. */
  'upload-revoked': CustomEvent<UploadItemDetail<'failed'>>
  'upload-cancelled': CustomEvent<UploadItemDetail<'cancelled'>>
  /** Every file of one `add` has ended. */
  'batch-completed': CustomEvent<UploadItemsDetail>
}

type DetailOf<E extends keyof UploadPanelEventMap> = UploadPanelEventMap[E]['detail']

/** Dispatches an uploader's facts as DOM events on a target. Returns the end of it. */
export function forwardEvents(uploader: Uploader, target: EventTarget): () => void {
  const dispatch = <E extends keyof UploadPanelEventMap>(type: E, detail: DetailOf<E>) => {
    target.dispatchEvent(new CustomEvent(type, { detail: Object.freeze(detail), bubbles: true, composed: true }))
  }
  const stops: readonly (() => void)[] = [
    uploader.on('added', (items) => dispatch('upload-added', { items })),
    uploader.on('rejected', (files) => dispatch('upload-rejected', { files })),
    uploader.on('started', (item) => dispatch('upload-started', { item })),
    uploader.on('transferred', (item) => dispatch('upload-transferred', { item })),
    uploader.on('completed', (item) => dispatch('upload-completed', { item })),
    uploader.on('failed', (item) => dispatch('upload-failed', { item })),
    uploader.on('revoked', (item) => dispatch('upload-revoked', { item })),
    uploader.on('cancelled', (item) => dispatch('upload-cancelled', { item })),
    uploader.on('batch-completed', (items) => dispatch('batch-completed', { items })),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

declare global {
  interface HTMLElementEventMap extends UploadPanelEventMap {}
}
