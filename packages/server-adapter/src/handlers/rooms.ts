import type { Clock } from '../clock.js'
import type { Limits } from '../limits.js'
import type { Connections } from '../manager/connections.js'
import type { SyncStatusManager } from '../manager/sync-status-manager.js'
import type { SsePublisher } from '../publishers/sse.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { Access } from '../security/authorize.js'
import type { SubscribeTokens } from '../security/subscribe-tokens.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { isUpload, unknownUpload, type UploadRecord } from '../uploads/upload-record.js'
import type { Uploads } from '../uploads/uploads.js'
import type { Webhooks } from '../webhooks/webhooks.js'

/** What handlers work with. */
export interface Rooms {
  readonly access: Access
  readonly tokens: SubscribeTokens
  readonly uploads: Uploads
  readonly webhooks: Webhooks
  readonly records: OperationRecords
  readonly manager: SyncStatusManager
  readonly connections: Connections
  readonly sse: SsePublisher
  readonly storage: ObjectStorage
  readonly limits: Limits
  readonly clock: Clock
}

/** What a route is given: the request as it came, and the part of its path that names something. */
export interface RouteInput {
  readonly request: Request
  readonly id: string
  readonly query: URLSearchParams
}

/** Answers a request, or throws a `Refusal`. What is no `Response` is sent as JSON. */
export type Route = (input: RouteInput) => Promise<object>

/** An operation of another type has no bytes: for the routes of uploads it is unknown. */
export function asUpload(record: OperationRecord): UploadRecord {
  if (!isUpload(record)) throw unknownUpload()
  return record
}
