import { readMessage } from '../json.js'
import { parseSyncStatusUpdate, type RemoteError, type SyncStatusUpdate } from '../sync-status-update.js'
import { isTime } from '../time.js'
import { NO_TIME, type Decoded } from '../decode.js'

/** What a dialect makes out of a message, before it is checked. */
export interface Draft {
  /** What names the upload. Databases count: a number is a name as well. */
  readonly id: unknown
  readonly jobId?: unknown
  readonly status: SyncStatusUpdate['status']
  readonly progress: unknown
  readonly stage?: string
  readonly result?: unknown
  readonly error?: unknown
  /** @default 'processing' */
  readonly phase?: Decoded['phase']
  /** Place of its status among those that follow one another. */
  readonly rank: number
}

/** What a status of a dialect means, by the name that it has there. */
export type Statuses = ReadonlyMap<unknown, Pick<Draft, 'status' | 'stage' | 'phase' | 'rank'>>

/**
 * Reads a message of a dialect. A backend that adds a `version` or a `timestamp` to its messages is ordered by it.
 * @throws Error that says what is wrong
 */
export function readDialect(raw: unknown, draftOf: (message: Record<string, unknown>) => Draft): Decoded {
  const message = readMessage(raw)
  const { id, jobId, status, progress, stage, result, error, phase = 'processing', rank } = draftOf(message)
  const { version, timestamp, message: text } = message
  const isTimed = typeof timestamp === 'string' && isTime(timestamp)
  const update = parseSyncStatusUpdate({
    operation_id: nameOf(id),
    operation_type: 'upload',
    status,
    progress: status === 'completed' ? 100 : percentOf(progress),
    timestamp: isTimed ? timestamp : NO_TIME,
    message: text,
    version,
    stage,
    job_id: nameOf(jobId),
    result: status === 'completed' ? result : undefined,
    error: status === 'failed' ? errorOf(error ?? text) : undefined,
  })
  if (!update.ok) throw new Error(update.reason)
  const order = update.value.version !== undefined ? 'version' : isTimed ? 'timestamp' : 'arrival'
  return { update: update.value, phase, order, ...(order === 'arrival' && { rank }) }
}

function nameOf(value: unknown): unknown {
  return Number.isSafeInteger(value) ? String(value) : value
}

/** Rounding may put it a little over its bounds, and that is no reason to lose a message. */
function percentOf(value: unknown): unknown {
  if (value === undefined || value === null) return 0
  return typeof value === 'number' ? Math.min(100, Math.max(0, value)) : value
}

/** A sentence, or an object with what is known of code, message and whether trying again can help. */
function errorOf(value: unknown): RemoteError | undefined {
  const { code, message, retryable }: { code?: unknown; message?: unknown; retryable?: unknown } =
    typeof value === 'string' ? { message: value } : typeof value === 'object' && value !== null ? value : {}
  if (typeof message !== 'string' || message === '') return undefined
  return { code: typeof code === 'string' ? code : 'remote_error', message, retryable: retryable !== false }
}
