import type { UploadBackend } from '../backends/backend.js'
import type { Environment } from '../environment.js'
import { ownError, toUploadError, type UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import type { AnyPlan, SyncStatusUpdate } from '../protocol/index.js'
import { createRate } from '../store/rate.js'
import type { UploadStore } from '../store/upload-store.js'
import { unsupportedPlan, type TransferContext, type TransferResult, type UploadStrategy } from '../strategies/strategy.js'
import { isPlanUsable, type QueueEntry } from './entry.js'
import { isReadable, sendFile, unreadable } from './send-file.js'
import { STALL_MS } from '../http/http-client.js'
import { inTime } from '../http/policy/in-time.js'
import { originOf } from '../http/policy/origin.js'
import type { Slots } from '../http/policy/slots.js'

export interface RunOptions {
  readonly environment: Environment
  readonly store: UploadStore
  readonly backend: UploadBackend
  readonly strategies: ReadonlyMap<string, UploadStrategy>
  readonly slots: Slots
  onAnswer(update: SyncStatusUpdate): void
  /** The checkpoint, or what storage said, is another one. */
  onKept(id: string): void
}

/** Moves the bytes of one planned item and reports them complete. Resolves when the server knows; rejects with an `UploadError`, or with the signal's reason. */
export async function runItem(item: UploadItem, entry: QueueEntry, file: File, signal: AbortSignal, options: RunOptions): Promise<void> {
  const { store, backend } = options
  const { operationId } = item
  if (operationId === undefined) throw noPlan()
  // WebKit sends a folder that was dropped as if it were an empty file.
  if (file.size === 0 && !(await isReadable(file))) throw unreadable()

  if (entry.transfer === undefined) {
    const transfer = await transferBytes(operationId)
    if (signal.aborted) throw signal.reason
    entry.transfer = transfer
    options.onKept(item.id)
  } else {
    // Interrupted between the last byte and the server's acknowledgement: nothing is left to send.
    store.dispatch(item.id, { type: 'slotTaken' })
    store.dispatch(item.id, { type: 'progressed', sentBytes: item.size })
  }
  const update = await backend.complete(operationId, entry.transfer, signal)
  const { result, operationId: begun } = entry.transfer
  // An operation that the storage's answer named is the server's work, although no call of ours completes it.
  const final = update === undefined && begun === undefined
  store.dispatch(item.id, { type: 'transferred', final, result, ...(begun !== undefined && { operationId: begun }) })
  if (update !== undefined) options.onAnswer(update)

  function transferBytes(id: string): Promise<TransferResult> {
    const { plan } = entry
    if (plan === undefined) throw noPlan()
    const strategy = options.strategies.get(plan.value.kind)
    if (strategy === undefined) throw unsupportedPlan(plan.value.kind)
    return strategy.upload(file, plan.value, context(plan.value, plan.receivedAt, id))
  }

  function context(value: AnyPlan, plannedAt: number, id: string): TransferContext {
    const { clock, http } = options.environment
    const rate = createRate(clock)
    let sent = 0
    const order = () => [-(store.get(item.id) ?? item).priority, store.rank(item.id)]
    return {
      signal,
      item,
      order,
      async send(url, make, place = 0) {
        const release = await options.slots.take(originOf(url), [...order(), place], signal)
        try {
          // Stopped since the slot was granted: another run of the item may have begun.
          if (signal.aborted) throw signal.reason
          if (!isPlanUsable(entry, clock.now())) store.dispatch(item.id, { type: 'planExpired' })
          const current = store.dispatch(item.id, { type: 'slotTaken' })
          if (signal.aborted) throw signal.reason
          // What storage had already was told before there was anything to show it on.
          if (current?.phase === 'uploading' && current.sentBytes < sent) store.dispatch(item.id, { type: 'progressed', sentBytes: sent })
          // What it needs may come from the page, which may never answer: the slot is not kept from others for that.
          const request = await inTime(clock, STALL_MS, signal, () => make(), unanswered)
          if (request.body !== undefined) return await sendFile(file, { ...request, signal }, options.environment)
          // Nothing of it moves but the answer.
          return await inTime(clock, STALL_MS, signal, (ends) => http.send({ ...request, signal: ends }))
        } finally {
          release()
        }
      },
      // Also while the origin asks for rest: slots become more again while the parts of a large file go.
      parallelism: (url) => options.slots.most(originOf(url)),
      onProgress(sentBytes) {
        if (signal.aborted) return
        if (sentBytes > sent) {
          rate.add(sentBytes - sent)
          sent = sentBytes
        }
        store.dispatch(item.id, { type: 'progressed', sentBytes, bytesPerSecond: rate.read(), swings: rate.swings() })
      },
      checkpoint: {
        load: () => entry.checkpoint,
        save(checkpoint) {
          if (signal.aborted) return
          entry.checkpoint = checkpoint
          options.onKept(item.id)
        },
      },
      parts: {
        sign: (partNumbers, checksums) => backend.signParts(id, partNumbers, signal, checksums),
        list: () => backend.listParts(id, signal),
      },
      now: () => clock.now(),
      plannedAt,
    }
  }
}

function unanswered(): UploadError {
  return ownError('stalled', 'What this upload needs to begin did not come in time.')
}

function noPlan(): UploadError {
  return ownError('bad_answer', 'The server did not say how to upload this file.')
}

/** What failed, as an error of ours. A `NotReadableError` names itself. */
export function runError(thrown: unknown): UploadError {
  if (thrown instanceof DOMException && (thrown.name === 'NotReadableError' || thrown.name === 'NotFoundError')) {
    return unreadable(thrown)
  }
  return toUploadError(thrown)
}
