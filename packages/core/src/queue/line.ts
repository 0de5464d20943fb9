import { createHeap } from '../heap.js'
import type { UploadItem } from '../item/item.js'
import type { UploadStore } from '../store/upload-store.js'

/**
 * Items that wait for something, first by priority, then by their place in the queue. Entries that no longer hold stay in the heap
 * until they come up: an item that was paused, moved or removed costs nothing now.
 */
export interface Line {
  /** Puts items in line, or in their new places; more than once does no harm. */
  join(items: readonly UploadItem[]): void
  /** Who would go next; stays in line. */
  peek(): UploadItem | undefined
  next(): UploadItem | undefined
}

interface Place {
  readonly priority: number
  readonly rank: number
}

/** Items that follow each other in the queue, with one priority: of ten thousand that were added together the heap sees one. */
interface Row extends Place {
  readonly ids: readonly string[]
  /** Index of who is first by now; the rank is that one's. */
  at: number
  rank: number
}

export function createLine(store: UploadStore, belongs: (item: UploadItem) => boolean): Line {
  const heap = createHeap<Row>(isBefore)

  function join(items: readonly UploadItem[]): void {
    const [first, last] = [items[0], items.at(-1)]
    if (first === undefined || last === undefined) return
    const { priority } = first
    const rank = store.rank(first.id)
    // Whoever between them has another place by now is found there as soon as it is looked at.
    const isRow = store.rank(last.id) === rank + (items.length - 1) && items.every((item) => item.priority === priority)
    if (isRow) heap.push({ ids: items.map(({ id }) => id), at: 0, priority, rank })
    else for (const item of items) join([item])
  }

  /** Whoever is first, in line or not any more, leaves. */
  function leave(): void {
    const row = heap.pop()
    if (row === undefined || row.at === row.ids.length - 1) return
    row.at += 1
    row.rank += 1
    heap.push(row)
  }

  function peek(): UploadItem | undefined {
    for (let row = heap.peek(); row !== undefined; row = heap.peek()) {
      const item = store.get(row.ids[row.at] ?? '')
      const isIn = item !== undefined && belongs(item)
      if (isIn && item.priority === row.priority && store.rank(item.id) === row.rank) return item
      leave()
      // Its place is another one now; ranks also change when the store numbers its items anew.
      if (isIn) join([item])
    }
    return undefined
  }

  return {
    join,
    peek,
    next() {
      const item = peek()
      leave()
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
