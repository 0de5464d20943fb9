import type { ItemIn, UploadItem } from '@upload-panel/core'
import { displayName } from '../text/file-name.js'
import { line, sentence, stageWords } from '../text/server-words.js'
import type { Messages } from '../messages/messages.js'
import { sayError } from '../messages/say-error.js'

/** What a row can ask of the uploader. */
export type RowAction = 'pause' | 'resume' | 'retry' | 'choose-again' | 'cancel' | 'remove'
/** The colour family of a row's badge and bar. */
export type Tone = 'neutral' | 'active' | 'processing' | 'success' | 'warning' | 'danger'

/** One bar for both halves of an upload's life: first the bytes, then, once they are there, the server's work. */
export interface BarView {
  readonly phase: 'transfer' | 'processing'
  /** 0..1, or `undefined` while the amount of work is not known. */
  readonly fraction: number | undefined
}

/** An item in words and figures. Text only: nothing here is markup. */
export interface ItemView {
  readonly name: string
  /** Folder that the file came from, with `/`. */
  readonly folder: string | undefined
  readonly tone: Tone
  readonly badge: string
  /** The line below the name: sizes, speed, the server's stage. */
  readonly details: readonly string[]
  readonly percent: string | undefined
  readonly bar: BarView | undefined
  readonly problem: string | undefined
  readonly hint: string | undefined
  /** In the order in which they are shown. The last one is always there, so that focus has a place to stay. */
  readonly actions: readonly RowAction[]
}

/** How an item is told, in the words of a catalogue. Pure. */
export function viewItem(item: UploadItem, messages: Messages): ItemView {
  const name = displayName(item.name) || messages.unnamedFile
  return { name, folder: folderOf(item), problem: undefined, hint: undefined, ...viewPhase(item, messages) }
}

type PhaseView = Omit<ItemView, 'name' | 'folder' | 'problem' | 'hint'> & Partial<Pick<ItemView, 'problem' | 'hint'>>

function viewPhase(item: UploadItem, messages: Messages): PhaseView {
  const { formats, badge } = messages
  switch (item.phase) {
    case 'queued':
    case 'preparing':
    case 'ready':
      return {
        tone: 'neutral',
        badge: item.paused ? badge.paused : item.phase === 'queued' ? badge.queued : badge.preparing,
        details: sizes(item, messages),
        ...transfer(item, messages),
        actions: [pauseOrResume(item), 'cancel'],
      }
    case 'uploading':
      return {
        tone: 'active',
        badge: badge.uploading,
        details: [
          ...sizes(item, messages),
          ...(item.bytesPerSecond === undefined ? [] : [formats.rate(item.bytesPerSecond)]),
          ...(item.secondsLeft === undefined ? [] : [messages.timeLeft(formats.duration(item.secondsLeft))]),
        ],
        ...transfer(item, messages),
        actions: ['pause', 'cancel'],
      }
    case 'waiting':
      return waiting(item, messages)
    case 'processing':
      return processing(item, messages)
    case 'completed':
      return {
        tone: 'success',
        badge: badge.completed,
        details: [formats.bytes(item.size), ...(item.cancelTooLate ? [messages.cancelTooLate] : [])],
        percent: formats.percent(1),
        bar: { phase: 'processing', fraction: 1 },
        actions: ['remove'],
      }
    case 'failed':
      return {
        tone: 'danger',
        badge: badge.failed,
        details: [formats.bytes(item.size)],
        percent: undefined,
        bar: { phase: item.by === 'server' ? 'processing' : 'transfer', fraction: 1 },
        ...problem(item, messages),
        actions: ['retry', 'remove'],
      }
    case 'cancelled':
      return {
        tone: 'neutral',
        badge: badge.cancelled,
        details: [formats.bytes(item.size)],
        percent: undefined,
        bar: undefined,
        actions: ['remove'],
      }
  }
}

function waiting(item: ItemIn<'waiting'>, messages: Messages): PhaseView {
  const { badge } = messages
  const label = item.reason === 'offline' ? badge.offline : badge.waiting
  return {
    tone: 'warning',
    badge: item.paused ? badge.paused : label,
    details: sizes(item, messages),
    ...transfer(item, messages),
    problem: sentence(sayError(item.error, messages)),
    // The engine's own sentence about a lost file says what to do.
    hint: item.reason === 'file' ? undefined : messages.waitingFor[item.reason],
    actions: [waitingAction(item), 'cancel'],
  }
}

/** What ends the wait: the person's own help, or for what ends by itself, the wish to stop it or to have it now. */
function waitingAction(item: ItemIn<'waiting'>): RowAction {
  if (item.reason === 'file') return 'choose-again'
  if (item.paused) return 'resume'
  return item.reason === 'offline' ? 'pause' : 'retry'
}

function processing(item: ItemIn<'processing'>, messages: Messages): PhaseView {
  const { badge, formats } = messages
  // The server's own figure. None yet, or zero, says only that it is at work.
  const progress = item.server?.progress ?? 0
  const stage = stageWords(item.server?.stage, messages.locale)
  const message = line(item.server?.message ?? '')
  return {
    tone: item.overdue ? 'warning' : 'processing',
    badge: item.overdue ? badge.overdue : badge.processing,
    details: [formats.bytes(item.size), ...[stage, message].filter(Boolean), ...(item.overdue ? [messages.overdueDetail] : [])],
    percent: progress > 0 ? formats.percent(progress / 100) : undefined,
    bar: { phase: 'processing', fraction: progress > 0 ? progress / 100 : undefined },
    actions: ['cancel'],
  }
}

/** Whether no more than bytes were sent between the two: such a change is told by the bar, and by figures. */
export function isTick(before: UploadItem, after: UploadItem): boolean {
  if (before.phase !== 'uploading' || after.phase !== 'uploading') return false
  const { name, size, relativePath, paused, attempt } = before
  return (
    after.name === name &&
    after.size === size &&
    after.relativePath === relativePath &&
    after.paused === paused &&
    after.attempt === attempt
  )
}

/** How much of a file is in storage, 0..1. A file without bytes is neither at 0 % nor at 100 % while it goes. */
export function transferFraction(item: UploadItem): number {
  return item.size > 0 ? sentOf(item) / item.size : 0
}

function transfer(item: UploadItem, { formats }: Messages): Pick<ItemView, 'percent' | 'bar'> {
  const fraction = transferFraction(item)
  return { percent: formats.percent(fraction), bar: { phase: 'transfer', fraction } }
}

function sizes(item: UploadItem, messages: Messages): readonly string[] {
  const sent = sentOf(item)
  const size = messages.formats.bytes(item.size)
  return sent > 0 && sent < item.size ? [messages.bytesOf(messages.formats.bytes(sent), size)] : [size]
}

function sentOf(item: UploadItem): number {
  return 'sentBytes' in item ? (item.sentBytes ?? 0) : 0
}

function problem({ error }: ItemIn<'failed'>, messages: Messages): Pick<ItemView, 'problem' | 'hint'> {
  const canMend = error.retryable || error.code === 'auth'
  return { problem: sentence(sayError(error, messages)), hint: canMend ? messages.retryHint : undefined }
}

function pauseOrResume(item: UploadItem): RowAction {
  return item.paused ? 'resume' : 'pause'
}

function folderOf(item: UploadItem): string | undefined {
  const path = item.relativePath
  const end = path?.lastIndexOf('/') ?? -1
  return path !== undefined && end > 0 ? displayName(path.slice(0, end)) || undefined : undefined
}
