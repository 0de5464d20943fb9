import { expect, test } from 'vitest'
import { createDropCount } from './drop-count.js'

test('dropped messages are counted for each reason', () => {
  const drops = createDropCount()
  expect([drops.add('not JSON'), drops.add('not JSON'), drops.add('__proto__')]).toEqual([1, 2, 1])
  expect(drops.total()).toBe(3)
  expect(Object.entries(drops.byReason())).toEqual([
    ['not JSON', 2],
    ['__proto__', 1],
  ])
})

test('any number of reasons takes no more than a few places', () => {
  const drops = createDropCount()
  for (let index = 0; index < 1000; index += 1) drops.add(`reason ${index}`)
  expect(drops.total()).toBe(1000)
  expect(Object.keys(drops.byReason())).toHaveLength(21)
  expect(drops.byReason()['other reasons']).toBe(980)
})
