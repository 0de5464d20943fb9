import type { WaitReason } from '@upload-panel/core'
import { createFormats, type Formats } from '../text/format.js'

/** How many of what: the plural form is chosen by the locale's own rules. */
type Counted = (count: number) => string

/** Every word that the panel says. Texts are plain; figures come formatted. */
export interface Messages {
  /** BCP 47 tag that the figures and plurals follow. */
  readonly locale: string
  readonly formats: Formats

  readonly uploads: string
  readonly noFiles: string
  readonly fileList: string
  readonly allFiles: string
  readonly fileListHint: string
  readonly unnamedFile: string

  readonly dropHere: string
  readonly dropNow: string
  readonly chooseFiles: string
  readonly chooseFolder: string
  readonly readingFolder: Counted
  readonly unreadableFiles: (count: number, first: string) => string
  /** One entry of `accept` for people: `image/*` is "images". */
  readonly fileType: (type: string) => string
  readonly restrictions: (limits: { types?: string; maxBytes?: string; maxFiles?: number }) => string

  readonly uploading: (count: number, percent: string) => string
  readonly processing: Counted
  readonly waitingCount: Counted
  readonly completedCount: Counted
  readonly failedCount: Counted
  readonly cancelledCount: Counted
  readonly heldCount: Counted
  readonly bytesOf: (sent: string, total: string) => string
  readonly timeLeft: (duration: string) => string

  readonly badge: {
    readonly queued: string
    readonly preparing: string
    readonly uploading: string
    readonly paused: string
    readonly waiting: string
    readonly offline: string
    readonly processing: string
    readonly overdue: string
    readonly completed: string
    readonly failed: string
    readonly cancelled: string
  }
  /** What ends a wait, where the error's own sentence leaves that open. */
  readonly waitingFor: Readonly<Record<Exclude<WaitReason, 'file'>, string>>
  readonly overdueDetail: string
  readonly cancelTooLate: string
  readonly retryHint: string
  readonly progressOf: (name: string) => string

  readonly action: {
    readonly cancel: string
    readonly pause: string
    readonly resume: string
    readonly retry: string
    readonly remove: string
    readonly chooseAgain: string
    readonly start: string
    readonly pauseAll: string
    readonly resumeAll: string
    readonly retryFailed: Counted
    readonly clearCompleted: Counted
    readonly collapse: string
    readonly expand: string
    readonly dismiss: string
  }
  /** An action's full name for assistive technology: which file it is about. */
  readonly actionOn: (action: string, name: string) => string

  readonly rejected: Counted
  readonly andMore: Counted

  readonly connection: {
    readonly live: string
    readonly connecting: string
    readonly reconnecting: string
    readonly lost: string
    /** What is done meanwhile. */
    readonly polling: string
  }

  readonly say: {
    readonly added: Counted
    readonly progress: (count: number, percent: string) => string
    readonly allEnded: (parts: readonly string[]) => string
    readonly failed: (name: string, reason: string) => string
    readonly manyFailed: (count: number, name: string, reason: string) => string
    readonly rejected: (count: number, name: string, reason: string) => string
  }
}

const formats = createFormats('en')
const plural = new Intl.PluralRules('en')
const counted =
  (one: string, other: string): Counted =>
  (count) =>
    `${formats.count(count)} ${plural.select(count) === 'one' ? one : other}`

const FILE_TYPES: Readonly<Record<string, string>> = { 'image/*': 'images', 'video/*': 'videos', 'audio/*': 'audio', 'text/*': 'text' }

/** The panel in English. */
export const english: Messages = {
  locale: 'en',
  formats,

  uploads: 'Uploads',
  noFiles: 'No files yet',
  fileList: 'Files',
  allFiles: 'All files',
  fileListHint: 'Use the up and down arrow keys to move between files.',
  unnamedFile: 'Unnamed file',

  dropHere: 'Drop files or folders here',
  dropNow: 'Let go to upload',
  chooseFiles: 'Choose files',
  chooseFolder: 'Choose a folder',
  readingFolder: (count) => `Reading the folder… ${counted('file', 'files')(count)} so far`,
  unreadableFiles: (count, first) =>
    count === 1 ? `“${first}” could not be read.` : `${formats.count(count)} files could not be read, the first is “${first}”.`,
  fileType: (type) => FILE_TYPES[type] ?? type,
  restrictions: ({ types, maxBytes, maxFiles }) =>
    [types, maxBytes && `up to ${maxBytes} each`, maxFiles && `at most ${counted('file', 'files')(maxFiles)}`].filter(Boolean).join(' · '),

  uploading: (count, percent) => `${formats.count(count)} uploading (${percent})`,
  processing: (count) => `${formats.count(count)} processing`,
  waitingCount: (count) => `${formats.count(count)} waiting`,
  completedCount: (count) => `${formats.count(count)} completed`,
  failedCount: (count) => `${formats.count(count)} failed`,
  cancelledCount: (count) => `${formats.count(count)} cancelled`,
  heldCount: (count) => `Paused · ${formats.count(count)} to go`,
  bytesOf: (sent, total) => `${sent} of ${total}`,
  timeLeft: (duration) => `${duration} left`,

  badge: {
    queued: 'Queued',
    preparing: 'Preparing',
    uploading: 'Uploading',
    paused: 'Paused',
    waiting: 'Waiting',
    offline: 'No connection',
    processing: 'Processing',
    overdue: 'Still checking…',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  waitingFor: {
    backoff: 'Trying again soon.',
    offline: 'Goes on by itself when the server can be reached.',
    auth: 'Press Retry to go on.',
  },
  overdueDetail: 'The server takes longer than usual.',
  cancelTooLate: 'It had finished before it could be cancelled.',
  retryHint: 'Press Retry to try again.',
  progressOf: (name) => `Progress of ${name}`,

  action: {
    cancel: 'Cancel',
    pause: 'Pause',
    resume: 'Resume',
    retry: 'Retry',
    remove: 'Remove',
    chooseAgain: 'Choose the file again',
    start: 'Start',
    pauseAll: 'Pause all',
    resumeAll: 'Resume all',
    retryFailed: (count) => `Retry ${formats.count(count)} failed`,
    clearCompleted: (count) => `Clear ${formats.count(count)} completed`,
    collapse: 'Collapse',
    expand: 'Show uploads',
    dismiss: 'Dismiss',
  },
  actionOn: (action, name) => `${action}: ${name}`,

  rejected: (count) => `${counted('file was', 'files were')(count)} not added`,
  andMore: (count) => `and ${formats.count(count)} more`,

  connection: {
    live: 'Live',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    lost: 'Not connected',
    polling: 'Asking the server now and then',
  },

  say: {
    added: (count) => `${counted('file', 'files')(count)} added.`,
    progress: (count, percent) => `${formats.count(count)} uploading, ${percent}.`,
    allEnded: (parts) => `Uploads finished: ${parts.join(', ')}.`,
    failed: (name, reason) => `${name} failed. ${reason}`,
    manyFailed: (count, name, reason) => `${formats.count(count)} uploads failed. The last is ${name}: ${reason}`,
    rejected: (count, name, reason) =>
      count === 1 ? `${name} was not added. ${reason}` : `${formats.count(count)} files were not added. The first is ${name}: ${reason}`,
  },
}
