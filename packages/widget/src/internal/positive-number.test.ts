import { expect, it } from 'vitest'
import { positiveNumber } from './positive-number.js'

it.each([
  ['5', 5],
  [' 1048576 ', 1_048_576],
  ['0', undefined],
  ['-3', undefined],
  ['', undefined],
  ['ten', undefined],
  ['NaN', undefined],
  [null, undefined],
])('reads the attribute %j as %j', (value, expected) => {
  expect(positiveNumber.fromAttribute?.(value)).toBe(expected)
})
