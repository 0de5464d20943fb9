import type {
  ChecksumAlgorithm,
  CloudinaryPlan,
  CompleteRequest,
  SignedPart,
  SignPartsRequest,
  StoredPart,
  SyncStatusUpdate,
  TusPlan,
  UploadPlan,
} from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'

/** How the bytes of an upload come. */
export type TransferKind = 'put' | 'multipart' | 'tus' | 'cloudinary'

/** What a storage answers to whoever wants to send bytes. */
export type StoragePlan = UploadPlan | TusPlan | CloudinaryPlan

/** One upload, as storage knows it. Its operation id is its key: random, never reused, and nothing that a client chose. */
export interface StorageTarget {
  readonly operationId: string
  /** Bytes of the whole. */
  readonly size: number
  /** MIME type as the client declared it; may be empty. */
  readonly type: string
  readonly kind: TransferKind
  /** Bytes of every part but the last; the whole size where there are no parts. */
  readonly partBytes: number
  /** What the bytes must be: `crc32c:` or `sha256:`, and the digest as base64. */
  readonly checksum?: string
  /** The client makes checksums, and is asked for those of its parts and of the whole. */
  readonly algorithm?: ChecksumAlgorithm
}

/** An object that is complete. */
export interface StoredObject {
  /** Bytes. */
  readonly size: number
  /** Where the object lies, for storage on a local disk. Only to be read. */
  readonly path?: string
  /** The bytes from `start` to before `end`, all of them by default. */
  stream(range?: { readonly start?: number; readonly end?: number }): ReadableStream<Uint8Array>
}

/** What storage is given by the server that uses it. */
export interface StorageContext {
  readonly clock: Clock
  readonly logger: Logger
  /** How long a signed URL lasts, milliseconds. */
  readonly urlExpiresMs: number
}

/** Whom storage that takes bytes itself tells of them. */
export interface StorageNews {
  /** Whether an operation still waits for its bytes. */
  isExpected(operationId: string): Promise<boolean>
  /** So many bytes are there. */
  progressed(operationId: string, storedBytes: number): Promise<void>
  /** All bytes are there: the word on an upload that needs nothing else. */
  arrived(operationId: string): Promise<SyncStatusUpdate | undefined>
  /** The client will not send the rest. */
  withdrawn(operationId: string): Promise<void>
}

/** Which checksums a storage verifies. */
export interface VerifiedChecksums {
  readonly algorithms: readonly ChecksumAlgorithm[]
  /** What clients are asked for that have no wish of their own. Absent: nothing. */
  readonly asked?: ChecksumAlgorithm
}

/**
 * The port to object storage. Refuses with a `Refusal`: `bytes_missing` (409) where a part or a byte is not there,
 * `bytes_wrong` (409) where what is there is not what was declared, checksum included.
 */
export interface ObjectStorage {
  /** Whether several processes may use the same bytes at the same time. @default false */
  readonly isShared?: boolean
  /** The one way in which bytes come, whatever the client prefers. Absent: `put` and `multipart`. */
  readonly kind?: 'tus' | 'cloudinary'
  /** Absent: none. */
  readonly checksums?: VerifiedChecksums
  /** Makes ready. Rejects with a sentence that says what to do. Called once, before anything else. */
  open(context: StorageContext): Promise<void>
  /** Prepares for the bytes and says where to send them. Again for the same target: fresh URLs, nothing lost. */
  plan(target: StorageTarget): Promise<StoragePlan>
  signParts(
    target: StorageTarget,
    partNumbers: readonly number[],
    /** Of all these parts, where the target has an algorithm: the URLs take no other bytes. */
    checksums?: SignPartsRequest['checksums'],
  ): Promise<{ readonly parts: readonly SignedPart[]; readonly expires_in_s: number }>
  /** The parts that have arrived whole, by rising number. */
  listParts(target: StorageTarget): Promise<readonly StoredPart[]>
  /** Whether there are bytes that a sender goes on from, where no list of parts tells it. */
  hasBegun?(target: StorageTarget): Promise<boolean>
  /** Verifies the bytes and seals them: no URL that was signed for them writes any more. Idempotent, also after a crash half-way. */
  complete(target: StorageTarget, claimed?: CompleteRequest): Promise<void>
  /** An object that is sealed, or has all its bytes; `undefined` where there is none. */
  read(operationId: string): Promise<StoredObject | undefined>
  /** What pages are told of an object: the operation's result, where no hook makes one. @default nothing */
  describe?(operationId: string): Promise<unknown>
  /** Deletes whatever there is of an upload, and refuses what is still on its way. Idempotent. */
  discard(operationId: string): Promise<void>
  /** Operation ids of uploads that hold space without being sealed. */
  unsealed(): AsyncIterable<string>
  /** Answers requests to the URLs that it signed, for storage that this server is itself. `path` is relative to the mount. */
  fetch?(request: Request, path: string, news: StorageNews): Promise<Response>
  close(): Promise<void>
}

/** How many parts an upload has: at least one, also where it has no bytes. */
export function countParts({ size, partBytes }: Pick<StorageTarget, 'size' | 'partBytes'>): number {
  return Math.max(1, Math.ceil(size / partBytes))
}

/** Bytes that a part must have, numbered from 1. */
export function sizeOfPart(target: Pick<StorageTarget, 'size' | 'partBytes'>, partNumber: number): number {
  return partNumber < countParts(target) ? target.partBytes : target.size - (partNumber - 1) * target.partBytes
}
