import { type Decode, type Decoded, NO_TIME } from '../decode.js'
import { isRecord } from '../json.js'
import { type OperationStatus, type OperationType, parseSyncStatusUpdate, type SyncStatusUpdate } from '../sync-status-update.js'

/** In which column each field of an update is; `null` where the table has none, but a column of that name that means something else. */
export type RowColumns = { readonly [Field in keyof SyncStatusUpdate]?: string | null }

/** What `row` takes. Nothing is needed for a table whose columns have the names of the fields, such as `sync_operations`. */
export interface RowOptions {
  /** Columns that have another name, as `{ operation_id: 'id', status: 'state' }`. @default the field's name, and `updated_at` for `timestamp` */
  readonly columns?: RowColumns
  /** The table's own words for a status, as `{ done: 'completed' }`. */
  readonly statuses?: Readonly<Record<string, OperationStatus>>
  /** What the rows of a table without an `operation_type` are about. @default 'upload' */
  readonly operationType?: OperationType
  /** What it means that a row is gone, of which only the primary key is told: where rows have versions, the server is asked. @default nothing, it is no news of an upload */
  readonly deleted?: OperationStatus
}

/** The fields that may be so large that PostgreSQL keeps them beside the row, and leaves them out where an `UPDATE` did not touch them. */
const LARGE = ['message', 'performance_data', 'result', 'error', 'file'] as const
/** Most operations of which large values are kept. */
const MAX_KNOWN = 1000

type Row = Readonly<Record<string, unknown>>

/**
 * Reads rows of a table: as supabase-js hands on `postgres_changes`, as `realtime.broadcast_changes` sends them, or a row alone. Their order is told
 * by the column `version`, else by `updated_at`, else by when they were committed.
 *
 * A large value that is left out is what it was. Where it was never seen here, the update goes without its version: then it is a hint that asks the server.
 *
 * @throws Error that says what is wrong, in the server's words where it says so
 */
export function row({ columns = {}, statuses = {}, operationType = 'upload', deleted }: RowOptions = {}): Decode {
  const columnOf = (field: keyof SyncStatusUpdate) => columns[field] ?? (field === 'timestamp' ? 'updated_at' : field)
  /** The large values of each operation; the one that was heard of last is the last. */
  const known = new Map<string, Record<string, unknown>>()
  /** The columns of large values that this table has. */
  const seen = new Set<string>()

  function recall(id: string, given: Row): { readonly large: Row; readonly isWhole: boolean } {
    const large = known.get(id) ?? {}
    let isWhole = true
    for (const column of LARGE.map(columnOf)) {
      if (Object.hasOwn(given, column)) {
        large[column] = given[column]
        seen.add(column)
      } else if (seen.has(column) && !Object.hasOwn(large, column)) isWhole = false
    }
    known.delete(id)
    known.set(id, large)
    if (known.size > MAX_KNOWN) known.delete(known.keys().next().value as string)
    return { large, isWhole }
  }

  function fieldsOf(given: Row): Record<string, unknown> {
    const fields: Record<string, unknown> = { ...given, timestamp: given['updated_at'] }
    for (const [field, column] of Object.entries(columns)) fields[field] = column === null ? undefined : given[column]
    return fields
  }

  return (raw) => {
    const { kind, row: changed, committedAt } = readChange(raw)
    const id = idOf(changed[columnOf('operation_id')])
    const isDeleted = kind === 'DELETE'
    if (isDeleted && deleted === undefined) return null
    const { large, isWhole } = isDeleted ? { large: {}, isWhole: true } : recall(String(id), changed)
    const fields = fieldsOf({ ...large, ...changed })
    const status = isDeleted ? deleted : (statuses[String(fields['status'])] ?? fields['status'])
    if (!isWhole && fields['version'] == null) throw new Error('a large value did not change, and is not known here')
    const timestamp = fields['timestamp'] ?? committedAt
    const error = fields['error']
    const parsed = parseSyncStatusUpdate({
      ...fields,
      operation_id: id,
      operation_type: fields['operation_type'] ?? operationType,
      status,
      progress: fields['progress'] ?? (status === 'completed' ? 100 : 0),
      timestamp: timestamp ?? NO_TIME,
      job_id: idOf(fields['job_id']),
      version: isWhole ? fields['version'] : undefined,
      error: typeof error === 'string' ? { code: 'remote_error', message: error, retryable: true } : error,
    })
    if (!parsed.ok) throw new Error(parsed.reason)
    const update = parsed.value
    return { update, phase: 'processing', order: orderOf(update, timestamp) }
  }
}

function orderOf({ version }: SyncStatusUpdate, timestamp: unknown): Decoded['order'] {
  if (version !== undefined) return 'version'
  return timestamp === undefined ? 'arrival' : 'timestamp'
}

/** A change in whichever of its three shapes. */
function readChange(raw: unknown): { readonly kind: unknown; readonly row: Row; readonly committedAt: unknown } {
  if (!isRecord(raw)) throw new Error('not an object')
  const { eventType, operation, errors, commit_timestamp: committedAt } = raw
  if (Array.isArray(errors) && errors.length > 0) throw new Error(errors.join(', '))
  const kind = eventType ?? operation
  const [after, before] = eventType === undefined ? [raw['record'], raw['old_record']] : [raw['new'], raw['old']]
  const changed = kind === 'DELETE' ? before : (after ?? raw)
  if (!isRecord(changed)) throw new Error('not a row')
  return { kind, row: changed, committedAt }
}

/** As text, whatever the column's type; but numbers beyond those that JavaScript tells apart would name another row. */
const idOf = (value: unknown) => (Number.isSafeInteger(value) ? String(value) : value)
