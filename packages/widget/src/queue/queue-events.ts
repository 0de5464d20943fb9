import type { UploadItem } from '@upload-panel/core'

/** A file that a person has given another place in the queue, or another priority. */
export interface OrderChangedDetail {
  /** As it is now, its `priority` included. */
  readonly item: UploadItem
  /** From 1, among the files that wait; `undefined` for one whose place another tab decides. */
  readonly position: number | undefined
  readonly previousPosition: number | undefined
  readonly previousPriority: number
}

/** Events of `<upload-queue>` besides those of its uploader: they bubble, cross shadow boundaries, and carry a frozen `detail`. */
export interface UploadQueueEventMap {
  /** By a person, on this element. What a script asks the uploader for is no news to the page. */
  'order-changed': CustomEvent<OrderChangedDetail>
}

declare global {
  interface HTMLElementEventMap extends UploadQueueEventMap {}
}
