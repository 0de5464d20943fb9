import type { Clock } from '../clock.js'
import { STALL_MS } from './http-client.js'

/** A timer that comes later than this was asleep with its device, in milliseconds. Those of background pages are up to a second late, or a minute. */
const SLEPT_MS = 90_000

/** Calls `onStall` when `touch` was not called for as long as its last call allows. Does not run before the first touch. */
export function createStallTimer(clock: Clock, onStall: () => void): { touch(patienceMs?: number): void; stop(): void } {
  let cancel: (() => void) | undefined
  let lastTouch = 0
  let patience = STALL_MS
  let looksAt = 0

  function lookIn(ms: number): void {
    looksAt = clock.now() + ms
    cancel = clock.setTimeout(look, ms)
  }
  // One timer that looks again, rather than a new one with each of the thousands of progress events of a large file.
  function look(): void {
    // Nothing moved because everything slept, or the clock was put back. Whether the connection still lives is seen from now on.
    if (clock.now() - looksAt > SLEPT_MS || clock.now() < lastTouch) lastTouch = clock.now()
    const left = lastTouch + patience - clock.now()
    if (left <= 0) onStall()
    else lookIn(left)
  }
  return {
    touch(patienceMs = STALL_MS) {
      lastTouch = clock.now()
      patience = patienceMs
      if (cancel === undefined) lookIn(patience)
    },
    stop() {
      cancel?.()
    },
  }
}
