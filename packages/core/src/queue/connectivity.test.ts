import { describe, expect, it } from 'vitest'
import { createTestEnvironment, settle } from '../testing/index.js'
import { createConnectivity } from './connectivity.js'

function setUp() {
  const world = createTestEnvironment()
  const probes: { answer(): void; fail(): void; readonly signal: AbortSignal }[] = []
  let timesBack = 0
  const connectivity = createConnectivity(
    world,
    (signal) => new Promise((resolve, reject) => probes.push({ signal, answer: resolve, fail: () => reject(new Error('Down.')) })),
    () => (timesBack += 1),
  )
  const goDown = async () => {
    void connectivity.check()
    probes[0]?.fail()
    await settle()
  }
  return { world, probes, connectivity, goDown, timesBack: () => timesBack }
}

describe('connectivity', () => {
  it('is good until a probe got no answer', async () => {
    const { connectivity, probes, goDown } = setUp()
    expect(connectivity.isDown()).toBe(false)
    await goDown()
    expect(connectivity.isDown()).toBe(true)
    expect(probes).toHaveLength(1)
  })

  it('is found out by one probe for all who ask meanwhile', async () => {
    const { connectivity, probes } = setUp()
    const asked = [connectivity.check(), connectivity.check()]
    probes[0]?.answer()
    await Promise.all(asked)
    expect(probes).toHaveLength(1)
    expect(connectivity.isDown()).toBe(false)
  })

  it('is not asked about while it is known to be down, but by itself, less and less often', async () => {
    const { connectivity, probes, goDown, world } = setUp()
    await goDown()
    await connectivity.check()
    expect(probes).toHaveLength(1)
    for (const wait of [500, 1000, 2000, 4000, 7500, 7500]) {
      const before = probes.length
      await world.clock.advance(wait - 1)
      expect(probes).toHaveLength(before)
      await world.clock.advance(1)
      expect(probes).toHaveLength(before + 1)
      probes.at(-1)?.fail()
      await settle()
    }
  })

  it('tells once that it is back', async () => {
    const { connectivity, probes, goDown, timesBack } = setUp()
    await goDown()
    connectivity.wake()
    probes.at(-1)?.answer()
    await settle()
    expect([connectivity.isDown(), timesBack()]).toEqual([false, 1])
    void connectivity.check()
    probes.at(-1)?.answer()
    await settle()
    expect(timesBack()).toBe(1)
  })

  it('asks nothing when it is woken while all is well', () => {
    const { connectivity, probes } = setUp()
    connectivity.wake()
    expect(probes).toHaveLength(0)
  })

  it('leaves no probe and no timer behind when it is disposed', async () => {
    const { connectivity, probes, goDown, world, timesBack } = setUp()
    await goDown()
    connectivity.wake()
    connectivity.dispose()
    expect(probes.at(-1)?.signal.aborted).toBe(true)
    probes.at(-1)?.answer()
    await settle()
    expect([timesBack(), world.clock.pending]).toEqual([0, 0])
  })
})
