import { isTerminal, sanitizeText, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { StatusPublisher } from '../publishers/publisher.js'
import type { Change, InsertOutcome, NewOperation, OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { Metrics } from './metrics.js'

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
  readonly publishers: readonly StatusPublisher[]
  readonly metrics: Metrics
  readonly clock: Clock
  readonly logger: Logger
}

/** The one place where words are stamped, kept, counted and published: in that order, so that nobody hears what is not kept. */
export function createOperations({ records, publishers, metrics, clock, logger }: OperationsOptions): Operations {
  const timestamp = () => new Date(clock.now()).toISOString()
  function publish(record: OperationRecord): void {
    for (const publisher of publishers) void tell(publisher, record)
  }
  async function tell(publisher: StatusPublisher, record: OperationRecord): Promise<void> {
    try {
      await publisher.publish([record])
    } catch (error) {
      // The word is kept, and the next snapshot has it: no reason to fail the command that said it.
      logger.error(`A publisher failed on operation ${record.word.operation_id}.`, error)
    }
  }

  return {
    async insert(operations) {
      const createdAtMs = clock.now()
      const stamp = timestamp()
      const outcomes = await records.insert(
        operations.map((operation) => ({ ...operation, createdAtMs, word: clean({ ...operation.word, timestamp: stamp }) })),
      )
      for (const { kind, record } of outcomes) {
        if (kind === 'existing') continue
        metrics.started()
        publish(record)
      }
      return outcomes
    },
    async change(operationId, change) {
      let before: OperationRecord | undefined
      const outcome = await records.update(operationId, (record) => {
        before = record
        const next = change(record)
        return next === undefined
          ? undefined
          : { ...next, word: { ...clean(next.word), version: record.word.version, timestamp: timestamp() } }
      })
      if (outcome === undefined || !outcome.changed || before === undefined) return outcome
      const { record } = outcome
      const wasTerminal = isTerminal(before.word.status)
      const { status } = record.word
      if (isTerminal(status) && !wasTerminal) metrics.ended(status, clock.now() - record.createdAtMs)
      else if (!isTerminal(status) && wasTerminal) metrics.reopened()
      publish(record)
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

/** Rule 6: "every other string is text: never markup, bounded, control characters removed by the sender and again by the receiver". */
function clean<W extends SyncStatusUpdate>(word: W): W {
  const { message, stage, triggered_by, source, error } = word
  return {
    ...word,
    ...(message !== undefined && { message: sanitizeText(message) }),
    ...(stage !== undefined && { stage: sanitizeText(stage, 100) }),
    ...(triggered_by !== undefined && { triggered_by: sanitizeText(triggered_by, 200) }),
    ...(source !== undefined && { source: sanitizeText(source, 200) }),
    ...(error !== undefined && { error: { ...error, code: sanitizeText(error.code, 100), message: sanitizeText(error.message) } }),
  }
}
