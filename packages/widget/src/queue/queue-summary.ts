import type { UploadSummary } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'
import { allBytes, isReady, sayStill, transferring } from '../panel/summary-view.js'

/** Figures of the queue, in the order in which they are shown. */
export interface Statistic {
  readonly name: 'waiting' | 'uploading' | 'paused' | 'done' | 'failed'
  readonly count: number
}

export function statistics(summary: UploadSummary): readonly Statistic[] {
  return [
    { name: 'waiting', count: summary.queued + summary.waiting },
    { name: 'uploading', count: summary.active },
    { name: 'paused', count: summary.paused },
    { name: 'done', count: summary.completed },
    { name: 'failed', count: summary.failed },
  ]
}

/** Bytes, speed, and how long all of it takes; nothing where there are no files. */
export function summaryDetails(summary: UploadSummary, messages: Messages): readonly string[] {
  const { formats } = messages
  if (summary.total === 0) return [messages.noFiles]
  if (isReady(summary)) return [sayStill(summary, messages), ...allBytes(summary, messages)]
  return [
    ...(summary.held && transferring(summary) > 0 ? [sayStill(summary, messages)] : []),
    ...(summary.totalBytes > 0 ? [messages.bytesOf(formats.bytes(summary.sentBytes), formats.bytes(summary.totalBytes))] : []),
    ...(!summary.held && summary.bytesPerSecond > 0 ? [formats.rate(summary.bytesPerSecond)] : []),
    ...(!summary.held && summary.secondsLeft !== undefined ? [messages.timeLeft(formats.duration(summary.secondsLeft))] : []),
    ...(summary.processing > 0 ? [messages.processing(summary.processing)] : []),
  ]
}
