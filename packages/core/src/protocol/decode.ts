import type { OrderedBy } from './order.js'
import { parseSyncStatusUpdate, type SyncStatusUpdate } from './sync-status-update.js'

/** A message of whatever sender, in our terms. */
export interface Decoded {
  readonly update: SyncStatusUpdate
  /** Whether it is about bytes on their way to storage, which the page knows better while it sends them, or about the server's own work. */
  readonly phase: 'transfer' | 'processing'
  /** What tells its order: its `version`, its `timestamp`, or neither, so that it is the order of arrival. */
  readonly order: 'version' | OrderedBy
}

/** Reads a message as it came, or answers null where it cannot be understood: then it is dropped and counted. What it throws is the reason. */
export type Decode = (raw: unknown) => Decoded | null

/** The default: a `SyncStatusUpdate`, as an object or as JSON text. @throws Error that says what is wrong with it */
export const decodeSyncStatus: Decode = (raw) => {
  const parsed = parseSyncStatusUpdate(raw)
  if (!parsed.ok) throw new Error(parsed.reason)
  const update = parsed.value
  return { update, phase: 'processing', order: update.version === undefined ? 'timestamp' : 'version' }
}
