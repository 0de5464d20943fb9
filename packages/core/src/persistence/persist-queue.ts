import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { isTerminal } from '../protocol/index.js'
import type { Commit } from '../store/upload-store.js'
import { isSameContent, type Digest } from './fingerprint.js'
import { createFileKeeper, isFull } from './keep-files.js'
import type { FileHandle, Persistence, PersistenceFactory, PersistenceHost, QueueCommand, RestoredUpload } from './persistence.js'
import { mirrorOf, resumed, toPlain } from './plain-item.js'
import type { QueueStorage, StoredUpload } from './queue-storage.js'
import { createTabs, type ChannelLike, type LocksLike, type TabMessage } from './tabs.js'

export interface PersistQueueOptions {
  readonly storage: QueueStorage
  readonly name: string
  readonly locks: LocksLike | undefined
  readonly openChannel: ((name: string) => ChannelLike) | undefined
  /** Where there are no Web Locks: remembers over a reload which tab session this was, once its page has ended in good order. */
  readonly session: SessionKey | undefined
  /** Tells of `pagehide`, `pageshow` and `visibilitychange`. */
  readonly page: Pick<EventTarget, 'addEventListener'> | undefined
  /** How long what nobody goes on with is kept, in milliseconds. */
  readonly expiresAfterMs: number
  readonly maxFileBytes: number
  readonly maxBytes: number
  readonly digest: Digest
  estimate(): Promise<StorageEstimate>
}

export interface SessionKey {
  /** The session that this tab's last page has left; taken once. */
  take(): string | undefined
  leave(id: string): void
}

/** Uploads written in one transaction: ten thousand at once would hold up the page. */
const CHUNK = 250
/** A database that has not answered for this long is not waited for, in milliseconds. */
const OPEN_MS = 10_000

/** What is known here of an upload that this tab owns. */
interface Own {
  readonly epoch: number
  isStored: boolean
  /** There is nothing to keep of it any more; other tabs still show it. */
  isOver: boolean
  /** The file that the sample is of. */
  file: File | undefined
  lastModified: number | undefined
  sample: string | undefined
}

/** The logic of persistence, whatever it is stored in. */
export function persistQueue(options: PersistQueueOptions): PersistenceFactory {
  return (host) => createPersistence(host, options)
}

function createPersistence(host: PersistenceHost, options: PersistQueueOptions): Persistence {
  const { environment, store } = host
  const { storage } = options
  const { clock } = environment
  const session = options.locks === undefined ? options.session : undefined
  const me = session?.take() ?? environment.createId()
  const lifetime = new AbortController()
  const own = new Map<string, Own>()
  const mirrors = new Map<string, { readonly owner: string; readonly epoch: number }>()
  /** Files that may be read again once the person allows it. */
  const askable = new Map<string, FileHandle>()
  const dirty = new Set<string>()
  const removed = new Set<string>()
  const toTell = new Set<string>()
  const gone = new Set<string>()
  let cancelWrite: (() => void) | undefined
  let cancelTell: (() => void) | undefined
  let writing: Promise<void> = Promise.resolve()
  let isWriting = false
  /** Nothing is written any more. */
  let isOff = false
  let isOpen = false
  let isFirst = true

  const tabs = createTabs({ ...options, id: me, onMessage, onGone: takeOver })
  const files = createFileKeeper({
    ...options,
    clock,
    owner: me,
    kept: host.kept,
    onSample(id, sample) {
      const one = own.get(id)
      if (one === undefined) return
      one.sample = sample
      change(id)
    },
    onFull: dropFiles,
  })

  // -- what has to be written --------------------------------------------------------------------------------------------------------------

  function onCommit({ id, before, after }: Commit): void {
    if (after?.mirrored || lifetime.signal.aborted) return
    if (after === undefined && before?.mirrored) return void mirrors.delete(id)
    tell(id, after)
    if (after === undefined || isOver(after)) return forget(id, after === undefined)
    if (before === undefined || before.mirrored || isOver(before) || isNews(before, after)) change(id)
  }

  function change(id: string): void {
    if (isOff) return
    const one = own.get(id) ?? newOwn(0, false)
    own.set(id, one)
    one.isOver = false
    if (removed.delete(id)) one.isStored = true
    dirty.add(id)
    const file = host.kept(id)?.file
    if (file !== undefined && file !== one.file) {
      // Before anything is written of the new one: the bytes of two files must never be taken for one.
      if (one.file !== undefined && one.isStored) storage.dropFiles([id]).catch(fail)
      one.file = file
      one.lastModified = file.lastModified
      one.sample = undefined
      if (one.isStored) files.add(id)
    }
    schedule()
  }

  function forget(id: string, isGone: boolean): void {
    const one = own.get(id)
    if (one?.isStored) removed.add(id)
    if (one !== undefined) Object.assign(one, { isStored: false, isOver: true, file: undefined })
    letGo(id, isGone)
    schedule()
  }

  function letGo(id: string, isGone = true): void {
    if (isGone) own.delete(id)
    dirty.delete(id)
    askable.delete(id)
    files.forget(id)
  }

  function schedule(): void {
    if (isOff || !isOpen || isWriting || (dirty.size === 0 && removed.size === 0)) return
    cancelWrite ??= environment.nextFrame(() => void write(CHUNK))
  }

  function write(most: number): Promise<void> {
    cancelWrite?.()
    cancelWrite = undefined
    if (isOff || (dirty.size === 0 && removed.size === 0)) return writing
    const ids = [...dirty].slice(0, most)
    const gone = [...removed]
    for (const id of ids) dirty.delete(id)
    removed.clear()
    isWriting = true
    // As they are now: the page may be gone when the turn comes.
    const uploads = ids.flatMap((id) => stored(id) ?? [])
    const last = writing
      .then(() => save(uploads, gone))
      .finally(() => {
        isWriting = writing !== last
        schedule()
      })
    return (writing = last)
  }

  async function save(uploads: readonly StoredUpload[], gone: readonly string[]): Promise<void> {
    // Without those that have ended since.
    const current = uploads.filter(({ id }) => own.get(id)?.isOver === false)
    const changed = current.filter(({ id }) => own.get(id)?.isStored)
    const created = current.filter(({ id }) => !own.get(id)?.isStored)
    try {
      const refused = await storage.write(me, { created, changed, removed: gone })
      for (const { id } of created) {
        const one = own.get(id)
        if (one?.isOver === false) {
          one.isStored = true
          files.add(id)
        } else {
          // It ended while it was written.
          removed.add(id)
        }
      }
      if (refused.length > 0) void look().catch(fail)
    } catch (error) {
      if (isOff) return
      // One that cannot be stored, for what its metadata holds, must not keep the others from it.
      if (error instanceof DOMException && error.name === 'DataCloneError') {
        if (uploads.length > 1) for (const upload of uploads) await save([upload], [])
        if (gone.length > 0) await save([], gone)
        return
      }
      for (const { id } of current) dirty.add(id)
      for (const id of gone) removed.add(id)
      if (isFull(error) && files.ids().length > 0) await dropFiles(error)
      else fail(error)
    }
  }

  function stored(id: string): StoredUpload | undefined {
    const one = own.get(id)
    const item = store.get(id)
    const kept = host.kept(id)
    if (one === undefined || item === undefined || item.mirrored || kept === undefined) return undefined
    const { lastModified, sample } = one
    return {
      ...{ id, owner: me, epoch: one.epoch, savedAt: clock.now(), order: store.rank(id), jobId: item.jobId ?? host.jobId },
      ...{ item: toPlain(item), checkpoint: kept.checkpoint, transfer: kept.transfer, isPrepared: kept.isPrepared },
      fingerprint: lastModified === undefined ? undefined : { lastModified, ...(sample !== undefined && { sample }) },
    }
  }

  // -- what cannot be kept -------------------------------------------------------------------------------------------------------------------

  async function dropFiles(cause: unknown): Promise<void> {
    files.stop()
    const ids = files.ids()
    for (const id of ids) files.forget(id)
    warn('files_not_kept', 'There is no room to keep the content of files: after a reload they have to be chosen again.', cause)
    await storage.dropFiles(ids).catch(fail)
  }

  function fail(cause: unknown): void {
    if (isOff || lifetime.signal.aborted) return
    isOff = true
    files.stop()
    host.suspend(false)
    // The lock is still held: nobody takes over, from what is stored, what goes on here.
    warn('not_persisted', 'The browser does not keep the queue: a reload forgets it.', cause)
  }

  function warn(code: 'files_not_kept' | 'not_persisted', message: string, cause: unknown): void {
    host.warn(new UploadError(code, message, { cause }))
  }

  // -- what earlier pages and other tabs have left -------------------------------------------------------------------------------------------

  /** Looks at all that is stored: what nobody owns any more is taken over, and what is another's by now is let go of. */
  async function look(): Promise<void> {
    await write(Infinity)
    const uploads = await storage.list()
    if (isOff) return
    if (isFirst) await restoreHeld(uploads.length > 0)
    const byId = new Map(uploads.map((upload) => [upload.id, upload]))
    const lost = [...own].filter(([id, one]) => one.isStored && byId.get(id)?.owner !== me).map(([id]) => id)
    for (const id of lost) letGo(id)
    show(lost.flatMap((id) => byId.get(id) ?? []))
    host.drop(lost.filter((id) => !byId.has(id)))
    for (const { owner } of uploads) tabs.watch(owner)
    await adopt(uploads.filter(({ id, owner }) => owner === me && !own.has(id) && !removed.has(id)))
  }

  async function restoreHeld(isAnythingLeft: boolean): Promise<void> {
    isFirst = false
    const isHeld = await storage.isHeld()
    if (isHeld === undefined) return
    if (isAnythingLeft) host.perform({ name: isHeld ? 'hold' : 'release' })
    else await storage.setHeld(undefined)
  }

  async function takeOver(owner: string): Promise<void> {
    if (isOff) return
    try {
      const taken = await storage.takeOver(owner, me, clock.now() - options.expiresAfterMs)
      await adopt(taken)
      // What had ended there is nobody's any more.
      host.drop([...mirrors].filter(([id, mirror]) => mirror.owner === owner && !own.has(id)).map(([id]) => id))
    } catch (error) {
      fail(error)
    }
  }

  /** Goes on with uploads that are this tab's by now. */
  async function adopt(uploads: readonly StoredUpload[]): Promise<void> {
    if (uploads.length === 0) return
    for (const { id, epoch, fingerprint } of uploads) {
      own.set(id, { ...newOwn(epoch, true), lastModified: fingerprint?.lastModified, sample: fingerprint?.sample })
      mirrors.delete(id)
    }
    const found = await storage.files(uploads.map(({ id }) => id))
    const inOrder = [...uploads].sort((a, b) => a.order - b.order)
    const restored = await Promise.all(inOrder.map((upload) => restore(upload, found.get(upload.id))))
    if (lifetime.signal.aborted) return
    // Each is a commit, by which it is written again: with its place in this queue, and as of now.
    host.own(restored)
  }

  async function restore(
    { id, item, jobId, checkpoint, transfer, isPrepared, fingerprint }: StoredUpload,
    kept: File | FileHandle | undefined,
  ): Promise<RestoredUpload> {
    const { file, handle, missing } = await fileOf(id, item.size, fingerprint?.lastModified, kept)
    const one = own.get(id)
    if (one !== undefined) one.file = file
    if (file !== undefined && handle === undefined) files.note(id, file.size)
    // Nothing is left to send where storage has every byte.
    return { item: resumed(item, jobId, transfer === undefined ? missing : undefined), file, handle, checkpoint, transfer, isPrepared }
  }

  async function fileOf(
    id: string,
    size: number,
    lastModified: number | undefined,
    kept: File | FileHandle | undefined,
  ): Promise<{ file?: File; handle?: FileHandle; missing?: UploadError }> {
    const missing = (message: string) => ({ missing: new UploadError('file_unreadable', message) })
    if (kept === undefined) return missing('Choose the file again to go on uploading it.')
    if (kept instanceof Blob) return { file: kept }
    try {
      if ((await kept.queryPermission?.({ mode: 'read' })) === 'prompt') {
        askable.set(id, kept)
        return missing('The page may not read the file any more. Try again to allow it, or choose the file again.')
      }
      const file = await kept.getFile()
      if (file.size === size && file.lastModified === lastModified) return { file, handle: kept }
      return missing('The file has changed on the disk since it was added. Choose it again.')
    } catch {
      return missing('The file cannot be read any more. Choose it again to go on.')
    }
  }

  // -- other tabs ----------------------------------------------------------------------------------------------------------------------------

  function tell(id: string, item: UploadItem | undefined): void {
    if (!tabs.hasPeers()) return
    if (item === undefined) gone.add(id)
    else gone.delete(id)
    toTell.add(id)
    cancelTell ??= environment.nextFrame(tellNow)
  }

  function tellNow(): void {
    cancelTell = undefined
    const items = [...toTell].flatMap((id) => {
      const item = store.get(id)
      return item === undefined || item.mirrored ? [] : [[toPlain(item), own.get(id)?.epoch ?? 0] as const]
    })
    toTell.clear()
    tabs.post({ kind: 'items', items, gone: [...gone] })
    gone.clear()
  }

  function onMessage(message: TabMessage, from: string): void {
    switch (message.kind) {
      case 'hello':
        for (const id of store.ids()) toTell.add(id)
        return tellNow()
      case 'items': {
        const news = message.items.filter(([{ id }, epoch]) => {
          const known = own.get(id)?.epoch ?? mirrors.get(id)?.epoch ?? -1
          return epoch > known || (epoch === known && mirrors.has(id))
        })
        // It was taken over while this tab was taken for dead.
        if (news.some(([{ id }]) => own.has(id))) void look().catch(fail)
        show(news.filter(([{ id }]) => !own.has(id) && isFree(id)).map(([item, epoch]) => ({ item, epoch, owner: from })))
        return host.drop(message.gone.filter((id) => mirrors.get(id)?.owner === from))
      }
      case 'command': {
        const { command } = message
        if (!('id' in command)) return host.perform(command)
        const item = store.get(command.id)
        if (item !== undefined && !item.mirrored) host.perform(command)
      }
    }
  }

  /** Nothing of this tab's own has the id, not even an item that has ended. */
  function isFree(id: string): boolean {
    return store.get(id)?.mirrored !== undefined || store.get(id) === undefined
  }

  function show(uploads: readonly Pick<StoredUpload, 'item' | 'epoch' | 'owner'>[]): void {
    for (const { item, owner, epoch } of uploads) mirrors.set(item.id, { owner, epoch })
    if (uploads.length > 0) host.mirror(uploads.map(({ item }) => mirrorOf(item)))
  }

  // -- the page --------------------------------------------------------------------------------------------------------------------------------

  async function open(): Promise<void> {
    const cancelDeadline = clock.setTimeout(() => fail(new UploadError('stalled', 'The database did not open in time.')), OPEN_MS)
    try {
      session?.take()
      await tabs.open()
      isOpen = true
      await look()
    } catch (error) {
      fail(error)
    } finally {
      cancelDeadline()
      host.suspend(false)
    }
  }

  /** The page may never run again, or come back out of the cache: until then it owns nothing. */
  function onHide(): void {
    void write(Infinity)
    host.suspend(true)
    isOpen = false
    session?.leave(me)
    tabs.close()
    storage.close()
  }

  function forwarded(command: QueueCommand): boolean {
    if (!('id' in command)) {
      tabs.post({ kind: 'command', command })
      if (!isOff) storage.setHeld(command.name === 'hold').catch(fail)
      return false
    }
    const { id } = command
    if (mirrors.has(id)) {
      tabs.post({ kind: 'command', command })
      return true
    }
    if (command.name === 'retry') return ask(id)
    if (command.name !== 'replaceFile' || command.isOther !== undefined) return false
    const { lastModified, sample } = own.get(id) ?? {}
    if (lastModified === undefined) return false
    void isSameContent(command.file, { lastModified, ...(sample !== undefined && { sample }) }, options.digest).then((isSame) =>
      host.perform({ ...command, isOther: !isSame }),
    )
    return true
  }

  /** Within the person's click, so that the browser may ask. */
  function ask(id: string): boolean {
    const handle = askable.get(id)
    if (handle?.requestPermission === undefined) return false
    askable.delete(id)
    handle
      .requestPermission({ mode: 'read' })
      .then(async () => {
        const { size } = store.get(id) ?? {}
        const { file } = size === undefined ? {} : await fileOf(id, size, own.get(id)?.lastModified, handle)
        if (file !== undefined) host.perform({ name: 'replaceFile', id, file, isOther: false })
      })
      .catch(() => {})
    return true
  }

  return {
    start() {
      store.onCommit(onCommit)
      host.onKept(change)
      const { signal } = lifetime
      const { page } = options
      page?.addEventListener('visibilitychange', () => void write(Infinity), { signal })
      page?.addEventListener('pagehide', onHide, { signal })
      page?.addEventListener('pageshow', () => !isOpen && void open(), { signal })
      void open()
    },
    forward: forwarded,
    dispose() {
      if (lifetime.signal.aborted) return
      const last = write(Infinity)
      lifetime.abort()
      files.stop()
      cancelTell?.()
      // What is not finished is another tab's as soon as it is written.
      void last.finally(() => {
        session?.leave(me)
        tabs.close()
        storage.close()
      })
    },
  }
}

function newOwn(epoch: number, isStored: boolean): Own {
  return { epoch, isStored, isOver: false, file: undefined, lastModified: undefined, sample: undefined }
}

/** Nothing that a later page would have to know. */
function isOver(item: UploadItem): boolean {
  if (item.phase === 'cancelled') return item.operationId === undefined || (item.server !== undefined && isTerminal(item.server.status))
  return item.phase === 'completed'
}

/** Whether a change is worth writing: progress is not, nor is what a later page begins anew. */
function isNews(before: UploadItem, after: UploadItem): boolean {
  return (
    stage(before) !== stage(after) ||
    (['operationId', 'attempt', 'paused', 'priority', 'name', 'size', 'type'] as const).some((field) => before[field] !== after[field])
  )
}

function stage({ phase }: UploadItem): string {
  return phase === 'processing' || phase === 'failed' || phase === 'cancelled' ? phase : 'open'
}
