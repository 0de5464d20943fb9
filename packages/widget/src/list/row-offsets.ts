import type { IdList } from '../shared/id-list.js'

/** Where each of many rows stands, when most are of one height and some are not. */
export interface RowOffsets {
  readonly total: number
  /** Another number after every change of a height. */
  readonly revision: number
  /** Height of a row that was never measured. */
  readonly usual: number
  /** Other rows, or the same in another order. What was measured of a row is kept by its id. */
  show(ids: IdList): void
  top(index: number): number
  height(index: number): number
  /** The row at an offset from the top of the list. */
  indexAt(offset: number): number
  measured(id: string, height: number): void
  /** Another height for all rows that were never measured. */
  setUsual(height: number): void
  /** Nothing that was measured holds any more. */
  forget(): void
}

/** A row of unusual height. */
interface Exception {
  readonly index: number
  /** What all exceptions up to this one, itself included, have more than usual rows would. */
  readonly surplus: number
}

/** Remembers this many heights before it lets go of those whose rows are not shown. */
const REMEMBERED = 2000

/** A list that changes costs what its unusual rows cost, not what its length would: thousands that are alike are one multiplication. */
export function createRowOffsets(usualHeight: number): RowOffsets {
  const heights = new Map<string, number>()
  let usual = usualHeight
  let ids: IdList = []
  /** In the order of the list; absent once it has to be found out again. */
  let exceptions: readonly Exception[] | undefined
  let revision = 0
  const changed = () => {
    exceptions = undefined
    revision += 1
  }

  const findExceptions = () => {
    if (exceptions) return exceptions
    const indexOf = placesIn(ids, heights.size)
    const found: { index: number; surplus: number }[] = []
    for (const [id, height] of heights) {
      const index = height === usual ? -1 : indexOf(id)
      if (index >= 0) found.push({ index, surplus: height - usual })
    }
    found.sort((a, b) => a.index - b.index)
    let surplus = 0
    for (const exception of found) exception.surplus = surplus += exception.surplus
    return (exceptions = found)
  }

  const top = (index: number) => {
    const all = findExceptions()
    let low = 0
    let high = all.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((all[middle]?.index ?? 0) < index) low = middle + 1
      else high = middle
    }
    return index * usual + (all[low - 1]?.surplus ?? 0)
  }

  return {
    get total() {
      return top(ids.length)
    },
    get revision() {
      return revision
    },
    get usual() {
      return usual
    },
    show(next) {
      ids = next
      exceptions = undefined
      if (heights.size <= REMEMBERED) return
      const shown = new Set(next)
      for (const id of Array.from(heights.keys())) if (!shown.has(id)) heights.delete(id)
    },
    top,
    height: (index) => heights.get(ids.at(index) ?? '') ?? usual,
    indexAt(offset) {
      let low = 0
      let high = Math.max(0, ids.length - 1)
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (top(middle) <= offset) low = middle
        else high = middle - 1
      }
      return low
    },
    measured(id, height) {
      if (heights.get(id) === height) return
      // What was not known and turns out to be as expected moves nothing.
      if ((heights.get(id) ?? usual) !== height) changed()
      heights.set(id, height)
    },
    setUsual(height) {
      usual = height
      changed()
    },
    forget() {
      heights.clear()
      changed()
    },
  }
}

/** An array is searched from its start: with many to find, one pass over it is cheaper. */
function placesIn(ids: IdList, searches: number): (id: string) => number {
  if (!Array.isArray(ids) || searches < 4) return (id) => ids.indexOf(id)
  const places = new Map(Array.from(ids, (id, index) => [id, index]))
  return (id) => places.get(id) ?? -1
}
