import type { UploadItem } from '@upload-panel/core'

/** How an item stands in the queue; one that the queue is done with does not. */
export type Standing = 'active' | 'waiting'

export function standingOf({ phase }: UploadItem): Standing | undefined {
  switch (phase) {
    case 'uploading':
      return 'active'
    case 'queued':
    case 'preparing':
    case 'ready':
    case 'waiting':
      return 'waiting'
    default:
      return undefined
  }
}

/**
 * What goes now, and after it what waits, both in the order in which the engine takes them: by priority, then by their place in the queue.
 * One that begins or ends costs a search and a splice, whatever the length; another order is sorted once.
 */
export interface LineUp {
  /** The active ones first. A new array after a change, the same one in between. */
  readonly ids: readonly string[]
  readonly activeCount: number
  readonly waitingCount: number
  /** From 1, among those that wait; `undefined` for one that does not. */
  position(id: string): number | undefined
  /** The whole queue, in the order of `Uploader.$ids`. */
  reset(items: readonly UploadItem[]): void
  /** One item is another one. Returns whether that changes the order. Of an item that came after the last reset nothing is known until the next. */
  change(item: UploadItem, before: UploadItem): boolean
}

interface Place {
  readonly id: string
  readonly priority: number
  /** In the whole queue. */
  readonly index: number
}

export function createLineUp(): LineUp {
  const lines: Record<Standing, Place[]> = { active: [], waiting: [] }
  const indexes = new Map<string, number>()
  const places = new Map<string, Place>()
  let ids: readonly string[] | undefined

  const enter = (item: UploadItem, index: number): Place => {
    const place = { id: item.id, priority: item.priority, index }
    places.set(item.id, place)
    return place
  }

  return {
    get ids() {
      return (ids ??= [...lines.active, ...lines.waiting].map(({ id }) => id))
    },
    get activeCount() {
      return lines.active.length
    },
    get waitingCount() {
      return lines.waiting.length
    },
    position(id) {
      const place = places.get(id)
      if (!place) return undefined
      const index = search(lines.waiting, place)
      return lines.waiting[index] === place ? index + 1 : undefined
    },
    reset(items) {
      lines.active = []
      lines.waiting = []
      indexes.clear()
      places.clear()
      for (const [index, item] of items.entries()) {
        indexes.set(item.id, index)
        const standing = standingOf(item)
        if (standing) lines[standing].push(enter(item, index))
      }
      lines.active.sort(compare)
      lines.waiting.sort(compare)
      ids = undefined
    },
    change(item, before) {
      const from = standingOf(before)
      const to = standingOf(item)
      const index = indexes.get(item.id)
      if (index === undefined || (from === to && item.priority === before.priority)) return false
      const old = places.get(item.id)
      if (from && old) lines[from].splice(search(lines[from], old), 1)
      places.delete(item.id)
      if (to) {
        const place = enter(item, index)
        lines[to].splice(search(lines[to], place), 0, place)
      }
      ids = undefined
      return true
    },
  }
}

/** Where a place is in a line, or would be. */
function search(line: readonly Place[], place: Place): number {
  let low = 0
  let high = line.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(line[middle] as Place, place) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function compare(a: Place, b: Place): number {
  // Not by subtraction alone: a priority may be infinite.
  return a.priority === b.priority ? a.index - b.index : a.priority > b.priority ? -1 : 1
}
