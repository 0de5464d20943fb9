import { expect, it } from 'vitest'
import { wholeNumber } from './whole-number.js'

it.each([
  ['5', 5],
  [' 1048576 ', 1_048_576],
  ['0', undefined],
  ['-3', undefined],
  ['2.5', undefined],
  ['', undefined],
  ['ten', undefined],
  ['NaN', undefined],
  [null, undefined],
])('reads the attribute %j as %j', (value, expected) => {
  expect(wholeNumber.fromAttribute?.(value)).toBe(expected)
})
