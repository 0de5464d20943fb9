import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { type Clock, settledWithin } from '../clock.js'
import { ProcessingError } from '../errors.js'
import type { Limits } from '../limits.js'
import type { Logger } from '../logger.js'
import { amend, type Amendment, type Operations } from '../manager/operations.js'
import { percent } from '../manager/percent.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { jsonLength } from '../security/json-length.js'
import type { ObjectStorage, StoredObject } from '../storage/object-storage.js'
import { createCoalescer } from '../coalesce.js'

/** The operation that a hook works on: its last word, and what the client sent along with the file. */
export interface ProcessedOperation extends SyncStatusUpdate {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly subject: string
}

/** What a hook works with. */
export interface ProcessContext {
  /** The stored bytes. Only to be read: they are needed again when processing is retried. */
  readonly file: StoredObject
  /** Tells how far the work is, 0..100. May be called as often as is convenient. */
  progress(percent: number): void
  /** Tells what is being done, in one short word such as `hashing`, and, for people, in a sentence. */
  stage(name: string, message?: string): void
  /** Aborts when the operation was cancelled, or the server closes; in the second case the hook runs again after the next start. */
  readonly signal: AbortSignal
}

/**
 * What happens to an upload after its bytes. The answer is the operation's `result`, written as JSON.
 * Throw a `ProcessingError` to fail it with a reason for its user. May run again for the same operation: after a retry, and after a crash.
 */
export type ProcessHook = (operation: ProcessedOperation, context: ProcessContext) => Promise<unknown> | unknown

/** Runs the hook for operations that are `in_progress`, a bounded number at a time, in the order of their starts. */
export interface Processing {
  start(operationId: string): void
  /** Whether work on an operation is going on, or waits for its turn. */
  has(operationId: string): boolean
  /** Stops work on an operation. What its hook still says is not heard. */
  abort(operationId: string): void
  /** Stops all work without ending the operations: the next start of the server goes on with them. */
  close(): Promise<void>
}

export interface ProcessingOptions {
  readonly hook: ProcessHook
  readonly records: OperationRecords
  readonly operations: Operations
  readonly storage: ObjectStorage
  /** This process, where there are several that work on uploads. */
  readonly nodeId?: string | undefined
  readonly limits: Pick<Limits, 'processConcurrency' | 'maxResultLength'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Ten words a second tell people enough. */
const PROGRESS_INTERVAL_MS = 100
/** How long `close` waits for hooks that do not heed their signal. */
const CLOSE_GRACE_MS = 2000

export function createProcessing({ hook, records, operations, storage, nodeId, limits, clock, logger }: ProcessingOptions): Processing {
  /** In the order of their starts. */
  const waiting = new Set<string>()
  const running = new Map<string, AbortController>()
  const runs = new Set<Promise<void>>()
  let isClosed = false

  function fill(): void {
    for (const operationId of waiting) {
      if (isClosed || runs.size >= limits.processConcurrency) return
      waiting.delete(operationId)
      const controller = new AbortController()
      running.set(operationId, controller)
      const run = work(operationId, controller)
        .catch((error: unknown) => logger.error(`Processing of operation ${operationId} could not be recorded.`, error))
        .finally(() => {
          runs.delete(run)
          if (running.get(operationId) === controller) running.delete(operationId)
          fill()
        })
      runs.add(run)
    }
  }

  async function work(operationId: string, controller: AbortController): Promise<void> {
    const { signal } = controller
    const isOurs = ({ word, upload }: OperationRecord) => word.status === 'in_progress' && upload?.worker === nodeId
    /** Says a word, unless this run is over: it was aborted, someone else ended the operation, or another process took it for abandoned. */
    async function say(amendment: Amendment): Promise<void> {
      if (signal.aborted) return
      const outcome = await operations.change(operationId, (record) =>
        signal.aborted || !isOurs(record) ? undefined : amend(record, amendment),
      )
      if (outcome === undefined || !isOurs(outcome.record)) controller.abort()
    }
    const news = createCoalescer<Amendment>({
      clock,
      intervalMs: PROGRESS_INTERVAL_MS,
      write: (amendment) =>
        say(amendment).catch((error: unknown) => logger.error(`A word on operation ${operationId} was not recorded.`, error)),
    })
    try {
      const end = await outcomeOf(operationId, signal, news.push)
      // The last progress lands before the end, so that a failure shows how far the work had come.
      await news.flush()
      await say(end)
    } finally {
      news.stop()
    }
  }

  async function outcomeOf(operationId: string, signal: AbortSignal, push: (amendment: Amendment) => void): Promise<Amendment> {
    try {
      const record = await records.get(operationId)
      const file = await storage.read(operationId)
      if (record === undefined || file === undefined)
        throw new ProcessingError('bytes_lost', 'The stored bytes of this file are gone. Send it again.')
      // Stopped in the meantime: a hook that only listens for the abort would never hear of it, and `close` would wait for it in vain.
      signal.throwIfAborted()
      const { subject, word, upload } = record
      const result = await hook(
        { ...word, subject, metadata: upload?.metadata ?? {} },
        {
          file,
          signal,
          progress: (value) => push({ progress: percent(value) }),
          stage: (stage, message) => push({ stage, message }),
        },
      )
      const length = jsonLength(result)
      if (length === undefined || length > limits.maxResultLength) {
        throw new TypeError(`The result of process() must be JSON of at most ${limits.maxResultLength} characters.`)
      }
      return { status: 'completed', progress: 100, stage: undefined, message: undefined, result }
    } catch (error) {
      if (!signal.aborted && !(error instanceof ProcessingError)) logger.error(`Processing of operation ${operationId} failed.`, error)
      return failure(error)
    }
  }

  return {
    start(operationId) {
      if (isClosed) return
      running.get(operationId)?.abort()
      waiting.add(operationId)
      fill()
    },
    has: (operationId) => waiting.has(operationId) || running.has(operationId),
    abort(operationId) {
      waiting.delete(operationId)
      running.get(operationId)?.abort()
    },
    async close() {
      isClosed = true
      waiting.clear()
      for (const controller of running.values()) controller.abort()
      await settledWithin(clock, CLOSE_GRACE_MS, Promise.allSettled(runs))
    },
  }
}

/** What a thrown error becomes on the wire. Only a `ProcessingError` is meant for people; anything else could tell of the inside. */
function failure(error: unknown): Amendment {
  const told =
    error instanceof ProcessingError
      ? { code: error.code, message: error.message, retryable: error.retryable }
      : { code: 'processing_failed', message: 'The server could not process this file.', retryable: true }
  return { status: 'failed', message: told.message, error: told }
}
