import type { BackendContext } from '../backends/backend.js'
import type { JobSummary, SnapshotAnswer, SnapshotRequest, SyncStatusUpdate } from '../protocol/index.js'

/** A page of operations; of a job's, with the server's own count of them all. */
export interface StatusPage extends SnapshotAnswer {
  readonly job?: JobSummary
}

/** What a status monitor asks of a server. Every upload backend can answer it; `statusRoutes` is what a page needs that uploads nothing. */
export interface StatusBackend {
  snapshot(request: SnapshotRequest, signal: AbortSignal): Promise<StatusPage>
  /** A job as the server counts it, and a page of its operations. @default by `snapshot`, counted here */
  job?(jobId: string, cursor: string | undefined, signal: AbortSignal): Promise<StatusPage>
  /** Ends an upload; absent where that cannot be asked for. `undefined`: the server had nothing to cancel. */
  cancel?(operationId: string, signal: AbortSignal): Promise<SyncStatusUpdate | undefined>
}

/** A backend that is not yet part of a monitor: `statusRoutes(…)`, `httpBackend(…)`. */
export type StatusBackendFactory = (context: BackendContext) => StatusBackend
