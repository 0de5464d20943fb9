import { MAX_ID_LENGTH, sanitizeText } from './text.js'

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

/** A JSON object: not null, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An identifier of the wire: a non-empty bounded string without control characters. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ID_LENGTH && sanitizeText(value, MAX_ID_LENGTH) === value
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const hasTime = (value: unknown): value is string => typeof value === 'string' && value.length <= 40 && !Number.isNaN(Date.parse(value))

/** Optional fields: what makes each valid. One that is absent is fine, one that is present and wrong drops the message. */
const OPTIONAL: { readonly [field: string]: (value: unknown) => boolean } = {
  message: (v) => typeof v === 'string',
  performance_data: isRecord,
  version: isCount,
  job_id: isId,
  client_ref: isId,
  attempt: isCount,
  stage: (v) => typeof v === 'string',
  total_items: isCount,
  processed_items: isCount,
  failed_items: isCount,
  triggered_by: (v) => typeof v === 'string',
  source: (v) => typeof v === 'string',
  error: (v) => isRecord(v) && typeof v['code'] === 'string' && typeof v['message'] === 'string' && typeof v['retryable'] === 'boolean',
  file: (v) => isRecord(v) && typeof v['name'] === 'string' && isCount(v['size']) && typeof v['type'] === 'string',
}

/**
 * Reads a message of the wire, given as JSON text or as an object.
 * Never throws. Unknown fields are kept as they are; texts are sanitised; `null` in an optional field counts as absent,
 * since SQL rows and many serialisers write it so.
 */
export function parseSyncStatusUpdate(raw: unknown): Parsed<SyncStatusUpdate> {
  let value = raw
  if (typeof raw === 'string') {
    try {
      value = JSON.parse(raw)
    } catch {
      return invalid('not JSON')
    }
  }
  if (!isRecord(value)) return invalid('not an object')
  if (!isId(value['operation_id'])) return invalid('operation_id is not an identifier')
  if (!OPERATION_TYPES.has(value['operation_type'])) return invalid('operation_type is unknown')
  if (!STATUSES.has(value['status'])) return invalid('status is unknown')
  const progress = value['progress']
  if (typeof progress !== 'number' || !(progress >= 0 && progress <= 100)) return invalid('progress is not within 0..100')
  if (!hasTime(value['timestamp'])) return invalid('timestamp is not a time')

  const update: Record<string, unknown> = { ...value }
  for (const [field, isValid] of Object.entries(OPTIONAL)) {
    const given = update[field]
    if (given === undefined) continue
    if (given === null) delete update[field]
    else if (!isValid(given)) return invalid(`${field} is malformed`)
    else update[field] = sanitizeField(given)
  }
  return { ok: true, value: update as unknown as SyncStatusUpdate }
}

/** Sanitises a text, or the texts one level deep in an object such as `error` or `file`. */
function sanitizeField(value: unknown): unknown {
  if (typeof value === 'string') return sanitizeText(value)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, typeof entry === 'string' ? sanitizeText(entry) : entry]))
}
