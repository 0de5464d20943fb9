import { expect, it } from 'vitest'
import { levelOf, priorityOf } from './priority.js'

it('every priority has a level', () => {
  expect([-Infinity, -1, 0, 0.5, 7].map(levelOf)).toEqual(['low', 'low', 'normal', 'high', 'high'])
})

it('a level is one step from normal, unless the file has it already', () => {
  expect([priorityOf('high', 0), priorityOf('normal', 3), priorityOf('low', 0)]).toEqual([1, 0, -1])
  expect(priorityOf('high', 7)).toBe(7)
})
