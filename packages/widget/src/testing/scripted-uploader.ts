import {
  type AddInput,
  type ConnectionStatus,
  type FileWithPath,
  NOT_CONNECTED,
  UploadError,
  type UploadItem,
  type UploadSummary,
  type Uploader,
  type UploaderEvents,
} from '@upload-panel/core'
import { atom, type WritableAtom } from 'nanostores'
import type { ItemChange } from './an-item.js'
import { aSummary } from './a-summary.js'

/** A method of the uploader that was called, with what it was given. */
export type Call = readonly [method: string, ...args: readonly unknown[]]

/** An uploader that does nothing by itself: a test says what becomes of its items. */
export interface ScriptedUploader extends Uploader {
  readonly calls: readonly Call[]
  /** Changes an item and tells its own store. */
  set(id: string, change: ItemChange): void
  setSummary(change: Partial<UploadSummary>): void
  setConnection(change: Partial<ConnectionStatus>): void
  emit<E extends keyof UploaderEvents>(event: E, ...args: Parameters<UploaderEvents[E]>): void
  /** How many listeners hang on the stores and events. */
  listenerCount(): number
}

export function scriptedUploader({ maxFiles = Number.POSITIVE_INFINITY } = {}): ScriptedUploader {
  const calls: Call[] = []
  const items = new Map<string, UploadItem>()
  const files = new Map<string, File>()
  const atoms = new Map<string, WritableAtom<UploadItem | undefined>>()
  const $ids = atom<readonly string[]>([])
  const $items = atom<readonly UploadItem[]>([])
  const $summary = atom<UploadSummary>(aSummary())
  const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, status: 'connected', latency: 12, transport: 'sse' })
  const listeners = new Map<keyof UploaderEvents, Set<(...args: never[]) => void>>()
  let lastId = 0

  const emit: ScriptedUploader['emit'] = (event, ...args) => {
    for (const listener of listeners.get(event) ?? []) (listener as (...args: unknown[]) => void)(...args)
  }
  const count = (phase: UploadItem['phase']) => Array.from(items.values()).filter((item) => item.phase === phase).length
  const sum = () => {
    const all = Array.from(items.values())
    $items.set(all)
    const totalBytes = all.reduce((total, item) => total + item.size, 0)
    const sentBytes = all.reduce((total, item) => total + ('sentBytes' in item ? (item.sentBytes ?? 0) : 0), 0)
    $summary.set({
      ...$summary.get(),
      total: all.length,
      queued: count('queued'),
      active: count('uploading'),
      processing: count('processing'),
      waiting: count('waiting'),
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled'),
      totalBytes,
      sentBytes,
      fraction: totalBytes === 0 ? 0 : sentBytes / totalBytes,
    })
  }
  const drop = (gone: (item: UploadItem) => boolean) => {
    const removed = Array.from(items.values()).filter(gone)
    for (const { id } of removed) {
      items.delete(id)
      files.delete(id)
      atoms.get(id)?.set(undefined)
    }
    $ids.set($ids.get().filter((id) => items.has(id)))
    sum()
    emit('removed', removed)
  }
  const record =
    (method: string) =>
    (...args: readonly unknown[]) =>
      void calls.push([method, ...args])

  return {
    calls,
    jobId: 'job-1',
    $ids,
    $items,
    $summary,
    $connection,
    $item(id) {
      const $item = atoms.get(id) ?? atom(items.get(id))
      atoms.set(id, $item)
      return $item
    },
    items: () => $ids.get().flatMap((id) => items.get(id) ?? []),
    file: (id) => files.get(id),
    add(input: AddInput, options = {}) {
      calls.push(['add', input, options])
      const added: UploadItem[] = []
      const rejected: { file: File; error: UploadError }[] = []
      for (const entry of Array.from(input as ArrayLike<File | FileWithPath>)) {
        const { file, relativePath } = entry instanceof File ? { file: entry, relativePath: undefined } : entry
        if (items.size >= maxFiles) {
          rejected.push({ file, error: new UploadError('too_many_files', `At most ${maxFiles} files can be added.`) })
          continue
        }
        const id = `item-${++lastId}`
        const item: UploadItem = Object.freeze({
          id,
          name: file.name,
          size: file.size,
          type: file.type,
          ...(relativePath !== undefined && { relativePath }),
          addedAt: 0,
          priority: options.priority ?? 0,
          metadata: options.metadata ?? {},
          attempt: 1,
          paused: false,
          phase: 'queued',
        })
        items.set(id, item)
        files.set(id, file)
        added.push(item)
      }
      if (added.length > 0) {
        $ids.set([...$ids.get(), ...added.map((item) => item.id)])
        sum()
        emit('added', added)
      }
      if (rejected.length > 0) emit('rejected', rejected)
      return added.map((item) => item.id)
    },
    start: record('start'),
    pause: record('pause'),
    resume: record('resume'),
    cancel: record('cancel'),
    retry: record('retry'),
    replaceFile: record('replaceFile'),
    remove(id) {
      calls.push(['remove', id])
      drop((item) => item.id === id)
    },
    clear(which) {
      calls.push(['clear', which])
      drop((item) => which === 'all' || item.phase === which)
    },
    move: record('move'),
    setPriority: record('setPriority'),
    on(event, listener) {
      const entry = (...args: never[]) => listener(...(args as unknown as Parameters<UploaderEvents[typeof event]>))
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(entry))
      return () => set.delete(entry)
    },
    inspect: () => ({ jobId: 'job-1', items: items.size, running: 0, paused: false, droppedMessages: 0, slots: {} }),
    async dispose() {
      calls.push(['dispose'])
    },
    set(id, change) {
      const item = items.get(id)
      if (!item) return
      const { id: _, name, size, type, addedAt, priority, metadata, attempt, paused, relativePath } = item
      const kept = {
        id,
        name,
        size,
        type,
        addedAt,
        priority,
        metadata,
        attempt,
        paused,
        ...(relativePath !== undefined && { relativePath }),
      }
      const next = Object.freeze({ ...kept, ...change }) as UploadItem
      items.set(id, next)
      atoms.get(id)?.set(next)
      sum()
      emit('changed', next, item)
    },
    setSummary: (change) => $summary.set({ ...$summary.get(), ...change }),
    setConnection: (change) => $connection.set({ ...$connection.get(), ...change }),
    emit,
    listenerCount() {
      const stores = [$ids, $summary, $connection, ...atoms.values()].reduce((total, store) => total + store.lc, 0)
      return Array.from(listeners.values()).reduce((total, set) => total + set.size, stores)
    },
  }
}
