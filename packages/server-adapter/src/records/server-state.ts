import type { ConnectionReport, SystemHealth } from '@upload-panel/core/protocol'
import type { PerformanceMetrics } from '../manager/performance-metrics.js'

/** Work that one process at a time does, whichever of those that share the records: kept by whoever renews it in time. */
export interface Leases {
  /** Takes a lease, or renews one's own; answers whether it is the holder's now. Times are the database's where it has a clock of its own. */
  acquire(name: string, holder: string, forMs: number): Promise<boolean>
  /** Gives a lease back before its time. Nothing happens where it is another's. */
  release(name: string, holder: string): Promise<void>
}

/** How far each publisher has told of the one sequence of changes, for those that go on where they stopped. */
export interface FeedPositions {
  /** The version told last; `undefined` before the first. */
  get(feed: string): Promise<number | undefined>
  /** Never goes back. */
  save(feed: string, version: number): Promise<void>
}

/** A client that follows a subject's operations, as it described itself last: a row of `connection_status`. */
export interface ClientConnection {
  readonly connection_id: string
  readonly subject: string
  readonly status: NonNullable<ConnectionReport['status']>
  /** Empty where the client did not say. */
  readonly transport: string
  /** Round trip in milliseconds; `null` where it is not known. */
  readonly latency: number | null
  readonly reconnect_attempts: number
  /** ISO 8601. */
  readonly connected_at: string
  /** ISO 8601. */
  readonly last_ping: string
}

/** The table `connection_status`. A client is named by its subject and its id. */
export interface ClientRows {
  save(clients: readonly ClientConnection[]): Promise<void>
  remove(clients: readonly Pick<ClientConnection, 'subject' | 'connection_id'>[]): Promise<void>
  /** Those of a subject, or of all; who was heard last comes last. */
  list(query: { readonly subject?: string; readonly limit: number }): Promise<readonly ClientConnection[]>
  /** Forgets those that were heard last before a time, milliseconds since the epoch. */
  forget(beforeMs: number): Promise<void>
}

/** What the server looked like at one time: a row of `sync_status_snapshots`. */
export interface SystemSnapshot {
  /** ISO 8601. */
  readonly taken_at: string
  readonly metrics: PerformanceMetrics
  readonly health: SystemHealth
  /** Clients that were connected. */
  readonly connections: number
  /** Operations that had not ended. */
  readonly active_operations: number
}

/** The table `sync_status_snapshots`. */
export interface SnapshotRows {
  add(snapshot: SystemSnapshot): Promise<void>
  /** The newest, oldest first. */
  list(limit: number): Promise<readonly SystemSnapshot[]>
  /** Forgets those that were taken before a time, milliseconds since the epoch. */
  forget(beforeMs: number): Promise<void>
}
