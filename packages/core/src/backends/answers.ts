import { UploadError } from '../errors.js'
import { epochMs, parseSyncStatusUpdate, type SnapshotAnswer, type SyncStatusUpdate } from '../protocol/index.js'

/** The list in a field of a server's answer. Throws where it is none, or one of its entries is something else. */
export function listIn<T>(answer: Record<string, unknown>, field: string, is: (entry: unknown) => entry is T): readonly T[] {
  const entries = answer[field]
  if (!Array.isArray(entries) || !entries.every(is)) throw badAnswer(field)
  return entries
}

/** One page of operations. One operation that this version cannot read must not hide the others. */
export function readSnapshot(answer: Record<string, unknown>): SnapshotAnswer {
  const { cursor, more, server_time: time } = answer
  if (typeof cursor !== 'string' || typeof more !== 'boolean') throw badAnswer('cursor')
  const operations = listIn(answer, 'operations', isAnything).flatMap((raw) => {
    const update = parseSyncStatusUpdate(raw)
    return update.ok ? [update.value] : []
  })
  return { operations, cursor, more, ...(typeof time === 'string' && epochMs(time) !== undefined && { server_time: time }) }
}

/** The operation in the answer to a command. */
export function readUpdate(answer: Record<string, unknown>): SyncStatusUpdate {
  const update = parseSyncStatusUpdate(answer['update'])
  if (!update.ok) throw senseless(update.reason)
  return update.value
}

export function badAnswer(field: string): UploadError {
  return senseless(`"${field}" is missing or malformed`)
}

function senseless(reason: string): UploadError {
  return new UploadError('bad_answer', `The server's answer makes no sense: ${reason}.`)
}

const isAnything = (_entry: unknown): _entry is unknown => true
