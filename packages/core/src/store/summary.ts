/** Totals over all items, kept by delta: an event costs the same with ten items and with ten thousand. */
export interface UploadSummary {
  /** The whole queue is held: `pause()` was called, or `autoStart` is off and `start()` was not. */
  readonly held: boolean
  readonly total: number
  /** Not started: queued, preparing or ready, and not paused. */
  readonly queued: number
  /** Bytes are moving. */
  readonly active: number
  readonly processing: number
  readonly waiting: number
  /** Not started or interrupted, and paused by the user. */
  readonly paused: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Bytes of all items but the failed and the cancelled. */
  readonly totalBytes: number
  readonly sentBytes: number
  /** Of the transfer, 0..1. Counts files where there are no bytes. */
  readonly fraction: number
  /** Smoothed; 0 while nothing moves or the figure is not stable yet. */
  readonly bytesPerSecond: number
  /** `undefined` until it is stable. */
  readonly secondsLeft: number | undefined
}

/** Of a queue without files. */
export const EMPTY_SUMMARY: UploadSummary = Object.freeze({
  held: false,
  total: 0,
  queued: 0,
  active: 0,
  processing: 0,
  waiting: 0,
  paused: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  totalBytes: 0,
  sentBytes: 0,
  fraction: 0,
  bytesPerSecond: 0,
  secondsLeft: undefined,
})
