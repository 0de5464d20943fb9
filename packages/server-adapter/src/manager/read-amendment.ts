import { isId, parseSyncStatusUpdate, type RemoteError, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { jsonLength } from '../security/json-length.js'
import type { Amendment } from './operations.js'

/** Characters of JSON that a word may carry as `result` or `performance_data`. */
const MAX_JSON_LENGTH = 65_536

const ANY = { operation_id: 'any', operation_type: 'update', status: 'pending', progress: 0, timestamp: new Date(0).toISOString() } as const

/** Refuses what receivers would not take: a program should hear of it, and not its users. */
export function checkAmendment(amendment: Amendment): void {
  readWord({ ...ANY, ...amendment })
}

/** A whole word as it would be read on the wire. Its time is given when it is kept; any valid one will do here. */
export function readWord(word: Amendment & Pick<SyncStatusUpdate, 'operation_id'>): SyncStatusUpdate {
  const parsed = parseSyncStatusUpdate({ ...word, timestamp: ANY.timestamp })
  if (!parsed.ok) throw invalid(`${parsed.reason}.`)
  for (const field of ['result', 'performance_data'] as const) {
    const length = jsonLength(parsed.value[field])
    if (length === undefined || length > MAX_JSON_LENGTH) throw invalid(`${field} must be JSON of at most ${MAX_JSON_LENGTH} characters.`)
  }
  return parsed.value
}

/** A count within what the wire carries, whatever a program computes; what is no number says nothing. */
export function readCount(field: string, value: number | undefined): number | undefined {
  if (value === undefined || Number.isNaN(value)) return undefined
  if (typeof value !== 'number') throw invalid(`${field} must be a number.`)
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.trunc(value)))
}

export function checkId(what: string, value: unknown): void {
  if (value !== undefined && !isId(value)) throw invalid(`${what} must be 1 to 200 characters, without line breaks and control characters.`)
}

/** With `failed`: a reason is needed, and plain JavaScript may forget it. */
export function readError(error: RemoteError | undefined, message: string | undefined): RemoteError {
  return error ?? { code: 'failed', message: message ?? 'The operation failed.', retryable: true }
}

function invalid(reason: string): Refusal {
  return new Refusal(422, 'invalid_update', `The update was not kept: ${reason}`)
}
