import type { UploadItem } from '@upload-panel/core'
import { type SparseIds, sparseIds } from '../panel/sparse-ids.js'
import type { IdList } from '../shared/id-list.js'

/** How an item stands in the queue; one that the queue is done with does not. */
export type Standing = 'active' | 'waiting'

const STANDINGS: readonly Standing[] = ['active', 'waiting']

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
 * That a file begins or ends is noted; a block of ids is made anew when somebody looks. Files that come, leave, are moved or get another
 * priority make it look at all of them, once.
 */
export interface LineUp {
  /** The active ones first. Another list after a change, the same one in between; an earlier one stays what it was. */
  readonly ids: IdList
  readonly activeCount: number
  readonly waitingCount: number
  /** From 1, among those that wait; `undefined` for one that does not. */
  position(id: string): number | undefined
  /** The whole queue, in the order of `Uploader.$ids`. */
  reset(items: readonly UploadItem[]): void
  /** One item is another one. Returns whether that changes the order. Of an item that came after the last reset nothing is known until the next. */
  change(item: UploadItem): boolean
}

interface Known {
  readonly priority: number
  readonly standing: Standing | undefined
}

export function createLineUp(): LineUp {
  /** In the order of the queue. */
  const known = new Map<string, Known>()
  const lines: Record<Standing, SparseIds> = { active: sparseIds([], () => false), waiting: sparseIds([], () => false) }
  /** Who has come into a line or left it since somebody looked. */
  const due: Record<Standing, Map<string, boolean>> = { active: new Map(), waiting: new Map() }
  let isSorted = true
  let ids: IdList | undefined

  function sort(): void {
    const order = Array.from(known)
    if (order.some(([, { priority }]) => priority !== order[0]?.[1].priority)) order.sort(([, a], [, b]) => byPriority(a, b))
    const sorted = order.map(([id]) => id)
    for (const standing of STANDINGS) {
      lines[standing] = sparseIds(sorted, (_, place) => order[place]?.[1].standing === standing)
      due[standing].clear()
    }
    isSorted = true
  }

  function line(standing: Standing): SparseIds {
    if (!isSorted) sort()
    const changes = due[standing]
    if (changes.size > 0) lines[standing] = lines[standing].with(changes)
    changes.clear()
    return lines[standing]
  }

  return {
    get ids() {
      return (ids ??= joined(line('active'), line('waiting')))
    },
    get activeCount() {
      return line('active').length
    },
    get waitingCount() {
      return line('waiting').length
    },
    position(id) {
      const index = line('waiting').indexOf(id)
      return index < 0 ? undefined : index + 1
    },
    reset(items) {
      known.clear()
      for (const item of items) known.set(item.id, { priority: item.priority, standing: standingOf(item) })
      isSorted = false
      ids = undefined
    },
    change(item) {
      const { id, priority } = item
      const before = known.get(id)
      const standing = standingOf(item)
      if (before === undefined || (before.standing === standing && before.priority === priority)) return false
      known.set(id, { priority, standing })
      if (before.priority !== priority) isSorted = false
      if (before.standing) due[before.standing].set(id, false)
      if (standing) due[standing].set(id, true)
      ids = undefined
      return true
    },
  }
}

function byPriority(a: Known, b: Known): number {
  // Not by subtraction: a priority may be infinite.
  return a.priority === b.priority ? 0 : a.priority > b.priority ? -1 : 1
}

/** One list after the other. */
function joined(first: IdList, second: IdList): IdList {
  const { length } = first
  return {
    length: length + second.length,
    at: (index) => (index < length ? first.at(index) : second.at(index - length)),
    indexOf(id) {
      const index = second.indexOf(id)
      return index < 0 ? first.indexOf(id) : length + index
    },
    slice: (start, end) => [...first.slice(start, end), ...second.slice(Math.max(0, start - length), Math.max(0, end - length))],
    *[Symbol.iterator]() {
      yield* first
      yield* second
    },
  }
}
