import { createAlarms } from '../alarms.js'
import { fullJitter } from '../backoff.js'
import type { UploadBackend } from '../backends/backend.js'
import type { Environment } from '../environment.js'
import { isUnanswered, ownError, type UploadError } from '../errors.js'
import { inTime } from '../http/policy/in-time.js'
import type { UploadItem, WaitReason } from '../item/item.js'
import type { UploadStore } from '../store/upload-store.js'
import { createConnectivity } from './connectivity.js'
import { isPlanDoubtful, type QueueEntry } from './entry.js'
import { runError } from './run-item.js'
import { isReadable, unreadable } from './send-file.js'

export interface RecoveryOptions {
  readonly environment: Environment
  readonly store: UploadStore
  readonly backend: Pick<UploadBackend, 'probe'>
  readonly retry: { readonly attempts: number; readonly baseMs: number; readonly capMs: number }
  entry(id: string): QueueEntry | undefined
  /** The server can be reached again. */
  onBack(): void
}

/** What becomes of an item whose run, or whose plan, failed: it waits, or it has failed for good. */
export interface Recovery {
  /** Nothing can be reached: nothing should be begun. */
  isDown(): boolean
  /** A request got no answer: finds out whether any does. */
  check(): Promise<void>
  /** The run of an item threw. `file` is what it was sending. */
  afterRun(id: string, thrown: unknown, file: File, signal: AbortSignal): Promise<void>
  /** One call failed, for all of these. */
  afterCall(ids: readonly string[], error: UploadError): Promise<void>
  askForFile(id: string): void
  /** An item came to wait, or waits no longer. */
  watch(id: string, item: UploadItem): void
  forget(id: string): void
  /** The network returned, or the page woke. */
  wake(isNetworkBack: boolean): void
  dispose(): void
}

/** How long the answer to a probe may take, in milliseconds. */
const PROBE_MS = 30_000

export function createRecovery({ environment, store, backend, retry, entry: entryOf, onBack }: RecoveryOptions): Recovery {
  const { clock } = environment
  const lifetime = new AbortController()
  const alarms = createAlarms<string>(clock, (id) => store.dispatch(id, { type: 'requeued' }))
  /** Items that wait for the network, or failed for want of it. */
  const waitingForNetwork = new Set<string>()
  const connectivity = createConnectivity(environment, probe, () => {
    goOn()
    onBack()
  })

  async function probe(signal: AbortSignal): Promise<void> {
    if (backend.probe !== undefined) return inTime(clock, PROBE_MS, signal, (ends) => backend.probe?.(ends))
    if (!environment.isOnline()) throw ownError('network', 'The browser says that it is offline.')
  }

  function goOn(): void {
    for (const id of [...waitingForNetwork]) store.dispatch(id, { type: 'requeued' })
  }

  function fail(id: string, error: UploadError, luck: number): void {
    const entry = entryOf(id)
    if (entry === undefined) return
    if (error.code === 'auth') return interrupt(id, 'auth', error)
    if (error.code === 'rejected') {
      // The plan is too old, or no longer right, or the bytes are not there after all. The next attempt asks for a new one.
      entry.plan = undefined
      entry.transfer = undefined
    }
    if (error.code === 'network' && isPlanDoubtful(entry, clock.now())) entry.plan = undefined
    if (error.code === 'file_unreadable') return interrupt(id, 'file', error)
    if (!error.retryable) return void store.dispatch(id, { type: 'failed', error })
    // No attempt is burned on a network that is not there.
    if (isUnanswered(error) && connectivity.isDown()) return interrupt(id, 'offline', error)
    // Nor on a server that says "later": it has not refused, and its gate keeps it from being asked too often.
    if (error.code === 'throttled') entry.postponed += 1
    else entry.failures += 1
    if (entry.failures >= retry.attempts) return void store.dispatch(id, { type: 'failed', error })
    // After the time that the server named, not at it: all whom it told that would come back together.
    const wait = (error.retryAfterMs ?? 0) + fullJitter(entry.failures + entry.postponed, retry, luck)
    interrupt(id, 'backoff', error, clock.now() + wait)
  }

  function interrupt(id: string, reason: WaitReason, error: UploadError, retryAt?: number): void {
    store.dispatch(id, { type: 'interrupted', reason, error, retryAt })
  }

  function askForFile(id: string): void {
    interrupt(id, 'file', unreadable())
  }

  function forget(id: string): void {
    alarms.clear(id)
    waitingForNetwork.delete(id)
  }

  return {
    isDown: connectivity.isDown,
    check: connectivity.check,
    async afterRun(id, thrown, file, signal) {
      const error = runError(thrown)
      if (isUnanswered(error)) await connectivity.check()
      // A file that was deleted while it was read looks like a network that broke, or stands still.
      const isFileGone = isUnanswered(error) && !(await isReadable(file))
      if (signal.aborted) return
      if (isFileGone) askForFile(id)
      else fail(id, error, environment.random())
    },
    async afterCall(ids, error) {
      if (isUnanswered(error)) await connectivity.check()
      // What failed in one call is repeated in one call.
      const luck = environment.random()
      if (!lifetime.signal.aborted) for (const id of ids) fail(id, error, luck)
    },
    askForFile,
    watch(id, item) {
      if (item.phase !== 'waiting') return forget(id)
      if (item.retryAt !== undefined) alarms.set(id, item.retryAt)
      if (isUnanswered(item.error)) waitingForNetwork.add(id)
    },
    forget,
    wake(isNetworkBack) {
      alarms.check()
      connectivity.wake()
      if (isNetworkBack && !connectivity.isDown()) goOn()
    },
    dispose() {
      lifetime.abort()
      alarms.dispose()
      connectivity.dispose()
    },
  }
}
