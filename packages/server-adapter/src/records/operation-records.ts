import { type ChecksumAlgorithm, isTerminal, type JobCounts, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { TransferKind } from '../storage/object-storage.js'
import type { ClientRows, FeedPositions, Leases, SnapshotRows } from './server-state.js'

export type { JobCounts } from '@upload-panel/core/protocol'

/** Where the bytes of an upload operation stand. */
export interface UploadState {
  readonly kind: TransferKind
  /** Bytes of every part but the last; the whole size where there are no parts. */
  readonly partBytes: number
  /** `expected`: not all there. `stored`: complete and verified. `discarded`: deleted, or never to come. */
  readonly bytes: 'expected' | 'stored' | 'discarded'
  /** While bytes are expected: when to stop waiting, milliseconds since the epoch. */
  readonly expiresAtMs?: number
  /** The client's own claim about the bytes: `crc32c:` or `sha256:`, and the digest as base64. */
  readonly checksum?: string
  /** The checksums that the client is asked for. */
  readonly algorithm?: ChecksumAlgorithm
  /** The process that works on the stored bytes, where there are several that could. */
  readonly worker?: string
  /** What the client sent along with the file. */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The last word on an operation, as it is sent. */
export type Word = SyncStatusUpdate & { readonly version: number }

/** One operation as the server keeps it: whose it is, the last word on it, and, for an upload, its bytes. */
export interface OperationRecord {
  readonly subject: string
  readonly createdAtMs: number
  readonly word: Word
  readonly upload?: UploadState
  /** What the program named the call by that created it: the same key of the same subject is the same operation. */
  readonly key?: string
  /** Keys of the last calls that changed it, oldest first: a call that is repeated changes nothing. */
  readonly appliedKeys?: readonly string[]
}

/** An operation before records have given it its first version. */
export type NewOperation = Omit<OperationRecord, 'word'> & { readonly word: SyncStatusUpdate }

/** What became of one new operation. `existing`: its id, its `(subject, client_ref, attempt)` or its `(subject, key)` was there already, and nothing was written. */
export interface InsertOutcome {
  readonly kind: 'inserted' | 'existing'
  readonly record: OperationRecord
}

/** Which of a subject's operations. */
export type Selection = 'all' | { readonly jobIds: readonly string[]; readonly operationIds: readonly string[] }

/** A place in the one sequence of all changes. */
export interface ChangesQuery {
  readonly subject: string
  readonly selection: Selection
  /** Only what changed after this version. */
  readonly after: number
  readonly limit: number
}

/** Operations that are over. */
export interface EndedQuery {
  /** Milliseconds since the epoch. */
  readonly beforeMs: number
  /** Completed uploads whose bytes are in storage; or all others. */
  readonly files: boolean
  readonly limit: number
}

/** Makes the next state of a record, or `undefined` to leave it as it is. Synchronous and pure: it may run in a transaction, and again. */
export type Change = (record: OperationRecord) => OperationRecord | undefined

/** What records are given by the server that uses them. */
export interface RecordsContext {
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * The port to the database. One sequence numbers all changes: every write gives its record the next version, so that
 * versions rise strictly per operation, and "what changed since" is one comparison.
 */
export interface OperationRecords {
  /** Makes ready: creates what is missing. Rejects with a sentence that says what to do. Called once, before anything else. */
  open(context: RecordsContext): Promise<void>
  /** Whether other processes may use them at the same time. Known once they are open. */
  isShared(): boolean
  /** Random, made when the database was: a version of one database means nothing in another. */
  epoch(): string
  /** The version given last. */
  latestVersion(): Promise<number>
  /** Binds a job to the first subject that uses it. Answers whether it is the given subject's. */
  claimJob(jobId: string, subject: string): Promise<boolean>
  /** Who a job is bound to. */
  jobOwner(jobId: string): Promise<string | undefined>
  /** Writes new operations in one transaction. One without a `position` gets its first version as that. */
  insert(operations: readonly NewOperation[]): Promise<readonly InsertOutcome[]>
  get(operationId: string): Promise<OperationRecord | undefined>
  /** Applies a change atomically and gives it a new version. Answers the record as it is afterwards, and whether it changed. */
  update(operationId: string, change: Change): Promise<{ readonly record: OperationRecord; readonly changed: boolean } | undefined>
  /** All attempts of one of a client's items, oldest first. */
  attempts(subject: string, clientRef: string): Promise<readonly OperationRecord[]>
  /** By rising version. */
  changes(query: ChangesQuery): Promise<readonly OperationRecord[]>
  /** Of all subjects, by rising version: what publishers tell. Whoever has read a version has seen all below it: none of them is committed later. */
  everyChange(page: { readonly after: number; readonly limit: number }): Promise<readonly OperationRecord[]>
  /**
   * Calls back when another process may have written; needless calls are allowed, and one that is late by a second is, too.
   * Own writes need no call. The returned function ends it.
   */
  watch(onChange: () => void): () => void
  countJob(subject: string, jobId: string): Promise<JobCounts>
  /** Operations that have not ended, of all subjects, by rising id. */
  unfinished(page: { readonly afterId: string; readonly limit: number }): Promise<readonly OperationRecord[]>
  /** Pending uploads whose bytes are overdue, the most overdue first. */
  overdue(nowMs: number, limit: number): Promise<readonly OperationRecord[]>
  /** How many operations there are, of all subjects, and how many of them have not ended. */
  count(): Promise<{ readonly total: number; readonly unfinished: number }>
  /** Operations that ended before a time, of all subjects: those that ended first come first. */
  endedBefore(query: EndedQuery): Promise<readonly OperationRecord[]>
  /** Deletes operations, but for those that have not ended before that time; and jobs that have no operation left. */
  forget(operationIds: readonly string[], endedBeforeMs: number): Promise<void>
  readonly leases: Leases
  readonly feeds: FeedPositions
  readonly clients: ClientRows
  readonly snapshots: SnapshotRows
  close(): Promise<void>
}

/** When an operation ended, milliseconds since the epoch; `undefined` where it has not. */
export function endedAtMs({ word }: Pick<OperationRecord, 'word'>): number | undefined {
  return isTerminal(word.status) ? Date.parse(word.timestamp) : undefined
}

/** Whether it is what its user came for: a completed upload whose bytes are in storage. */
export function isFile({ word, upload }: Pick<OperationRecord, 'word' | 'upload'>): boolean {
  return word.status === 'completed' && upload?.bytes === 'stored'
}
