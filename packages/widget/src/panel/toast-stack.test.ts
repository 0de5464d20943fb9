import type { UploadItem } from '@upload-panel/core'
import { describe, expect, it } from 'vitest'
import { anItem } from '../testing/an-item.js'
import { manualTimer } from '../testing/manual-timer.js'
import { createToastStack } from './toast-stack.js'

function setUp() {
  const timer = manualTimer()
  let changes = 0
  const stack = createToastStack({ setTimer: timer.setTimer, onChange: () => (changes += 1) })
  return { stack, advance: timer.advance, ids: () => stack.toasts.map(({ id }) => id), changes: () => changes }
}
const items = (...phases: readonly UploadItem['phase'][]) => phases.map((phase, index) => anItem({ phase, name: `${index}.txt` }))
const done = items('completed')
const failed = items('failed')

describe('a toast', () => {
  it('counts what completed and what failed, and names the first that did', () => {
    const { stack } = setUp()
    stack.add(items('failed', 'completed', 'failed', 'failed', 'cancelled'))
    expect(stack.toasts).toEqual([{ id: 1, total: 4, completed: 1, failed: 3, failedNames: ['0.txt', '2.txt'] }])
  })

  it('tells nobody what they have cancelled themselves', () => {
    const { stack, changes } = setUp()
    stack.add(items('cancelled', 'cancelled'))
    expect([stack.toasts.length, changes()]).toEqual([0, 0])
  })

  it('leaves after its time, later where something failed', () => {
    const { stack, advance, ids } = setUp()
    stack.add(done)
    stack.add(failed)
    advance(6000)
    expect(ids()).toEqual([2])
    advance(9000)
    expect(ids()).toEqual([])
  })

  it('leaves when it is dismissed', () => {
    const { stack, advance, ids, changes } = setUp()
    stack.add(done)
    stack.dismiss(1)
    expect(ids()).toEqual([])
    const before = changes()
    advance(60_000)
    expect(changes()).toBe(before)
  })

  it('is one of three at most: the oldest gives way', () => {
    const { stack, ids } = setUp()
    for (let count = 0; count < 5; count += 1) stack.add(done)
    expect(ids()).toEqual([3, 4, 5])
  })
})

describe('while it is held', () => {
  it('nothing leaves, and has its whole time again afterwards', () => {
    const { stack, advance, ids } = setUp()
    stack.add(done)
    advance(5000)
    stack.hold('pointer', true)
    stack.add(done)
    advance(60_000)
    stack.hold('pointer', false)
    advance(5999)
    expect(ids()).toEqual([1, 2])
    advance(1)
    expect(ids()).toEqual([])
  })

  it('no more, to say so again does not make it stay longer', () => {
    const { stack, advance, ids } = setUp()
    stack.add(done)
    advance(5000)
    stack.hold('pointer', false)
    advance(1000)
    expect(ids()).toEqual([])
  })

  it('for two reasons, both have to end', () => {
    const { stack, advance, ids } = setUp()
    stack.add(done)
    stack.hold('pointer', true)
    stack.hold('focus', true)
    stack.hold('pointer', false)
    advance(60_000)
    expect(ids()).toEqual([1])
    stack.hold('focus', false)
    advance(6000)
    expect(ids()).toEqual([])
  })

  it('by a page that nobody sees, what comes stays until somebody does', () => {
    const { stack, advance, ids } = setUp()
    stack.hold('hidden', true)
    stack.add(done)
    advance(60_000)
    expect(ids()).toEqual([1])
    stack.hold('hidden', false)
    advance(6000)
    expect(ids()).toEqual([])
  })
})

it('ends without a timer', () => {
  const { stack, advance, changes } = setUp()
  stack.add(done)
  stack.clear()
  const before = changes()
  advance(60_000)
  expect([stack.toasts.length, changes()]).toEqual([0, before])
})
