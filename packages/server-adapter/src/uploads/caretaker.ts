import type { Clock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { Metrics } from '../manager/metrics.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { isUpload, type Uploads } from './uploads.js'

/** Looks after what no request comes for: what a crash left, and what nobody came back to. */
export interface Caretaker {
  /** Counts what is there. */
  load(): Promise<void>
  /** Goes on with operations that were being processed, takes over bytes that had arrived, frees the space of uploads that are no more. Never rejects. */
  recover(): Promise<void>
  /** Ends the wait for bytes that are overdue. Never rejects. */
  sweep(): Promise<void>
  /** Makes a recovery that is under way end soon. */
  stop(): void
}

export interface CaretakerOptions {
  readonly records: OperationRecords
  readonly storage: ObjectStorage
  readonly uploads: Uploads
  readonly metrics: Metrics
  readonly clock: Clock
  readonly logger: Logger
}

const PAGE = 200

export function createCaretaker({ records, storage, uploads, metrics, clock, logger }: CaretakerOptions): Caretaker {
  let isStopped = false

  /** One operation that goes wrong must not keep the others from being looked after. */
  async function attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!isStopped) logger.error(`${what} failed.`, error)
      return false
    }
  }

  async function expireOverdue(): Promise<void> {
    let isGettingOn = true
    while (isGettingOn && !isStopped) {
      const page = await records.overdue(clock.now(), PAGE)
      isGettingOn = false
      for (const { word } of page) {
        if (isStopped) return
        if (await attempt(`Expiring operation ${word.operation_id}`, () => uploads.expire(word.operation_id))) isGettingOn = true
      }
    }
  }

  async function resumeUnfinished(): Promise<void> {
    let afterId = ''
    while (!isStopped) {
      const page = await records.unfinished({ afterId, limit: PAGE })
      for (const record of page) {
        const { operation_id } = record.word
        afterId = operation_id
        if (isStopped) return
        if (isUpload(record)) await attempt(`Taking up operation ${operation_id}`, () => uploads.resume(operation_id))
      }
      if (page.length < PAGE) return
    }
  }

  /** A crash between the word that an upload is over and the deletion of its bytes leaves them behind. */
  async function freeSpace(): Promise<void> {
    for await (const operationId of storage.unsealed()) {
      if (isStopped) return
      const record = await records.get(operationId)
      const isNeeded = record !== undefined && (record.word.status === 'pending' || record.upload?.bytes === 'stored')
      if (!isNeeded) await storage.discard(operationId)
    }
  }

  return {
    async load() {
      const { total, unfinished } = await records.count()
      metrics.load(total, unfinished)
    },
    async recover() {
      await attempt('Taking up unfinished operations', resumeUnfinished)
      await attempt('Sweeping overdue uploads', expireOverdue)
      await attempt('Freeing space', freeSpace)
    },
    async sweep() {
      await attempt('Sweeping overdue uploads', expireOverdue)
    },
    stop() {
      isStopped = true
    },
  }
}
