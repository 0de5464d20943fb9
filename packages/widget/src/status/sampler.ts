import type { SetTimer } from '../text/voice.js'
import { createSeries } from './series.js'

/** How things were at one moment; `null` is what was not known. */
export interface Sample {
  readonly at: number
  readonly latencyMs: number | null
  readonly messagesPerSecond: number | null
  readonly bytesPerSecond: number | null
  readonly errorRate: number | null
}

export interface SamplerOptions {
  /** How things are now. */
  readonly read: () => Omit<Sample, 'at'>
  /** Another sample is there. */
  readonly onSample: () => void
  readonly now: () => number
  readonly setTimer: SetTimer
}

export interface Sampler {
  /** From the oldest to the newest. */
  samples(): readonly Sample[]
  /** Takes a sample now, and then one a second. Where it had been stopped, a gap says so. */
  start(): void
  stop(): void
}

const SAMPLE_MS = 1000
/** Two minutes. */
export const SAMPLES = 120

const NOTHING = { latencyMs: null, messagesPerSecond: null, bytesPerSecond: null, errorRate: null }

export function createSampler({ read, onSample, now, setTimer }: SamplerOptions): Sampler {
  const series = createSeries<Sample>(SAMPLES)
  let cancelTimer: (() => void) | undefined
  let isGapDue = false

  const take = () => {
    if (isGapDue) series.add({ at: now(), ...NOTHING })
    isGapDue = false
    series.add({ at: now(), ...read() })
    cancelTimer = setTimer(take, SAMPLE_MS)
    onSample()
  }

  return {
    samples: series.all,
    start() {
      if (!cancelTimer) take()
    },
    stop() {
      if (!cancelTimer) return
      cancelTimer()
      cancelTimer = undefined
      isGapDue = true
    },
  }
}
