import type { UploadSummary } from '@upload-panel/core'
import { countIn } from './tab.js'

/**
 * The totals of what is on its way now. Bytes that were there before it began are left out: beside a gigabyte of completed files every new one would look
 * nearly done. Called with each summary; while nothing is on its way the answer is the whole again.
 */
export function createRunSummary(): (summary: UploadSummary) => UploadSummary {
  let last: UploadSummary | undefined
  let earlierBytes = 0

  return (summary) => {
    // A list that is cleared takes earlier files with it.
    if (last && summary.total < last.total) earlierBytes = Math.max(0, earlierBytes + summary.totalBytes - last.totalBytes)
    last = summary
    if (countIn('active', summary) === 0) {
      earlierBytes = summary.sentBytes
      return summary
    }
    if (earlierBytes === 0) return summary
    const sentBytes = Math.max(0, summary.sentBytes - earlierBytes)
    const totalBytes = Math.max(sentBytes, summary.totalBytes - earlierBytes)
    return { ...summary, sentBytes, totalBytes, fraction: totalBytes > 0 ? sentBytes / totalBytes : summary.fraction }
  }
}
