import type { UploadSummary } from '@upload-panel/core'

/** A queue's totals, empty but for what a test cares about. */
export function aSummary(change: Partial<UploadSummary> = {}): UploadSummary {
  return {
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
    ...change,
  }
}
