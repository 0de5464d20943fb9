import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'
import type { ConnectionStatus } from './transport.js'

/** When a broken connection is tried again: the rule of every transport whose client has none of its own. */
export interface Reconnect {
  /** In a row. */
  failures(): number
  /** Whether credentials have to be made anew for the next attempt: it failed so often that the old ones may be why. */
  isStale(): boolean
  /** Whether an attempt is planned. */
  isWaiting(): boolean
  /** The connection stands. */
  opened(): void
  /** It broke, or could not be made: tried again after a while. */
  failed(reason?: FailedConnection): void
  /** Tries again now, where it waits. Answers whether it did. */
  wake(): boolean
  cancel(): void
}

export interface FailedConnection {
  /** The server does not want it: only somebody who signs in, or a change on the server, can help. */
  readonly isRefused?: boolean
  /** It stood, and was of no use: no good one, however long it held. */
  readonly isVain?: boolean | undefined
  /** What the server asked for, in milliseconds. */
  readonly retryAfterMs?: number | undefined
}

const WAIT = { baseMs: 1000, capMs: 15_000 }
/** A connection that held this long was a good one: the next one is tried soon again, in milliseconds. */
const GOOD_AFTER_MS = 5000
/** After so many failures in a row they are made with fresh credentials; where these fail, too, the connection is said to be broken. It is still tried. */
const STALE_AFTER = 3

/** How a connection that does not stand is shown, by every transport. */
export function down(failures: number, isRefused = false): Pick<ConnectionStatus, 'status' | 'reconnectAttempts'> {
  return { status: isRefused || failures > STALE_AFTER ? 'error' : 'reconnecting', reconnectAttempts: failures }
}

export function createReconnect({ clock, random }: Pick<Environment, 'clock' | 'random'>, attempt: () => void): Reconnect {
  let failures = 0
  let openedAt = Infinity
  let cancelTimer: (() => void) | undefined

  const count = () => (clock.now() - openedAt >= GOOD_AFTER_MS ? 0 : failures)

  function cancel(): void {
    cancelTimer?.()
    cancelTimer = undefined
  }

  function wake(): boolean {
    if (cancelTimer === undefined) return false
    cancel()
    attempt()
    return true
  }

  return {
    failures: count,
    isStale: () => count() >= STALE_AFTER,
    isWaiting: () => cancelTimer !== undefined,
    opened() {
      cancel()
      openedAt = clock.now()
    },
    failed({ isRefused = false, isVain = false, retryAfterMs = 0 } = {}) {
      cancel()
      failures = (isVain ? failures : count()) + 1
      openedAt = Infinity
      const wait = fullJitter(failures, WAIT, random())
      cancelTimer = clock.setTimeout(wake, Math.max(isRefused ? WAIT.capMs + wait : wait, retryAfterMs))
    },
    wake,
    cancel,
  }
}
