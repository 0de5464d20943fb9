import { atom, type ReadableAtom } from 'nanostores'
import type { Clock } from '../clock.js'
import { hasSameFields } from '../store/same-fields.js'
import { type ConnectionStatus, NOT_CONNECTED } from './transport.js'

/** How a transport's connection stands, kept in the same way by all of them. */
export interface Connection {
  readonly $status: ReadableAtom<ConnectionStatus>
  set(change: Partial<ConnectionStatus>): void
  /** The other end said something that is no message, such as a heartbeat. */
  alive(): void
  /** It answered what was asked at this time, in milliseconds. */
  answered(askedAtMs: number): void
  /** A message came, of about so many bytes. */
  received(bytes: number): void
  dispose(): void
}

/** How often what is counted is told, in milliseconds: thousands of messages a second are no reason to paint thousands of times. */
const WINDOW_MS = 1000

export function createConnection(clock: Clock, transport: string): Connection {
  const $status = atom<ConnectionStatus>({ ...NOT_CONNECTED, transport })
  let messages = 0
  let bytes = 0
  let heardAt = 0
  let lookedAt = 0
  let cancelTimer: (() => void) | undefined
  /** A client may hear a last word while it closes. */
  let isDisposed = false

  function set(change: Partial<ConnectionStatus>): void {
    const before = $status.get()
    const isLost = before.status === 'connected' && (change.status ?? 'connected') !== 'connected'
    const next = { ...before, ...change, ...(isLost && { latency: null }) }
    if (!isDisposed && !hasSameFields(before, next)) $status.set(next)
  }

  function look(isFirst = false): void {
    const now = clock.now()
    const seconds = Math.max(now - lookedAt, WINDOW_MS) / 1000
    const rates = { messagesPerSecond: messages / seconds, bytesPerSecond: bytes / seconds }
    lookedAt = now
    // Once more after messages, so that silence is told, too.
    cancelTimer = isFirst || messages > 0 ? clock.setTimeout(look, WINDOW_MS) : undefined
    messages = bytes = 0
    set({ ...rates, lastPing: new Date(heardAt).toISOString() })
  }

  function alive(): void {
    heardAt = clock.now()
    if (cancelTimer === undefined && !isDisposed) look(true)
  }

  return {
    $status,
    set,
    alive,
    answered(askedAtMs) {
      set({ latency: Math.max(0, clock.now() - askedAtMs) })
      alive()
    },
    received(size) {
      alive()
      messages += 1
      bytes += size
    },
    dispose() {
      cancelTimer?.()
      cancelTimer = undefined
      set({ status: 'disconnected', messagesPerSecond: 0, bytesPerSecond: 0 })
      isDisposed = true
    },
  }
}
