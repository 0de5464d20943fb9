import type { Box } from './frame-geometry.js'
import { PHONE } from './frame-styles.js'

/** What the window loses to a bar of the browser's is less than this, what it loses to a keyboard is more. CSS pixels. */
const LEAST_KEYBOARD = 100

/** The window that an element is in: a page can move it into another, such as that of a picture in picture. */
export function windowOf({ ownerDocument }: Element): Window & typeof globalThis {
  return ownerDocument.defaultView ?? window
}

/** Whether a floating panel is a sheet at the bottom. */
export function isPhone(element: Element): boolean {
  return windowOf(element).matchMedia(PHONE).matches
}

/** An element's window without what an on-screen keyboard covers. */
export function visibleArea(element: Element): Box {
  const { innerHeight } = windowOf(element)
  return { left: 0, top: 0, right: element.ownerDocument.documentElement.clientWidth, bottom: innerHeight - keyboardHeight(element) }
}

/** Height of the on-screen keyboard, CSS pixels. A page that is magnified with two fingers sees less of itself as well, and has none. */
export function keyboardHeight(element: Element): number {
  const { visualViewport, innerHeight } = windowOf(element)
  if (!visualViewport || Math.abs(visualViewport.scale - 1) > 0.01) return 0
  const hidden = innerHeight - visualViewport.height - visualViewport.offsetTop
  return hidden > LEAST_KEYBOARD ? hidden : 0
}
