import type { Environment } from '../environment.js'
import type { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { unlessMirrored } from '../item/machine.js'
import type { Queue } from '../queue/queue.js'
import type { UploadStore } from '../store/upload-store.js'
import type { Uploader } from '../uploader.js'
import type { PersistenceHost, QueueCommand, RestoredUpload } from './persistence.js'

export interface HostOptions {
  readonly environment: Environment
  readonly jobId: string
  readonly store: UploadStore
  readonly queue: Queue
  onKept(listener: (id: string) => void): void
  /** The uploader itself: asked for when something is to be done, for it is made after its persistence. */
  uploader(): Uploader
  /** The server's words are not followed while the page is put aside. */
  suspendSync(isSuspended: boolean): void
  onAdded(items: readonly UploadItem[]): void
  onWarning(error: UploadError): void
}

/** The engine, as persistence sees it: what comes from another page or tab enters the store and the queue here. */
export function createHost({ environment, jobId, store, queue, ...options }: HostOptions): PersistenceHost {
  function put(items: readonly UploadItem[]): void {
    const added = items.filter(({ id }) => store.get(id) === undefined)
    store.replace(items.filter(({ id }) => store.get(id) !== undefined))
    // Another list of ids tells all who show it, even if nothing is new.
    if (added.length > 0) store.add(added)
  }

  function own(uploads: readonly RestoredUpload[]): void {
    const items: UploadItem[] = []
    for (const { item, ...kept } of uploads) {
      if (unlessMirrored(store.get(item.id)) !== undefined) continue
      queue.register(item.id, kept.file, { kept, handle: kept.handle })
      items.push(item)
    }
    put(items)
    if (items.length > 0) options.onAdded(items)
  }

  function perform(command: QueueCommand): void {
    const uploader = options.uploader()
    switch (command.name) {
      case 'hold':
        return queue.hold()
      case 'release':
        return queue.release()
      case 'setPriority':
        return uploader.setPriority(command.id, command.priority)
      case 'replaceFile':
        if (command.isOther === undefined) uploader.replaceFile(command.id, command.file)
        else queue.replaceFile(command.id, command.file, command.isOther)
        return
      default:
        return uploader[command.name](command.id)
    }
  }

  return {
    environment,
    jobId,
    store,
    kept: queue.kept,
    onKept: options.onKept,
    own,
    mirror(items) {
      for (const { id } of items) queue.drop(id)
      put(items)
    },
    drop(ids) {
      for (const id of ids) queue.drop(id)
      store.remove(ids)
    },
    perform,
    suspend(isSuspended) {
      queue.suspend(isSuspended)
      options.suspendSync(isSuspended)
    },
    warn: options.onWarning,
  }
}
