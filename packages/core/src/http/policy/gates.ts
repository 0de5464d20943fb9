import { createAlarms } from '../../alarms.js'
import { fullJitter } from '../../backoff.js'
import type { Clock } from '../../clock.js'

/**
 * What servers ask for: an origin that answered "too many requests" gets none until it may be asked again, then one at a time,
 * and one more with each answer. Bytes and calls share the gate of an origin: what throttles one throttles the other.
 */
export interface Gates {
  /** Most requests to an origin at once, for now: 0 while its gate is closed, `Infinity` while nobody complained. */
  limit(origin: string): number
  /** Nobody complains: there is no need to look which origin it is, which costs more than all the rest. */
  areOpen(): boolean
  /** How long an origin is still closed, in milliseconds; 0 where it is not. */
  closedMs(origin: string): number
  /** The origin asked to slow down, and not to come back before `retryAfterMs`, if it said so. */
  throttled(origin: string, retryAfterMs: number | undefined): void
  /** The origin answered, and had nothing to say of the speed. */
  answered(origin: string): void
  /** Deadlines may have passed while the page slept. */
  wake(): void
  dispose(): void
}

/** First and longest wait where the server does not say how long, in milliseconds. */
const WAIT = { baseMs: 1000, capMs: 60_000 }
/** With so many at once a gate is as good as open. */
const OPEN_FROM = 32

interface Gate {
  /** 0: closed. */
  readonly limit: number
  /** How often it was closed before it was open again. */
  readonly closings: number
  readonly reopensAt: number
  /** How long that was away when it was said: where the clock is put back it is not longer. */
  readonly waitMs: number
}

/** `onRaised` is called when more requests to an origin may go than before. */
export function createGates(clock: Clock, random: () => number, onRaised: (origin: string) => void): Gates {
  const gates = new Map<string, Gate>()
  const alarms = createAlarms<string>(clock, raise)

  function raise(origin: string): void {
    const gate = gates.get(origin)
    if (gate === undefined) return
    const limit = gate.limit + 1
    if (limit < OPEN_FROM) gates.set(origin, { ...gate, limit })
    else gates.delete(origin)
    onRaised(origin)
  }

  function closedMs(origin: string): number {
    const gate = gates.get(origin)
    return gate?.limit === 0 ? Math.min(gate.waitMs, Math.max(1, gate.reopensAt - clock.now())) : 0
  }

  return {
    limit: (origin) => gates.get(origin)?.limit ?? Infinity,
    areOpen: () => gates.size === 0,
    closedMs,
    throttled(origin, retryAfterMs = 0) {
      const gate = gates.get(origin) ?? { limit: 1, closings: 0 }
      // Those that were under way when it closed tell nothing new, unless they are told to wait longer.
      const closings = gate.limit === 0 ? gate.closings : gate.closings + 1
      const waitMs = Math.max(retryAfterMs, gate.limit === 0 ? closedMs(origin) : fullJitter(closings, WAIT, random()))
      const reopensAt = clock.now() + waitMs
      gates.set(origin, { limit: 0, closings, reopensAt, waitMs })
      alarms.set(origin, reopensAt)
    },
    answered(origin) {
      if ((gates.get(origin)?.limit ?? 0) > 0) raise(origin)
    },
    wake: alarms.check,
    dispose: alarms.dispose,
  }
}
