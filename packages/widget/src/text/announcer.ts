import type { ItemIn, RejectedFile, UploadItem, UploadSummary } from '@upload-panel/core'
import { viewItem } from '../list/item-view.js'
import { displayName } from './file-name.js'
import type { Messages } from '../messages/messages.js'
import { endedParts, transferring } from '../panel/summary-view.js'
import { createVoice, type SetTimer } from './voice.js'

export interface AnnouncerOptions {
  readonly messages: Messages
  /** Files that are there already and are no news. @default 0 */
  readonly total?: number
  /** For the polite live region: progress, at most every ten seconds. */
  readonly sayPolitely: (text: string) => void
  /** For the assertive one: what went wrong, at most every three seconds. */
  readonly sayNow: (text: string) => void
  readonly setTimer: SetTimer
}

/** Turns what happens in the queue into few whole sentences for people who cannot see it. */
export interface Announcer {
  progressed(summary: UploadSummary): void
  failed(item: UploadItem): void
  rejected(files: readonly RejectedFile[]): void
  dispose(): void
}

const POLITE_INTERVAL_MS = 10_000
const ASSERTIVE_INTERVAL_MS = 3000

export function createAnnouncer({ messages, total = 0, sayPolitely, sayNow, setTimer }: AnnouncerOptions): Announcer {
  const polite = createVoice(sayPolitely, POLITE_INTERVAL_MS, setTimer)
  const assertive = createVoice(sayNow, ASSERTIVE_INTERVAL_MS, setTimer)
  let knownTotal = total
  let addedCount = 0
  let failedCount = 0
  let lastFailed: ItemIn<'failed'> | undefined
  let rejectedCount = 0
  let firstRejected: RejectedFile | undefined
  let wasBusy = false
  let lastNews: string | undefined

  const problems = () => {
    const parts: string[] = []
    if (firstRejected) parts.push(messages.say.rejected(rejectedCount, displayName(firstRejected.file.name), firstRejected.error.message))
    if (lastFailed) {
      const { name, problem = '' } = viewItem(lastFailed, messages)
      parts.push(failedCount === 1 ? messages.say.failed(name, problem) : messages.say.manyFailed(failedCount, name, problem))
    }
    rejectedCount = failedCount = 0
    firstRejected = lastFailed = undefined
    return parts.length > 0 ? parts.join(' ') : undefined
  }

  const news = (summary: UploadSummary) => {
    const added = addedCount > 0 ? messages.say.added(addedCount) : undefined
    addedCount = 0
    const toSend = transferring(summary)
    if (toSend > 0) {
      if (summary.held) return [added, `${messages.heldCount(toSend)}.`].filter(Boolean).join(' ')
      return [added, messages.say.progress(toSend, messages.formats.percent(summary.fraction))].filter(Boolean).join(' ')
    }
    if (summary.processing > 0) return `${messages.processing(summary.processing)}.`
    const ended = endedParts(summary, messages)
    return ended.length > 0 ? messages.say.allEnded(ended) : undefined
  }

  return {
    progressed(summary) {
      addedCount += Math.max(0, summary.total - knownTotal)
      knownTotal = summary.total
      const isBusy = transferring(summary) + summary.processing > 0
      // What was over stays over: clearing a list is no news.
      if (isBusy || wasBusy || addedCount > 0)
        polite.request(() => {
          const text = news(summary)
          // Progress that stands still is not told again.
          return text === lastNews ? undefined : (lastNews = text)
        })
      wasBusy = isBusy
    },
    failed(item) {
      if (item.phase !== 'failed') return
      failedCount += 1
      lastFailed = item
      assertive.request(problems)
    },
    rejected(files) {
      rejectedCount += files.length
      firstRejected ??= files[0]
      assertive.request(problems)
    },
    dispose() {
      polite.dispose()
      assertive.dispose()
    },
  }
}
