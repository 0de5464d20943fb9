import { createAlarms } from '../alarms.js'
import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'
import { toUploadError } from '../errors.js'
import type { SyncStatusUpdate } from '../protocol/index.js'

/** Cancels that the server has not acknowledged yet. Each is repeated until it is, or until the server will not hear of it. */
export interface CancelOutbox {
  add(operationId: string): void
  /** The network returned: tries at once what waits. */
  wake(): void
  dispose(): void
}

const BACKOFF = { baseMs: 1000, capMs: 60_000 }

export function createCancelOutbox(
  environment: Pick<Environment, 'clock' | 'random'>,
  cancel: (operationId: string, signal: AbortSignal) => Promise<SyncStatusUpdate>,
  onAnswer: (update: SyncStatusUpdate) => void,
): CancelOutbox {
  const failures = new Map<string, number>()
  const lifetime = new AbortController()
  const alarms = createAlarms<string>(environment.clock, (id) => void send(id))

  async function send(operationId: string): Promise<void> {
    alarms.clear(operationId)
    try {
      const update = await cancel(operationId, lifetime.signal)
      failures.delete(operationId)
      onAnswer(update)
    } catch (thrown) {
      if (lifetime.signal.aborted) return
      const error = toUploadError(thrown)
      if (!error.retryable && error.code !== 'auth') {
        failures.delete(operationId)
        return
      }
      const count = (failures.get(operationId) ?? 0) + 1
      failures.set(operationId, count)
      const wait = Math.max(error.retryAfterMs ?? 0, fullJitter(count, BACKOFF, environment.random()))
      alarms.set(operationId, environment.clock.now() + wait)
    }
  }

  return {
    add(operationId) {
      if (failures.has(operationId)) return
      failures.set(operationId, 0)
      void send(operationId)
    },
    wake() {
      for (const [operationId, count] of failures) if (count > 0) alarms.set(operationId, environment.clock.now())
    },
    dispose() {
      lifetime.abort()
      alarms.dispose()
    },
  }
}
