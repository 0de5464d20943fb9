import { createAlarms } from '../alarms.js'
import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'
import { isUnanswered, toUploadError } from '../errors.js'
import type { UploadBackend } from '../backends/backend.js'
import type { SyncStatusUpdate } from '../protocol/index.js'

/** Cancels that the server has not acknowledged yet. Each is repeated until it is, or until the server will not hear of it. */
export interface CancelOutbox {
  /** `checkpoint`: what the upload left behind. */
  add(operationId: string, checkpoint?: unknown): void
  /** The network returned: tries at once what waits. */
  wake(): void
  dispose(): void
}

const BACKOFF = { baseMs: 1000, capMs: 60_000 }
/** Calls under way at once: ten thousand cancelled uploads must not keep everything else from the server. */
const MAX_CALLS = 4

export interface CancelOutboxOptions {
  readonly environment: Pick<Environment, 'clock' | 'random'>
  readonly cancel: UploadBackend['cancel']
  onAnswer(update: SyncStatusUpdate): void
  /** Nothing can be reached: nothing is tried before `wake`. */
  isDown(): boolean
  /** A call got no answer. */
  onUnanswered(): void
}

export function createCancelOutbox({ environment, cancel, onAnswer, isDown, onUnanswered }: CancelOutboxOptions): CancelOutbox {
  const { clock, random } = environment
  /** Failures so far of each cancel that is not acknowledged. */
  const failures = new Map<string, number>()
  const checkpoints = new Map<string, unknown>()
  const due = new Set<string>()
  const inFlight = new Set<string>()
  const lifetime = new AbortController()
  const alarms = createAlarms<string>(clock, sendSoon)

  function sendSoon(operationId: string): void {
    if (!inFlight.has(operationId)) due.add(operationId)
    sendDue()
  }

  function sendDue(): void {
    for (const id of due) {
      if (inFlight.size >= MAX_CALLS || isDown()) break
      due.delete(id)
      alarms.clear(id)
      void send(id)
    }
  }

  async function send(operationId: string): Promise<void> {
    inFlight.add(operationId)
    try {
      const update = await cancel(operationId, lifetime.signal, checkpoints.get(operationId))
      forget(operationId)
      if (update !== undefined) onAnswer(update)
    } catch (thrown) {
      if (!lifetime.signal.aborted) repeat(operationId, thrown)
    } finally {
      inFlight.delete(operationId)
      sendDue()
    }
  }

  function repeat(operationId: string, thrown: unknown): void {
    const error = toUploadError(thrown)
    // Only the server's own word ends it: a network that wants to be signed in to answers 200 with a page of its own.
    if (error.code === 'rejected' && !error.retryable) {
      forget(operationId)
      return
    }
    if (isUnanswered(error)) onUnanswered()
    const count = (failures.get(operationId) ?? 0) + 1
    failures.set(operationId, count)
    alarms.set(operationId, clock.now() + Math.max(error.retryAfterMs ?? 0, fullJitter(count, BACKOFF, random())))
  }

  function forget(operationId: string): void {
    failures.delete(operationId)
    checkpoints.delete(operationId)
  }

  return {
    add(operationId, checkpoint) {
      if (failures.has(operationId) || lifetime.signal.aborted) return
      failures.set(operationId, 0)
      if (checkpoint !== undefined) checkpoints.set(operationId, checkpoint)
      sendSoon(operationId)
    },
    wake() {
      for (const [operationId, count] of failures) if (count > 0 && !inFlight.has(operationId)) due.add(operationId)
      sendDue()
    },
    dispose() {
      lifetime.abort()
      failures.clear()
      checkpoints.clear()
      due.clear()
      alarms.dispose()
    },
  }
}
