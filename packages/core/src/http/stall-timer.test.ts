import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/index.js'
import { STALL_MS } from './http-client.js'
import { createStallTimer } from './stall-timer.js'

function setUp() {
  const clock = createManualClock()
  const stalls: number[] = []
  const start = clock.now()
  return { clock, stalls, timer: createStallTimer(clock, () => stalls.push(clock.now() - start)) }
}

describe('the stall timer', () => {
  it('does not run before the first byte: a request that the browser queues has not stalled', async () => {
    const { clock, stalls } = setUp()
    await clock.advance(10 * STALL_MS)
    expect(stalls).toEqual([])
    expect(clock.pending).toBe(0)
  })

  it('tells once when nothing moved for so long', async () => {
    const { clock, stalls, timer } = setUp()
    timer.touch()
    await clock.advance(10 * STALL_MS)
    expect(stalls).toEqual([STALL_MS])
  })

  it('counts from the last byte, with one timer however many there were', async () => {
    const { clock, stalls, timer } = setUp()
    for (let event = 0; event < 100; event += 1) {
      timer.touch()
      expect(clock.pending).toBe(1)
      await clock.advance(1000)
    }
    await clock.advance(STALL_MS)
    expect(stalls).toEqual([99_000 + STALL_MS])
  })

  it('waits as long as its last byte says', async () => {
    const { clock, stalls, timer } = setUp()
    timer.touch()
    await clock.advance(STALL_MS - 1)
    timer.touch(10 * STALL_MS)
    await clock.advance(10 * STALL_MS - 1)
    expect(stalls).toEqual([])
    await clock.advance(1)
    expect(stalls).toEqual([11 * STALL_MS - 1])
  })

  it('gives a device that slept for hours the whole time once more', async () => {
    const { clock, stalls, timer } = setUp()
    timer.touch()
    await clock.advance(STALL_MS - 1)
    // The wall clock went on, and no timer with it.
    clock.set(clock.now() + 3_600_000)
    await clock.advance(1)
    expect(stalls).toEqual([])
    await clock.advance(STALL_MS)
    expect(stalls.length).toBe(1)
  })

  it('does not wait an hour longer where the clock is put back by one', async () => {
    const { clock, stalls, timer } = setUp()
    timer.touch()
    await clock.advance(1000)
    clock.set(clock.now() - 3_600_000)
    await clock.advance(2 * STALL_MS)
    expect(stalls.length).toBe(1)
  })

  it('that was stopped says nothing, and leaves no timer', async () => {
    const { clock, stalls, timer } = setUp()
    timer.touch()
    timer.stop()
    expect(clock.pending).toBe(0)
    await clock.advance(2 * STALL_MS)
    expect(stalls).toEqual([])
  })
})
