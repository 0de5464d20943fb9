import { createInFlight } from '../in-flight.js'
import type { Logger } from '../logger.js'
import { amend, type Operations } from '../manager/operations.js'
import type { TailListener } from '../manager/tail.js'
import type { OperationRecord } from '../records/operation-records.js'
import type { KeyedLock } from './keyed-lock.js'
import type { Processing } from './processing.js'
import type { Steps } from './steps.js'
import { isUpload } from './upload-record.js'

/** Attends to uploads that were cancelled or failed by another hand: the program's own, or that of another process. */
export interface EndedElsewhere {
  /** Stops the work that goes on here, and frees the bytes of what was cancelled. */
  readonly hear: TailListener
  /** Resolves once what was begun is done. */
  settled(): Promise<void>
}

export interface EndedElsewhereOptions {
  readonly operations: Operations
  readonly steps: Steps
  readonly processing: Processing | undefined
  readonly exclusively: KeyedLock
  readonly logger: Logger
}

export function createEndedElsewhere({ operations, steps, processing, exclusively, logger }: EndedElsewhereOptions): EndedElsewhere {
  const underWay = createInFlight()

  function concerns(record: OperationRecord): boolean {
    const { status, operation_id } = record.word
    if (!isUpload(record) || (status !== 'failed' && status !== 'cancelled')) return false
    return processing?.has(operation_id) === true || (status === 'cancelled' && record.upload.bytes !== 'discarded')
  }

  async function attend(operationId: string): Promise<void> {
    const record = await steps.get(operationId)
    // Retried meanwhile: then the work that goes on is the right one.
    if (!concerns(record)) return
    if (record.word.status === 'failed') {
      processing?.abort(operationId)
      return
    }
    // The bytes first: after a crash in between, whoever looks again finds that they may still be there.
    await steps.letGo(operationId)
    await operations.change(operationId, (latest) =>
      latest.word.status === 'cancelled' && latest.upload?.bytes !== 'discarded' ? amend(latest, {}, { bytes: 'discarded' }) : undefined,
    )
  }

  return {
    hear(records) {
      for (const record of records) {
        if (!concerns(record)) continue
        const { operation_id } = record.word
        const attended = exclusively(operation_id, () => attend(operation_id)).catch((error: unknown) =>
          logger.error(`What is left of operation ${operation_id} could not be freed.`, error),
        )
        void underWay.track(attended)
      }
    },
    settled: underWay.settled,
  }
}
