import { describe, expect, test } from 'vitest'
import { createManualClock } from './manual-clock.js'

describe('a manual clock', () => {
  test('stands still until it is moved', async () => {
    const clock = createManualClock(1000)
    expect(clock.now()).toBe(1000)
    await clock.advance(50)
    expect(clock.now()).toBe(1050)
  })

  test('runs what is due in the order of its times, those of one time in the order in which they were set', async () => {
    const clock = createManualClock(0)
    const ran: string[] = []
    for (const [name, ms] of [
      ['late', 20],
      ['first', 10],
      ['second', 10],
      ['never', 21],
    ] as const) {
      clock.setTimeout(() => ran.push(`${name} at ${clock.now()}`), ms)
    }
    await clock.advance(20)
    expect(ran).toEqual(['first at 10', 'second at 10', 'late at 20'])
    expect(clock.pending).toBe(1)
  })

  test('runs what a callback sets, after the promises that it settles', async () => {
    const clock = createManualClock(0)
    const ran: string[] = []
    clock.setTimeout(() => {
      void Promise.resolve().then(() => clock.setTimeout(() => ran.push(`inner at ${clock.now()}`), 5))
    }, 10)
    await clock.advance(15)
    expect(ran).toEqual(['inner at 15'])
  })

  test('does not run what was cancelled, and counts it once', async () => {
    const clock = createManualClock(0)
    const ran: string[] = []
    const cancel = clock.setTimeout(() => ran.push('cancelled'), 10)
    cancel()
    cancel()
    expect(clock.pending).toBe(0)
    await clock.advance(10)
    expect(ran).toEqual([])
  })

  test('shows another time without its timers minding', async () => {
    const clock = createManualClock(0)
    const ran: number[] = []
    clock.setTimeout(() => ran.push(clock.now()), 10)
    clock.set(-1000)
    await clock.advance(9)
    expect(ran).toEqual([])
    await clock.advance(1)
    expect(ran).toEqual([-990])
  })
})
