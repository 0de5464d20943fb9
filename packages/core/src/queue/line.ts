import { createHeap } from '../heap.js'
import type { UploadItem } from '../item/item.js'
import type { UploadStore } from '../store/upload-store.js'

/**
 * Items that wait for something, first by priority, then by their place in the queue. Entries that no longer hold stay in the heap
 * until they come up: an item that was paused, moved or removed costs nothing now.
 */
export interface Line {
  /** Puts an item in line, or in its new place; more than once does no harm. */
  join(item: UploadItem): void
  next(): UploadItem | undefined
}

export function createLine(store: UploadStore, belongs: (item: UploadItem) => boolean): Line {
  const heap = createHeap<{ id: string; priority: number; rank: number }>((a, b) =>
    a.priority === b.priority ? a.rank < b.rank : a.priority > b.priority,
  )
  function join(item: UploadItem): void {
    heap.push({ id: item.id, priority: item.priority, rank: store.rank(item.id) })
  }
  return {
    join,
    next() {
      for (let entry = heap.pop(); entry !== undefined; entry = heap.pop()) {
        const item = store.get(entry.id)
        if (item === undefined || !belongs(item)) continue
        if (item.priority === entry.priority && store.rank(item.id) === entry.rank) return item
        // Its place is another one now; ranks also change when the store numbers its items anew.
        join(item)
      }
      return undefined
    },
  }
}
