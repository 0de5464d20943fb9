import { expect, it } from 'vitest'
import { anItem } from '../testing/an-item.js'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { createTabIds } from './tab-ids.js'

/** Elements of arrays that an action goes through, and look-ups in maps. */
function stepsOf(action: () => void): number {
  let steps = 0
  const originals: (() => void)[] = []
  const count = <T extends object>(prototype: T, names: readonly PropertyKey[], stepsOn: (target: T) => number) => {
    for (const name of names) {
      const original: unknown = Reflect.get(prototype, name)
      if (typeof original !== 'function') continue
      const counted = function (this: T, ...args: unknown[]): unknown {
        steps += stepsOn(this)
        return Reflect.apply(original, this, args)
      }
      Reflect.set(prototype, name, counted)
      originals.push(() => void Reflect.set(prototype, name, original))
    }
  }
  count(Array.prototype, ['concat', 'filter', 'find', 'findIndex', 'includes', 'indexOf', 'map', 'slice', 'splice'], (array) =>
    Math.max(1, array.length),
  )
  count(Array.prototype, [Symbol.iterator], (array) => array.length)
  count(Map.prototype, ['get', 'set', 'has', 'delete'], () => 1)
  try {
    action()
  } finally {
    for (const restore of originals) restore()
  }
  return steps
}

/** A file completes, the frame comes, and a list of thirty rows is shown. */
function stepsAmong(count: number): number {
  const uploader = scriptedUploader()
  const ids = uploader.add(Array.from({ length: count }, (_, index) => new File(['x'], `${index}`)))
  let frame = () => {}
  const tabIds = createTabIds({
    uploader,
    tab: 'active',
    nextFrame(callback) {
      frame = callback
      return () => {}
    },
    onChange() {},
  })
  const id = ids[Math.floor(count / 2)] ?? ''
  const steps = stepsOf(() => {
    uploader.emit('changed', anItem({ id, phase: 'completed' }), anItem({ id, phase: 'processing', overdue: false }))
    frame()
    tabIds.ids.slice(100, 130)
    tabIds.ids.indexOf(ids[count - 1] ?? '')
  })
  expect(tabIds.ids.length).toBe(count - 1)
  return steps
}

it('a file that leaves its tab among ten thousand is hardly more work than among a thousand', () => {
  const few = stepsAmong(1000)
  const many = stepsAmong(10_000)
  expect(few).toBeGreaterThan(100)
  expect(many).toBeLessThan(few * 2)
  expect(many).toBeLessThan(1000)
})
