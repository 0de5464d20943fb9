import type { Box } from './frame-geometry.js'
import { windowOf } from './frame-window.js'

/** Scroll bars, and the bars of a phone's browser, CSS pixels. */
const TOLERANCE = 100

/**
 * A fixed element is laid out in its window, unless an ancestor has a transform, a filter or layout of its own, which takes the window's place.
 * The top layer is above all of these. Nobody is asked to move the tag for that.
 */
export function liftWhereNeeded(host: HTMLElement, area: Box): void {
  if (isWindow(area, windowOf(host)) || !('showPopover' in host)) return
  host.popover = 'manual'
  if (!host.matches(':popover-open')) host.showPopover()
}

export function isLifted(host: HTMLElement): boolean {
  return host.popover === 'manual'
}

/** Takes an element back that was lifted. */
export function putDown(host: HTMLElement): void {
  if (isLifted(host)) host.popover = null
}

function isWindow({ left, top, right, bottom }: Box, { innerWidth, innerHeight }: Window): boolean {
  const isAt = (edge: number, expected: number) => Math.abs(edge - expected) < TOLERANCE
  return left === 0 && top === 0 && isAt(right, innerWidth) && isAt(bottom, innerHeight)
}
