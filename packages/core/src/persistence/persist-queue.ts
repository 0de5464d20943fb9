import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { isTerminal } from '../protocol/index.js'
import type { Commit } from '../store/upload-store.js'
import { isSameContent, type Digest } from './fingerprint.js'
import { createFileKeeper, isFull } from './keep-files.js'
import { createPassedOn } from './passed-on.js'
import type { FileHandle, Persistence, PersistenceFactory, PersistenceHost, QueueCommand } from './persistence.js'
import { mirrorOf, toPlain } from './plain-item.js'
import type { Fingerprint, PlainItem, QueueStorage, StorageChanges, StoredQueue, StoredUpload } from './queue-storage.js'
import { restore } from './restore.js'
import { createTabs, type ChannelLike, type LocksLike } from '../tabs.js'

export interface PersistQueueOptions {
  readonly storage: QueueStorage
  readonly name: string
  readonly locks: LocksLike | undefined
  openChannel(name: string): ChannelLike | undefined
  /** Of the tab, where there are no Web Locks: remembers over a reload which session this was, once its page has ended in good order. */
  readonly session: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined
  /** Tells of `pagehide`, `pageshow` and `visibilitychange`. */
  readonly page: Pick<EventTarget, 'addEventListener'> | undefined
  /** How long what nobody goes on with is kept, in milliseconds. */
  readonly expiresAfterMs: number
  readonly maxFileBytes: number
  readonly maxBytes: number
  readonly digest: Digest
  estimate(): Promise<StorageEstimate>
}

/** What tabs tell each other. */
type TabMessage =
  /** A tab has come: all others answer with what they have. */
  | { readonly kind: 'hello' }
  /** Own items that are new or have changed, each with its epoch, and those that left the list; or, without the latter, all that there are. */
  | { readonly kind: 'items'; readonly items: readonly (readonly [PlainItem, number])[]; readonly gone?: readonly string[] }
  /** For the tab that owns the item, or for all. */
  | { readonly kind: 'command'; readonly command: QueueCommand }

/** Uploads written in one transaction: ten thousand at once would hold up the page. */
const CHUNK = 250
/** What is kept is written again after this part of the time for which it is kept. */
const RENEWED = 0.25
/** A database that has not answered for this long is not waited for, in milliseconds. */
const OPEN_MS = 10_000

/** What is known here of an upload that this tab owns. */
interface Own {
  readonly epoch: number
  isStored: boolean
  /** The one that the fingerprint is of. */
  file: File | undefined
  fingerprint: Fingerprint | undefined
  /** Reads the file again, which the person has to allow. */
  ask: (() => Promise<void>) | undefined
}

/** Another tab's upload. */
type Mirror = Pick<StoredUpload, 'item' | 'owner' | 'epoch'>

/** The logic of persistence, whatever it is stored in. */
export function persistQueue(options: PersistQueueOptions): PersistenceFactory {
  return (host) => createPersistence(host, options)
}

function createPersistence(host: PersistenceHost, options: PersistQueueOptions): Persistence {
  const { environment, store } = host
  const { storage } = options
  const { clock } = environment
  const session = options.locks === undefined ? options.session : undefined
  const sessionKey = `upload-panel:${options.name}`
  const me = session?.getItem(sessionKey) ?? environment.createId()
  const lifetime = new AbortController()
  const own = new Map<string, Own>()
  const mirrors = new Map<string, Mirror>()
  /** Ids of uploads that this tab has had, and another one has taken over. */
  const taken = new Set<string>()
  const passedOn = createPassedOn(clock)
  /** To be written, and to be told to other tabs. */
  const dirty = new Set<string>()
  const toTell = new Set<string>()
  let cancelWrite: (() => void) | undefined
  let cancelTell: (() => void) | undefined
  let writing: Promise<void> | undefined
  let cancelDeadline = () => {}
  /** This tab is known to live, so that it may own something. */
  let isOpen = false
  /** What was asked for since the page is back, and not open yet. */
  let asked: QueueCommand[] | undefined
  /** Nothing is written any more. */
  let isOff = false
  let visits = 0
  let renewedAt = clock.now()

  const tabs = createTabs<TabMessage>({ ...options, id: me, onMessage, onGone: look })
  const files = createFileKeeper({
    ...options,
    clock,
    owner: me,
    kept: host.kept,
    onSample(id, sample) {
      const one = own.get(id)
      if (one?.fingerprint === undefined) return
      one.fingerprint = { ...one.fingerprint, sample }
      change(id)
    },
    onFull: (error) => void dropFiles(error),
  })

  // -- what has to be written --------------------------------------------------------------------------------------------------------------

  function onCommit({ id, before, after }: Commit): void {
    if (after?.mirrored || lifetime.signal.aborted) return
    if (mirrors.delete(id) && after === undefined) return
    tell(id)
    if (!isKept(after)) files.forget(id)
    if (!isKept(before) || !isKept(after) || isNews(before, after)) change(id)
  }

  function change(id: string): void {
    const one = own.get(id) ?? newOwn({ epoch: 0, fingerprint: undefined }, false)
    own.set(id, one)
    dirty.add(id)
    const { file } = host.kept(id) ?? {}
    if (file !== undefined && file !== one.file) {
      // Before anything is written of the new one: the bytes of two files must never be taken for one.
      if (one.file !== undefined) write({ dropped: [id] })
      one.file = file
      one.ask = undefined
      one.fingerprint = { lastModified: file.lastModified }
      if (one.isStored) files.add(id)
    }
    schedule()
  }

  /** What nothing becomes of, such as what is paused, has somebody who waits for it as long as its page is here. */
  function renew(): void {
    if (Math.abs(clock.now() - renewedAt) < options.expiresAfterMs * RENEWED) return
    renewedAt = clock.now()
    for (const [id, { isStored }] of own) if (isStored) dirty.add(id)
  }

  function schedule(): void {
    if (isOff || !isOpen || lifetime.signal.aborted || writing !== undefined || dirty.size === 0) return
    cancelWrite ??= environment.nextFrame(() => void flush(CHUNK))
  }

  /** Writes what has changed, as it is now: the page may be gone when the turn comes. */
  function flush(most = Infinity): Promise<void> | undefined {
    cancelWrite?.()
    cancelWrite = undefined
    const ids = [...dirty].slice(0, most)
    // A page that is put aside must leave the database alone, or the browser throws it away as soon as another page wants it.
    if (isOff || !isOpen || ids.length === 0) return writing
    for (const id of ids) dirty.delete(id)
    const uploads = ids.map(stored)
    const last = Promise.resolve(writing)
      .then(() => save(ids, uploads))
      .finally(() => {
        if (writing === last) writing = undefined
        schedule()
      })
    return (writing = last)
  }

  async function save(ids: readonly string[], uploads: readonly (StoredUpload | undefined)[]): Promise<void> {
    const puts: (readonly [StoredUpload, boolean])[] = []
    const removed: string[] = []
    ids.forEach((id, index) => {
      const upload = uploads[index]
      const isStored = own.get(id)?.isStored === true
      if (upload !== undefined) puts.push([upload, !isStored])
      else if (isStored) removed.push(id)
    })
    try {
      // What came and went between two writes is never written.
      const refused = puts.length + removed.length === 0 ? [] : await storage.write(me, { puts, removed, isHeld: store.isHeld() })
      ids.forEach((id, index) => {
        const one = own.get(id)
        if (one === undefined) return
        const isStored = uploads[index] !== undefined
        if (isStored && !one.isStored) files.add(id)
        one.isStored = isStored
        if (!isStored && store.get(id) === undefined) own.delete(id)
      })
      if (refused.length > 0) void look()
    } catch (error) {
      for (const id of ids) dirty.add(id)
      if (!isFull(error) || !(await dropFiles(error))) fail(error)
    }
  }

  function write(changes: StorageChanges): void {
    if (!isOff) storage.write(me, changes).catch(fail)
  }

  function stored(id: string): StoredUpload | undefined {
    const one = own.get(id)
    const item = store.get(id)
    const { file: _file, handle: _handle, ...left } = host.kept(id) ?? {}
    if (one === undefined || !('checkpoint' in left) || !isKept(item)) return undefined
    return {
      ...left,
      id,
      owner: me,
      epoch: one.epoch,
      jobId: item.jobId ?? host.jobId,
      savedAt: clock.now(),
      order: store.rank(id),
      item: toPlain(item),
      fingerprint: one.fingerprint,
    }
  }

  // -- what cannot be kept -----------------------------------------------------------------------------------------------------------------

  /** Makes room. Answers whether there was anything to drop. */
  async function dropFiles(cause: unknown): Promise<boolean> {
    const dropped = files.stop()
    if (dropped === undefined) return false
    host.warn(new UploadError('files_not_kept', 'There is no room to keep files: a reload asks for them again.', { cause }))
    await storage.write(me, { dropped }).catch(fail)
    return dropped.length > 0
  }

  function fail(cause: unknown): void {
    if (isOff || lifetime.signal.aborted) return
    isOff = true
    files.stop()
    goOn()
    // The lock is still held: nobody takes over, from what is stored, what goes on here.
    host.warn(new UploadError('not_persisted', 'The browser does not keep the queue: a reload forgets it.', { cause }))
  }

  // -- what earlier pages and other tabs have left -------------------------------------------------------------------------------------------

  /** Looks at all that is stored: what is left of a tab that is gone is taken over, and what is another's by now is let go of. */
  async function look(from?: string): Promise<void> {
    try {
      // Nobody would ever get what it takes.
      if (isOff) return
      const { uploads, files: kept, isHeld } = await storage.claim(me, from, clock.now() - options.expiresAfterMs)
      if (isOff) return
      if (!isOpen && isHeld !== undefined && uploads.length > 0) host.perform({ name: isHeld ? 'hold' : 'release' })
      const byId = new Map(uploads.map((upload) => [upload.id, upload]))
      for (const [id, { isStored }] of own) {
        const upload = byId.get(id)
        if (!isStored || upload?.owner === me) continue
        if (upload === undefined) {
          // A tab that had taken it over has told the server, and forgotten it: to the person it was cancelled here.
          if (store.get(id)?.phase === 'cancelled') continue
          lose(id)
          host.drop([id])
        } else show([upload])
      }
      await adopt(
        uploads.filter(({ id, owner }) => owner === me && !own.has(id)),
        kept,
      )
      for (const { owner } of uploads) tabs.watch(owner)
    } catch (error) {
      fail(error)
    } finally {
      if (from !== undefined) dropMirrors(from)
      // What is another's is shown as it is there, not as it was stored once.
      else tabs.post({ kind: 'hello' })
    }
  }

  /** Goes on with uploads that are this tab's by now. */
  async function adopt(uploads: readonly StoredUpload[], kept: StoredQueue['files']): Promise<void> {
    for (const upload of uploads) {
      own.set(upload.id, newOwn(upload, true))
      mirrors.delete(upload.id)
    }
    const inOrder = [...uploads].sort((a, b) => a.order - b.order)
    const restored = await Promise.all(inOrder.map((upload) => restore(upload, kept.get(upload.id))))
    restored.forEach(({ file, handle }, index) => {
      const upload = inOrder[index] as StoredUpload
      const one = own.get(upload.id)
      if (one === undefined) return
      one.file = file
      if (handle === undefined) files.note(upload.id, file?.size ?? 0)
      else if (file === undefined) one.ask = () => ask(upload, handle)
    })
    // Each is a commit, by which it is written again: with its place in this queue, and as of now.
    if (lifetime.signal.aborted) return
    host.own(restored)
    for (const { id } of inOrder) if (own.has(id)) for (const command of passedOn.lately(id, me)) host.perform(command)
  }

  async function ask(upload: StoredUpload, handle: FileHandle): Promise<void> {
    await handle.requestPermission?.({ mode: 'read' })
    const { file } = await restore(upload, handle)
    if (file !== undefined) host.perform({ name: 'replaceFile', id: upload.id, file, isOther: false })
  }

  // -- other tabs --------------------------------------------------------------------------------------------------------------------------

  function tell(id: string): void {
    if (tabs.isAlone()) return
    toTell.add(id)
    cancelTell ??= environment.nextFrame(tellNow)
  }

  function tellNow(): void {
    cancelTell = undefined
    tabs.post({ kind: 'items', items: plainOf(toTell), gone: [...toTell].filter((id) => store.get(id) === undefined) })
    toTell.clear()
  }

  /** Those of the items that are this tab's own. */
  function plainOf(ids: Iterable<string>): readonly (readonly [PlainItem, number])[] {
    return [...ids].flatMap((id) => {
      const item = store.get(id)
      const one = own.get(id)
      return item === undefined || one === undefined ? [] : [[toPlain(item), one.epoch]]
    })
  }

  function onMessage(message: TabMessage, from: string): void {
    switch (message.kind) {
      case 'hello':
        return tabs.post({ kind: 'items', items: plainOf(store.ids()) })
      case 'items':
        show(
          message.items
            .map(([item, epoch]) => ({ item, owner: from, epoch }))
            .filter(({ item: { id }, epoch }) => {
              const one = own.get(id)
              // One of this tab's own was taken over while the tab was taken for dead.
              return epoch >= (one === undefined ? (mirrors.get(id)?.epoch ?? 0) : one.epoch + 1)
            }),
        )
        if (message.gone === undefined) dropMirrors(from, message.items)
        else host.drop(message.gone.filter((id) => mirrors.get(id)?.owner === from))
        return
      case 'command': {
        const { command } = message
        if (!('id' in command) || own.has(command.id)) host.perform(command)
      }
    }
  }

  function show(uploads: readonly Mirror[]): void {
    const moved = new Set<string>()
    for (const upload of uploads) {
      const { id } = upload.item
      if (mirrors.get(id)?.owner !== upload.owner) moved.add(id)
      lose(id)
      mirrors.set(id, upload)
    }
    for (const { item, owner } of uploads) {
      if (moved.has(item.id)) for (const command of passedOn.lately(item.id, owner)) tabs.post({ kind: 'command', command })
    }
    host.mirror(uploads.map(({ item }) => mirrorOf(item)))
  }

  /**
   * What a tab, or any tab, has not named is not there any more. One that names nothing may be gone: what had ended in it, or was not kept, is nobody's
   * by then. Only what it had taken over from this tab, and is cancelled, stays in the list to which it was added.
   */
  function dropMirrors(by?: string, named?: readonly (readonly [PlainItem, number])[]): void {
    const there = new Set(named?.map(([{ id }]) => id))
    const left = [...mirrors.values()].filter(({ item, owner }) => owner === (by ?? owner) && !there.has(item.id))
    if (named === undefined)
      host.mirror(left.flatMap(({ item }) => (taken.has(item.id) && item.phase === 'cancelled' ? [Object.freeze(item)] : [])))
    host.drop(left.flatMap(({ item: { id } }) => (mirrors.has(id) ? [id] : [])))
  }

  function lose(id: string): void {
    if (own.delete(id)) taken.add(id)
    dirty.delete(id)
    files.forget(id)
  }

  // -- the page ------------------------------------------------------------------------------------------------------------------------------

  async function open(): Promise<void> {
    cancelDeadline = clock.setTimeout(() => fail(new Error('The database did not open in time.')), OPEN_MS)
    // A tab that is duplicated copies its session storage: what is taken must not be taken by the copy.
    session?.removeItem(sessionKey)
    // What other tabs had when this page was put aside: those that are still there tell it anew.
    dropMirrors()
    const visit = (visits += 1)
    const isHere = () => visit === visits
    await tabs.open().catch((error: unknown) => isHere() && fail(error))
    if (isHere()) await look()
    // Put aside again before it was open.
    if (!isHere()) return
    cancelDeadline()
    isOpen = true
    goOn()
    schedule()
  }

  function goOn(): void {
    host.suspend(false)
    const late = asked ?? []
    asked = undefined
    for (const command of late) host.perform(command)
  }

  /** The page may never run again, or come back out of the cache: until then it owns nothing. */
  function close(): void {
    visits += 1
    isOpen = false
    cancelDeadline()
    tabs.close()
    storage.close()
    try {
      session?.setItem(sessionKey, me)
    } catch {
      // The application has filled it: what is left here expires.
    }
  }

  function forward(command: QueueCommand): boolean {
    if (!('id' in command)) {
      tabs.post({ kind: 'command', command })
      write({ isHeld: command.name === 'hold' })
      return false
    }
    const { id } = command
    // Whose it is by now is known when this page is open again.
    if (asked !== undefined) return asked.push(command) > 0
    const owner = mirrors.get(id)?.owner
    if (owner !== undefined) {
      passedOn.add(command, owner)
      tabs.post({ kind: 'command', command })
      return true
    }
    const { ask, fingerprint } = own.get(id) ?? {}
    if (command.name === 'retry' && ask !== undefined) {
      // Within the person's click, so that the browser may ask.
      ask().catch(() => {})
      return true
    }
    if (command.name !== 'replaceFile' || command.isOther !== undefined || fingerprint === undefined) return false
    const { file } = command
    void isSameContent(file, fingerprint, options.digest).then((isSame) => {
      const one = own.get(id)
      if (isSame && one !== undefined) {
        // What is known of its content holds for the next page, too.
        one.file = file
        one.ask = undefined
        one.fingerprint = { ...fingerprint, lastModified: file.lastModified }
        files.add(id)
      }
      host.perform({ ...command, isOther: !isSame })
    })
    return true
  }

  return {
    start() {
      // What was added while this code was loaded.
      for (const id of store.ids()) change(id)
      store.onCommit(onCommit)
      // The place of another tab's upload in the list here is this page's own affair.
      host.onKept((id) => {
        if (own.has(id)) change(id)
      })
      const on = (event: string, listener: () => void) => options.page?.addEventListener(event, listener, { signal: lifetime.signal })
      on('visibilitychange', () => {
        renew()
        void flush()
      })
      on('pagehide', () => {
        renew()
        void flush()
        host.suspend(true)
        close()
      })
      on('pageshow', () => {
        if (isOpen) return
        asked ??= []
        void open()
      })
      void open()
    },
    forward,
    dispose() {
      if (lifetime.signal.aborted) return
      const last = flush()
      lifetime.abort()
      files.stop()
      cancelTell?.()
      // What is not finished is another tab's as soon as it is written.
      void Promise.resolve(last).finally(close)
    },
  }
}

function newOwn({ epoch, fingerprint }: Pick<StoredUpload, 'epoch' | 'fingerprint'>, isStored: boolean): Own {
  return { epoch, isStored, file: undefined, fingerprint, ask: undefined }
}

/** Whether a later page has to know of it: not of what is done, or another tab's. */
function isKept(item: UploadItem | undefined): item is UploadItem {
  if (item === undefined || item.mirrored) return false
  if (item.phase !== 'cancelled') return item.phase !== 'completed'
  return item.operationId !== undefined && (item.server === undefined || !isTerminal(item.server.status))
}

/** Whether a change is worth writing: progress is not. Another file or checkpoint is told by `onKept`. */
function isNews(before: UploadItem, after: UploadItem): boolean {
  return (['phase', 'operationId', 'paused', 'priority'] as const).some((field) => before[field] !== after[field])
}
