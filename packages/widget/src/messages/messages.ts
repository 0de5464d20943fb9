import type { WaitReason } from '@upload-panel/core'
import type { Formats } from '../text/format.js'

/** How many of what: the plural form is chosen by the locale's own rules. */
export type Counted = (count: number) => string

/** Every word of this package in one language, and the figures that go with it. */
export interface Messages extends Words {
  /** BCP 47 tag that the figures and plurals follow. */
  readonly locale: string
  readonly formats: Formats
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

/** Where a pattern says `{name}`. */
export type Values = Readonly<Record<string, string>>

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

  readonly dropzone: {
    /** Over the whole page, while files are dragged across it. */
    readonly dropAnywhere: string
    readonly takePhoto: string
    readonly recordVideo: string
  }

  readonly form: {
    /** Why a form cannot be sent yet: whole sentences, also shown by the browser itself. */
    readonly unfinished: string
    readonly failed: Counted
    readonly missing: string
    /** Files that were confirmed before the page was left and came back. */
    readonly restored: Counted
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
    readonly progress: (count: number, percent: string) => string
    readonly allEnded: (parts: readonly string[]) => string
    readonly failed: (name: string, reason: string) => string
    readonly manyFailed: (count: number, name: string, reason: string) => string
    readonly rejected: (count: number, name: string, reason: string) => string
  }
}
