import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.js'
import { createRateLimiter, resolveRateLimits } from './rate-limits.js'

function setUp(burst = 3, perMinute = 60) {
  const clock = manualClock()
  const limiter = createRateLimiter(resolveRateLimits({ commands: { perMinute, burst } }), clock)
  /** How long the next one has to wait, milliseconds; 0 where it may go. */
  const take = (key = 'anna') => waitOf(() => limiter.take('commands', key))
  const check = (key = 'anna') => waitOf(() => limiter.check('commands', key))
  return { clock, take, check }
}

function waitOf(act: () => void): number {
  try {
    act()
    return 0
  } catch (refusal) {
    expect(refusal).toMatchObject({ status: 429, code: 'rate_limited', retryable: true })
    return (refusal as { retryAfterMs: number }).retryAfterMs
  }
}

describe('a rate', () => {
  test('lets a burst through, and then one each time that one has come back', () => {
    const { clock, take } = setUp()
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1000])
    clock.advance(400)
    expect(take()).toBe(600)
    clock.advance(600)
    expect([take(), take()]).toEqual([0, 1000])
  })

  test('has the whole burst again after a rest, and no more', () => {
    const { clock, take } = setUp()
    for (let count = 0; count < 3; count += 1) take()
    clock.advance(3_600_000)
    expect([take(), take(), take(), take()]).toEqual([0, 0, 0, 1000])
  })

  test('counts each key for itself', () => {
    const { take } = setUp(1)
    expect([take('anna'), take('anna'), take('bert')]).toEqual([0, 1000, 0])
  })

  test('that is only looked at takes nothing, and says the same', () => {
    const { take, check } = setUp(1)
    expect([check(), check(), take(), check(), take()]).toEqual([0, 0, 0, 1000, 1000])
  })

  test('of less than one a minute says how long that is', () => {
    const { take } = setUp(1, 0.5)
    expect([take(), take()]).toEqual([0, 120_000])
  })

  test('does not keep anyone waiting longer than that when the clock is put back', () => {
    const { clock, take } = setUp(1)
    take()
    clock.advance(-3_600_000)
    expect(take()).toBe(1000)
  })

  test('remembers thousands of keys, and no more: who was not heard for so long begins anew', () => {
    const { take } = setUp(1)
    take('first')
    for (let count = 0; count < 5000; count += 1) take(`other-${count}`)
    expect(take('first')).toBe(1000)
    for (let count = 5000; count < 10_000; count += 1) take(`other-${count}`)
    expect(take('first')).toBe(0)
  })

  test('remembers who is heard often, however many others come', () => {
    const { clock, take } = setUp(1)
    for (let count = 0; count < 30_000; count += 1) {
      take(`other-${count}`)
      if (count % 1000 > 0) continue
      clock.advance(1000)
      expect([take('often'), take('often')]).toEqual([0, 1000])
    }
  })
})

describe('rates', () => {
  test('can be switched off', () => {
    const limiter = createRateLimiter(resolveRateLimits(false), manualClock())
    for (let count = 0; count < 10_000; count += 1) expect(waitOf(() => limiter.take('commands', 'anna'))).toBe(0)
  })

  test.each([
    { perMinute: 0, burst: 1 },
    { perMinute: 1, burst: 0 },
    { perMinute: Number.NaN, burst: 1 },
  ])('cannot be %o', (rate) => {
    expect(() => resolveRateLimits({ streams: rate })).toThrow('rateLimits.streams')
  })
})
