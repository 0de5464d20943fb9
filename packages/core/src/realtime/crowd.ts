import type { Clock } from '../clock.js'
import { isRecord } from '../protocol/index.js'

/** Takes the edge off words that come thick and fast: of those about one operation only the newest is worth reading. */
export interface Crowd {
  /** Whether a message is kept back, for a tenth of a second at most. One that is not is to be read now. */
  holds(raw: unknown, bytes?: number): boolean
  dispose(): void
}

/** How long a word is kept back at most, in milliseconds. */
const WINDOW_MS = 100
/** So many words in that time are read as they come: nobody waits while little is said. */
const FEW = 50
/** Most operations of which a word is kept back. */
const MOST = 1000

interface Held {
  readonly raw: unknown
  readonly bytes: number | undefined
  readonly version: number
}

/** "An update is the whole state, not a delta": what a newer one covers need not be looked at. Ends, and words whose order is not their version's, are never kept back. */
export function createCrowd(clock: Pick<Clock, 'setTimeout'>, read: (raw: unknown, bytes?: number) => void): Crowd {
  const held = new Map<string, Held>()
  let count = 0
  let cancel: (() => void) | undefined

  function flush(): void {
    cancel = undefined
    count = 0
    const words = [...held.values()]
    held.clear()
    for (const { raw, bytes } of words) read(raw, bytes)
  }

  return {
    holds(raw, bytes) {
      cancel ??= clock.setTimeout(flush, WINDOW_MS)
      count += 1
      if (count <= FEW) return false
      try {
        const message: unknown = typeof raw === 'string' ? JSON.parse(raw) : raw
        if (!isRecord(message)) return false
        const { operation_id: id, version, status } = message
        if (typeof id !== 'string' || !isCount(version) || (status !== 'in_progress' && status !== 'pending')) return false
        const before = held.get(id)
        if (before === undefined && held.size >= MOST) return false
        if (before === undefined || version > before.version) held.set(id, { raw: message, bytes: bytes ?? lengthOf(raw), version })
        return true
      } catch {
        // Whoever reads it says what is wrong with it.
        return false
      }
    },
    dispose() {
      cancel?.()
      held.clear()
    },
  }
}

/** A number that is none would hide all that is said after it. */
const isCount = (value: unknown): value is number => Number.isSafeInteger(value)
const lengthOf = (raw: unknown) => (typeof raw === 'string' ? raw.length : undefined)
