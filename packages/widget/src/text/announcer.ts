import {
  type ConnectionStatus,
  EMPTY_SUMMARY,
  type ItemIn,
  type RejectedFile,
  type UploadItem,
  type UploadSummary,
} from '@upload-panel/core'
import { viewItem } from '../list/item-view.js'
import { shortName } from './file-name.js'
import { sentence } from './server-words.js'
import type { Messages } from '../messages/messages.js'
import { sayError } from '../messages/say-error.js'
import { createRunSummary } from '../panel/run-summary.js'
import { endedParts, sayStill, transferring } from '../panel/summary-view.js'
import { createVoice, type SetTimer } from './voice.js'

export interface AnnouncerOptions {
  /** Asked for each sentence: the language may be another one by then. */
  readonly messages: () => Messages
  /** What is there already and is no news. @default nothing */
  readonly summary?: UploadSummary
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
  /** The server's word is late. */
  overdue(item: UploadItem): void
  connection(status: ConnectionStatus): void
  dispose(): void
}

const POLITE_INTERVAL_MS = 10_000
const ASSERTIVE_INTERVAL_MS = 3000
/** A connection that is back so soon was no news: networks change, servers restart. */
const LOST_AFTER_MS = 5000
/** What is no hurry and comes within this time is one sentence. */
const TOGETHER_MS = 1000

/** How many have ended since the queue last stood still. */
type Ended = Record<'completed' | 'failed' | 'cancelled', number>
const NONE_ENDED: Ended = { completed: 0, failed: 0, cancelled: 0 }

export function createAnnouncer({ messages, summary = EMPTY_SUMMARY, sayPolitely, sayNow, setTimer }: AnnouncerOptions): Announcer {
  const polite = createVoice(sayPolitely, POLITE_INTERVAL_MS, setTimer)
  const assertive = createVoice(sayNow, ASSERTIVE_INTERVAL_MS, setTimer)
  const ofRun = createRunSummary()
  let latest = ofRun(summary)
  let ended = NONE_ENDED
  let wasBusy = unfinished(summary) > 0
  let addedCount = 0
  let lastProgress: string | undefined
  let overdueCount = 0
  let firstOverdue: UploadItem | undefined
  let cancelOverdue: (() => void) | undefined
  let wasConnected = false
  let cancelLost: (() => void) | undefined
  let isLostTold = false
  let connectionNews: 'connectionLost' | 'connectionBack' | undefined
  let failedCount = 0
  let lastFailed: ItemIn<'failed'> | undefined
  let rejectedCount = 0
  let firstRejected: RejectedFile | undefined

  const spoken = (name: string) => shortName(name) || messages().unnamedFile

  const problems = () => {
    const { say } = messages()
    const parts: string[] = []
    if (firstRejected) {
      const { file, error } = firstRejected
      parts.push(say.rejected(rejectedCount, spoken(file.name), sentence(sayError(error, messages()))))
    }
    if (lastFailed) {
      const { problem = '' } = viewItem(lastFailed, messages())
      const name = spoken(lastFailed.name)
      parts.push(failedCount === 1 ? say.failed(name, problem) : say.manyFailed(failedCount, name, problem))
    }
    rejectedCount = failedCount = 0
    firstRejected = lastFailed = undefined
    return parts.length > 0 ? parts.join(' ') : undefined
  }

  const progress = (): string | undefined => {
    const { say, formats, processing } = messages()
    const toSend = transferring(latest)
    if (toSend > 0 && latest.held) return `${sayStill(latest, messages())}.`
    const left = unfinished(latest)
    if (left > 0) {
      const howFar = toSend > 0 ? formats.percent(latest.fraction) : processing(latest.processing)
      return say.progress(formats.count(ended.completed), ended.completed + ended.failed + ended.cancelled + left, howFar)
    }
    const parts = endedParts(ended, messages())
    return parts.length > 0 ? say.allEnded(parts) : undefined
  }

  const news = () => {
    const { say } = messages()
    const parts: string[] = []
    if (connectionNews) parts.push(say[connectionNews])
    if (firstOverdue) parts.push(say.overdue(overdueCount, spoken(firstOverdue.name)))
    if (addedCount > 0) parts.push(say.added(addedCount))
    const now = progress()
    // Progress that stands still is not told again.
    if (now !== undefined && (now !== lastProgress || addedCount > 0)) parts.push(now)
    lastProgress = now
    addedCount = overdueCount = 0
    firstOverdue = connectionNews = undefined
    return parts.length > 0 ? parts.join(' ') : undefined
  }

  const tellConnection = (fact: 'connectionLost' | 'connectionBack') => {
    isLostTold = fact === 'connectionLost'
    connectionNews = fact
    polite.request(news)
  }

  return {
    progressed(next) {
      if (!wasBusy) {
        ended = NONE_ENDED
        lastProgress = undefined
      }
      const isLess = next.total < latest.total
      const count = (kind: keyof Ended) => {
        const change = next[kind] - latest[kind]
        // A list that is cleared takes nothing back of what has ended.
        return Math.max(0, ended[kind] + (isLess ? Math.max(0, change) : change))
      }
      ended = { completed: count('completed'), failed: count('failed'), cancelled: count('cancelled') }
      addedCount += Math.max(0, next.total - latest.total)
      latest = ofRun(next)
      const isBusy = unfinished(next) > 0
      // What was over stays over: clearing a list is no news.
      if (isBusy || wasBusy || addedCount > 0) polite.request(news)
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
    overdue(item) {
      overdueCount += 1
      firstOverdue ??= item
      // Files that were added together are late together.
      cancelOverdue ??= setTimer(() => {
        cancelOverdue = undefined
        polite.request(news)
      }, TOGETHER_MS)
    },
    connection({ status }) {
      const isDown = status === 'error' || (status === 'reconnecting' && wasConnected)
      if (isDown && !isLostTold) {
        cancelLost ??= setTimer(() => {
          cancelLost = undefined
          // While nothing is on its way nobody waits for news.
          if (unfinished(latest) > 0) tellConnection('connectionLost')
        }, LOST_AFTER_MS)
      }
      if (status !== 'connected') return
      wasConnected = true
      cancelLost?.()
      cancelLost = undefined
      if (!isLostTold) return
      if (connectionNews) connectionNews = undefined
      else tellConnection('connectionBack')
      isLostTold = false
    },
    dispose() {
      cancelLost?.()
      cancelOverdue?.()
      polite.dispose()
      assertive.dispose()
    },
  }
}

function unfinished(summary: UploadSummary): number {
  return transferring(summary) + summary.processing
}
