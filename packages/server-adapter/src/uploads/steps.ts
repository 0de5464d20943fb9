import type { CompleteRequest, SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Operations } from '../manager/operations.js'
import type { OperationRecords } from '../records/operation-records.js'
import { countParts, type ObjectStorage } from '../storage/object-storage.js'
import type { Processing } from './processing.js'
import { asEnded, asStored, isUpload, SUPERSEDED_ERROR, targetOf, unknownUpload, type UploadRecord } from './upload-record.js'

export interface StepsOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly processing: Processing | undefined
}

/** What the commands on an upload are made of. Each is called by one command at a time per operation. */
export interface Steps {
  /** Refuses where there is no such upload. */
  get(operationId: string): Promise<UploadRecord>
  hasAllBytes(record: UploadRecord): Promise<boolean>
  /** Seals the bytes and starts the processing. */
  accept(record: UploadRecord, parts?: CompleteRequest['parts']): Promise<SyncStatusUpdate>
  /** Lets an upload whose bytes are sealed go on: to its processing, or to its end where there is none. */
  start(operationId: string): Promise<SyncStatusUpdate>
  /** Closes an attempt in whose place a newer one has come. */
  supersede(operationId: string): Promise<void>
  /** Stops the work on an upload that has ended, and deletes its bytes. */
  letGo(operationId: string): Promise<void>
}

export function createSteps({ records, operations, storage, processing }: StepsOptions): Steps {
  async function start(operationId: string): Promise<SyncStatusUpdate> {
    const outcome = await operations.change(operationId, (record) =>
      asStored(record, processing === undefined ? 'completed' : 'in_progress'),
    )
    if (outcome === undefined) throw unknownUpload()
    processing?.start(operationId)
    return outcome.record.word
  }

  async function letGo(operationId: string): Promise<void> {
    processing?.abort(operationId)
    await storage.discard(operationId)
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
    async accept(record, parts) {
      await storage.complete(targetOf(record), parts)
      return start(record.word.operation_id)
    },
    start,
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
