import { createSeries } from '../status/series.js'

/** How long something still takes, by how it went of late. */
export interface TimeLeft {
  /** How far it is, 0..1; `undefined` where that is not known. Returns seconds, or `undefined` as long as any figure would be a guess. */
  at(nowMs: number, fraction: number | undefined): number | undefined
}

/** Below this much time and work a rate says nothing, in milliseconds and as a share. */
const LEAST = { ms: 3000, fraction: 0.02 }
/** So many of the last steps make the rate. */
const STEPS = 20

export function createTimeLeft(): TimeLeft {
  let steps = createSeries<{ readonly atMs: number; readonly fraction: number }>(STEPS)
  return {
    at(nowMs, fraction) {
      if (fraction === undefined || fraction >= 1) return undefined
      const last = steps.all().at(-1)
      // It begins anew.
      if (last && fraction < last.fraction) steps = createSeries(STEPS)
      if (last?.fraction !== fraction) steps.add({ atMs: nowMs, fraction })
      const [first] = steps.all()
      const newest = steps.all().at(-1)
      if (!first || !newest) return undefined
      const done = newest.fraction - first.fraction
      const tookMs = newest.atMs - first.atMs
      if (tookMs < LEAST.ms || done < LEAST.fraction) return undefined
      const leftMs = ((1 - newest.fraction) / done) * tookMs - (nowMs - newest.atMs)
      return leftMs > 0 ? leftMs / 1000 : undefined
    },
  }
}
