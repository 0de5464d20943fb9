import type { Environment } from '../environment.js'
import type {
  AnyPlan,
  CreateUploadsAnswer,
  CreateUploadsRequest,
  RetryAnswer,
  SignPartsAnswer,
  SignPartsRequest,
  SnapshotAnswer,
  SnapshotRequest,
  StoredPart,
  SyncStatusUpdate,
} from '../protocol/index.js'
import type { ConnectSync } from '../realtime/sync-session.js'
import type { TransferResult, UploadStrategy } from '../strategies/strategy.js'

/**
 * The server's commands and queries, as calls. Every answer was validated; every failure is an `UploadError`.
 * Made by the `backend` option; brings the strategies for the plans that it can answer.
 */
export interface UploadBackend {
  readonly strategies: readonly UploadStrategy[]
  /** Where API calls go, to leave a connection free for them; `undefined` where there is none. */
  readonly origin: string | undefined
  createUploads(request: CreateUploadsRequest, signal: AbortSignal): Promise<CreateUploadsAnswer<AnyPlan>>
  signParts(
    operationId: string,
    partNumbers: readonly number[],
    signal: AbortSignal,
    checksums?: SignPartsRequest['checksums'],
  ): Promise<SignPartsAnswer>
  listParts(operationId: string, signal: AbortSignal): Promise<readonly StoredPart[]>
  /** The bytes are in storage. `undefined`: no server stage follows, the item is done. */
  complete(operationId: string, transfer: TransferResult, signal: AbortSignal): Promise<SyncStatusUpdate | undefined>
  /** `checkpoint` is what the strategy left behind, if anything. `undefined`: the server had nothing to cancel. */
  cancel(operationId: string, signal: AbortSignal, checkpoint?: unknown): Promise<SyncStatusUpdate | undefined>
  /** Processing again, a fresh plan for the same operation, or a new operation: the server knows what is left to do. `undefined`: all of it. */
  retry(operationId: string, signal: AbortSignal): Promise<RetryAnswer<AnyPlan> | undefined>
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<SnapshotAnswer>
  /** Resolves when the server answers anything at all; rejects when it cannot be reached. Absent: what the browser believes counts. */
  probe?(signal: AbortSignal): Promise<void>
  /** Follows the server's word on these uploads; absent where no server stage follows. */
  readonly connectSync?: ConnectSync
}

export interface BackendContext {
  readonly environment: Environment
  /** Those of the `strategies` option: the server may plan for them, too. */
  readonly strategies: readonly UploadStrategy[]
}

/** A backend that is not yet part of an uploader. */
export type UploadBackendFactory = (context: BackendContext) => UploadBackend
