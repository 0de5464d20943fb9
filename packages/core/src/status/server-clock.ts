import type { Clock } from '../clock.js'
import { epochMs } from '../protocol/index.js'

/** How far the server's clock is from ours, estimated from round trips as Cristian's algorithm does: it told its time somewhere between question and answer. */
export interface ServerClock {
  /** An answer came to what was asked at `askedAtMs`, and told this time. */
  told(askedAtMs: number, serverTime: string | undefined): void
  /** How long ago the server wrote this time, in milliseconds, give or take half a round trip; `null` while the difference is not known. */
  age(serverTime: string): number | null
}

/** So long the quickest round trip is the best that is known of two clocks, in milliseconds: they drift, and people set them. */
const GOOD_FOR_MS = 600_000

export function createServerClock(clock: Clock): ServerClock {
  let best: { readonly aheadMs: number; readonly roundTripMs: number; readonly atMs: number } | undefined
  return {
    told(askedAtMs, serverTime = '') {
      const server = epochMs(serverTime)
      const atMs = clock.now()
      const roundTripMs = atMs - askedAtMs
      if (server === undefined || roundTripMs < 0) return
      const isOld = best === undefined || Math.abs(atMs - best.atMs) > GOOD_FOR_MS
      if (isOld || roundTripMs <= best!.roundTripMs) best = { aheadMs: server - (askedAtMs + atMs) / 2, roundTripMs, atMs }
    },
    age(serverTime) {
      const wrote = best && epochMs(serverTime)
      return best === undefined || wrote === undefined ? null : Math.max(0, clock.now() + best.aheadMs - wrote)
    },
  }
}
