import { describe, expect, it } from 'vitest'
import { fullJitter } from './backoff.js'

const options = { baseMs: 500, capMs: 30_000 }
const almostOne = 1 - Number.EPSILON

describe('full jitter', () => {
  it('waits between nothing and a bound that doubles with each failure', () => {
    for (const [failures, bound] of [
      [1, 500],
      [2, 1000],
      [3, 2000],
      [6, 16_000],
    ] as const) {
      expect(fullJitter(failures, options, 0)).toBe(0)
      expect(fullJitter(failures, options, 0.5)).toBe(bound / 2)
      expect(fullJitter(failures, options, almostOne)).toBeLessThan(bound)
    }
  })

  it('never waits longer than the cap, after any number of failures', () => {
    for (const failures of [7, 8, 100, 5000]) expect(fullJitter(failures, options, almostOne)).toBeLessThan(30_000)
    expect(fullJitter(5000, options, 0.5)).toBe(15_000)
  })
})
