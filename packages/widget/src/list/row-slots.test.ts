import { expect, test } from 'vitest'
import { createRowSlots } from './row-slots.js'

function give(...steps: readonly (readonly string[])[]) {
  const slots = createRowSlots()
  for (const step of steps) slots.give(step)
  return Object.fromEntries(slots.ids().map((id) => [id, slots.of(id)]))
}

test('a row that stays keeps its element, and one that comes takes that of one that goes', () => {
  expect(give(['a', 'b', 'c'], ['b', 'c', 'd'])).toEqual({ b: 1, c: 2, d: 0 })
})

test('more rows are more elements', () => {
  expect(give(['a', 'b'], ['x', 'b', 'y', 'z'])).toEqual({ b: 1, x: 0, y: 2, z: 3 })
})

test('a row that has gone has no element', () => {
  const slots = createRowSlots()
  slots.give(['a', 'b'])
  slots.give(['b'])
  expect(slots.of('a')).toBeUndefined()
})

test('an element that was given up is not lent again', () => {
  expect(give(['a', 'b'], ['a'], ['a', 'c'])).toEqual({ a: 0, c: 2 })
})
