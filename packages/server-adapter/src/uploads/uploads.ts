import { type CompleteRequest, isTerminal, type ProgressReport, type RetryAnswer, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import type { Limits } from '../limits.js'
import type { Logger } from '../logger.js'
import { amend } from '../manager/operations.js'
import type { StorageNews, StoragePlan } from '../storage/object-storage.js'
import { type Abandoned, createAbandoned } from './abandoned.js'
import { createCreateUploads, type CreateUploads } from './create-uploads.js'
import { createEndedElsewhere, type EndedElsewhere } from './ended-elsewhere.js'
import { createKeyedLock } from './keyed-lock.js'
import { createParts, type Parts } from './parts.js'
import { createRetryUpload } from './retry-upload.js'
import { createSteps, type StepsOptions } from './steps.js'
import { asEnded, isUpload, unknownUpload } from './upload-record.js'

/** The life of an upload on the server, from its plan to the start of its processing. One command at a time per operation. */
export interface Uploads {
  readonly create: CreateUploads
  readonly parts: Parts
  complete(operationId: string, claimed?: CompleteRequest): Promise<SyncStatusUpdate>
  cancel(operationId: string): Promise<SyncStatusUpdate>
  retry(operationId: string): Promise<RetryAnswer<StoragePlan>>
  /** What the client says that it has sent: shown to other watchers, trusted for nothing. */
  reportProgress(subject: string, reports: ProgressReport['uploads']): Promise<void>
  /** What storage of our own tells of the bytes that it takes. */
  readonly news: StorageNews
  readonly abandoned: Abandoned
  readonly endedElsewhere: EndedElsewhere
}

export interface UploadsOptions extends StepsOptions {
  readonly limits: Limits
  readonly clock: Clock
  readonly logger: Logger
  readonly createId: () => string
}

export function createUploads(options: UploadsOptions): Uploads {
  const { operations, limits, clock, logger } = options
  const exclusively = options.cluster?.exclusively ?? createKeyedLock()
  const steps = createSteps(options)
  const retry = createRetryUpload({ ...options, steps })

  const complete: Uploads['complete'] = (operationId, claimed) =>
    exclusively(operationId, async () => {
      const record = await steps.get(operationId)
      // Idempotent: whoever asks again gets the last word.
      return record.word.status === 'pending' ? steps.accept(record, claimed) : record.word
    })

  const cancel: Uploads['cancel'] = (operationId) =>
    exclusively(operationId, async () => {
      const outcome = await operations.change(operationId, (record) =>
        isTerminal(record.word.status) ? undefined : asEnded(record, 'cancelled'),
      )
      if (outcome === undefined) throw unknownUpload()
      if (outcome.changed) await steps.letGo(operationId)
      return outcome.record.word
    })

  /** Bytes that are on their way are shown to other watchers, and prolong the wait for the rest. */
  async function noteSent(operationId: string, bytes: number, subject?: string): Promise<void> {
    await operations.change(operationId, (record) => {
      if (subject !== undefined && record.subject !== subject) return undefined
      if (!isUpload(record) || record.word.status !== 'pending') return undefined
      const total_bytes = record.word.file.size
      const sentBytes = Math.min(total_bytes, bytes)
      if (sentBytes <= Number(record.word.performance_data?.['sent_bytes'] ?? 0)) return undefined
      const expiresAtMs = clock.now() + limits.uploadExpiresMs
      return amend(record, { stage: 'uploading', performance_data: { sent_bytes: sentBytes, total_bytes } }, { expiresAtMs })
    })
  }

  const news: StorageNews = {
    isExpected: async (operationId) => (await steps.get(operationId)).word.status === 'pending',
    progressed: (operationId, bytes) => noteSent(operationId, bytes),
    async arrived(operationId) {
      try {
        return steps.endsWithItsBytes(await steps.get(operationId)) ? await complete(operationId) : undefined
      } catch (error) {
        // The bytes are stored. What went wrong since is told by the call that completes them.
        logger.warn('An upload could not be completed with its last byte.', { operationId, error })
        return undefined
      }
    },
    async withdrawn(operationId) {
      await cancel(operationId)
    },
  }

  return {
    create: createCreateUploads({ ...options, steps, exclusively }),
    parts: createParts(options),
    complete,
    cancel,
    retry: (operationId) => exclusively(operationId, async () => retry(await steps.get(operationId))),
    async reportProgress(subject, reports) {
      for (const { operation_id, sent_bytes } of reports) await noteSent(operation_id, sent_bytes, subject)
    },
    news,
    abandoned: createAbandoned({ ...options, steps, exclusively }),
    endedElsewhere: createEndedElsewhere({ ...options, steps, exclusively }),
  }
}
