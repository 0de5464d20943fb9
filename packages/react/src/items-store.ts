import type { Uploader, UploadItem } from '@upload-panel/core'

/** All items of one uploader as one external store, shared by every component that reads them. */
export interface ItemsStore {
  /** Calls back after a change of any item, once for all that changed together. */
  subscribe(listener: () => void): () => void
  /** In queue order; the same array for as long as nothing in it changed. */
  items(): readonly UploadItem[]
}

export const NO_ITEMS: readonly UploadItem[] = Object.freeze([])

const stores = new WeakMap<Uploader, ItemsStore>()

export function itemsStore(uploader: Uploader): ItemsStore {
  let store = stores.get(uploader)
  if (store === undefined) {
    store = createItemsStore(uploader)
    stores.set(uploader, store)
  }
  return store
}

function createItemsStore(uploader: Uploader): ItemsStore {
  const listeners = new Set<() => void>()
  const unlisten = new Map<string, () => void>()
  let stopIds: (() => void) | undefined
  let snapshot = NO_ITEMS
  let isStale = true
  let isTelling = false

  function changed(): void {
    isStale = true
    if (isTelling) return
    isTelling = true
    // Each changed item calls by itself; the array is made again, and the components told, once for all of them and still before the paint.
    queueMicrotask(() => {
      isTelling = false
      for (const listener of [...listeners]) listener()
    })
  }

  function followIds(): void {
    const ids = new Set(uploader.$ids.get())
    for (const [id, stop] of unlisten) {
      if (ids.has(id)) continue
      stop()
      unlisten.delete(id)
    }
    for (const id of ids) {
      if (!unlisten.has(id)) unlisten.set(id, uploader.$item(id).listen(changed))
    }
  }

  function follow(): void {
    followIds()
    stopIds = uploader.$ids.listen(() => {
      followIds()
      changed()
    })
  }

  function unfollow(): void {
    stopIds?.()
    for (const stop of unlisten.values()) stop()
    unlisten.clear()
    isStale = true
  }

  return {
    subscribe(listener) {
      if (listeners.size === 0) follow()
      listeners.add(listener)
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) unfollow()
      }
    },
    items() {
      if (!isStale) return snapshot
      const now = uploader.items()
      if (!hasSameItems(snapshot, now)) snapshot = now
      // Until somebody is subscribed, no one says when the array gets old.
      isStale = listeners.size === 0
      return snapshot
    },
  }
}

/** Whether both hold the same objects in the same order. */
export function hasSameItems(a: readonly UploadItem[], b: readonly UploadItem[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index])
}
