import { describe, expect, test } from 'vitest'
import { longestRising } from './rising.js'

const indexes = (numbers: readonly (number | undefined)[], fixed?: number) =>
  Array.from(longestRising(numbers, fixed)).sort((a, b) => a - b)

describe('what may stay while the rest moves', () => {
  test('is all of what is in order', () => {
    expect(indexes([0, 1, 2])).toEqual([0, 1, 2])
    expect(indexes([])).toEqual([])
  })

  test('is all but the one that went from the start to the end', () => {
    expect(indexes([1, 2, 3, 4, 0])).toEqual([0, 1, 2, 3])
  })

  test('leaves out what is new', () => {
    expect(indexes([0, undefined, 1, undefined])).toEqual([0, 2])
  })

  test('always has the fixed one in it, though all others move for that', () => {
    expect(indexes([1, 2, 3, 0])).toEqual([0, 1, 2])
    expect(indexes([1, 2, 3, 0], 3)).toEqual([3])
    expect(indexes([4, 0, 3, 1, 2], 2)).toEqual([1, 2])
  })
})
