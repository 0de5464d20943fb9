/** How failed attempts are repeated. */
export interface RetryOptions {
  /** Failures in a row, with not one byte of progress between them, before an item is given up. @default 8 */
  readonly attempts?: number
  /** Longest wait before the first repetition, in milliseconds. @default 500 */
  readonly baseMs?: number
  /** Longest wait before any repetition, in milliseconds. @default 30000 */
  readonly capMs?: number
}

/**
 * Exponential backoff with full jitter: anywhere between nothing and the cap, so that clients which failed together do not come back together.
 * Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 * `failures` counts from 1; `random` is 0 ≤ x < 1; milliseconds.
 */
export function fullJitter(
  failures: number,
  { baseMs, capMs }: { readonly baseMs: number; readonly capMs: number },
  random: number,
): number {
  return random * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
}
