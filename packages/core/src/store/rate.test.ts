import { describe, expect, test } from 'vitest'
import { createManualClock } from '../testing/manual-clock.js'
import { createRate } from './rate.js'

function setUp() {
  const clock = createManualClock()
  const rate = createRate(clock)
  let at = clock.now()
  const wait = (ms: number) => clock.set((at += ms))
  /** `seconds` at a steady speed, in steps of 100 ms. */
  const send = (bytesPerSecond: number, seconds: number) => {
    for (let step = 0; step < seconds * 10; step += 1) {
      wait(100)
      rate.add(bytesPerSecond / 10)
    }
  }
  return { rate, wait, send }
}

describe('a speed', () => {
  test('is not known before anything was sent', () => {
    expect(setUp().rate.read()).toBeUndefined()
  })

  test('is not shown before it is stable', () => {
    const { rate, send } = setUp()
    send(1000, 1.5)
    expect(rate.read()).toBeUndefined()
    send(1000, 0.1)
    expect(rate.read()).toBeCloseTo(1000)
  })

  test('does not count the first bytes, which went into a buffer', () => {
    const { rate, send } = setUp()
    rate.add(1e9)
    send(1000, 3)
    expect(rate.read()).toBeCloseTo(1000)
  })

  test('follows a change, half of it within its half-life', () => {
    const { rate, send } = setUp()
    send(1000, 30)
    send(3000, 2)
    expect(rate.read()).toBeCloseTo(2000, -2)
    send(3000, 30)
    expect(rate.read()).toBeCloseTo(3000, 0)
  })

  test('falls while nothing comes, and is not known once nothing came for long', () => {
    const { rate, wait, send } = setUp()
    send(1000, 10)
    wait(2000)
    expect(rate.read()).toBeLessThan(700)
    wait(3001)
    expect(rate.read()).toBeUndefined()
  })

  test('is the same just before bytes come and just after none came', () => {
    const { rate, wait, send } = setUp()
    send(1000, 10)
    wait(2000)
    const before = rate.read() as number
    rate.add(0)
    expect(rate.read()).toBeCloseTo(before)
  })

  test('is measured anew after a pause', () => {
    const { rate, wait, send } = setUp()
    send(1000, 10)
    wait(6000)
    rate.add(500)
    expect(rate.read()).toBeUndefined()
    send(50, 2)
    expect(rate.read()).toBeCloseTo(50)
  })

  test('survives a clock that is set back or forward', () => {
    const { rate, wait, send } = setUp()
    send(1000, 10)
    wait(-3_600_000)
    send(1000, 2)
    expect(rate.read()).toBeCloseTo(1000, -2)
    wait(7_200_000)
    send(1000, 2)
    expect(rate.read()).toBeCloseTo(1000, -2)
  })

  test('is zero, not unknown, while what is sent is nothing', () => {
    const { rate, send } = setUp()
    send(0, 3)
    expect(rate.read()).toBe(0)
  })
})

describe('a speed swings', () => {
  test('when it becomes much faster, until it has settled', () => {
    const { rate, send } = setUp()
    send(1000, 20)
    expect(rate.swings()).toBe(false)
    send(4000, 1)
    expect(rate.swings()).toBe(true)
    send(4000, 4)
    expect(rate.swings()).toBe(true)
    send(4000, 20)
    expect(rate.swings()).toBe(false)
  })

  test('when it breaks down', () => {
    const { rate, send } = setUp()
    send(1000, 20)
    send(10, 3)
    expect(rate.swings()).toBe(true)
  })

  test('not by what comes in pieces, every second one three times as large', () => {
    const { rate, wait } = setUp()
    const swung: boolean[] = []
    for (let step = 0; step < 60; step += 1) {
      wait(500)
      rate.add(step % 2 === 0 ? 250 : 750)
      if (step > 4) swung.push(rate.swings())
    }
    expect(swung).not.toContain(true)
  })

  test('no more once it is measured anew', () => {
    const { rate, wait, send } = setUp()
    send(1000, 20)
    send(4000, 1)
    wait(6000)
    rate.add(1)
    expect(rate.swings()).toBe(false)
  })
})
