import type { ChecksumAlgorithm } from './checksum.js'
import type { SyncStatusUpdate } from './sync-status-update.js'
import type { AnyPlan, UploadPlan, SignedPart, StoredPart } from './upload-plan.js'

/** Header that every request and answer of ours carries, with {@link PROTOCOL_VERSION}. */
export const PROTOCOL_HEADER = 'upload-panel-protocol'
export const PROTOCOL_VERSION = '1'
/** Most files that one `upload-jobs` call may create. */
export const MAX_FILES_PER_CALL = 100
/** Most operations that one snapshot call may name or answer. */
export const MAX_SNAPSHOT_PAGE = 500
/** Name of the Server-Sent Event that carries a `SyncStatusUpdate`. */
export const SYNC_STATUS_EVENT = 'sync-status'
/** Name of the Server-Sent Event that says: the cursor is unknown here, fetch the snapshot. */
export const RESET_EVENT = 'reset'
/** Name of the event that says that one of the stream's topics is refused, with a {@link RefusedTopic}; the others are followed. */
export const REFUSED_EVENT = 'refused'
/** What a stream does not follow, though it was asked to, and why. */
export type RefusedTopic = ({ readonly operation_id: string } | { readonly job_id: string } | { readonly all: true }) & {
  readonly code: string
  readonly detail: string
}

/** `error.code` of an operation that was closed because a new attempt took its place. */
export const SUPERSEDED = 'superseded'

/** One file of `POST /commands/upload-jobs`. Idempotent by `(subject, client_ref, attempt)`. */
export interface CreateUploadFile {
  readonly client_ref: string
  /** From 1. Each attempt that needs its bytes again is a new operation. */
  readonly attempt?: number
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly type: string
  readonly relative_path?: string
  readonly metadata?: Readonly<Record<string, unknown>>
  /** What the bytes must be: `crc32c:` or `sha256:`, and the digest as base64. SHA-256 may be written as 64 hexadecimal digits. */
  readonly checksum?: string
  /** The client's wish; the server's plan decides. */
  readonly prefer?: {
    readonly kind: 'put' | 'multipart'
    readonly part_bytes?: number
    /** `none`: the client will not make any. */
    readonly checksum?: ChecksumAlgorithm | 'none'
  }
}

/** `POST /commands/upload-jobs`. */
export interface CreateUploadsRequest {
  /** Named by the client, 128 random bits; bound to the first subject that used it. */
  readonly job_id?: string
  readonly files: readonly CreateUploadFile[]
}

/** An error inside an answer that succeeded as a whole: partial failure is normal. */
export interface InlineError {
  readonly code: string
  readonly message: string
  readonly retryable: boolean
}

export type CreatedUpload<P extends AnyPlan = UploadPlan> =
  | { readonly operation_id: string; readonly client_ref: string; readonly version: number; readonly plan: P }
  | { readonly client_ref: string; readonly error: InlineError }

export interface CreateUploadsAnswer<P extends AnyPlan = UploadPlan> {
  readonly job_id: string
  readonly operations: readonly CreatedUpload<P>[]
}

/** `POST /commands/uploads/{id}/parts`. */
export interface SignPartsRequest {
  readonly part_numbers: readonly number[]
  /** Digests by part number, as base64, where the plan asks for checksums: what a URL is signed for. */
  readonly checksums?: Readonly<Record<number, string>> | undefined
}
export interface SignPartsAnswer {
  readonly parts: readonly SignedPart[]
  readonly expires_in_s: number
}
/** `GET /queries/uploads/{id}/parts`. */
export interface ListPartsAnswer {
  readonly parts: readonly StoredPart[]
}
/** `POST /commands/uploads/{id}/complete`, parts for multipart. */
export interface CompleteRequest {
  readonly parts?: readonly CompletedPart[] | undefined
  /** Of the whole: `crc32c:…`, `sha256:…`, or, of a file in several parts, `sha256:…-3`, which is of the digests of its three parts. */
  readonly checksum?: string | undefined
}
/** A part, as the client says that it has sent it. */
export interface CompletedPart {
  readonly part_number: number
  /** Absent where CORS hides it and storage lists none: the server asks the storage. */
  readonly etag?: string | undefined
  /** Base64. */
  readonly checksum?: string | undefined
}
/** Answer of `complete` and `cancel`, and of `retry` where the bytes are still in storage. */
export interface UpdateAnswer {
  readonly update: SyncStatusUpdate
}
/** `retry`: processing again, or a new attempt that needs the bytes. */
export type RetryAnswer<P extends AnyPlan = UploadPlan> =
  | UpdateAnswer
  | { readonly operation_id: string; readonly attempt: number; readonly version: number; readonly plan: P }

/** `POST /commands/upload/progress`, best-effort. */
export interface ProgressReport {
  readonly uploads: readonly { readonly operation_id: string; readonly sent_bytes: number }[]
}

/** `POST /queries/operations`: the snapshot. */
export type SnapshotRequest = ({ readonly ids: readonly string[] } | { readonly job_id: string } | { readonly all: true }) & {
  readonly cursor?: string
}
export interface SnapshotAnswer {
  readonly operations: readonly SyncStatusUpdate[]
  /** Where to go on: opaque. */
  readonly cursor: string
  readonly more: boolean
  /** The server's clock when it answered, ISO 8601: how long its words take can be told only where the difference of the clocks is known. */
  readonly server_time?: string
}

export type JobStatus = 'QUEUED' | 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
/** `GET /queries/upload-jobs/{job_id}`. */
export interface JobAnswer {
  readonly job_id: string
  readonly status: JobStatus
  readonly totalCount: number
  readonly completedCount: number
  readonly failedCount: number
  /** Whether a job that is `COMPLETED` has failed or cancelled operations too. */
  readonly partial: boolean
  readonly operations: readonly SyncStatusUpdate[]
  readonly cursor: string
  readonly more: boolean
}
