import type { UploadSummary } from '@upload-panel/core'
import type { Messages } from '../messages/messages.js'

/** The whole queue in words. */
export interface SummaryView {
  /** `53 uploading (8%)`. */
  readonly title: string
  /** Bytes, speed, time left, while bytes are on their way; later what has ended beside what goes on. */
  readonly details: readonly string[]
  /** 0..1 of the transfer; `undefined` while there is nothing to show a bar for. */
  readonly fraction: number | undefined
  /** How many have not ended. */
  readonly unfinished: number
  readonly hasFiles: boolean
}

/** Files whose bytes are not all in storage yet. */
export function transferring(summary: UploadSummary): number {
  return summary.queued + summary.active + summary.waiting + summary.paused
}

/** Held before anything was begun: it is to be started, and not to be resumed. */
export function isReady(summary: UploadSummary): boolean {
  const { held, sentBytes, active, processing, completed, failed } = summary
  return held && sentBytes === 0 && active + processing + completed + failed === 0 && transferring(summary) > 0
}

/** What is said of a queue in which nothing moves until somebody wants it to. */
export function sayStill(summary: UploadSummary, { heldCount, readyCount }: Messages): string {
  const count = transferring(summary)
  return isReady(summary) ? readyCount(count) : heldCount(count)
}

/** How the queue is told. Pure; the same cost whatever the queue's length. */
export function viewSummary(summary: UploadSummary, messages: Messages): SummaryView {
  const { formats } = messages
  const toSend = transferring(summary)
  const unfinished = toSend + summary.processing
  const counts = endedParts(summary, messages)
  const known = { unfinished, hasFiles: summary.total > 0 }

  if (summary.total === 0) return { ...known, title: messages.uploads, details: [messages.noFiles], fraction: undefined }
  if (unfinished === 0) {
    const details = [...allBytes(summary, messages), ...counts.slice(1)]
    return { ...known, title: counts[0] ?? messages.uploads, details, fraction: undefined }
  }

  const processing = summary.processing > 0 ? [messages.processing(summary.processing)] : []
  if (toSend === 0)
    return { title: processing[0] ?? messages.uploads, details: [...allBytes(summary, messages), ...counts], fraction: 1, ...known }

  if (isReady(summary)) return { title: sayStill(summary, messages), details: allBytes(summary, messages), fraction: 0, ...known }

  const isStill = summary.held || summary.paused === toSend
  const title = isStill
    ? sayStill(summary, messages)
    : summary.waiting === toSend
      ? messages.waitingCount(toSend)
      : messages.uploading(toSend, formats.percent(summary.fraction))
  const bytes = summary.totalBytes > 0 ? [messages.bytesOf(formats.bytes(summary.sentBytes), formats.bytes(summary.totalBytes))] : []
  const speed = !isStill && summary.bytesPerSecond > 0 ? [formats.rate(summary.bytesPerSecond)] : []
  const left = !isStill && summary.secondsLeft !== undefined ? [messages.timeLeft(formats.duration(summary.secondsLeft))] : []
  return { title, details: [...bytes, ...speed, ...left, ...processing], fraction: summary.fraction, ...known }
}

/** Nothing for files without any. */
export function allBytes({ totalBytes }: UploadSummary, { formats }: Messages): readonly string[] {
  return totalBytes > 0 ? [formats.bytes(totalBytes)] : []
}

/** What has ended, how many of each. */
export function endedParts(summary: Pick<UploadSummary, 'completed' | 'failed' | 'cancelled'>, messages: Messages): readonly string[] {
  return [
    ...(summary.completed > 0 ? [messages.completedCount(summary.completed)] : []),
    ...(summary.failed > 0 ? [messages.failedCount(summary.failed)] : []),
    ...(summary.cancelled > 0 ? [messages.cancelledCount(summary.cancelled)] : []),
  ]
}
