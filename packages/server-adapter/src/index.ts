export type { SystemHealth } from '@upload-panel/core/protocol'
export { type Clock } from './clock.js'
export type { ProgressOptions } from './create-core.js'
export { createSyncManager, type SyncManager, type SyncManagerOptions } from './create-sync-manager.js'
export { type CloseOptions, createSyncServer, type ReadableFile, type SyncServer } from './create-sync-server.js'
export { ProcessingError, type ProcessingErrorDetails, Refusal, type RefusalDetails } from './errors.js'
export type { HealthAnswer } from './handlers/health.js'
export type { SubscribeTokenAnswer } from './handlers/subscribe-token.js'
export type { Limits } from './limits.js'
export { createLogger, type Logger, type LoggerOptions, type LogLevel, type PinoLogger } from './logger.js'
export type { Connections } from './manager/connections.js'
export type { RetentionOptions } from './manager/housekeeping.js'
export type { PerformanceMetrics } from './manager/performance-metrics.js'
export type { PublisherState } from './manager/feed.js'
export {
  type BroadcastOptions,
  type CallOptions,
  type CompletionDetails,
  type CreateSyncOperationOptions,
  type ListOptions,
  type SyncStatusManager,
} from './manager/sync-status-manager.js'
export type { SyncServerOptions } from './options.js'
export type { PublisherContext, StatusPublisher } from './publishers/publisher.js'
export type {
  Change,
  ChangesQuery,
  EndedQuery,
  InsertOutcome,
  JobCounts,
  NewOperation,
  OperationRecord,
  OperationRecords,
  RecordsContext,
  Selection,
  UploadState,
  Word,
} from './records/operation-records.js'
export type { ClientConnection, ClientRows, FeedPositions, Leases, SnapshotRows, SystemSnapshot } from './records/server-state.js'
export {
  type Access,
  type Action,
  type Authorize,
  type AuthorizeInput,
  type Authorized,
  EVERYONE,
  type Follower,
} from './security/authorize.js'
export type { ClientAddress, ClientAddresses } from './security/client-address.js'
export type { CorsOptions } from './security/cors.js'
export type { AcceptOptions } from './security/file-checks.js'
export type { Rate, RateLimits } from './security/rate-limits.js'
export type { ObjectStorage, StorageContext, StorageTarget, StoredObject, VerifiedChecksums } from './storage/object-storage.js'
export type { ProcessContext, ProcessedOperation, ProcessHook } from './uploads/processing.js'
