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
