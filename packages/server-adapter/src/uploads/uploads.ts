import {
  type CompleteRequest,
  type CreatedUpload,
  type CreateUploadsAnswer,
  isTerminal,
  MAX_PARTS,
  type ProgressReport,
  type RetryAnswer,
  type SignPartsAnswer,
  type StoredPart,
  SUPERSEDED,
  type SyncStatusUpdate,
  type UploadPlan,
} from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Limits } from '../limits.js'
import type { Logger } from '../logger.js'
import { amend, type Operations, type UnstampedOperation } from '../manager/operations.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { countParts, type ObjectStorage, sizeOfPart, type StorageTarget } from '../storage/object-storage.js'
import { createKeyedLock } from './keyed-lock.js'
import { planTransfer } from './plan-transfer.js'
import type { Processing } from './processing.js'
import { type ReadFile, readFile } from './read-file.js'

/** A record of an upload, which has bytes and a file. */
export type UploadRecord = OperationRecord & {
  readonly upload: NonNullable<OperationRecord['upload']>
  readonly word: OperationRecord['word'] & { readonly file: NonNullable<OperationRecord['word']['file']> }
}

export function isUpload(record: OperationRecord): record is UploadRecord {
  return record.upload !== undefined && record.word.file !== undefined
}

/** The life of an upload on the server, from its plan to the start of its processing. One command at a time per operation. */
export interface Uploads {
  create(subject: string, jobId: string | undefined, files: readonly unknown[]): Promise<CreateUploadsAnswer>
  signParts(record: UploadRecord, partNumbers: readonly number[]): Promise<SignPartsAnswer>
  listParts(record: UploadRecord): Promise<readonly StoredPart[]>
  complete(operationId: string, parts?: CompleteRequest['parts']): Promise<SyncStatusUpdate>
  cancel(operationId: string): Promise<SyncStatusUpdate>
  retry(operationId: string): Promise<RetryAnswer>
  /** What the client says that it has sent: shown to other watchers, trusted for nothing. */
  reportProgress(subject: string, reports: ProgressReport['uploads']): Promise<void>
  /** Ends the wait for bytes that did not come in time, or takes them over where they did and nobody said so. */
  expire(operationId: string): Promise<void>
  /** Processes again what an earlier run of the server was processing; leaves alone what has changed since its last version. */
  resume(operationId: string, lastVersion: number): Promise<void>
  /** Completes an upload that has all its bytes though nobody said so; leaves alone what has changed since that version. */
  takeOver(operationId: string, lastVersion: number): Promise<void>
}

export interface UploadsOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly processing: Processing | undefined
  readonly limits: Limits
  readonly clock: Clock
  readonly logger: Logger
  readonly createId: () => string
}

const SUPERSEDED_ERROR = { code: SUPERSEDED, message: 'A newer attempt took the place of this one.', retryable: false }

export function createUploads(options: UploadsOptions): Uploads {
  const { records, operations, storage, processing, limits, clock, logger, createId } = options
  const exclusively = createKeyedLock()

  async function create(subject: string, givenJobId: string | undefined, files: readonly unknown[]): Promise<CreateUploadsAnswer> {
    const job_id = givenJobId ?? createId()
    if (!(await records.claimJob(job_id, subject))) throw unknownJob()
    const read = files.map((file) => readFile(file, limits))
    const accepted = read.flatMap((entry) => (entry.ok ? [entry.file] : []))
    const outcomes = await operations.insert(accepted.map((file) => newUpload(subject, job_id, file)))
    const created = await Promise.all(
      accepted.map(async (file, index): Promise<CreatedUpload> => {
        const record = outcomes[index]?.record
        if (record === undefined || !isUpload(record))
          throw new TypeError('Records answered another operation than the one that was inserted.')
        try {
          return await answerCreate(record, file)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          const { code, message, retryable } = error
          return { client_ref: file.client_ref, error: { code, message, retryable } }
        }
      }),
    )
    const next = created.values()
    return {
      job_id,
      operations: read.map((entry) =>
        entry.ok ? (next.next().value as CreatedUpload) : { client_ref: entry.client_ref, error: entry.error },
      ),
    }
  }

  async function answerCreate(record: UploadRecord, file: ReadFile): Promise<CreatedUpload> {
    const { client_ref } = file
    // "The same key with other content is 422": said inline, for the other files of the call are not to blame.
    if (!isSameFile(record, file)) {
      const message = 'This attempt was already created for another file. Name the new file by another client_ref, or raise attempt.'
      return { client_ref, error: { code: 'idempotency_conflict', message, retryable: false } }
    }
    if (record.word.error?.code === SUPERSEDED) return { client_ref, error: SUPERSEDED_ERROR }
    if (record.word.status !== 'pending') {
      const message = `This attempt is ${record.word.status} already; ask for its state.`
      return { client_ref, error: { code: 'already_received', message, retryable: false } }
    }
    if (await isSuperseded(record)) return { client_ref, error: SUPERSEDED_ERROR }
    return { operation_id: record.word.operation_id, client_ref, version: record.word.version, plan: await storage.plan(targetOf(record)) }
  }

  function newUpload(subject: string, job_id: string, file: ReadFile): UnstampedOperation {
    const { client_ref, attempt, name, size, type, relative_path, metadata, checksum } = file
    return {
      subject,
      word: {
        operation_id: createId(),
        operation_type: 'upload',
        status: 'pending',
        progress: 0,
        job_id,
        client_ref,
        attempt,
        file: { name, size, type, ...(relative_path !== undefined && { relative_path }) },
      },
      upload: {
        ...planTransfer(file, limits),
        bytes: 'expected',
        expiresAtMs: clock.now() + limits.uploadExpiresMs,
        ...(metadata !== undefined && { metadata }),
        ...(checksum !== undefined && { checksum }),
      },
    }
  }

  /**
   * "Each attempt that needs bytes again is a new operation, the old one is closed as superseded": whichever of them came first.
   * Answers whether this one is the old one.
   */
  async function isSuperseded({ subject, word }: UploadRecord): Promise<boolean> {
    const { client_ref = '', attempt = 0 } = word
    const attempts = await records.attempts(subject, client_ref)
    const newest = Math.max(...attempts.map((other) => other.word.attempt ?? 0))
    for (const other of attempts) {
      if ((other.word.attempt ?? 0) >= newest || other.word.error?.code === SUPERSEDED) continue
      await exclusively(other.word.operation_id, () => supersede(other.word.operation_id))
    }
    return attempt < newest
  }

  async function supersede(operationId: string): Promise<void> {
    const outcome = await operations.change(operationId, (record) =>
      // What was confirmed stays confirmed.
      record.word.status === 'completed'
        ? undefined
        : end(record, 'failed', { error: SUPERSEDED_ERROR, message: SUPERSEDED_ERROR.message }),
    )
    if (outcome?.changed) await letGo(operationId)
  }

  async function letGo(operationId: string): Promise<void> {
    processing?.abort(operationId)
    await storage.discard(operationId)
  }

  /** Seals the bytes and starts the processing. Call it alone on its operation. */
  async function accept(record: UploadRecord, parts?: CompleteRequest['parts']): Promise<SyncStatusUpdate> {
    await storage.complete(targetOf(record), parts)
    return start(record.word.operation_id)
  }

  /** Lets an operation whose bytes are stored go on: to its processing, or to its end where there is none. */
  async function start(operationId: string): Promise<SyncStatusUpdate> {
    const outcome = await operations.change(operationId, (record) =>
      processing === undefined
        ? amend(record, { ...RUNNING, status: 'completed', progress: 100 }, { bytes: 'stored' })
        : amend(record, { ...RUNNING, status: 'in_progress', progress: 0 }, { bytes: 'stored' }),
    )
    if (outcome === undefined) throw unknownUpload()
    processing?.start(operationId)
    return outcome.record.word
  }

  async function mustGet(operationId: string): Promise<UploadRecord> {
    const record = await records.get(operationId)
    if (record === undefined || !isUpload(record)) throw unknownUpload()
    return record
  }

  async function retry(record: UploadRecord): Promise<RetryAnswer> {
    const { operation_id, status } = record.word
    const newer = await newerAttempt(record)
    if (newer !== undefined) return answerRetry(newer)
    if (status === 'completed' || status === 'in_progress') return { update: record.word }
    // "Five gigabytes are not sent twice because a transcoder failed."
    if (status === 'failed' && (await storage.read(operation_id)) !== undefined) return { update: await start(operation_id) }
    if (status === 'pending' && (await hasAllBytes(record))) return { update: await accept(record) }
    const { job_id, client_ref, attempt, file } = record.word
    if (client_ref === undefined || attempt === undefined || job_id === undefined) throw unknownUpload()
    const { metadata, checksum, kind, partBytes } = record.upload
    const [outcome] = await operations.insert([
      newUpload(record.subject, job_id, {
        ...file,
        client_ref,
        attempt: attempt + 1,
        prefer: { kind, part_bytes: partBytes },
        ...(metadata !== undefined && { metadata }),
        ...(checksum !== undefined && { checksum }),
      }),
    ])
    await supersede(operation_id)
    if (outcome === undefined || !isUpload(outcome.record)) throw new TypeError('Records answered nothing for an insert.')
    return answerRetry(outcome.record)
  }

  /** The attempt that an earlier, lost answer to the same retry has made. */
  async function newerAttempt({ subject, word }: UploadRecord): Promise<UploadRecord | undefined> {
    if (word.client_ref === undefined) return undefined
    const newest = (await records.attempts(subject, word.client_ref)).at(-1)
    return newest !== undefined && isUpload(newest) && newest.word.operation_id !== word.operation_id ? newest : undefined
  }

  async function answerRetry(record: UploadRecord): Promise<RetryAnswer> {
    const { operation_id, attempt = 1, version, status } = record.word
    if (status !== 'pending') return { update: record.word }
    return { operation_id, attempt, version, plan: await planOf(record) }
  }

  const planOf = (record: UploadRecord): Promise<UploadPlan> => storage.plan(targetOf(record))

  return {
    create,
    async signParts(record, partNumbers) {
      const target = targetOf(record)
      const last = countParts(target)
      if (partNumbers.some((number) => number < 1 || number > last)) {
        throw new Refusal(422, 'invalid_part', `This upload has parts 1 to ${last}.`)
      }
      if (record.word.status !== 'pending') throw notPending(record)
      await extendWait(record)
      return storage.signParts(target, partNumbers)
    },
    async listParts(record) {
      const target = targetOf(record)
      if (record.upload.bytes === 'expected') return storage.listParts(target)
      if (record.upload.bytes === 'discarded') return []
      return Array.from({ length: Math.min(countParts(target), MAX_PARTS) }, (_, index) => ({
        part_number: index + 1,
        size: sizeOfPart(target, index + 1),
      }))
    },
    complete: (operationId, parts) =>
      exclusively(operationId, async () => {
        const record = await mustGet(operationId)
        // Idempotent: whoever asks again gets the last word.
        return record.word.status === 'pending' ? accept(record, parts) : record.word
      }),
    cancel: (operationId) =>
      exclusively(operationId, async () => {
        const outcome = await operations.change(operationId, (record) =>
          isTerminal(record.word.status) ? undefined : end(record, 'cancelled', {}),
        )
        if (outcome === undefined) throw unknownUpload()
        if (outcome.changed) await letGo(operationId)
        return outcome.record.word
      }),
    retry: (operationId) => exclusively(operationId, async () => retry(await mustGet(operationId))),
    async reportProgress(subject, reports) {
      for (const { operation_id, sent_bytes } of reports) {
        await operations.change(operation_id, (record) => {
          if (record.subject !== subject || !isUpload(record) || record.word.status !== 'pending') return undefined
          const { size } = record.word.file
          const known = Number(record.word.performance_data?.['sent_bytes'] ?? 0)
          const sentBytes = Math.min(size, sent_bytes)
          if (sentBytes <= known) return undefined
          const expiresAtMs = clock.now() + limits.uploadExpiresMs
          return amend(record, { stage: 'uploading', performance_data: { sent_bytes: sentBytes, total_bytes: size } }, { expiresAtMs })
        })
      }
    },
    expire: (operationId) =>
      exclusively(operationId, async () => {
        const record = await mustGet(operationId)
        const { expiresAtMs } = record.upload
        if (record.word.status !== 'pending' || expiresAtMs === undefined || expiresAtMs > clock.now()) return
        if (await hasAllBytes(record)) return void (await accept(record))
        const message = 'The bytes of this file did not arrive in time.'
        await operations.change(operationId, (current) =>
          end(current, 'failed', { message, error: { code: 'upload_expired', message, retryable: true } }),
        )
        await letGo(operationId)
      }),
    resume: (operationId, lastVersion) =>
      exclusively(operationId, async () => {
        const record = await mustGet(operationId)
        if (record.word.status === 'in_progress' && record.word.version <= lastVersion) await restart(record)
      }),
    takeOver: (operationId, lastVersion) =>
      exclusively(operationId, async () => {
        const record = await mustGet(operationId)
        const isLeft = record.word.status === 'pending' && record.word.version <= lastVersion
        if (isLeft && (await hasAllBytes(record))) await accept(record)
      }),
  }

  /** Sealing is idempotent: after a power cut it may have to be done again. */
  async function restart(record: UploadRecord): Promise<void> {
    const { operation_id } = record.word
    try {
      await storage.complete(targetOf(record))
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      logger.error(`The stored bytes of operation ${operation_id} are gone.`, cause)
      const message = 'The server has lost the bytes of this file. Send it again.'
      await operations.change(operation_id, (current) =>
        end(current, 'failed', { message, error: { code: 'bytes_lost', message, retryable: true } }),
      )
      return
    }
    await start(operation_id)
  }

  /** A client that asks for URLs is still at work: the wait for its bytes begins anew, though not with every question. */
  async function extendWait(record: UploadRecord): Promise<void> {
    const expiresAtMs = clock.now() + limits.uploadExpiresMs
    if ((record.upload.expiresAtMs ?? 0) - clock.now() > limits.uploadExpiresMs / 2) return
    await operations.change(record.word.operation_id, (current) =>
      current.word.status === 'pending' ? amend(current, {}, { expiresAtMs }) : undefined,
    )
  }

  async function hasAllBytes(record: UploadRecord): Promise<boolean> {
    const target = targetOf(record)
    if ((await storage.read(target.operationId)) !== undefined) return true
    const parts = await storage.listParts(target)
    return parts.length === countParts(target)
  }
}

const RUNNING = { stage: undefined, message: undefined, error: undefined, result: undefined, performance_data: undefined } as const

function end(
  record: OperationRecord,
  status: 'failed' | 'cancelled',
  said: { readonly message?: string; readonly error?: NonNullable<SyncStatusUpdate['error']> },
): OperationRecord {
  return amend(record, { ...RUNNING, status, ...said }, { bytes: 'discarded' })
}

function targetOf({ word, upload }: UploadRecord): StorageTarget {
  const { kind, partBytes, checksum } = upload
  const { size, type } = word.file
  return { operationId: word.operation_id, size, type, kind, partBytes, ...(checksum !== undefined && { checksum }) }
}

function isSameFile({ word, upload }: UploadRecord, file: ReadFile): boolean {
  return (
    word.file.name === file.name &&
    word.file.size === file.size &&
    word.file.type === file.type &&
    word.file.relative_path === file.relative_path &&
    upload.checksum === file.checksum
  )
}

function unknownJob(): Refusal {
  return new Refusal(404, 'unknown_job', 'There is no such job.')
}

function unknownUpload(): Refusal {
  return new Refusal(404, 'unknown_operation', 'There is no such upload.')
}

function notPending({ word }: UploadRecord): Refusal {
  return new Refusal(409, 'not_waiting_for_bytes', `This upload is ${word.status}; it does not wait for bytes.`)
}
