import type { Clock } from '../clock.js'

/** Least time between two rounds, in milliseconds; the longest one where rounds that were held back for it bring nothing. */
const GAP_MS = { least: 200, most: 2000 }

/** Questions to a server, asked in rounds: one at a time, whoever wants one, and never two close together. */
export interface Rounds {
  /** As soon as may be: what else is wanted in the same turn of the event loop goes along. */
  want(): void
  dispose(): void
}

/**
 * `run` asks all that is wanted, never rejects, and answers whether it brought anything. Ten thousand hints a second, true or not, are a few
 * requests a second; false ones are soon asked about more rarely.
 */
export function createRounds(clock: Pick<Clock, 'setTimeout'>, run: () => Promise<boolean>): Rounds {
  let isWanted = false
  let isRunning = false
  let isDisposed = false
  let gapMs = GAP_MS.least
  let cancelGap: (() => void) | undefined

  async function begin(wasHeldBack: boolean): Promise<void> {
    isRunning = true
    // The rest of this turn.
    await Promise.resolve()
    isWanted = false
    const isUseful = isDisposed || (await run())
    isRunning = false
    if (isDisposed) return
    gapMs = wasHeldBack && !isUseful ? Math.min(GAP_MS.most, gapMs * 2) : GAP_MS.least
    cancelGap = clock.setTimeout(() => {
      cancelGap = undefined
      if (isWanted) void begin(true)
    }, gapMs)
  }

  return {
    want() {
      if (isDisposed) return
      isWanted = true
      if (!isRunning && cancelGap === undefined) void begin(false)
    },
    dispose() {
      isDisposed = true
      cancelGap?.()
    },
  }
}
