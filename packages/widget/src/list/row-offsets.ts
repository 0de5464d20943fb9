/** Where each of many rows stands, when most are of one height and some are not. */
export interface RowOffsets {
  readonly total: number
  /** Height of a row that was never measured. */
  readonly usual: number
  /** Other rows, or the same in another order. What was measured of a row is kept by its id. */
  show(ids: readonly string[]): void
  top(index: number): number
  height(index: number): number
  /** The row at an offset from the top, within the list. */
  indexAt(offset: number): number
  measured(id: string, height: number): void
  /** Another height for all rows that were never measured. */
  setUsual(height: number): void
  /** Nothing that was measured holds any more. */
  forget(): void
}

/** Costs nothing per row while all are alike; else one pass over numbers after a change, when the next place is asked for. */
export function createRowOffsets(usualHeight: number): RowOffsets {
  const heights = new Map<string, number>()
  let usual = usualHeight
  let ids: readonly string[] = []
  /** Top of each row, and the bottom of the last; absent while it is a mere multiplication, or has to be found out again. */
  let tops: Float64Array | undefined

  const measureAll = () => {
    if (heights.size === 0) return undefined
    if (tops) return tops
    tops = new Float64Array(ids.length + 1)
    let top = 0
    for (const [index, id] of ids.entries()) {
      top += heights.get(id) ?? usual
      tops[index + 1] = top
    }
    return tops
  }

  const top = (index: number) => measureAll()?.[index] ?? index * usual

  return {
    get total() {
      return top(ids.length)
    },
    get usual() {
      return usual
    },
    show(next) {
      ids = next
      tops = undefined
      // Rows that are gone leave their heights behind: those of the others are worth one pass now and then.
      if (heights.size <= ids.length) return
      const kept = new Set(ids)
      for (const id of Array.from(heights.keys())) if (!kept.has(id)) heights.delete(id)
    },
    top,
    height: (index) => heights.get(ids[index] ?? '') ?? usual,
    indexAt(offset) {
      const last = ids.length - 1
      if (!measureAll()) return Math.max(0, Math.min(last, Math.floor(offset / usual)))
      let low = 0
      let high = last
      while (low < high) {
        const middle = (low + high + 1) >> 1
        if (top(middle) <= offset) low = middle
        else high = middle - 1
      }
      return low
    },
    measured(id, height) {
      if ((heights.get(id) ?? usual) === height) return
      heights.set(id, height)
      tops = undefined
    },
    setUsual(height) {
      usual = height
      tops = undefined
    },
    forget() {
      heights.clear()
      tops = undefined
    },
  }
}
