import { expect, it } from 'vitest'
import { manualTimer } from '../testing/manual-timer.js'
import { createSampler, SAMPLES } from './sampler.js'

function setUp() {
  const { setTimer, advance } = manualTimer()
  let at = 0
  let told = 0
  const sampler = createSampler({
    read: () => ({ latencyMs: at, messagesPerSecond: 1, bytesPerSecond: 2, errorRate: null }),
    onSample: () => (told += 1),
    now: () => at,
    setTimer,
  })
  return {
    sampler,
    told: () => told,
    latencies: () => sampler.samples().map(({ latencyMs }) => latencyMs),
    pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 1000) {
        at += 1000
        advance(1000)
      }
    },
  }
}

it('takes a sample at once, and then one a second', () => {
  const { sampler, latencies, told, pass } = setUp()
  sampler.start()
  sampler.start()
  expect(latencies()).toEqual([0])
  pass(3000)
  expect(latencies()).toEqual([0, 1000, 2000, 3000])
  expect(told()).toBe(4)
})

it('does nothing once it was stopped, and shows the pause as a gap', () => {
  const { sampler, latencies, told, pass } = setUp()
  sampler.stop()
  sampler.start()
  pass(1000)
  sampler.stop()
  pass(60_000)
  expect(told()).toBe(2)
  sampler.start()
  expect(latencies()).toEqual([0, 1000, null, 61_000])
})

it('keeps two minutes, however long it runs', () => {
  const { sampler, latencies, pass } = setUp()
  sampler.start()
  pass(600_000)
  expect(latencies()).toHaveLength(SAMPLES)
  expect(latencies().at(-1)).toBe(600_000)
})
