import type { Clock } from '../clock.js'
import { STALL_MS } from './http-client.js'

/** Calls `onStall` when `touch` was not called for {@link STALL_MS}. Does not run before the first touch. */
export function createStallTimer(clock: Clock, onStall: () => void): { touch(): void; stop(): void } {
  let cancel: (() => void) | undefined
  let lastTouch = 0
  // One timer that looks again, rather than a new one with each of the thousands of progress events of a large file.
  function look(): void {
    const left = lastTouch + STALL_MS - clock.now()
    if (left <= 0) onStall()
    else cancel = clock.setTimeout(look, left)
  }
  return {
    touch() {
      lastTouch = clock.now()
      cancel ??= clock.setTimeout(look, STALL_MS)
    },
    stop() {
      cancel?.()
    },
  }
}
