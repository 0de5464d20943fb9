import type { RetryAnswer } from '@upload-panel/core/protocol'
import type { Operations } from '../manager/operations.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage, StoragePlan } from '../storage/object-storage.js'
import { newUpload, type NewUploadOptions } from './new-upload.js'
import type { Steps } from './steps.js'
import { isUpload, targetOf, unknownUpload, type UploadRecord } from './upload-record.js'

export interface RetryUploadOptions extends NewUploadOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly steps: Steps
}

/** Starts the processing again where the bytes are still there; goes on where some of them are; and else a new attempt. */
export type RetryUpload = (record: UploadRecord) => Promise<RetryAnswer<StoragePlan>>

export function createRetryUpload(options: RetryUploadOptions): RetryUpload {
  const { records, operations, storage, steps } = options

  /** The attempt that an earlier, lost answer to the same retry has made. */
  async function newerAttempt({ subject, word }: UploadRecord): Promise<UploadRecord | undefined> {
    if (word.client_ref === undefined) return undefined
    const newest = (await records.attempts(subject, word.client_ref)).at(-1)
    return newest !== undefined && isUpload(newest) && newest.word.operation_id !== word.operation_id ? newest : undefined
  }

  async function answer(record: UploadRecord): Promise<RetryAnswer<StoragePlan>> {
    const { operation_id, attempt = 1, version, status } = record.word
    return status === 'pending' ? { operation_id, attempt, version, plan: await steps.plan(record) } : { update: record.word }
  }

  async function createNextAttempt(record: UploadRecord): Promise<UploadRecord> {
    const { operation_id, job_id, client_ref, attempt, file, position } = record.word
    if (client_ref === undefined || attempt === undefined || job_id === undefined) throw unknownUpload()
    const { metadata, checksum, kind, partBytes, algorithm } = record.upload
    const next = {
      ...file,
      client_ref,
      attempt: attempt + 1,
      ...((kind === 'put' || kind === 'multipart') && { prefer: { kind, part_bytes: partBytes, checksum: algorithm ?? 'none' } as const }),
      ...(metadata !== undefined && { metadata }),
      ...(checksum !== undefined && { checksum }),
    }
    const upload = newUpload(record.subject, job_id, next, options)
    // In a list that is rebuilt from the job it stands where the first attempt stood.
    const [outcome] = await operations.insert([{ ...upload, word: { ...upload.word, ...(position !== undefined && { position }) } }])
    if (outcome === undefined || !isUpload(outcome.record)) throw new TypeError('Records answered nothing for an insert.')
    await steps.supersede(operation_id)
    return outcome.record
  }

  async function hasSomeBytes(record: UploadRecord): Promise<boolean> {
    const target = targetOf(record)
    return (await storage.hasBegun?.(target)) === true || (await storage.listParts(target)).length > 0
  }

  return async (record) => {
    const { operation_id, status } = record.word
    const newer = await newerAttempt(record)
    if (newer !== undefined) return answer(newer)
    if (status === 'completed' || status === 'in_progress') return { update: record.word }
    // "Five gigabytes are not sent twice because a transcoder failed."
    const isStored = record.upload.bytes === 'stored' && (await storage.read(operation_id)) !== undefined
    // What was refused for good, such as by moderation, is not taken after all because its client asks again: other bytes may be.
    const isFinal = record.word.error?.retryable === false
    if (status === 'failed' && isStored && !isFinal) return { update: await steps.start(operation_id) }
    if (status === 'pending' && (await steps.hasAllBytes(record))) return { update: await steps.accept(record) }
    // "No part is sent again that storage has."
    if (status === 'pending' && (await hasSomeBytes(record))) return answer(record)
    return answer(await createNextAttempt(record))
  }
}
