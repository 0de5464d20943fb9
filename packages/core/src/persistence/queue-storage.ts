import type { UploadErrorCode, UploadErrorDetails } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import type { TransferResult } from '../strategies/strategy.js'
import type { FileHandle } from './persistence.js'

/** An item as plain data, its error too: a database and a channel keep no class. */
export type PlainItem = UploadItem extends infer I ? (I extends { error: unknown } ? Omit<I, 'error'> & { error: PlainError } : I) : never
export type PlainError = Pick<UploadErrorDetails, 'retryable' | 'status' | 'remoteCode'> & {
  readonly code: UploadErrorCode
  readonly message: string
}

/** By what a file that is chosen again is known to be the same. */
export interface Fingerprint {
  /** Milliseconds since the epoch. */
  readonly lastModified: number
  /** SHA-256 of its first, middle and last bytes, hexadecimal; absent where the browser computes none, or it was not computed yet. */
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
  list(): Promise<readonly StoredUpload[]>
  /**
   * Writes and removes uploads of an owner, all or nothing. `created` have not been written before; the others are written only where they still are.
   * Answers the ids of those that belong to somebody else by now, which stay as they are.
   */
  write(owner: string, changes: StorageChanges): Promise<readonly string[]>
  /** Gives all uploads of an owner that is gone to another one, at once, so that no two can take them. Those that were saved before `since` are thrown away. */
  takeOver(from: string, to: string, since: number): Promise<readonly StoredUpload[]>
  /** Keeps the bytes of an upload, where it still belongs to the owner. */
  putFile(owner: string, id: string, file: File | FileHandle): Promise<void>
  files(ids: readonly string[]): Promise<ReadonlyMap<string, File | FileHandle>>
  dropFiles(ids: readonly string[]): Promise<void>
  /** Whether the person has put the queue on hold, or has let it go; `undefined`: neither. */
  isHeld(): Promise<boolean | undefined>
  setHeld(isHeld: boolean | undefined): Promise<void>
  close(): void
}

export interface StorageChanges {
  readonly created: readonly StoredUpload[]
  readonly changed: readonly StoredUpload[]
  readonly removed: readonly string[]
}
