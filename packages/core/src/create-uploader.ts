import { atom } from 'nanostores'
import { trackBatches } from './batches.js'
import { UploadError } from './errors.js'
import { announce } from './announce.js'
import { createEmitter } from './events.js'
import type { UploadItem } from './item/item.js'
import { applyPolicy } from './http/policy/policy.js'
import { inFolderOrder } from './item/folder-order.js'
import { newItem } from './item/new-item.js'
import { refusal } from './item/restrictions.js'
import { resolveOptions, type ResolvedOptions, type UploaderOptions } from './options.js'
import { guardPage } from './page-guards.js'
import { createQueue } from './queue/queue.js'
import { createHost } from './persistence/host.js'
import { createDropCount } from './realtime/drop-count.js'
import { polling } from './realtime/polling.js'
import { NOT_CONNECTED } from './realtime/transport.js'
import { createUploadStore } from './store/upload-store.js'
import type { AddInput, FileWithPath, RejectedFile, Uploader, UploaderEvents } from './uploader.js'

/** What can be asked of an item by its id alone. */
type ItemCommand = 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'

/**
 * Makes the engine. Only wires: what happens is decided in the rooms that it connects.
 *
 * @example
 * const uploader = createUploader({ backend: httpBackend({ url: '/uploads' }), realtime: sse({ url: '/uploads/events' }) })
 * uploader.add(input.files)
 */
export function createUploader(options: UploaderOptions): Uploader {
  const resolved = resolveOptions(options)
  const { jobId } = resolved
  const policy = applyPolicy(resolved.environment, (origin) => requestSlots(resolved, origin, backend.origin))
  const environment = policy.network
  const debug = resolved.debug ? environment.debug : () => {}
  const emitter = createEmitter<UploaderEvents>(environment.reportError)
  const store = createUploadStore({ environment, onListened: begin })
  const backend = resolved.backend({ environment, strategies: resolved.strategies })
  const drops = createDropCount()
  let isDisposed = false

  const queue = createQueue({
    environment,
    store,
    backend,
    strategies: [...backend.strategies, ...resolved.strategies],
    jobId,
    concurrency: resolved.concurrency,
    slots: policy.slots,
    wish: resolved.wish,
    retry: resolved.retry,
    validators: resolved.validators,
    prepareFile: resolved.prepareFile,
    onBeforeCreate() {
      // Bytes follow as soon as the server has answered.
      resolved.worker?.start()
      sync?.start()
    },
    onAnswer: (update) => sync?.take(update),
    onKept: (id) => onKept(id),
    onBack: () => sync?.wake(),
  })
  if (resolved.realtime !== undefined && backend.connectSync === undefined)
    throw new UploadError('validation', 'This backend follows nothing, so that `realtime` has nothing to tell. See `followUploads`.')
  const transport = backend.connectSync === undefined ? undefined : (resolved.realtime ?? polling())({ environment })
  const sync =
    transport &&
    backend.connectSync?.({
      environment,
      store,
      transport,
      jobId,
      snapshot: backend.snapshot,
      processingDeadlineMs: resolved.processingDeadlineMs,
      isRestored: resolved.isRestored,
      onRestored(items) {
        for (const item of items) queue.register(item.id, undefined)
        store.add(items)
        store.flush()
        emitter.emit('added', items)
      },
      onDropped(reason, raw) {
        const count = drops.add(reason)
        // Of thousands a second a few say as much.
        if (count <= 3 || Number.isInteger(Math.log10(count))) debug(`message dropped (${count}):`, reason, raw)
        emitter.emit('message-dropped', reason, raw)
      },
      onWarning: (error) => emitter.emit('warning', error),
    })
  // In this order: a batch is told complete after the last of its items is.
  store.onCommit(
    (commit) => announce(emitter, commit),
    () => {},
  )
  const newBatch = trackBatches(store, (items) => emitter.emit('batch-completed', items))
  let onKept = (_id: string): void => {}
  const persistence = resolved.persistence?.(
    createHost({
      environment,
      jobId,
      store,
      queue,
      onKept: (listener) => (onKept = listener),
      uploader: () => uploader,
      suspendSync: (isSuspended) => sync?.suspend(isSuspended),
      onAdded: (items) => emitter.emit('added', items),
      onWarning: (error) => emitter.emit('warning', error),
    }),
  )
  let endGuards = () => {}
  let forgetWake: (() => void) | undefined
  if (!resolved.autoStart) queue.hold()

  /**
   * Nothing runs before the first use: a listener, a file, or `start()`. So an uploader that a framework makes twice and drops once,
   * or makes while it renders on a server, leaves nothing behind.
   */
  function begin(): void {
    if (forgetWake !== undefined || isDisposed) return
    forgetWake = environment.onWake((reason) => {
      store.flush()
      policy.wake()
      queue.wake(reason === 'online')
      sync?.wake()
    })
    endGuards = guardPage({ environment, store, beforeUnload: resolved.beforeUnload, wakeLock: resolved.wakeLock })
    if (resolved.isRestored) sync?.start()
    persistence?.start()
  }

  /** The items that a call means: the one with the id, or all. */
  function meant(call: string, id: string | undefined): readonly UploadItem[] {
    if (id === undefined) return store.items()
    const item = store.get(id)
    if (item === undefined) debug(`${call}: there is no item with the id`, id)
    return item === undefined ? [] : [item]
  }

  /** Those of them that are this tab's: what is asked of another's is passed on. */
  function ours(items: readonly UploadItem[], name: ItemCommand): readonly UploadItem[] {
    return persistence === undefined ? items : items.filter(({ id }) => !persistence.forward({ name, id }))
  }

  function remove(asked: readonly UploadItem[]): void {
    const items = ours(asked, 'remove')
    if (items.length === 0) return
    store.remove(items.map((item) => item.id))
    queue.forget(items)
    emitter.emit('removed', items)
  }

  function hold(): void {
    queue.hold()
    persistence?.forward({ name: 'hold' })
  }

  function release(): void {
    queue.release()
    persistence?.forward({ name: 'release' })
  }

  const uploader: Uploader = {
    jobId,
    $ids: store.$ids,
    $items: store.$items,
    $summary: store.$summary,
    $connection: sync?.$connection ?? atom(NOT_CONNECTED),
    $item: store.$item,
    items: store.items,
    file: queue.file,
    add(input, { priority, metadata } = {}) {
      if (isDisposed) return []
      begin()
      const now = environment.clock.now()
      const { total, completed, failed, cancelled } = store.$summary.get()
      let unfinished = total - completed - failed - cancelled
      const added: UploadItem[] = []
      const rejected: RejectedFile[] = []
      const shared = metadata && Object.freeze({ ...metadata })
      for (const chosen of inFolderOrder(filesOf(input))) {
        const { file, relativePath } = chosen
        const error = refusal(file, resolved.restrictions, unfinished)
        if (error !== undefined) {
          rejected.push({ file, error })
          continue
        }
        unfinished += 1
        const item = newItem({ id: environment.createId(), file, relativePath, addedAt: now, priority, metadata: shared })
        queue.register(item.id, file, chosen)
        added.push(item)
      }
      const ids = added.map((item) => item.id)
      if (added.length > 0) {
        store.add(added, newBatch(ids))
        // On the page before the next paint, not at the next frame.
        store.flush()
        emitter.emit('added', added)
      }
      if (rejected.length > 0) emitter.emit('rejected', rejected)
      return ids
    },
    start() {
      begin()
      release()
    },
    pause(id) {
      if (id === undefined) hold()
      else for (const item of ours(meant('pause', id), 'pause')) store.dispatch(item.id, { type: 'paused' })
    },
    resume(id) {
      if (id === undefined) release()
      else for (const item of ours(meant('resume', id), 'resume')) store.dispatch(item.id, { type: 'resumed' })
    },
    cancel(id) {
      for (const item of ours(meant('cancel', id), 'cancel')) queue.cancel(item.id)
    },
    retry(id) {
      for (const item of ours(meant('retry', id), 'retry')) queue.requeue(item.id)
    },
    replaceFile(id, file) {
      if (meant('replaceFile', id).length === 0 || persistence?.forward({ name: 'replaceFile', id, file })) return
      queue.replaceFile(id, file)
    },
    remove(id) {
      remove(meant('remove', id))
    },
    clear(which) {
      remove(store.items().filter((item) => which === 'all' || item.phase === which))
    },
    move(id, index) {
      if (meant('move', id).length === 0 || !store.move(id, index)) return
      queue.reorder(id)
      onKept(id)
    },
    setPriority(id, priority) {
      if (meant('setPriority', id).length === 0 || persistence?.forward({ name: 'setPriority', id, priority })) return
      store.dispatch(id, { type: 'reprioritised', priority })
      queue.reorder(id)
    },
    on(event, listener) {
      begin()
      return emitter.on(event, listener)
    },
    inspect: () => ({
      jobId,
      items: store.ids().length,
      running: queue.running(),
      paused: store.isHeld(),
      droppedMessages: drops.total(),
      ...(resolved.debug && { dropReasons: drops.byReason() }),
      slots: policy.slots.inspect(),
    }),
    async dispose() {
      if (isDisposed) return
      isDisposed = true
      forgetWake?.()
      persistence?.dispose()
      queue.dispose()
      resolved.worker?.dispose()
      policy.dispose()
      endGuards()
      sync?.dispose()
      transport?.dispose()
      store.dispose()
      emitter.clear()
    },
  }
  return uploader
}

function filesOf(input: AddInput): readonly FileWithPath[] {
  return Array.from(input, (entry) => (entry instanceof Blob ? { file: entry, relativePath: entry.webkitRelativePath } : entry))
}

function requestSlots(
  { requestSlots: wanted, concurrency, environment }: ResolvedOptions,
  origin: string,
  apiOrigin: string | undefined,
): number {
  if (wanted !== 'auto') return wanted
  const protocol = environment.protocolOf(origin)
  if (protocol === 'h2' || protocol === 'h3') return concurrency
  return origin === apiOrigin ? 4 : 6
}
