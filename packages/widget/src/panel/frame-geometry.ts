/** A corner of the viewport in the direction of the text: `end` is on the right where text runs from left to right. */
export type Corner = 'bottom-end' | 'bottom-start' | 'top-start' | 'top-end'

/** In the order in which one goes round. */
export const CORNERS: readonly Corner[] = ['bottom-end', 'bottom-start', 'top-start', 'top-end']

/** Where a panel stands: in a corner, or so many CSS pixels away from it, which makes sense in a window of another size too. */
export interface Spot {
  readonly corner: Corner
  readonly offset?: { readonly inline: number; readonly block: number }
}

/** Edges in CSS pixels, as `getBoundingClientRect` has them. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The least distance from the edges of the viewport that a moved panel keeps. */
const EDGE = 8
/** No screen is so large; whoever keeps such an offset means harm. */
const MAX_OFFSET = 100_000

/** The spot of a box in an area, told from the corner that is next to it: where the box grows, it grows away from there. */
export function spotOf(box: Box, area: Box, isRtl: boolean, scale = 1): Spot {
  const left = box.left - area.left
  const right = area.right - box.right
  const top = box.top - area.top
  const bottom = area.bottom - box.bottom
  const isTop = top < bottom
  const isStart = isRtl ? right < left : left < right
  return {
    corner: `${isTop ? 'top' : 'bottom'}-${isStart ? 'start' : 'end'}`,
    offset: { inline: Math.round(Math.min(left, right) / scale), block: Math.round(Math.min(top, bottom) / scale) },
  }
}

/** The box, moved so far as it stays inside the area. One that is larger than the area keeps its beginning in it. */
export function movedInside(box: Box, area: Box, x: number, y: number): Box {
  const left = within(box.left + x, area.left + EDGE, area.right - EDGE - (box.right - box.left))
  const top = within(box.top + y, area.top + EDGE, area.bottom - EDGE - (box.bottom - box.top))
  return { left, top, right: left + box.right - box.left, bottom: top + box.bottom - box.top }
}

/** What two areas have in common. */
export function overlapOf(a: Box, b: Box): Box {
  return {
    left: Math.max(a.left, b.left),
    top: Math.max(a.top, b.top),
    right: Math.min(a.right, b.right),
    bottom: Math.min(a.bottom, b.bottom),
  }
}

/** The corner after this one. */
export function nextCorner(corner: Corner): Corner {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? corner
}

/** The first corner that nobody has taken, beginning with one's own; one's own where all are taken. */
export function freeCorner(own: Corner, taken: ReadonlySet<Corner>): Corner {
  let corner = own
  for (const _ of CORNERS) {
    if (!taken.has(corner)) return corner
    corner = nextCorner(corner)
  }
  return own
}

export function isCorner(value: unknown): value is Corner {
  return CORNERS.some((corner) => corner === value)
}

/** A spot out of what somebody kept, or `undefined` where it is none. */
export function readSpot(value: unknown): Spot | undefined {
  if (!isRecord(value) || !isCorner(value.corner)) return undefined
  const { corner, offset } = value
  if (!isRecord(offset)) return { corner }
  const { inline, block } = offset
  return isOffset(inline) && isOffset(block) ? { corner, offset: { inline, block } } : { corner }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= MAX_OFFSET
}

function within(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most))
}
