import type { UploadBackend } from '../backends/backend.js'
import type { Clock } from '../environment.js'
import { ownError, toUploadError, UploadError } from '../errors.js'
import { createSlots } from '../http/policy/slots.js'
import type { UploadItem } from '../item/item.js'
import { sanitizeText, type AnyPlan, type CreateUploadFile, type SyncStatusUpdate } from '../protocol/index.js'
import type { UploadStore } from '../store/upload-store.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import { usableUntil } from '../strategies/validity.js'
import { forgetOperation, isPlanUsable, type QueueEntry } from './entry.js'
import { announcedChecksum, preferenceFor, type Wish } from './wish.js'

export interface PrepareOptions {
  readonly clock: Pick<Clock, 'now'>
  readonly store: UploadStore
  readonly backend: UploadBackend
  readonly strategies: ReadonlyMap<string, UploadStrategy>
  readonly jobId: string
  readonly wish: Wish
  entry(id: string): QueueEntry | undefined
  onAnswer(update: SyncStatusUpdate): void
  /** One call failed, for all of these. */
  onError(ids: readonly string[], error: UploadError): void
  /** A plan came for an item that was cancelled, removed or replaced while it was made. */
  onUnwanted(operationId: string): void
}

/** Calls under way at once that ask about one operation each. */
const RETRY_CALLS = 4
/** Up to here another attempt is named in place of one that the server knows with another file. */
const MOST_ATTEMPTS = 20

/** Gets plans for items that have begun to prepare: many files in one call. Settles when all of them have a plan, a word, or an error. */
export type Prepare = (items: readonly UploadItem[], signal: AbortSignal) => Promise<void>

export function createPrepare(options: PrepareOptions): Prepare {
  const { clock, store, backend, jobId, wish } = options
  const isHashed = wish.checksum !== 'auto' && wish.checksum !== false
  const retrySlots = createSlots(() => RETRY_CALLS)

  async function create(job: string, items: readonly UploadItem[], signal: AbortSignal): Promise<void> {
    try {
      const files: CreateUploadFile[] = []
      // One after another: memory holds no more of a hundred files than of one.
      for (const item of items) files.push(isHashed ? { ...describe(item), ...(await announce(item, signal)) } : describe(item))
      const { operations } = await backend.createUploads({ job_id: job, files }, signal)
      const retries: Promise<void>[] = []
      const byRef = new Map(operations.map((operation) => [operation.client_ref, operation]))
      for (const item of items) {
        const operation = byRef.get(item.id)
        if (operation === undefined) {
          options.onError([item.id], ownError('bad_answer', 'The server did not say how to upload this file.', { retryable: true }))
        } else if ('error' in operation) {
          const { code, message, retryable } = operation.error
          // An earlier page sent the bytes, and the answer to its last call was lost with it.
          if (code === 'already_received' && item.operationId !== undefined) retries.push(retry(item, item.operationId, signal))
          // It began this attempt for the file before, and the answer that said so came to nothing.
          else if (code === 'idempotency_conflict' && item.attempt < MOST_ATTEMPTS) store.dispatch(item.id, { type: 'attemptTaken' })
          else options.onError([item.id], new UploadError('rejected', message, { remoteCode: code, retryable }))
        } else {
          planned(item, operation.operation_id, item.attempt, operation.plan)
        }
      }
      await Promise.all(retries)
    } catch (thrown) {
      if (signal.aborted) return
      options.onError(
        items.map(({ id }) => id),
        toUploadError(thrown),
      )
    }
  }

  async function retry(item: UploadItem, operationId: string, signal: AbortSignal): Promise<void> {
    try {
      const release = await retrySlots.take('', [-item.priority, store.rank(item.id)], signal)
      // Cancelled or removed while it waited for its turn.
      if (store.get(item.id)?.phase !== 'preparing') return release()
      const answer = await askWhatIsLeft(operationId, signal).finally(release)
      if (store.get(item.id)?.attempt !== item.attempt) {
        // Another file has taken its place meanwhile.
        if (answer !== undefined && !('update' in answer)) options.onUnwanted(answer.operation_id)
        return
      }
      const entry = options.entry(item.id)
      if (entry !== undefined) entry.needsRetry = false
      if (answer === undefined || !('update' in answer)) {
        // Whatever we believed to be there: the server asks for the bytes.
        if (entry !== undefined) entry.transfer = undefined
        if (answer === undefined) return await create(item.jobId ?? jobId, [item], signal)
        return planned(item, answer.operation_id, answer.attempt, answer.plan)
      }
      const { operation_id, attempt } = answer.update
      // Another attempt, from an answer that was lost, has taken its place.
      if (operation_id !== operationId)
        store.dispatch(item.id, { type: 'planned', operationId: operation_id, ...(attempt !== undefined && { attempt }) })
      options.onAnswer(answer.update)
      // The bytes are there. What the server's word alone does not move is now the server's work.
      store.dispatch(item.id, { type: 'transferred', final: false })
    } catch (thrown) {
      if (!signal.aborted) options.onError([item.id], toUploadError(thrown))
    }
  }

  /** `undefined`: all of it. */
  async function askWhatIsLeft(operationId: string, signal: AbortSignal): ReturnType<UploadBackend['retry']> {
    try {
      return await backend.retry(operationId, signal)
    } catch (thrown) {
      // The server has forgotten it.
      if (toUploadError(thrown).status === 404) return undefined
      throw thrown
    }
  }

  function planned(item: UploadItem, operationId: string, attempt: number, value: AnyPlan): void {
    const entry = options.entry(item.id)
    const current = store.get(item.id)
    // Another tab goes on with it.
    if (current?.mirrored) return
    if (entry === undefined || current === undefined || current.phase === 'cancelled' || current.attempt !== item.attempt)
      return options.onUnwanted(operationId)
    if (current.operationId !== operationId) forgetOperation(entry)
    const receivedAt = clock.now()
    const isLasting = value.expires_in_s === undefined || options.strategies.get(value.kind)?.signsAnew === true
    entry.plan = { value, receivedAt, usableUntil: isLasting ? Infinity : usableUntil(receivedAt, value.expires_in_s) }
    store.dispatch(item.id, { type: 'planned', operationId, attempt })
  }

  function describe(item: UploadItem): CreateUploadFile {
    return {
      client_ref: item.id,
      attempt: item.attempt,
      name: item.name,
      size: item.size,
      type: sanitizeText(item.type, 255),
      ...(item.relativePath !== undefined && { relative_path: item.relativePath }),
      ...(Object.keys(item.metadata).length > 0 && { metadata: item.metadata }),
      prefer: preferenceFor(item.size, wish),
    }
  }

  async function announce(item: UploadItem, signal: AbortSignal): Promise<Pick<CreateUploadFile, 'checksum'>> {
    const file = options.entry(item.id)?.file
    const checksum = file && (await announcedChecksum(file, wish, signal))
    return checksum === undefined ? {} : { checksum }
  }

  return async (items, signal) => {
    const toCreate = new Map<string, UploadItem[]>()
    const calls: Promise<void>[] = []
    for (const item of items) {
      const entry = options.entry(item.id)
      if (entry === undefined) continue
      if (entry.needsRetry && item.operationId !== undefined) calls.push(retry(item, item.operationId, signal))
      else if (entry.transfer !== undefined || isPlanUsable(entry, clock.now())) store.dispatch(item.id, { type: 'planned' })
      else {
        const job = item.jobId ?? jobId
        const others = toCreate.get(job)
        if (others === undefined) toCreate.set(job, [item])
        else others.push(item)
      }
    }
    for (const [job, files] of toCreate) calls.push(create(job, files, signal))
    await Promise.all(calls)
  }
}
