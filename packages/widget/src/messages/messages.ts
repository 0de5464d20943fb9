import type { UploadErrorCode, WaitReason } from '@upload-panel/core'
import type { HealthPart, OperationType, SystemHealth } from '@upload-panel/core/protocol'
import type { Formats } from '../text/format.js'

/** How many of what: the plural form is chosen by the locale's own rules. */
export type Counted = (count: number) => string

/** Every word of this package in one language, and the figures that go with it. */
export interface Messages extends Words {
  /** BCP 47 tag that the figures and plurals follow. */
  readonly locale: string
  readonly formats: Formats
}

/** Some of the words, or all; what is missing is said in the element's language. */
export type OwnMessages = PartOf<Words> & Partial<Pick<Messages, 'locale' | 'formats'>>

export type PartOf<T> = {
  readonly [K in keyof T]?: NonNullable<T[K]> extends string | ((...args: never[]) => string) ? T[K] : PartOf<NonNullable<T[K]>>
}

/** What a catalogue is written with. */
export interface Tools {
  readonly formats: Formats
  /** A sentence with values in it: `text('“{name}” could not be read.', { name })`. A value of another direction cannot disturb the sentence. */
  text(pattern: string, values: Values): string
  /** The form that the language has for a count. `#` is the count; the values are as in `text`. */
  plural(count: number, forms: PluralForms, values?: Values): string
  /** The same as a function of the count alone. */
  counted(forms: PluralForms): Counted
}

/** What stands where a pattern says `{name}`. A number is formatted. */
export type Values = Readonly<Record<string, string | number>>

/** Patterns by plural category: which ones a language has, `Intl.PluralRules` knows. */
export type PluralForms = Readonly<Partial<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string }

/** A language: its words, made with the tools for one of its locales. It imports nothing but types, so that each is a small file of its own. */
export type Catalogue = (tools: Tools) => Words

/** Texts are plain; figures come formatted. */
export interface Words {
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
  /** Nothing was sent yet: it waits for a start. */
  readonly readyCount: Counted
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

  /** Sentences in place of an error's own, which are in English. What a server or the page has said is shown as it is. */
  readonly error: ErrorWords

  readonly connection: {
    readonly live: string
    readonly connecting: string
    readonly reconnecting: string
    readonly lost: string
    /** What is done meanwhile. */
    readonly polling: string
    /** The browser says that there is no network. */
    readonly offline: string
    /** How long a word to the server and back takes. */
    readonly latency: (milliseconds: string) => string
    /** How often it was tried since it was lost. */
    readonly attempt: Counted
  }

  readonly panel: {
    /** Name of the row of tabs. */
    readonly tabs: string
    readonly tab: { readonly all: string; readonly active: string; readonly completed: string; readonly failed: string }
    /** What is said where a tab has no files. */
    readonly nothing: { readonly all: string; readonly active: string; readonly completed: string; readonly failed: string }

    readonly cancelAll: string
    readonly clearAll: string
    readonly clearFailed: Counted
    /** Asked before: it cannot be undone. */
    readonly askCancel: Counted
    readonly askDetail: string
    readonly confirmCancel: string
    readonly keep: string

    readonly job: {
      readonly title: string
      readonly queued: string
      readonly running: string
      readonly completed: string
      /** Ended, and not all of it well. */
      readonly partly: string
      readonly failed: string
      readonly done: (completed: string, total: number) => string
    }

    readonly notifications: string
    readonly uploaded: Counted
    readonly someUploaded: (completed: string, total: number) => string
    readonly noneUploaded: Counted
    readonly showFailed: string
  }

  /** A floating panel and where it stands. */
  readonly frame: {
    readonly move: string
    /** How it is moved with the keyboard. */
    readonly moveHint: string
    readonly corner: {
      readonly bottomRight: string
      readonly bottomLeft: string
      readonly topLeft: string
      readonly topRight: string
    }
  }

  readonly dropzone: {
    /** Over the whole page, while files are dragged across it. */
    readonly dropAnywhere: string
    readonly takePhoto: string
    readonly recordVideo: string
  }

  readonly form: {
    /** Why a form cannot be sent yet: whole sentences, also shown by the browser itself. */
    readonly unfinished: string
    readonly held: string
    readonly ready: string
    readonly failed: Counted
    readonly missing: string
    /** Files that were confirmed before the page was left and came back. */
    readonly restored: Counted
  }

  /** What unfolds below a file's row. */
  readonly row: {
    readonly details: string
    readonly code: string
    readonly uploadId: string
    readonly operationId: string
    readonly type: string
    readonly size: string
    /** The exact size. */
    readonly bytes: Counted
    readonly folder: string
    readonly added: string
    readonly attempt: string
    readonly copy: (what: string) => string
    readonly copied: string
    readonly notCopied: string
    readonly openResult: string
  }

  /** `<upload-queue>`. Positions count from 1, over what still waits. */
  readonly queue: {
    readonly title: string
    readonly list: string
    /** How the list is used by keyboard. */
    readonly hint: string
    readonly empty: string
    readonly emptyHint: string
    readonly statistics: {
      readonly waiting: string
      readonly uploading: string
      readonly paused: string
      readonly done: string
      readonly failed: string
    }
    readonly position: (position: number, total: number) => string
    readonly handle: string
    /** How a file is moved once its handle has focus. */
    readonly handleHint: string
    readonly more: string
    readonly toTop: string
    readonly up: string
    readonly down: string
    readonly toBottom: string
    readonly priority: string
    readonly level: { readonly high: string; readonly normal: string; readonly low: string }
    /** Why a file cannot be moved. */
    readonly fixed: { readonly uploading: string; readonly elsewhere: string }
    readonly say: {
      readonly lifted: (name: string, position: number, total: number) => string
      readonly over: (position: number, total: number) => string
      readonly moved: (name: string, position: number, total: number) => string
      readonly putBack: (name: string, position: number, total: number) => string
      readonly started: (name: string) => string
      readonly left: (name: string) => string
      readonly priority: (name: string, level: string) => string
      readonly fixed: (name: string, reason: string) => string
    }
  }

  readonly say: {
    readonly added: Counted
    /** `howFar`: a percentage, or how many of them are processed. */
    readonly progress: (completed: string, total: number, howFar: string) => string
    /** The server's word is late. */
    readonly overdue: (count: number, name: string) => string
    /** Of the connection by which the server tells news; once each. */
    readonly connectionLost: string
    readonly connectionBack: string
    readonly allEnded: (parts: readonly string[]) => string
    readonly failed: (name: string, reason: string) => string
    readonly manyFailed: (count: number, name: string, reason: string) => string
    readonly rejected: (count: number, name: string, reason: string) => string
  }

  /** The connection, and what the server does. */
  readonly status: {
    readonly title: string
    /** In a word: the server does not tell, it is asked now and then. */
    readonly polling: string
    readonly connection: string
    readonly transport: string
    readonly latency: string
    readonly lastHeard: string
    readonly attempt: (count: string) => string
    readonly unknown: string
    /** After the sentence of an error. */
    readonly stale: string
    readonly tryAgain: string
    readonly health: string
    readonly healthIs: Readonly<Record<SystemHealth['status'], string>>
    readonly score: (score: string) => string
    readonly part: Readonly<Record<HealthPart['sign'], string>>
    readonly weight: (percent: string) => string
    readonly messages: string
    readonly data: string
    readonly errorRate: string
    readonly rising: (percent: string) => string
    readonly falling: (percent: string) => string
    readonly steady: string
    readonly range: (least: string, median: string, most: string) => string
    readonly noSamples: string
    readonly values: string
    readonly time: string
    readonly activeCount: Counted
    readonly active: string
    readonly noneActive: string
    readonly history: string
    readonly noneEnded: string
    readonly type: Readonly<Record<OperationType, string>>
    readonly total: string
    readonly successRate: string
    readonly duration: string
    readonly peak: string
    readonly perMinute: string
    readonly subscriptions: string
    readonly allOperations: string
    readonly job: (id: string) => string
    readonly operation: (id: string) => string
    readonly following: string
    readonly column: {
      readonly topic: string
      readonly state: string
      readonly messages: string
      readonly bytes: string
      /** 95th percentile of the latency. */
      readonly slowest: string
      readonly errors: string
    }
    readonly saidLive: string
    readonly saidLost: string
  }

  /** One operation of the server. */
  readonly operation: {
    readonly looking: string
    readonly unknown: string
    readonly items: (done: string, total: string) => string
    readonly failedItems: Counted
    readonly revoked: string
    readonly saidCompleted: (name: string) => string
    readonly saidCancelled: (name: string) => string
  }
}

/** By the error's code; where the code says too little, by the reason behind it or with the limit that was passed. */
export type ErrorWords = Partial<
  Readonly<Record<Exclude<UploadErrorCode, 'auth' | 'file_too_large' | 'file_too_small' | 'file_type' | 'too_many_files'>, string>>
> & {
  readonly signed_out?: string
  readonly forbidden?: string
  readonly file_too_large?: (size: string) => string
  readonly file_too_small?: (size: string) => string
  readonly file_type?: (types: string) => string
  readonly too_many_files?: Counted
}
