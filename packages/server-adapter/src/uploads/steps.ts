import type { CompleteRequest, RemoteError, SyncStatusUpdate } from '@upload-panel/core/protocol'
import { amend, type Operations } from '../manager/operations.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { FileChecks } from '../security/file-checks.js'
import { countParts, type ObjectStorage, type StoragePlan } from '../storage/object-storage.js'
import type { Cluster } from './cluster.js'
import type { Processing } from './processing.js'
import { asConfirmed, asEnded, asStored, isUpload, SUPERSEDED_ERROR, targetOf, unknownUpload, type UploadRecord } from './upload-record.js'

export interface StepsOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly processing: Processing | undefined
  readonly checks: FileChecks
  /** The other processes that work on the same uploads. Absent: there are none. */
  readonly cluster: Cluster | undefined
}

/** What the commands on an upload are made of. Each is called by one command at a time per operation. */
export interface Steps {
  /** Refuses where there is no such upload. */
  get(operationId: string): Promise<UploadRecord>
  hasAllBytes(record: UploadRecord): Promise<boolean>
  /** How its bytes are to come. */
  plan(record: UploadRecord): Promise<StoragePlan>
  /** This server takes all its bytes itself and needs no call that says so: unless they come in parts, or the client has something to say of them. */
  endsWithItsBytes(record: UploadRecord): boolean
  /** Seals the bytes and starts the processing; or ends the upload, where its content is not what is taken. */
  accept(record: UploadRecord, claimed?: CompleteRequest): Promise<SyncStatusUpdate>
  /** Lets an upload whose bytes are sealed go on: to its processing, or to its end where there is none. */
  start(operationId: string): Promise<SyncStatusUpdate>
  /** Closes an attempt in whose place a newer one has come. */
  supersede(operationId: string): Promise<void>
  /** Stops the work on an upload that has ended, and deletes its bytes. */
  letGo(operationId: string): Promise<void>
}

export function createSteps({ records, operations, storage, processing, checks, cluster }: StepsOptions): Steps {
  async function start(operationId: string, confirmedType?: string): Promise<SyncStatusUpdate> {
    const result = processing === undefined ? await storage.describe?.(operationId) : undefined
    const outcome = await operations.change(operationId, (record) => {
      const confirmed = asConfirmed(record, confirmedType)
      if (processing !== undefined) return asStored(confirmed, 'in_progress', cluster?.nodeId)
      return amend(asStored(confirmed, 'completed'), { result })
    })
    if (outcome === undefined) throw unknownUpload()
    processing?.start(operationId)
    return outcome.record.word
  }

  function endsWithItsBytes(record: UploadRecord): boolean {
    const { kind, algorithm, checksum } = targetOf(record)
    const isSilent = algorithm === undefined || checksum !== undefined
    return kind !== 'multipart' && isSilent && storage.fetch !== undefined
  }

  async function letGo(operationId: string): Promise<void> {
    processing?.abort(operationId)
    await storage.discard(operationId)
  }

  /** The bytes go, so that nobody ever processes them, and a retry has to bring others. */
  async function refuse(operationId: string, error: RemoteError): Promise<SyncStatusUpdate> {
    const outcome = await operations.change(operationId, (record) => asEnded(record, 'failed', error))
    if (outcome === undefined) throw unknownUpload()
    await letGo(operationId)
    return outcome.record.word
  }

  return {
    async get(operationId) {
      const record = await records.get(operationId)
      if (record === undefined || !isUpload(record)) throw unknownUpload()
      return record
    },
    async hasAllBytes(record) {
      const target = targetOf(record)
      if ((await storage.read(target.operationId)) !== undefined) return true
      return (await storage.listParts(target)).length === countParts(target)
    },
    async plan(record) {
      const plan = await storage.plan(targetOf(record))
      return plan.kind === 'put' && endsWithItsBytes(record) ? { ...plan, completes: true } : plan
    },
    endsWithItsBytes,
    async accept(record, claimed) {
      const { operation_id, file } = record.word
      await storage.complete(targetOf(record), claimed)
      const checked = await checks.content(file, () => storage.read(operation_id))
      return 'code' in checked ? refuse(operation_id, checked) : start(operation_id, checked.type)
    },
    start: (operationId) => start(operationId),
    async supersede(operationId) {
      const outcome = await operations.change(operationId, (record) =>
        // What was confirmed stays confirmed.
        record.word.status === 'completed' ? undefined : asEnded(record, 'failed', SUPERSEDED_ERROR),
      )
      if (outcome?.changed) await letGo(operationId)
    },
    letGo,
  }
}
