import type { Uploader, UploadItem, UploadSummary } from '@upload-panel/core'
import { atom, type WritableAtom } from 'nanostores'

/** An uploader whose items a test moves by hand. */
export interface ScriptedUploader extends Uploader {
  /** Queues `count` files of 100 bytes. */
  addFiles(count: number): readonly string[]
  progress(id: string, sentBytes: number): void
  /** Listeners that are attached to its stores now. */
  readonly listeners: number
  readonly isDisposed: boolean
}

const EMPTY: UploadSummary = {
  held: false,
  total: 0,
  queued: 0,
  active: 0,
  processing: 0,
  waiting: 0,
  paused: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  totalBytes: 0,
  sentBytes: 0,
  fraction: 0,
  bytesPerSecond: 0,
  secondsLeft: undefined,
}

export function scriptedUploader(): ScriptedUploader {
  const $ids = atom<readonly string[]>([])
  const $summary = atom<UploadSummary>(EMPTY)
  const items = new Map<string, WritableAtom<UploadItem | undefined>>()
  let next = 0
  let isDisposed = false
  const $item = (id: string) => {
    let $one = items.get(id)
    if ($one === undefined) items.set(id, ($one = atom<UploadItem | undefined>(undefined)))
    return $one
  }
  /** A new summary after any change, as the store makes one. */
  const touch = () => $summary.set({ ...$summary.get(), total: $ids.get().length })
  const refuse = () => {
    throw new Error('not scripted')
  }
  return {
    jobId: 'job',
    $ids,
    $summary,
    $connection: atom(refuse as never),
    $item,
    items: () => $ids.get().map((id) => $item(id).get()!),
    file: () => undefined,
    add: refuse,
    start: refuse,
    pause: refuse,
    resume: refuse,
    cancel: refuse,
    retry: refuse,
    replaceFile: refuse,
    remove(id) {
      $ids.set($ids.get().filter((other) => other !== id))
      $item(id).set(undefined)
      touch()
    },
    clear: refuse,
    move: refuse,
    setPriority: refuse,
    on: () => () => {},
    inspect: refuse,
    async dispose() {
      isDisposed = true
    },
    addFiles(count) {
      const ids = Array.from({ length: count }, () => `item-${(next += 1)}`)
      for (const id of ids) {
        $item(id).set({
          id,
          name: `${id}.txt`,
          size: 100,
          type: '',
          addedAt: 0,
          priority: 0,
          metadata: {},
          attempt: 1,
          paused: false,
          phase: 'queued',
        })
      }
      $ids.set([...$ids.get(), ...ids])
      touch()
      return ids
    },
    progress(id, sentBytes) {
      const { phase: _, ...base } = $item(id).get()!
      $item(id).set({ ...base, phase: 'uploading', sentBytes })
      touch()
    },
    get listeners() {
      return $ids.lc + $summary.lc + [...items.values()].reduce((sum, $one) => sum + $one.lc, 0)
    },
    get isDisposed() {
      return isDisposed
    },
  }
}
