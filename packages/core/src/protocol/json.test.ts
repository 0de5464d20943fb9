import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBoundedJson, MAX_MESSAGE_SIZE } from './json.js'

const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

describe('isBoundedJson', () => {
  test('takes whatever JSON of a usual size says', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => isBoundedJson(value)))
  })

  test('refuses what is nested so deep that it could not be written as JSON again', () => {
    expect(isBoundedJson(nested(60))).toBe(true)
    expect(isBoundedJson(nested(200))).toBe(false)
    expect(isBoundedJson(nested(200_000))).toBe(false)
  })

  test('refuses circles, wide ones in bounded time', () => {
    const circle: Record<string, unknown> = {}
    for (let index = 0; index < 100; index += 1) circle[`to${index}`] = circle
    expect(isBoundedJson(circle)).toBe(false)
  })

  test('refuses what is too large, be it one text, many values, or long names', () => {
    expect(isBoundedJson('x'.repeat(MAX_MESSAGE_SIZE - 1))).toBe(true)
    expect(isBoundedJson('x'.repeat(MAX_MESSAGE_SIZE))).toBe(false)
    expect(isBoundedJson(Array.from({ length: MAX_MESSAGE_SIZE }, () => 0))).toBe(false)
    expect(isBoundedJson({ ['x'.repeat(MAX_MESSAGE_SIZE)]: 0 })).toBe(false)
  })

  test.each([[1n], [() => {}], [Symbol('x')]])('refuses what JSON cannot say: %s', (value) => {
    expect(isBoundedJson({ value })).toBe(false)
  })
})
