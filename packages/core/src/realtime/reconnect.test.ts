import { describe, expect, test } from 'vitest'
import { createManualClock } from '../testing/index.js'
import { createReconnect } from './reconnect.js'

/** Attempts at these times, in milliseconds from the start. */
function setUp(random = 0.5) {
  const clock = createManualClock(0)
  const attempts: number[] = []
  const reconnect = createReconnect({ clock, random: () => random }, () => attempts.push(clock.now()))
  return { clock, attempts, reconnect }
}

describe('a broken connection', () => {
  test('is tried again after waits that grow, up to fifteen seconds, each somewhere below its most', async () => {
    const { clock, attempts, reconnect } = setUp()
    for (let failures = 1; failures <= 7; failures += 1) {
      reconnect.failed()
      await clock.advance(15_000)
    }
    const waits = attempts.map((at, index) => at - index * 15_000)
    expect(waits).toEqual([500, 1000, 2000, 4000, 7500, 7500, 7500])
  })

  test('may be tried again at once, so that not all clients come back together', async () => {
    const { clock, attempts, reconnect } = setUp(0)
    reconnect.failed()
    await clock.advance(0)
    expect(attempts).toEqual([0])
  })

  test('begins anew with its waits when it had held for five seconds, and not before', async () => {
    const { clock, reconnect } = setUp()
    for (const [heldMs, failures] of [
      [0, 1],
      [4999, 2],
      [5000, 1],
    ] as const) {
      reconnect.opened()
      await clock.advance(heldMs)
      reconnect.failed()
      expect(reconnect.failures()).toBe(failures)
    }
  })

  test('is tried now when the page is woken, once', async () => {
    const { clock, attempts, reconnect } = setUp()
    expect(reconnect.wake()).toBe(false)
    reconnect.failed()
    expect(reconnect.isWaiting()).toBe(true)
    expect(reconnect.wake()).toBe(true)
    expect(reconnect.isWaiting()).toBe(false)
    expect(reconnect.wake()).toBe(false)
    await clock.advance(60_000)
    expect(attempts).toEqual([0])
  })

  test('asks for fresh credentials after three failures in a row', () => {
    const { reconnect } = setUp()
    const stale = [1, 2, 3, 4].map(() => {
      reconnect.failed()
      return reconnect.isStale()
    })
    expect(stale).toEqual([false, false, true, true])
  })

  test('has done with its failures once it has held for five seconds', async () => {
    const { clock, reconnect } = setUp()
    for (let failures = 1; failures <= 3; failures += 1) reconnect.failed()
    reconnect.opened()
    await clock.advance(4999)
    expect([reconnect.failures(), reconnect.isStale()]).toEqual([3, true])
    await clock.advance(1)
    expect([reconnect.failures(), reconnect.isStale()]).toEqual([0, false])
  })

  test('stays away as long as the server asks, and longer where it was refused', async () => {
    const { clock, attempts, reconnect } = setUp()
    reconnect.failed({ retryAfterMs: 20_000 })
    await clock.advance(20_000)
    reconnect.failed({ isRefused: true })
    await clock.advance(60_000)
    expect(attempts).toEqual([20_000, 20_000 + 15_000 + 1000])
  })

  test('is let go', async () => {
    const { clock, attempts, reconnect } = setUp()
    reconnect.failed()
    reconnect.cancel()
    await clock.advance(60_000)
    expect([attempts, clock.pending]).toEqual([[], 0])
  })

  test('has one attempt planned at a time', async () => {
    const { clock, attempts, reconnect } = setUp()
    reconnect.failed()
    reconnect.failed()
    await clock.advance(60_000)
    expect(attempts).toHaveLength(1)
    reconnect.failed()
    reconnect.opened()
    expect(clock.pending).toBe(0)
  })
})
