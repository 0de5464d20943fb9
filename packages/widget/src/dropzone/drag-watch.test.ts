import { expect, it } from 'vitest'
import { manualTimer } from '../testing/manual-timer.js'
import { createDragWatch } from './drag-watch.js'

function setUp() {
  const { setTimer, advance } = manualTimer()
  const told: boolean[] = []
  const watch = createDragWatch({ onChange: () => told.push(watch.isOver), setTimer })
  return { watch, told, advance }
}

it('a drag that goes on is told once', () => {
  const { watch, told, advance } = setUp()
  for (let step = 0; step < 100; step += 1) {
    watch.seen()
    advance(550)
  }
  expect(told).toEqual([true])
})

it('a drag that is not seen any more is over', () => {
  const { watch, told, advance } = setUp()
  watch.seen()
  advance(2000)
  expect(told).toEqual([true, false])
})

it('a drag that steps from one element to the next goes on', () => {
  const { watch, told, advance } = setUp()
  for (let step = 0; step < 10; step += 1) {
    watch.seen()
    watch.left(false)
    advance(550)
  }
  expect(told).toEqual([true])
})

it('a drag that left and is not seen again is soon over, as one that was cancelled or went into a frame', () => {
  const { watch, told, advance } = setUp()
  watch.seen()
  watch.left(false)
  advance(600)
  expect(told).toEqual([true, false])
})

it('a drag that left for outside is over at once, and only once', () => {
  const { watch, told, advance } = setUp()
  watch.seen()
  watch.left(true)
  expect(told).toEqual([true, false])
  watch.ended()
  watch.left(false)
  advance(10_000)
  expect(told).toEqual([true, false])
})
