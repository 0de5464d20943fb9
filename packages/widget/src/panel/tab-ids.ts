import type { UploadItem, Uploader } from '@upload-panel/core'
import type { IdList } from '../shared/id-list.js'
import { type SparseIds, sparseIds } from './sparse-ids.js'
import { isInTab, type Tab } from './tab.js'

/** Files of one tab, as a list can show them without jumping. */
export interface TabIds {
  readonly ids: IdList
  /** While the list is held nothing comes into it or leaves it: what a pointer is aimed at stays under it. Files that are added, and removed, are the exception. */
  hold(isHeld: boolean): void
  /** This file stays until another one is kept, even if it belongs to another tab by now: it has focus. */
  keep(id: string | undefined): void
  dispose(): void
}

export interface TabIdsOptions {
  readonly uploader: Uploader
  readonly tab: Exclude<Tab, 'all'>
  /** Calls back before the next paint; the returned function cancels. */
  nextFrame(callback: () => void): () => void
  /** `ids` are others now: at most once a frame, and at once after files were added or removed. */
  onChange(): void
}

/** Kept by what changes: an event costs the same with ten items and with ten thousand, a frame no more than what changed in it. */
export function createTabIds({ uploader, tab, nextFrame, onChange }: TabIdsOptions): TabIds {
  /** Whether these belong to the tab, by what they have become since the last frame. */
  const due = new Map<string, boolean>()
  /** The same, of those that have to stay as they are for now. */
  const late = new Map<string, boolean>()
  let isHeld = false
  let kept: string | undefined
  let cancelFrame: (() => void) | undefined
  let ids: SparseIds = sort(() => false)

  /** Where nothing is shown there is nothing to be aimed at. */
  const isFixed = (id: string) => (isHeld && ids.length > 0) || id === kept

  /** Only files that come or go, or are moved, make it look at all of them. */
  function sort(wasIn: (id: string) => boolean): SparseIds {
    const items = uploader.items()
    return sparseIds(uploader.$ids.get(), (id, place) => (late.has(id) ? wasIn(id) : isInTab(tab, items[place]?.phase ?? 'cancelled')))
  }

  function flush(): void {
    cancelFrame?.()
    cancelFrame = undefined
    if (due.size === 0) return
    ids = ids.with(due)
    due.clear()
    onChange()
  }

  function change(id: string, belongs: boolean): void {
    const map = isFixed(id) ? late : due
    map.set(id, belongs)
    if (map === due) cancelFrame ??= nextFrame(flush)
  }

  function release(): void {
    for (const [id, belongs] of late) {
      if (isFixed(id)) continue
      late.delete(id)
      change(id, belongs)
    }
  }

  const stops: readonly (() => void)[] = [
    uploader.on('changed', ({ id, phase }: UploadItem, before: UploadItem) => {
      if (phase === before.phase) return
      const belongs = isInTab(tab, phase)
      if (belongs !== isInTab(tab, before.phase)) change(id, belongs)
    }),
    uploader.$ids.listen(() => {
      const before = ids
      due.clear()
      ids = sort((id) => before.has(id))
      for (const id of late.keys()) if (!uploader.$item(id).get()) late.delete(id)
      onChange()
    }),
  ]

  return {
    get ids() {
      return ids
    },
    hold(held) {
      isHeld = held
      if (!held) release()
    },
    keep(id) {
      kept = id
      release()
    },
    dispose() {
      for (const stop of stops) stop()
      cancelFrame?.()
    },
  }
}
