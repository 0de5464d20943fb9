import type { UploadErrorCode, UploadErrorDetails } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import type { TransferResult } from '../strategies/strategy.js'
import type { FileHandle } from './persistence.js'

/** An item as plain data, its error too: a database and a channel keep no class. */
export type PlainItem = UploadItem extends infer I ? (I extends { error: unknown } ? Omit<I, 'error'> & { error: PlainError } : I) : never
export type PlainError = UploadErrorDetails & { readonly code: UploadErrorCode; readonly message: string }

/** By what a file that is chosen again is known to be the same. */
export interface Fingerprint {
  /** Milliseconds since the epoch. */
  readonly lastModified: number
  /** Of its content; absent where the browser makes none, or it was not made yet. */
  readonly sample?: string
}

/** What is kept of one upload. Its bytes are kept apart, so that a change of the record does not write them again. */
export interface StoredUpload {
  readonly id: string
  /** The tab session that it belongs to. Only its owner writes it. */
  readonly owner: string
  /** How often it has changed hands. What an earlier owner says of it does not count any more. */
  readonly epoch: number
  /** The batch on the server that it is part of. */
  readonly jobId: string
  /** Milliseconds since the epoch. */
  readonly savedAt: number
  /** Place in its owner's queue. */
  readonly order: number
  readonly item: PlainItem
  readonly checkpoint: unknown
  readonly transfer: TransferResult | undefined
  readonly isPrepared: boolean
  readonly fingerprint: Fingerprint | undefined
}

/** Where a queue is kept. Everything may reject: then it cannot be kept there (any more). */
export interface QueueStorage {
  /**
   * All that is stored, once everything of an owner that is gone belongs to another one: at once, so that no two can take it.
   * What the one that is gone saved before `since` is thrown away.
   */
  claim(by: string, from: string | undefined, since: number): Promise<StoredQueue>
  /**
   * Writes for an owner, all or nothing. Answers the ids of uploads that belong to somebody else by now, or are of a later epoch, which stay as they are;
   * what was removed meanwhile does not come back.
   */
  write(owner: string, changes: StorageChanges): Promise<readonly string[]>
  /** Keeps the bytes of an owner's upload, if it is there. */
  keepFile(owner: string, id: string, file: File | FileHandle): Promise<void>
  /** Lets go of what it has open; the next call opens it again. */
  close(): void
}

export interface StoredQueue {
  readonly uploads: readonly StoredUpload[]
  /** By id, of those that were taken over; or, where nothing was, of its own. */
  readonly files: ReadonlyMap<string, File | FileHandle>
  /** Whether the person has put the queue on hold; `undefined` before anything was written. */
  readonly isHeld: boolean | undefined
}

export interface StorageChanges {
  /** Each with whether it is new; one that is not is written only where it still is. */
  readonly puts?: readonly (readonly [upload: StoredUpload, isNew: boolean])[]
  readonly removed?: readonly string[]
  /** Uploads whose bytes are not kept any more. */
  readonly dropped?: readonly string[]
  readonly isHeld?: boolean
}
