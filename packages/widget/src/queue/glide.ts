const OPTIONS: KeyframeAnimationOptions = { duration: 160, easing: 'cubic-bezier(0.2, 0, 0, 1)', composite: 'add' }

/** What comes from farther away is not seen on its way. */
const FARTHEST = 800

/**
 * Lets an element that stands elsewhere now come from where it was, so many pixels away. Added to the transform that it has: one that is on
 * its way already goes on from where it is.
 */
export function glide(element: HTMLElement, pixels: number): void {
  if (pixels === 0 || Math.abs(pixels) > FARTHEST) return
  if (element.ownerDocument.defaultView?.matchMedia('(prefers-reduced-motion: reduce)').matches) return
  element.animate({ transform: [`translateY(${pixels}px)`, 'translateY(0)'] }, OPTIONS)
}
