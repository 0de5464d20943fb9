import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../testing/manual-clock.js'
import { createGates } from './gates.js'

const S3 = 'https://storage.test'

function start({ random = 0.5 } = {}) {
  const clock = createManualClock()
  const raised: string[] = []
  const gates = createGates(
    clock,
    () => random,
    (origin) => raised.push(`${origin} ${gates.limit(origin)}`),
  )
  return { clock, gates, raised }
}

describe('a gate', () => {
  it('is open while nobody complains', () => {
    const { gates, clock } = start()
    gates.answered(S3)
    expect(gates.limit(S3)).toBe(Infinity)
    expect(gates.closedMs(S3)).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('closes for as long as the server says, and for its origin alone', async () => {
    const { gates, clock } = start()
    gates.throttled(S3, 30_000)
    expect(gates.limit(S3)).toBe(0)
    expect(gates.closedMs(S3)).toBe(30_000)
    expect(gates.limit('https://api.test')).toBe(Infinity)
    await clock.advance(29_999)
    expect(gates.limit(S3)).toBe(0)
    await clock.advance(1)
    expect(gates.limit(S3)).toBe(1)
    expect(gates.closedMs(S3)).toBe(0)
  })

  it('reopens step by step: one request, and one more with each answer, until it is as good as open', async () => {
    const { gates, clock, raised } = start()
    gates.throttled(S3, 1000)
    await clock.advance(1000)
    gates.answered(S3)
    gates.answered(S3)
    expect(raised).toEqual([`${S3} 1`, `${S3} 2`, `${S3} 3`])
    for (let answers = 0; answers < 29; answers += 1) gates.answered(S3)
    expect(gates.limit(S3)).toBe(Infinity)
    expect(raised.at(-1)).toBe(`${S3} Infinity`)
  })

  it('stays closed whatever those say that were under way; told a longer time, it waits that long', async () => {
    const { gates, clock } = start()
    gates.throttled(S3, 10_000)
    gates.answered(S3)
    expect(gates.limit(S3)).toBe(0)
    gates.throttled(S3, undefined)
    gates.throttled(S3, 5000)
    expect(gates.closedMs(S3)).toBe(10_000)
    gates.throttled(S3, 20_000)
    expect(gates.closedMs(S3)).toBe(20_000)
    await clock.advance(20_000)
    expect(gates.limit(S3)).toBe(1)
  })

  it('waits longer each time where the server names no time, at most a minute', async () => {
    const { gates, clock } = start({ random: 1 })
    const waits: number[] = []
    for (let storm = 0; storm < 8; storm += 1) {
      gates.throttled(S3, undefined)
      waits.push(gates.closedMs(S3))
      await clock.advance(gates.closedMs(S3))
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
  })

  it('starts anew after it was open', async () => {
    const { gates, clock } = start({ random: 1 })
    gates.throttled(S3, undefined)
    await clock.advance(1000)
    for (let answers = 0; answers < 31; answers += 1) gates.answered(S3)
    gates.throttled(S3, undefined)
    expect(gates.closedMs(S3)).toBe(1000)
  })

  it('opens when the page wakes after its time, although the timer slept', () => {
    const { gates, clock } = start()
    gates.throttled(S3, 60_000)
    clock.set(clock.now() + 3_600_000)
    expect(gates.limit(S3)).toBe(0)
    gates.wake()
    expect(gates.limit(S3)).toBe(1)
  })

  it('is closed no longer than the server said where the clock is put back', async () => {
    const { gates, clock } = start()
    gates.throttled(S3, 30_000)
    clock.set(clock.now() - 3_600_000)
    expect(gates.closedMs(S3)).toBe(30_000)
    gates.throttled(S3, 10_000)
    expect(gates.closedMs(S3)).toBe(30_000)
    await clock.advance(30_000)
    expect(gates.limit(S3)).toBe(1)
  })

  it('leaves no timer behind', () => {
    const { gates, clock } = start()
    gates.throttled(S3, 1000)
    gates.dispose()
    expect(clock.pending).toBe(0)
  })
})
