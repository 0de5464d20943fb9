import type { OrderedBy } from './order.js'
import { parseSyncStatusUpdate, type SyncStatusUpdate } from './sync-status-update.js'

/** A message of whatever sender, in our terms. */
export interface Decoded {
  readonly update: SyncStatusUpdate
  /** Whether it is about bytes on their way to storage, which the page knows better while it sends them, or about the server's own work. */
  readonly phase: 'transfer' | 'processing'
  /** What tells its order: its `version`, its `timestamp`, or neither, so that it is the order of arrival. */
  readonly order: 'version' | OrderedBy
  /** Where the order is that of arrival: the place of its stage among those that follow one another, lower first. */
  readonly rank?: number
}

/** Reads a message as it came, or answers null where it cannot be understood: then it is dropped and counted. What it throws is the reason. */
export type Decode = (raw: unknown) => Decoded | null

/** The time of a word that came without one. Its order is that of arrival, and nobody shows it. */
export const NO_TIME = '1970-01-01T00:00:00Z'

/** The default: a `SyncStatusUpdate`, as an object or as JSON text. @throws Error that says what is wrong with it */
export function decodeSyncStatus(raw: unknown): Decoded {
  const update = parsed(raw)
  return { update, phase: 'processing', order: update.version === undefined ? 'timestamp' : 'version' }
}

/** Reads a message by a `decode` that may be the page's own: what it answers is checked as if it had come by the wire. @throws Error that says what is wrong */
export function decodeBy(decode: Decode | undefined, raw: unknown): Decoded {
  if (decode === undefined || decode === decodeSyncStatus) return decodeSyncStatus(raw)
  const decoded = decode(raw)
  if (decoded === null || decoded === undefined) throw new Error('not understood')
  const update = parsed(decoded.update)
  const { phase, order, rank } = decoded
  return {
    update,
    phase: phase === 'transfer' ? phase : 'processing',
    order: update.version === undefined ? (order === 'arrival' ? order : 'timestamp') : 'version',
    ...(typeof rank === 'number' && { rank }),
  }
}

function parsed(raw: unknown): SyncStatusUpdate {
  const update = parseSyncStatusUpdate(raw)
  if (!update.ok) throw new Error(update.reason)
  return update.value
}
