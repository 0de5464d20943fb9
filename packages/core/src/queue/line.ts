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
  /** Who would go next; stays in line. */
  peek(): UploadItem | undefined
  next(): UploadItem | undefined
}

interface Place {
  readonly priority: number
  readonly rank: number
}

export function createLine(store: UploadStore, belongs: (item: UploadItem) => boolean): Line {
  const heap = createHeap<Place & { readonly id: string }>(isBefore)

  function join(item: UploadItem): void {
    const { id, priority } = item
    heap.push({ id, priority, rank: store.rank(id) })
  }

  function peek(): UploadItem | undefined {
    for (let entry = heap.peek(); entry !== undefined; entry = heap.peek()) {
      const item = store.get(entry.id)
      const isIn = item !== undefined && belongs(item)
      if (isIn && item.priority === entry.priority && store.rank(item.id) === entry.rank) return item
      heap.pop()
      // Its place is another one now; ranks also change when the store numbers its items anew.
      if (isIn) join(item)
    }
    return undefined
  }

  return {
    join,
    peek,
    next() {
      const item = peek()
      heap.pop()
      return item
    },
  }
}

/** Whether one item goes before another, whatever they wait for. */
export function goesBefore(item: UploadItem, other: UploadItem, store: UploadStore): boolean {
  return isBefore(placeOf(item, store), placeOf(other, store))
}

function placeOf(item: UploadItem, store: UploadStore): Place {
  return { priority: item.priority, rank: store.rank(item.id) }
}

function isBefore(a: Place, b: Place): boolean {
  return a.priority === b.priority ? a.rank < b.rank : a.priority > b.priority
}
