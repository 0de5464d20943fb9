import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MAX_PART_BYTES, MIN_PART_BYTES, partBytesFor } from './part-size.js'
import { MAX_PARTS } from './upload-plan.js'

const MIB = 2 ** 20
const GIB = 2 ** 30
const TIB = 2 ** 40

describe('the size of parts', () => {
  test.each([
    [0, 5 * MIB],
    [5 * MIB + 1, 5 * MIB],
    [160 * MIB - 1, 5 * MIB],
    [160 * MIB, 16 * MIB],
    [160_000 * MIB, 16 * MIB],
    [160_000 * MIB + 1, 17 * MIB],
    [5 * TIB, 525 * MIB],
  ])('of a file of %i bytes is %i', (size, partBytes) => {
    expect(partBytesFor(size)).toBe(partBytes)
  })

  test('is the one that is wanted, within the limits', () => {
    expect(partBytesFor(GIB, { wanted: 50 * MIB })).toBe(50 * MIB)
    expect(partBytesFor(GIB, { wanted: 1 })).toBe(MIN_PART_BYTES)
    expect(partBytesFor(GIB, { wanted: 6 * GIB })).toBe(MAX_PART_BYTES)
    expect(partBytesFor(5 * TIB, { wanted: 8 * MIB })).toBe(525 * MIB)
  })

  test('lets 10,000 parts hold any file up to 5 TiB, none smaller than 5 MiB but the last, none larger than 5 GiB', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: BigInt(5 * TIB) }).map(Number),
        fc.option(fc.integer({ min: 1, max: 10 * GIB }), { nil: undefined }),
        (size, wanted) => {
          const partBytes = partBytesFor(size, wanted === undefined ? {} : { wanted })
          expect(Math.ceil(size / partBytes)).toBeLessThanOrEqual(MAX_PARTS)
          expect(partBytes).toBeGreaterThanOrEqual(MIN_PART_BYTES)
          expect(partBytes).toBeLessThanOrEqual(MAX_PART_BYTES)
          expect(Number.isInteger(partBytes)).toBe(true)
        },
      ),
    )
  })
})
