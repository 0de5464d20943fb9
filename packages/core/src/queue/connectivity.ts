import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'

/** Whether the server can be reached at all: one fact for the whole queue, found out by asking, not by what the browser believes. */
export interface Connectivity {
  /** Nothing answered the last probe. */
  isDown(): boolean
  /** A request got no answer: finds out whether any does. One probe serves all who ask; while it is known to be down none is made. */
  check(): Promise<void>
  /** Someone says that the network is back: asks at once. */
  wake(): void
  dispose(): void
}

/** While nothing answers: the longest wait before the first repetition of the probe, and before any, in milliseconds. */
const PROBE_AGAIN = { baseMs: 1000, capMs: 15_000 }

/** `probe` resolves when anything answered, whatever it said. `onBack` is called when something does after nothing did. */
export function createConnectivity(
  environment: Pick<Environment, 'clock' | 'random'>,
  probe: (signal: AbortSignal) => Promise<void>,
  onBack: () => void,
): Connectivity {
  const lifetime = new AbortController()
  let failures = 0
  let checking: Promise<void> | undefined
  let cancelTimer: (() => void) | undefined

  async function ask(): Promise<void> {
    cancelTimer?.()
    cancelTimer = undefined
    try {
      await probe(lifetime.signal)
      const wasDown = failures > 0
      failures = 0
      if (wasDown && !lifetime.signal.aborted) onBack()
    } catch {
      if (lifetime.signal.aborted) return
      failures += 1
      cancelTimer = environment.clock.setTimeout(() => void askOnce(), fullJitter(failures, PROBE_AGAIN, environment.random()))
    }
  }

  function askOnce(): Promise<void> {
    checking ??= ask().finally(() => {
      checking = undefined
    })
    return checking
  }

  return {
    isDown: () => failures > 0,
    check: () => (failures > 0 ? Promise.resolve() : askOnce()),
    wake() {
      if (failures > 0) void askOnce()
    },
    dispose() {
      lifetime.abort()
      cancelTimer?.()
    },
  }
}
