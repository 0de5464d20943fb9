import type { UploadSummary } from '@upload-panel/core'
import { EMPTY_SUMMARY } from '../internal/summary-view.js'

/** A queue's totals, empty but for what a test cares about. */
export function aSummary(change: Partial<UploadSummary> = {}): UploadSummary {
  return { ...EMPTY_SUMMARY, ...change }
}
