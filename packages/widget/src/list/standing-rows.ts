import type { RowOffsets } from './row-offsets.js'

/** Rows above and below the visible ones while the list rests: what a scroll meets in its first frame. */
const ABOVE = 1
const BELOW = 2
/** Rows beyond the visible ones where a scroll goes to. Behind it there are none: as many elements as at rest, all where they are of use. */
const AHEAD = ABOVE + BELOW
/** So many rows out of view get their element with a step of a scroll. Those in view get it at once, however many they are. */
const LENT_A_STEP = 1
/** The list counts as at least so high: rows must exist before the browser has laid out, let alone measured, a list that was empty. */
const LEAST_VIEWPORT = 416

/** Indexes of rows, the last ones included. */
export interface RowRange {
  readonly first: number
  readonly last: number
  readonly firstInView: number
  readonly lastInView: number
}

export const NO_ROWS: RowRange = { first: 0, last: -1, firstInView: 0, lastInView: -1 }

export interface RangeOptions {
  /** How many rows the list has. */
  readonly count: number
  readonly scrollTop: number
  /** Height of what is seen, 0 while it is not known. */
  readonly viewport: number
  /** Where the list is scrolled to just now, if it is. */
  readonly heading: 'up' | 'down' | undefined
}

/** The rows in view, and those around them that exist as elements. */
export function rangeOf(offsets: RowOffsets, { count, scrollTop, viewport, heading }: RangeOptions): RowRange {
  const height = Math.max(viewport, LEAST_VIEWPORT)
  const firstInView = offsets.indexAt(scrollTop)
  const lastInView = offsets.indexAt(scrollTop + (viewport || height))
  const above = heading === undefined ? ABOVE : heading === 'up' ? AHEAD : 0
  // As many rows as usual ones would be, so that a scroll changes what elements show and not how many there are.
  const standing = Math.ceil(height / offsets.usual) + 1 + AHEAD
  const first = Math.max(0, firstInView - above)
  const last = Math.min(count - 1, Math.max(first + standing - 1, offsets.indexAt(scrollTop + height) + AHEAD - above))
  // At the end, too.
  return { first: Math.max(0, Math.min(first, last - standing + 1)), last, firstInView, lastInView }
}

export function isSameRange(range: RowRange, other: RowRange): boolean {
  return (
    range.first === other.first &&
    range.last === other.last &&
    range.firstInView === other.firstInView &&
    range.lastInView === other.lastInView
  )
}

export function isSeen(index: number, { firstInView, lastInView }: RowRange): boolean {
  return index >= firstInView && index <= lastInView
}

/** A range, and the current row wherever it is. */
export function indexesOf({ first, last }: RowRange, current: number, count: number): readonly number[] {
  const range = Array.from({ length: last - first + 1 }, (_, place) => first + place)
  if (current >= count || (current >= first && current <= last)) return range
  return current < first ? [current, ...range] : [...range, current]
}

export interface StepOptions {
  readonly range: RowRange
  readonly current: number
  /** What was shown by the step before. */
  readonly before: readonly number[]
  /** Whether a row has its element already. */
  readonly stands: (index: number) => boolean
}

/**
 * What one step of a scroll shows of all that is to stand: rows out of view come by and by, those first that are nearest. Until then
 * their elements keep what they show, which is out of view, too.
 */
export function stepTo(all: readonly number[], { range, current, before, stands }: StepOptions): readonly number[] {
  const distance = (index: number) => (index < range.firstInView ? range.firstInView - index : index - range.lastInView)
  const coming = all.filter((index) => !isSeen(index, range) && index !== current && !stands(index))
  const late = new Set(coming.sort((a, b) => distance(a) - distance(b)).slice(LENT_A_STEP))
  if (late.size === 0) return all
  const kept = before.filter((index) => !all.includes(index)).slice(0, late.size)
  return [...all.filter((index) => !late.has(index)), ...kept].sort((a, b) => a - b)
}
