import type { IdList } from '../shared/id-list.js'

/** Places of the whole order that one block stands for. */
const BLOCK = 128

/**
 * Some of the ids of a long order, in that order. Never changes: `with` answers another list that shares all blocks but the touched ones, so that among
 * ten thousand ids one that comes or goes costs some two hundred steps, and whoever still looks at the earlier list sees what it was.
 */
export interface SparseIds extends IdList {
  has(id: string): boolean
  /** Ids to put in (`true`) or to take out. Those that are not in the order are left out. */
  with(changes: ReadonlyMap<string, boolean>): SparseIds
}

/** Of `order`, those that `isIn` says are in. */
export function sparseIds(order: readonly string[], isIn: (id: string, place: number) => boolean): SparseIds {
  const places = new Map<string, number>()
  const blocks: (readonly string[])[] = []
  for (let start = 0; start < order.length; start += BLOCK) {
    const block: string[] = []
    for (let place = start; place < Math.min(start + BLOCK, order.length); place += 1) {
      const id = order[place] ?? ''
      places.set(id, place)
      if (isIn(id, place)) block.push(id)
    }
    blocks.push(block)
  }
  return listOf(places, blocks)
}

function listOf(places: ReadonlyMap<string, number>, blocks: readonly (readonly string[])[]): SparseIds {
  const starts: number[] = []
  let length = 0
  for (const block of blocks) {
    starts.push(length)
    length += block.length
  }

  const blockOf = (id: string) => {
    const place = places.get(id)
    return place === undefined ? -1 : Math.floor(place / BLOCK)
  }
  const indexOf = (id: string) => {
    const block = blockOf(id)
    const inside = blocks[block]?.indexOf(id) ?? -1
    return inside < 0 ? -1 : (starts[block] ?? 0) + inside
  }
  const at = (index: number) => {
    if (index < 0 || index >= length) return undefined
    let low = 0
    let high = blocks.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return blocks[low]?.[index - (starts[low] ?? 0)]
  }

  return {
    length,
    at,
    indexOf,
    has: (id) => indexOf(id) >= 0,
    slice(start, end) {
      const ids: string[] = []
      for (let index = Math.max(0, start); index < Math.min(end, length); index += 1) ids.push(at(index) ?? '')
      return ids
    },
    *[Symbol.iterator]() {
      for (const block of blocks) yield* block
    },
    with(changes) {
      const next = [...blocks]
      for (const [id, isIn] of changes) {
        const index = blockOf(id)
        const block = next[index]
        if (block === undefined || block.includes(id) === isIn) continue
        const place = places.get(id) ?? 0
        const after = block.findIndex((other) => (places.get(other) ?? 0) > place)
        next[index] = isIn ? insert(block, after < 0 ? block.length : after, id) : block.filter((other) => other !== id)
      }
      return listOf(places, next)
    },
  }
}

function insert(ids: readonly string[], index: number, id: string): readonly string[] {
  return [...ids.slice(0, index), id, ...ids.slice(index)]
}
