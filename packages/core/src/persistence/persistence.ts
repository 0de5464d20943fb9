import type { Environment } from '../environment.js'
import type { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import type { UploadStore } from '../store/upload-store.js'
import type { TransferResult } from '../strategies/strategy.js'

/** A file on the person's disk that a later page may read again, where the browser gives one: a `FileSystemFileHandle`. */
export interface FileHandle {
  getFile(): Promise<File>
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<string>
}

/** What belongs to an item and no view shows, as far as a later page needs it. */
export interface KeptUpload {
  readonly file: File | undefined
  readonly handle?: FileHandle | undefined
  /** The file is what the `prepare` hook made of the one that was added. */
  readonly isPrepared: boolean
  /** The strategy's, plain data. */
  readonly checkpoint: unknown
  /** Storage has every byte; only the server's acknowledgement is missing. */
  readonly transfer: TransferResult | undefined
}

/** An item of an earlier page, or of a tab that is gone. */
export interface RestoredUpload extends KeptUpload {
  readonly item: UploadItem
}

/** What a person can ask of an item, in whichever tab it is shown; `hold` and `release` are of the whole queue. */
export type QueueCommand =
  | { readonly name: 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'; readonly id: string }
  | { readonly name: 'setPriority'; readonly id: string; readonly priority: number }
  /** `isOther`: it is not the file that the item was made of, although its name and size may be the same. */
  | { readonly name: 'replaceFile'; readonly id: string; readonly file: File; readonly isOther?: boolean }
  | { readonly name: 'hold' | 'release' }

/** The engine, as persistence sees it. */
export interface PersistenceHost {
  readonly environment: Environment
  /** The job of this page's uploads. An item of another job names it. */
  readonly jobId: string
  readonly store: Pick<UploadStore, 'get' | 'ids' | 'rank' | 'isHeld' | 'onCommit'>
  kept(id: string): KeptUpload | undefined
  /** Hears of items whose checkpoint, transfer, file or place in the queue is another one. */
  onKept(listener: (id: string) => void): void
  /** Takes over items: new ones, and some that were mirrored until now. */
  own(uploads: readonly RestoredUpload[]): void
  /** Shows items of other tabs. One of this page's own is let go of: it stops, and the server hears nothing. */
  mirror(items: readonly UploadItem[]): void
  /** Takes items from the list without an event. */
  drop(ids: readonly string[]): void
  /** Does what was asked for in another tab, or what waited for an answer of ours. */
  perform(command: QueueCommand): void
  /** The page is about to be put aside: nothing runs until it is back. */
  suspend(isSuspended: boolean): void
  warn(error: UploadError): void
}

/** Keeps the queue for the next page, and shares it with other tabs. */
export interface Persistence {
  /** Called once, with the first use of the uploader. */
  start(): void
  /** Whether the command was taken: the item is another tab's, or something has to be looked up first. `hold` and `release` are only told. */
  forward(command: QueueCommand): boolean
  dispose(): void
}

/** A persistence that is not yet part of an uploader: `indexedDb({ name })`. */
export type PersistenceFactory = (host: PersistenceHost) => Persistence
