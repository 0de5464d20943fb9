/** Something signed is not begun any more this close to its end, in milliseconds: its request has to arrive before it, too. */
const MARGIN_MS = 10_000

/**
 * Until when something that was signed at `since` for `expiresInS` seconds can be begun, in milliseconds since the epoch.
 * What lives shortly keeps half of its life: with the whole margin taken off it would never be good, and be asked for for ever.
 */
export function usableUntil(since: number, expiresInS: number): number {
  const lifeMs = expiresInS * 1000
  return since + lifeMs - Math.min(MARGIN_MS, lifeMs / 2)
}

/**
 * Whether storage may think that it is over although our clock does not: it is in the later half of its life, or our clock was put back.
 * Storages refuse without CORS headers, and a page sees no more of that than of a broken line.
 */
export function isDoubtful(since: number, expiresInS: number, now: number): boolean {
  const age = now - since
  return age < 0 || age > (expiresInS * 1000) / 2
}
