import type { ChecksumAlgorithm, CompleteRequest, SignedPart, SignPartsRequest, StoredPart, UploadPlan } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'

/** One upload, as storage knows it. Its operation id is its key: random, never reused, and nothing that a client chose. */
export interface StorageTarget {
  readonly operationId: string
  /** Bytes of the whole. */
  readonly size: number
  /** MIME type as the client declared it; may be empty. */
  readonly type: string
  readonly kind: 'put' | 'multipart'
  /** Bytes of every part but the last; the whole size for `put`. */
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
  /** Absent: none. */
  readonly checksums?: VerifiedChecksums
  /** Makes ready. Rejects with a sentence that says what to do. Called once, before anything else. */
  open(context: StorageContext): Promise<void>
  /** Prepares for the bytes and says where to send them. Again for the same target: fresh URLs, nothing lost. */
  plan(target: StorageTarget): Promise<UploadPlan>
  signParts(
    target: StorageTarget,
    partNumbers: readonly number[],
    /** Of all these parts, where the target has an algorithm: the URLs take no other bytes. */
    checksums?: SignPartsRequest['checksums'],
  ): Promise<{ readonly parts: readonly SignedPart[]; readonly expires_in_s: number }>
  /** The parts that have arrived whole, by rising number. */
  listParts(target: StorageTarget): Promise<readonly StoredPart[]>
  /** Verifies the bytes and seals them: no URL that was signed for them writes any more. Idempotent, also after a crash half-way. */
  complete(target: StorageTarget, claimed?: CompleteRequest): Promise<void>
  /** A sealed object; `undefined` where there is none. */
  read(operationId: string): Promise<StoredObject | undefined>
  /** Deletes whatever there is of an upload, and refuses what is still on its way. Idempotent. */
  discard(operationId: string): Promise<void>
  /** Operation ids of uploads that hold space without being sealed. */
  unsealed(): AsyncIterable<string>
  /** Answers requests to the URLs that it signed, for storage that this server is itself. `path` is relative to the mount. */
  fetch?(request: Request, path: string): Promise<Response>
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
