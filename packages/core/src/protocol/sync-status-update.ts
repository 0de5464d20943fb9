import { isRecord, readMessage } from './json.js'
import { isId, sanitizeText } from './text.js'
import { isTime } from './time.js'

/** What a server operation does. Indicators follow all of them, not only uploads. */
export type OperationType = 'upload' | 'delete' | 'update' | 'full_sync' | 'webhook'
/** Where a server operation stands. `completed`, `failed` and `cancelled` are terminal. */
export type OperationStatus = 'pending' | 'in_progress' | 'completed' | 'failed' | 'cancelled'

/** Why an operation failed, in the server's words. */
export interface RemoteError {
  /** Stable and machine-readable, such as `virus_found`. */
  readonly code: string
  /** One sentence for people, plain text. */
  readonly message: string
  /** Whether trying again can help. */
  readonly retryable: boolean
}

/** The file that an upload operation is about, as its client named it. */
export interface FileDescription {
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** MIME type as the client declared it; may be empty. */
  readonly type: string
  readonly relative_path?: string
}

/**
 * The one message of the wire: the whole state of one server operation, never a delta.
 * A sender that knows only the required fields is a valid sender.
 */
export interface SyncStatusUpdate {
  /** Never reused. */
  readonly operation_id: string
  readonly operation_type: OperationType
  readonly status: OperationStatus
  /** Of the server's own work, 0..100. */
  readonly progress: number
  /** For people, plain text. */
  readonly message?: string
  /** ISO 8601, UTC. */
  readonly timestamp: string
  readonly performance_data?: Readonly<Record<string, unknown>>
  /** Per operation, strictly rising but not contiguous. Decides the order. */
  readonly version?: number
  /** The batch that the operation belongs to. */
  readonly job_id?: string
  /** The client's own id of the optimistic item. */
  readonly client_ref?: string
  /** Which attempt of the client's item this operation is, from 1. */
  readonly attempt?: number
  /** Place among the operations of its job in the order in which they were created: rising, not contiguous. A new attempt keeps it. */
  readonly position?: number
  /** What the server is doing, in its own short word: `compressing`, `syncing`, … */
  readonly stage?: string
  readonly total_items?: number
  readonly processed_items?: number
  readonly failed_items?: number
  readonly triggered_by?: string
  readonly source?: string
  /** With `completed`: the confirmed asset. */
  readonly result?: unknown
  /** With `failed`. */
  readonly error?: RemoteError
  /** For uploads, in snapshots: lets a page that never saw the file name it. */
  readonly file?: FileDescription
}

const OPERATION_TYPES: ReadonlySet<unknown> = new Set<OperationType>(['upload', 'delete', 'update', 'full_sync', 'webhook'])
const STATUSES: ReadonlySet<unknown> = new Set<OperationStatus>(['pending', 'in_progress', 'completed', 'failed', 'cancelled'])

/** Whether nothing more follows but a newer version. */
export function isTerminal(status: OperationStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** A message that was read, or the reason why it was dropped (for counters and debug logs, never for people). */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string }

const invalid = (reason: string): { ok: false; reason: string } => ({ ok: false, reason })

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isText = (value: unknown): value is string => typeof value === 'string'

const readCount = (value: unknown) => (isCount(value) ? value : undefined)
const readId = (value: unknown) => (isId(value) ? value : undefined)

/** Optional fields: each as it is to be kept, or `undefined` where it is malformed, which drops the message. */
const OPTIONAL: ReadonlyMap<string, (value: unknown) => unknown> = new Map<string, (value: unknown) => unknown>([
  ['message', readText],
  ['performance_data', (value) => (isRecord(value) ? value : undefined)],
  ['version', readCount],
  ['job_id', readId],
  ['client_ref', readId],
  ['attempt', (value) => (isCount(value) && value >= 1 ? value : undefined)],
  ['position', readCount],
  ['stage', readText],
  ['total_items', readCount],
  ['processed_items', readCount],
  ['failed_items', readCount],
  ['triggered_by', readText],
  ['source', readText],
  ['result', (value) => value],
  ['error', readError],
  ['file', readFile],
])

/**
 * Reads a message of the wire, given as JSON text or as an object.
 * Never throws. Unknown fields are kept as they are; texts are sanitised; `null` in an optional field counts as absent,
 * since SQL rows and many serialisers write it so.
 */
export function parseSyncStatusUpdate(raw: unknown): Parsed<SyncStatusUpdate> {
  let update: Record<string, unknown>
  try {
    update = readMessage(raw)
  } catch (error) {
    return invalid(error instanceof Error ? error.message : 'not JSON')
  }
  if (!isId(update['operation_id'])) return invalid('operation_id is not an identifier')
  if (!OPERATION_TYPES.has(update['operation_type'])) return invalid('operation_type is unknown')
  if (!STATUSES.has(update['status'])) return invalid('status is unknown')
  const progress = update['progress']
  if (typeof progress !== 'number' || !(progress >= 0 && progress <= 100)) return invalid('progress is not within 0..100')
  if (!isText(update['timestamp']) || !isTime(update['timestamp'])) return invalid('timestamp is not a time')

  for (const field of Object.keys(update)) {
    const read = OPTIONAL.get(field)
    if (read === undefined) continue
    const given = update[field]
    // Ten thousand messages a second: what is not there need not be taken away.
    if (given === undefined && !(field in update)) continue
    if (given === undefined || given === null) {
      delete update[field]
      continue
    }
    const kept = read(given)
    if (kept === undefined) return invalid(`${field} is malformed`)
    if (kept !== given) update[field] = kept
  }
  return { ok: true, value: update as unknown as SyncStatusUpdate }
}

function readText(value: unknown): string | undefined {
  return isText(value) ? sanitizeText(value) : undefined
}

function readError(value: unknown): RemoteError | undefined {
  if (!isRecord(value)) return undefined
  const { code, message, retryable } = value
  if (!isText(code) || !isText(message) || typeof retryable !== 'boolean') return undefined
  return { ...value, code: sanitizeText(code), message: sanitizeText(message), retryable }
}

function readFile(value: unknown): FileDescription | undefined {
  if (!isRecord(value)) return undefined
  const { name, size, type, relative_path: path, ...more } = value
  if (!isText(name) || !isCount(size) || !isText(type)) return undefined
  const file = { ...more, name: sanitizeText(name), size, type: sanitizeText(type) }
  if (path === undefined || path === null) return file
  return isText(path) ? { ...file, relative_path: sanitizeText(path) } : undefined
}
