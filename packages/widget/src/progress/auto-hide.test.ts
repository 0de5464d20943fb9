import { expect, it } from 'vitest'
import { manualTimer } from '../testing/manual-timer.js'
import { createAutoHide } from './auto-hide.js'

function setUp() {
  const { setTimer, advance } = manualTimer()
  let hidden = 0
  const state = { isInUse: false }
  const autoHide = createAutoHide({ hide: () => (hidden += 1), isInUse: () => state.isInUse, setTimer })
  return { autoHide, advance, state, hidden: () => hidden }
}

it('hides so long after the end, once', () => {
  const { autoHide, advance, hidden } = setUp()
  autoHide.plan(undefined)
  advance(10_000)
  autoHide.plan(3000)
  advance(1000)
  // Told again of the same end.
  autoHide.plan(3000)
  advance(1999)
  expect(hidden()).toBe(0)
  advance(1)
  advance(60_000)
  expect(hidden()).toBe(1)
})

it('stays while it is in use, and goes some time after', () => {
  const { autoHide, advance, state, hidden } = setUp()
  state.isInUse = true
  autoHide.plan(3000)
  advance(60_000)
  expect(hidden()).toBe(0)
  state.isInUse = false
  autoHide.release()
  advance(2999)
  expect(hidden()).toBe(0)
  advance(1)
  expect(hidden()).toBe(1)
})

it('stays when it turns out that it has not ended well', () => {
  const { autoHide, advance, hidden } = setUp()
  autoHide.plan(3000)
  advance(2000)
  autoHide.plan(undefined)
  autoHide.release()
  advance(60_000)
  expect(hidden()).toBe(0)
})
