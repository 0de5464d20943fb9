import { SUPERSEDED, type RemoteError } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { amend } from '../manager/operations.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { StorageTarget } from '../storage/object-storage.js'

/** A record of an upload, which has bytes and a file. */
export type UploadRecord = OperationRecord & {
  readonly upload: NonNullable<OperationRecord['upload']>
  readonly word: OperationRecord['word'] & { readonly file: NonNullable<OperationRecord['word']['file']> }
}

export function isUpload(record: OperationRecord): record is UploadRecord {
  return record.upload !== undefined && record.word.file !== undefined
}

/** An upload as storage knows it. */
export function targetOf({ word, upload }: UploadRecord): StorageTarget {
  const { kind, partBytes, checksum, algorithm } = upload
  const { size, type } = word.file
  return {
    operationId: word.operation_id,
    size,
    type,
    kind,
    partBytes,
    ...(checksum !== undefined && { checksum }),
    ...(algorithm !== undefined && { algorithm }),
  }
}

const NOTHING_SAID = { stage: undefined, message: undefined, error: undefined, result: undefined, performance_data: undefined } as const

/** A record whose bytes are stored and whose work begins, or is over where there is none. */
export function asStored(record: OperationRecord, status: 'in_progress' | 'completed', worker?: string): OperationRecord {
  const { worker: _, ...upload } = record.upload ?? {}
  const stored = amend(record, { ...NOTHING_SAID, status, progress: status === 'completed' ? 100 : 0 })
  return { ...stored, upload: { ...upload, bytes: 'stored', ...(worker !== undefined && { worker }) } as UploadRecord['upload'] }
}

/** A record whose file is of the type that its content is. */
export function asConfirmed(record: OperationRecord, type: string | undefined): OperationRecord {
  const { file } = record.word
  return file === undefined || type === undefined ? record : amend(record, { file: { ...file, type } })
}

/** A record that ended without success, and whose bytes go. */
export function asEnded(record: OperationRecord, status: 'cancelled'): OperationRecord
export function asEnded(record: OperationRecord, status: 'failed', error: RemoteError): OperationRecord
export function asEnded(record: OperationRecord, status: 'cancelled' | 'failed', error?: RemoteError): OperationRecord {
  return amend(record, { ...NOTHING_SAID, status, ...(error !== undefined && { message: error.message, error }) }, { bytes: 'discarded' })
}

/** Why an old attempt is closed, or refused when it comes late. */
export const SUPERSEDED_ERROR: RemoteError = { code: SUPERSEDED, message: 'A newer attempt took the place of this one.', retryable: false }

export function isClosedAsSuperseded({ word }: OperationRecord): boolean {
  return word.error?.code === SUPERSEDED
}

export function unknownUpload(): Refusal {
  return new Refusal(404, 'unknown_operation', 'There is no such upload.')
}
