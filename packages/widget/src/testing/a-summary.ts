import { EMPTY_SUMMARY, type UploadSummary } from '@upload-panel/core'

/** A queue's totals, empty but for what a test cares about. */
export function aSummary(change: Partial<UploadSummary> = {}): UploadSummary {
  return { ...EMPTY_SUMMARY, ...change }
}
