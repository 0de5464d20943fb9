/** Which places a file may be moved to. */
export interface Span {
  readonly first: number
  readonly last: number
}

/** Distance from the edge of the list, in pixels, within which a drag scrolls it. */
const EDGE = 48
/** Pixels a second at the very edge, and beyond. */
const FASTEST = 1200

/** The place that a row of this height has when its top is at `top`. */
export function placeAt(top: number, rowHeight: number, { first, last }: Span): number {
  return Math.max(first, Math.min(last, Math.round(top / rowHeight)))
}

/** How many rows another row makes way while one is moved: -1, 0 or 1. */
export function makesWay(index: number, from: number, to: number): number {
  if (index > from && index <= to) return -1
  return index < from && index >= to ? 1 : 0
}

/** How fast the list scrolls under a pointer, in pixels a second; negative is up. The nearer to the edge, the faster. */
export function scrollSpeed(pointer: number, top: number, bottom: number): number {
  // A list that is hardly higher than its edges has a middle all the same.
  const edge = Math.min(EDGE, (bottom - top) / 3)
  const into = (distance: number) => Math.min(1, Math.max(0, 1 - distance / edge)) ** 2 * FASTEST
  return pointer < top + edge ? -into(pointer - top) : into(bottom - pointer)
}
