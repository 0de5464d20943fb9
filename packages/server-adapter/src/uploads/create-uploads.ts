import type { CreatedUpload, CreateUploadsAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { Operations } from '../manager/operations.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { FileChecks } from '../security/file-checks.js'
import type { StoragePlan } from '../storage/object-storage.js'
import type { KeyedLock } from './keyed-lock.js'
import { newUpload, type NewUploadOptions } from './new-upload.js'
import { type ReadFile, readFile } from './read-file.js'
import type { Steps } from './steps.js'
import { isClosedAsSuperseded, isUpload, SUPERSEDED_ERROR, type UploadRecord } from './upload-record.js'

export interface CreateUploadsOptions extends NewUploadOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly steps: Steps
  readonly exclusively: KeyedLock
  readonly checks: FileChecks
}

/** Creates the uploads of one call, or finds those that an earlier, equal call has made. */
export type CreateUploads = (
  subject: string,
  jobId: string | undefined,
  files: readonly unknown[],
) => Promise<CreateUploadsAnswer<StoragePlan>>

export function createCreateUploads(options: CreateUploadsOptions): CreateUploads {
  const { records, operations, steps, exclusively, checks, limits, createId } = options

  async function answer(record: UploadRecord, file: ReadFile): Promise<CreatedUpload<StoragePlan>> {
    const { client_ref } = file
    const refuse = (code: string, message: string) => ({ client_ref, error: { code, message, retryable: false } })
    const { operation_id, status, version } = record.word
    // "The same key with other content is 422": said inline, for the other files of the call are not to blame.
    if (!isSameFile(record, file)) {
      return refuse(
        'idempotency_conflict',
        'This attempt was already created for another file. Give the new file another client_ref, or raise attempt.',
      )
    }
    if (isClosedAsSuperseded(record)) return { client_ref, error: SUPERSEDED_ERROR }
    if (status !== 'pending') return refuse('already_received', `This attempt is ${status} already; ask for its state.`)
    if (await isOldAttempt(record)) return { client_ref, error: SUPERSEDED_ERROR }
    return { operation_id, client_ref, version, plan: await steps.plan(record) }
  }

  /** "Each attempt that needs bytes again is a new operation, the old one is closed as superseded", whichever of them came first. */
  async function isOldAttempt({ subject, word }: UploadRecord): Promise<boolean> {
    const { client_ref = '', attempt = 0 } = word
    const attempts = await records.attempts(subject, client_ref)
    const newest = Math.max(...attempts.map((other) => other.word.attempt ?? 0))
    for (const other of attempts) {
      if ((other.word.attempt ?? 0) >= newest || isClosedAsSuperseded(other)) continue
      await exclusively(other.word.operation_id, () => steps.supersede(other.word.operation_id))
    }
    return attempt < newest
  }

  /** What is wrong with one file is said of that file alone: "partial failure is normal". */
  async function answerInline(record: UploadRecord, file: ReadFile): Promise<CreatedUpload<StoragePlan>> {
    try {
      return await answer(record, file)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { code, message, retryable } = error
      return { client_ref: file.client_ref, error: { code, message, retryable } }
    }
  }

  function check(read: ReturnType<typeof readFile>): ReturnType<typeof readFile> {
    const error = read.ok ? checks.declared(read.file) : undefined
    return read.ok && error !== undefined ? { ok: false, client_ref: read.file.client_ref, error } : read
  }

  return async (subject, givenJobId, files) => {
    const job_id = givenJobId ?? createId()
    if (!(await records.claimJob(job_id, subject))) throw new Refusal(404, 'unknown_job', 'There is no such job.')
    const read = files.map((file) => check(readFile(file, limits)))
    const accepted = read.flatMap((entry) => (entry.ok ? [entry.file] : []))
    const outcomes = (await operations.insert(accepted.map((file) => newUpload(subject, job_id, file, options)))).values()
    return {
      job_id,
      operations: await Promise.all(
        read.map((entry) => {
          if (!entry.ok) return { client_ref: entry.client_ref, error: entry.error }
          const record = outcomes.next().value?.record
          if (record === undefined || !isUpload(record))
            throw new TypeError('Records answered another operation than the one that was inserted.')
          return answerInline(record, entry.file)
        }),
      ),
    }
  }
}

function isSameFile({ word, upload }: UploadRecord, file: ReadFile): boolean {
  return (
    word.file.name === file.name &&
    word.file.size === file.size &&
    // Once its content is known it may have another.
    (upload.bytes !== 'expected' || word.file.type === file.type) &&
    word.file.relative_path === file.relative_path &&
    // A page that was loaded again need not announce it once more.
    (upload.checksum === undefined || file.checksum === undefined || upload.checksum === file.checksum)
  )
}
