import type { WindowedRow } from '../list/windowed-rows.js'
import { glide } from './glide.js'
import type { Reorder } from './reorder-controller.js'

/** Rows that stand elsewhere because a file is moved come there in sight of the person. */
export interface GlidingRows {
  /** Where a row is drawn, in pixels from the top of the list. */
  topOf(row: Pick<WindowedRow, 'id' | 'index' | 'top'>): number
  /** The order is another one because somebody wanted that: the next time that rows are drawn they glide. */
  moved(): void
  /** The lifted row goes from where it is held to where it belongs. */
  settle(id: string): void
  /** These rows are drawn now. */
  drawn(rows: readonly WindowedRow[]): void
}

export function createGlidingRows(reorder: Reorder, rowAt: (index: number) => HTMLElement | null): GlidingRows {
  /** Where rows were drawn last, by id. */
  let places = new Map<string, number>()
  let isGliding = false

  const topOf: GlidingRows['topOf'] = ({ id, index, top }) => (reorder.lift?.id === id ? reorder.top : top + reorder.shift(index))

  return {
    topOf,
    moved() {
      isGliding = true
    },
    settle(id) {
      places.set(id, reorder.top)
      isGliding = true
    },
    drawn(rows) {
      const { lift } = reorder
      const next = new Map<string, number>()
      for (const drawn of rows) {
        const { id, index } = drawn
        const isDragged = lift?.id === id && lift.by === 'pointer'
        const now = topOf(drawn)
        next.set(id, now)
        const before = places.get(id)
        const row = isGliding && !isDragged ? rowAt(index) : null
        if (row && before !== undefined) glide(row, before - now)
      }
      places = next
      isGliding = lift !== undefined
    },
  }
}
