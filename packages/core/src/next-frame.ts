import { systemClock } from './clock.js'

/** How long a hidden page may keep its views waiting, in milliseconds. */
const HIDDEN_FRAME_MS = 250

/**
 * Calls back before the next paint, and within 250 ms where nothing is painted: `requestAnimationFrame` does not fire in a hidden tab,
 * and Node has none. The returned function cancels.
 */
export function nextFrame(callback: () => void): () => void {
  if (typeof requestAnimationFrame !== 'function') return systemClock.setTimeout(callback, 16)
  const cancel = () => {
    cancelAnimationFrame(frame)
    cancelTimer()
  }
  const run = () => {
    cancel()
    callback()
  }
  const frame = requestAnimationFrame(run)
  const cancelTimer = systemClock.setTimeout(run, HIDDEN_FRAME_MS)
  return cancel
}
