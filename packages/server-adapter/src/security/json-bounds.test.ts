import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isBoundedText, parseJson } from './json-bounds.js'

/** Depth and values as they are. */
function measure(value: unknown): { readonly depth: number; readonly values: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, values: 1 }
  const parts = Object.values(value).map(measure)
  return {
    depth: 1 + Math.max(0, ...parts.map(({ depth }) => depth)),
    // An empty list counts like one of one entry.
    values: Math.max(
      1,
      parts.map(({ values }) => values).reduce((sum, part) => sum + part, 0),
    ),
  }
}

describe('JSON text', () => {
  test('is within the bounds that its value has, and in none that are closer', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const { depth, values } = measure(value)
        const text = JSON.stringify(value)
        expect(isBoundedText(text, { depth, values })).toBe(true)
        expect(isBoundedText(text, { depth: depth - 1, values })).toBe(depth === 0 && isBoundedText(text, { depth: -1, values }))
        expect(isBoundedText(text, { depth, values: values - 1 })).toBe(values === 1 && isBoundedText(text, { depth, values: 0 }))
      }),
      { numRuns: 500, seed: 1 },
    )
  })

  test('that is none is bounded, too', () => {
    for (const text of ['"', '"\\', ']]]]', '[[[[', '{"a":"[[[[[[[[[[']) expect(isBoundedText(text, { depth: 4, values: 1 })).toBe(true)
    expect(isBoundedText('['.repeat(1_000_000), { depth: 32, values: 100 })).toBe(false)
  })

  test.each(['{"__proto__":{"admin":true}}', '{"a":[{"__proto__":1}]}', '{"\\u005f\\u005fproto\\u005F_":{}}', '{"__pr\\u006fto__":{}}'])(
    'that would change what objects are is none: %s',
    (text) => expect(() => parseJson(text)).toThrow('__proto__'),
  )

  test('may speak of it, and name what only sounds like it', () => {
    const value = { text: '__proto__', proto: 1, constructor: { prototype: 2 }, uml: 'ü' }
    expect(parseJson(JSON.stringify(value))).toEqual(value)
    expect(parseJson('{"\\u0061": "\\u0062"}')).toEqual({ a: 'b' })
  })
})
