/** The pauses before a thing is tried again: they grow with each failure in a row, and are spread, so that not everyone comes back at the same time. */
export interface Backoff {
  /** The next pause, milliseconds. */
  next(): number
  /** It has succeeded: the next pause is a short one again. */
  reset(): void
}

export interface BackoffOptions {
  /** 0..1 */
  readonly random: () => number
  /** Milliseconds. @default 500 */
  readonly baseMs?: number
  /** Milliseconds. @default 30000 */
  readonly capMs?: number
}

/** Full jitter: anything up to the growing bound. */
export function createBackoff({ random, baseMs = 500, capMs = 30_000 }: BackoffOptions): Backoff {
  let failures = 0
  return {
    next() {
      failures += 1
      return random() * Math.min(capMs, baseMs * 2 ** Math.min(failures - 1, 30))
    },
    reset() {
      failures = 0
    },
  }
}
