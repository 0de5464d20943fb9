import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'

/** How often something may happen: `burst` times at once, and `perMinute` in the long run. */
export interface Rate {
  readonly perMinute: number
  readonly burst: number
}

/** How often each subject may ask; for failures, each address. A node counts for itself: behind N nodes it is up to N times as often. */
export interface RateLimits {
  /** @default 12000 a minute, 2000 at once: ten thousand small files on a fast line */
  readonly commands: Rate
  /** @default 6000 a minute, 1000 at once */
  readonly queries: Rate
  /** Event streams that are opened. @default 600 a minute, 200 at once */
  readonly streams: Rate
  /** Jobs that are begun. @default 600 a minute, 600 at once */
  readonly jobs: Rate
  /** Requests of one address that `authorize` refused. @default 600 a minute, 120 at once */
  readonly failures: Rate
}

const DEFAULT_RATES: RateLimits = {
  commands: { perMinute: 12_000, burst: 2_000 },
  queries: { perMinute: 6_000, burst: 1_000 },
  streams: { perMinute: 600, burst: 200 },
  jobs: { perMinute: 600, burst: 600 },
  failures: { perMinute: 600, burst: 120 },
}

/** The rates with defaults for what is not given; none where they are switched off. Throws a `TypeError` that names what is no positive number. */
export function resolveRateLimits(given: Partial<RateLimits> | false = {}): RateLimits | undefined {
  if (given === false) return undefined
  const rates = { ...DEFAULT_RATES, ...given }
  for (const [name, { perMinute, burst }] of Object.entries(rates)) {
    if (!(perMinute > 0 && burst >= 1)) throw new TypeError(`rateLimits.${name} needs perMinute above 0, and burst from 1.`)
  }
  return rates
}

/** Counts what happens, and says "later" where it is too often. */
export interface RateLimiter {
  /** Takes one of what is left. Refuses with 429 where nothing is. */
  take(what: keyof RateLimits, key: string): void
  /** Refuses with 429 where nothing is left, and takes nothing. */
  check(what: keyof RateLimits, key: string): void
}

/** Keys that are remembered of each kind, at most. */
const MOST_KEYS = 10_000

export function createRateLimiter(rates: RateLimits | undefined, clock: Clock): RateLimiter {
  const buckets = new Map(Object.entries(rates ?? {}).map(([name, rate]) => [name, createBuckets(rate, clock)]))

  function refuseAfter(waitMs: number | undefined): void {
    if (waitMs !== undefined && waitMs > 0) throw rateLimited(waitMs)
  }

  return {
    take: (what, key) => refuseAfter(buckets.get(what)?.take(key)),
    check: (what, key) => refuseAfter(buckets.get(what)?.waitMs(key)),
  }
}

export function rateLimited(waitMs: number): Refusal {
  const retryAfterMs = Math.ceil(waitMs)
  return new Refusal(429, 'rate_limited', 'Too many requests. Try again in a moment.', { retryable: true, retryAfterMs })
}

/**
 * Token buckets, each kept as one number: the time at which it is full again. Taking one moves that on by what one takes to come back;
 * a bucket is empty while it would be full later than a whole burst takes.
 */
export function createBuckets({ perMinute, burst }: Rate, clock: Clock) {
  const oneMs = 60_000 / perMinute
  const fullAt = createMemory<number>(MOST_KEYS)

  /** A clock that was put back does not keep a bucket empty for as long. */
  const fullAtOf = (key: string, now: number) => Math.min(Math.max(now, fullAt.get(key) ?? 0), now + burst * oneMs)
  const waitOf = (key: string, now: number) => fullAtOf(key, now) + oneMs - (now + burst * oneMs)

  return {
    /** Milliseconds until one is left; none to wait where that is now. */
    waitMs: (key: string) => waitOf(key, clock.now()),
    /** Takes one where one is left. Answers like `waitMs`, before. */
    take(key: string): number {
      const now = clock.now()
      const wait = waitOf(key, now)
      if (wait <= 0) fullAt.set(key, fullAtOf(key, now) + oneMs)
      return wait
    },
  }
}

/**
 * Remembers so many keys at most. Two halves, of which the older one is forgotten as a whole once the younger one is full: to put a key behind the others of
 * one map with each use would leave its old places in the way, thousands of them for a key that is used often.
 */
function createMemory<V>(most: number) {
  let young = new Map<string, V>()
  let old = new Map<string, V>()
  return {
    get: (key: string) => young.get(key) ?? old.get(key),
    set(key: string, value: V): void {
      young.set(key, value)
      if (young.size < most / 2) return
      old = young
      young = new Map()
    },
  }
}
