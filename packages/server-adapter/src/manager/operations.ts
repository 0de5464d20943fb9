import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Change, InsertOutcome, NewOperation, OperationRecord, OperationRecords } from '../records/operation-records.js'
import { cleanWord } from '../security/clean-word.js'
import type { Tail } from './tail.js'

/** Fields of a word that a change may set; `undefined` takes a field away. */
export type Amendment = {
  readonly [K in Exclude<keyof SyncStatusUpdate, 'operation_id' | 'version' | 'timestamp'>]?: SyncStatusUpdate[K] | undefined
}

/** An operation before it is given its times. */
export type UnstampedOperation = Omit<NewOperation, 'createdAtMs' | 'word'> & {
  readonly word: Omit<SyncStatusUpdate, 'timestamp' | 'version'>
}

export interface Operations {
  /** Writes new operations and tells the world of those that were not there yet. */
  insert(operations: readonly UnstampedOperation[]): Promise<readonly InsertOutcome[]>
  /** Changes an operation and tells the world; `undefined` where there is none of that id. */
  change(operationId: string, change: Change): Promise<{ readonly record: OperationRecord; readonly changed: boolean } | undefined>
}

export interface OperationsOptions {
  readonly records: OperationRecords
  readonly tail: Tail
  readonly clock: Clock
}

/** The one place where words are stamped and kept. They are counted and published by those who follow the records: nobody hears what is not kept. */
export function createOperations({ records, tail, clock }: OperationsOptions): Operations {
  const timestamp = () => new Date(clock.now()).toISOString()

  return {
    async insert(operations) {
      const createdAtMs = clock.now()
      const stamp = timestamp()
      const outcomes = await records.insert(
        operations.map((operation) => ({ ...operation, createdAtMs, word: cleanWord({ ...operation.word, timestamp: stamp }) })),
      )
      tail.committed(outcomes.filter(({ kind }) => kind === 'inserted').map(({ record }) => record))
      return outcomes
    },
    async change(operationId, change) {
      const outcome = await records.update(operationId, (record) => {
        const next = change(record)
        return next === undefined
          ? undefined
          : { ...next, word: { ...cleanWord(next.word), version: record.word.version, timestamp: timestamp() } }
      })
      if (outcome?.changed) tail.committed([outcome.record])
      return outcome
    },
  }
}

/** A record with some fields of its word replaced, and of its upload. */
export function amend(
  record: OperationRecord,
  amendment: Amendment,
  upload?: Partial<NonNullable<OperationRecord['upload']>>,
): OperationRecord {
  const entries = Object.entries({ ...record.word, ...amendment }).filter(([, value]) => value !== undefined)
  return {
    ...record,
    word: Object.fromEntries(entries) as unknown as OperationRecord['word'],
    ...(record.upload !== undefined && { upload: { ...record.upload, ...upload } }),
  }
}
