import type { UploadBackend } from '../backends/backend.js'
import type { Environment } from '../environment.js'
import { abortedError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { isUnfinished, unlessMirrored } from '../item/machine.js'
import { fileFacts } from '../item/new-item.js'
import type { FileHandle, KeptUpload } from '../persistence/persistence.js'
import { isTerminal, MAX_FILES_PER_CALL, type SyncStatusUpdate } from '../protocol/index.js'
import type { Commit, UploadStore } from '../store/upload-store.js'
import type { UploadStrategy } from '../strategies/strategy.js'
import { forgetFailures, forgetOperation, isCheckDue, newEntry, type QueueEntry } from './entry.js'
import { createLine, goesBefore } from './line.js'
import type { PrepareHook, Validator } from './hooks.js'
import { createMakeReady } from './make-ready.js'
import { createCancelOutbox } from './outbox.js'
import { createPrepare } from './prepare.js'
import { createRecovery } from './recovery.js'
import { runItem } from './run-item.js'
import type { Wish } from './wish.js'
import { untilAborted } from '../http/policy/in-time.js'
import type { Slots } from '../http/policy/slots.js'

/** Calls for plans under way at once. */
const PREPARE_CALLS = 2
/** Files in the first call of an idle queue: a small call comes back soon, and the bytes start. */
const FIRST_BATCH = 12

export interface QueueOptions {
  readonly environment: Environment
  readonly store: UploadStore
  readonly backend: UploadBackend
  readonly strategies: readonly UploadStrategy[]
  readonly jobId: string
  /** Items in transfer at once. */
  readonly concurrency: number
  readonly slots: Slots
  readonly wish: Wish
  readonly retry: { readonly attempts: number; readonly baseMs: number; readonly capMs: number }
  readonly validators: readonly Validator[]
  readonly prepareFile: PrepareHook | undefined
  /** Called before the first plan is asked for. */
  onBeforeCreate(): void
  onAnswer(update: SyncStatusUpdate): void
  /** What a later page needs of an item is another one. */
  onKept(id: string): void
  /** The server can be reached again. */
  onBack(): void
}

/** Moves items from "queued" to the server's hands: decides who goes next, runs it, and repeats what failed. */
export interface Queue {
  /** Items whose run goes on. */
  running(): number
  /** Keeps what belongs to an item, and what is left of it from an earlier page. Called before the item enters the store. */
  register(id: string, file: File | undefined, left?: { readonly handle?: FileHandle | undefined; readonly kept?: KeptUpload }): void
  kept(id: string): KeptUpload | undefined
  file(id: string): File | undefined
  hold(): void
  /** Nothing runs until it is let on, whatever the person wishes. */
  suspend(isSuspended: boolean): void
  release(): void
  cancel(id: string): void
  /** Queues an item that failed or waits once more. */
  requeue(id: string): void
  /** `isOther`: the content is another one, although the name and the size may be the same. */
  replaceFile(id: string, file: File, isOther?: boolean): void
  /** Drops what belongs to items that were removed from the store; the server is told of those that were not finished. */
  forget(items: readonly UploadItem[]): void
  /** Drops what belongs to an item that is another tab's, or nobody's, by now. */
  drop(id: string): void
  /** An item got another place or priority. */
  reorder(id: string): void
  /** The network returned, or the page woke: what waits for that is tried now. */
  wake(isNetworkBack: boolean): void
  dispose(): void
}

export function createQueue(options: QueueOptions): Queue {
  const { environment, store, backend, concurrency, slots } = options
  const { clock } = environment
  const lifetime = new AbortController()
  const entries = new Map<string, QueueEntry>()
  /** Files of items that nothing has happened to yet: of ten thousand that wait hardly one needs an entry. */
  const untouched = new Map<string, File>()
  const strategies = new Map(options.strategies.map((strategy) => [strategy.kind, strategy]))
  const outbox = createCancelOutbox({
    environment,
    cancel: (id, signal, checkpoint) => backend.cancel(id, signal, checkpoint),
    onAnswer: options.onAnswer,
    isDown: () => recovery.isDown(),
    onUnanswered: () => void recovery.check(),
  })
  const recovery = createRecovery({
    environment,
    store,
    backend,
    retry: options.retry,
    entry: entryOf,
    onBack() {
      outbox.wake()
      schedulePump()
      options.onBack()
    },
  })
  const makeReady = createMakeReady({
    clock,
    store,
    validators: options.validators,
    prepare: options.prepareFile ?? ((file) => file),
    file: fileOf,
    onChecked: enqueue,
    onPrepared: options.onKept,
    onEnd: schedulePump,
  })
  const toPrepare = createLine(store, (item) => item.phase === 'queued' && !item.paused && !isCheckDue(entries.get(item.id)))
  const toRun = createLine(store, (item) => item.phase === 'ready' && !item.paused && entries.get(item.id)?.run === undefined)

  let runs = 0
  let calls = 0
  /** Being planned, planned, or uploading. */
  let begun = 0
  let isPumpDue = false
  let isSuspended = false

  const prepare = createPrepare({
    clock,
    store,
    backend,
    strategies,
    jobId: options.jobId,
    wish: options.wish,
    entry: entryOf,
    onAnswer: options.onAnswer,
    onError: (ids, error) => void recovery.afterCall(ids, error),
    onUnwanted: outbox.add,
  })
  const runOptions = { environment, store, backend, strategies, slots, onAnswer: options.onAnswer, onKept: options.onKept }
  store.onCommit(react, reactToAdded)

  function entryOf(id: string): QueueEntry | undefined {
    const file = untouched.get(id)
    if (file === undefined) return entries.get(id)
    untouched.delete(id)
    const entry = newEntry(file)
    needsHooks(entry)
    entries.set(id, entry)
    return entry
  }

  function fileOf(id: string): File | undefined {
    return untouched.get(id) ?? entries.get(id)?.file
  }

  // -- reactions to what was committed -------------------------------------------------------------------------------------------------

  function reactToAdded(items: readonly UploadItem[]): void {
    const waiting: UploadItem[] = []
    for (const item of items) {
      if (untouched.has(item.id) && item.phase === 'queued' && !item.paused) waiting.push(item)
      else react({ id: item.id, before: undefined, after: item })
    }
    toPrepare.join(waiting)
    schedulePump()
  }

  function react({ id, event, before: was, after: is }: Commit): void {
    const before = unlessMirrored(was)
    const after = unlessMirrored(is)
    begun += hasBegun(after) - hasBegun(before)
    if (after === undefined || lifetime.signal.aborted) return
    const entry = entryOf(id)
    if (entry === undefined) return

    const mayRun = (after.phase === 'ready' || after.phase === 'uploading') && !after.paused
    // A run that has said its last word ends by itself, and a thousand of them sooner than by being stopped.
    if (event?.type === 'transferred') entry.run = undefined
    else if (!mayRun) stopRun(entry)
    if (after.phase !== 'queued' && after.phase !== 'preparing') stopHooks(entry)
    if (after.phase === 'waiting' || before?.phase === 'waiting') recovery.watch(id, after)
    if (before?.phase === 'uploading' && after.phase === 'uploading' && after.sentBytes > before.sentBytes) forgetFailures(entry)
    if (after.phase === 'completed') release(entry)
    // Also one that is learned of later: the answer that named it was lost.
    const isNews = event?.type === 'cancelled' || before?.operationId !== after.operationId
    if (after.phase === 'cancelled' && after.operationId !== undefined && isNews) outbox.add(after.operationId, entry.checkpoint)
    if (before?.phase !== after.phase || before.paused !== after.paused) enqueue(after)
    schedulePump()
  }

  function hasBegun(item: UploadItem | undefined): number {
    if (item === undefined || item.paused) return 0
    return item.phase === 'preparing' || item.phase === 'ready' || item.phase === 'uploading' ? 1 : 0
  }

  function stopRun(entry: QueueEntry): void {
    entry.run?.abort(abortedError('The upload was stopped.'))
    entry.run = undefined
  }

  function stopHooks(entry: QueueEntry): void {
    entry.hooks?.abort(abortedError('The upload was stopped.'))
    entry.hooks = undefined
  }

  /** Puts an item in line, or in its new place. One that only waits for a byte slot waits for it anew. */
  function enqueue(item: UploadItem): void {
    if (item.paused || item.mirrored) return
    const entry = entryOf(item.id)
    if (item.phase === 'queued') {
      if (isCheckDue(entry)) void makeReady.check(item, entry)
      else toPrepare.join([item])
    }
    if (item.phase !== 'ready') return
    if (entry !== undefined) stopRun(entry)
    toRun.join([item])
    schedulePump()
  }

  /** The server confirmed it: nobody will ask for the bytes again. */
  function release(entry: QueueEntry): void {
    entry.file = undefined
    forgetOperation(entry)
  }

  // -- who goes next -------------------------------------------------------------------------------------------------------------------

  /** Once after any number of events, so that a thousand added files are one decision. */
  function schedulePump(): void {
    if (isPumpDue) return
    isPumpDue = true
    queueMicrotask(() => {
      isPumpDue = false
      if (!lifetime.signal.aborted && !store.isHeld() && !isSuspended && !recovery.isDown()) pump()
    })
  }

  function pump(): void {
    while (runs < concurrency) {
      const item = toRun.next()
      if (item === undefined) break
      void run(item)
    }
    while (calls < PREPARE_CALLS) {
      const batch = nextBatch(begun === 0 ? FIRST_BATCH : MAX_FILES_PER_CALL)
      if (batch.length === 0) break
      void prepareBatch(batch)
    }
  }

  function nextBatch(most: number): UploadItem[] {
    // Plans are made ahead, so that a slot that becomes free finds one; not too far ahead, since they expire.
    const isShort = begun - runs <= Math.ceil(concurrency / 2)
    const nextToRun = toRun.peek()
    const batch = makeReady.take(most)
    while (batch.length < most) {
      const item = toPrepare.peek()
      // What was put before the planned ones does not wait for them.
      if (item === undefined || !(isShort || (nextToRun !== undefined && goesBefore(item, nextToRun, store)))) break
      const entry = entryOf(item.id)
      const isHookDue = entry?.file !== undefined && entry.needsPrepare
      if (isHookDue && makeReady.isBusy()) break
      toPrepare.next()
      const started = store.dispatch(item.id, { type: 'started' })
      if (isHookDue) void makeReady.prepare(item, entry)
      else if (entry?.file === undefined && entry?.needsRetry !== true) recovery.askForFile(item.id)
      else if (started !== undefined) batch.push(started)
    }
    return batch.filter((item) => item.phase === 'preparing')
  }

  async function prepareBatch(batch: readonly UploadItem[]): Promise<void> {
    calls += 1
    try {
      if (batch.some((item) => (item.jobId ?? options.jobId) === options.jobId)) options.onBeforeCreate()
    } catch (thrown) {
      // A transport of the user's own: uploads go on without it.
      environment.reportError(thrown)
    }
    try {
      await prepare(batch, lifetime.signal)
    } finally {
      calls -= 1
      schedulePump()
    }
  }

  async function run(item: UploadItem): Promise<void> {
    const entry = entryOf(item.id)
    if (entry === undefined) return
    const { file } = entry
    if (file === undefined) return recovery.askForFile(item.id)
    const controller = new AbortController()
    entry.run = controller
    runs += 1
    try {
      // A strategy, or a backend, of the user's own may not look at the signal: its place is free all the same.
      await untilAborted(controller.signal, (signal) => runOrRecover(item, entry, file, signal))
    } catch (thrown) {
      if (!controller.signal.aborted) environment.reportError(thrown)
    } finally {
      if (entry.run === controller) entry.run = undefined
      runs -= 1
      schedulePump()
    }
  }

  async function runOrRecover(item: UploadItem, entry: QueueEntry, file: File, signal: AbortSignal): Promise<void> {
    try {
      await runItem(item, entry, file, signal, runOptions)
    } catch (thrown) {
      if (!signal.aborted) await recovery.afterRun(item.id, thrown, file, signal)
    }
  }

  // -- what an item needs before it goes again ------------------------------------------------------------------------------------------

  /** Before an item goes again: of an operation that has ended only the server knows what is left to do. */
  function askWhatIsLeft(entry: QueueEntry, item: UploadItem): void {
    const hasEnded = item.phase === 'failed' || (item.server !== undefined && isTerminal(item.server.status))
    if (!hasEnded || item.operationId === undefined) return
    entry.needsRetry = true
    entry.plan = undefined
  }

  function needsHooks(entry: QueueEntry): void {
    entry.needsCheck = options.validators.length > 0
    entry.needsPrepare = options.prepareFile !== undefined
  }

  /** What runs goes back to the queue; what has a plan and waits for a byte slot keeps its plan, and its place. */
  function stopAll(): void {
    for (const [id, entry] of entries) {
      if (entry.run === undefined) continue
      const item = store.dispatch(id, { type: 'stopped' })
      if (item !== undefined) enqueue(item)
    }
  }

  function drop(id: string): void {
    const entry = entries.get(id)
    if (entry !== undefined) {
      stopRun(entry)
      stopHooks(entry)
    }
    untouched.delete(id)
    entries.delete(id)
    recovery.forget(id)
    schedulePump()
  }

  return {
    running: () => runs,
    register(id, file, { handle, kept } = {}) {
      if (file !== undefined && handle === undefined && kept === undefined && options.validators.length === 0) {
        untouched.set(id, file)
        return
      }
      const entry = newEntry(file)
      if (kept?.isPrepared !== true) needsHooks(entry)
      if (file !== undefined && handle !== undefined) entry.source = { file, handle }
      entry.checkpoint = kept?.checkpoint
      entry.transfer = kept?.transfer
      // An item that comes without its file is of an earlier page: the server knows what it still needs. Where a checkpoint tells
      // what is there, the same operation goes on as soon as the file is back.
      entry.needsRetry = file === undefined && (kept === undefined || kept.transfer !== undefined)
      entries.set(id, entry)
    },
    kept(id) {
      const entry = entryOf(id)
      if (entry === undefined) return undefined
      const { file, source, checkpoint, transfer, needsCheck, needsPrepare } = entry
      return {
        file,
        checkpoint,
        transfer,
        isPrepared: !needsCheck && !needsPrepare,
        handle: source?.file === file ? source?.handle : undefined,
      }
    },
    file: fileOf,
    hold() {
      store.setHeld(true)
      stopAll()
    },
    suspend(suspended) {
      isSuspended = suspended
      if (suspended) stopAll()
      else schedulePump()
    },
    release() {
      store.setHeld(false)
      schedulePump()
    },
    cancel(id) {
      store.dispatch(id, { type: 'cancelled' })
    },
    requeue(id) {
      const entry = entryOf(id)
      const item = store.get(id)
      if (entry === undefined || item === undefined || (item.phase !== 'failed' && item.phase !== 'waiting')) return
      forgetFailures(entry)
      askWhatIsLeft(entry, item)
      store.dispatch(id, { type: 'requeued' })
    },
    replaceFile(id, file, isOther) {
      const entry = entryOf(id)
      const before = store.get(id)
      if (entry === undefined || before === undefined || (before.phase !== 'failed' && before.phase !== 'waiting')) return
      entry.file = file
      forgetFailures(entry)
      needsHooks(entry)
      askWhatIsLeft(entry, before)
      const after = store.dispatch(id, { type: 'fileReplaced', file: fileFacts(file), isOther })
      options.onKept(id)
      if (after !== undefined && after.operationId !== before.operationId) {
        if (before.operationId !== undefined) outbox.add(before.operationId, entry.checkpoint)
        forgetOperation(entry)
        entry.needsRetry = false
      }
    },
    forget(items) {
      for (const item of items) {
        const checkpoint = entries.get(item.id)?.checkpoint
        drop(item.id)
        if (item.operationId !== undefined && isUnfinished(item)) outbox.add(item.operationId, checkpoint)
      }
    },
    drop,
    reorder(id) {
      const item = store.get(id)
      if (item !== undefined) enqueue(item)
    },
    wake(isNetworkBack) {
      if (isNetworkBack) outbox.wake()
      recovery.wake(isNetworkBack)
    },
    dispose() {
      lifetime.abort(abortedError('The uploader was disposed.'))
      for (const entry of entries.values()) {
        stopRun(entry)
        stopHooks(entry)
      }
      entries.clear()
      untouched.clear()
      recovery.dispose()
      outbox.dispose()
    },
  }
}
