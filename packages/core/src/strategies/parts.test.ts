import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_PARTS, partBytesFor } from '../protocol/index.js'
import { cutIntoParts, fittingParts } from './parts.js'

describe('the parts of a file', () => {
  it('follow each other without a gap, all of one size but the last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 5_000 }), (size, partBytes) => {
        const parts = cutIntoParts(size, partBytes)
        expect(parts.map(({ number }) => number)).toEqual(parts.map((_, index) => index + 1))
        expect(parts.map(({ start }) => start)).toEqual([0, ...parts.slice(0, -1).map(({ end }) => end)])
        expect(parts.at(-1)?.end).toBe(size)
        expect(parts.slice(0, -1).every(({ start, end }) => end - start === partBytes)).toBe(true)
      }),
    )
  })

  it('are never more than storage takes, up to 5 TiB', () => {
    const size = 5 * 2 ** 40
    const parts = cutIntoParts(size, partBytesFor(size))
    expect(parts.length).toBeLessThanOrEqual(MAX_PARTS)
    expect(parts.at(-1)?.end).toBe(size)
  })

  it('are refused where a plan makes more of them', () => {
    expect(cutIntoParts(10_000, 1)).toHaveLength(10_000)
    expect(() => cutIntoParts(10_001, 1)).toThrow('into 10001 parts; 10000 is the most')
  })

  it('that are stored count only where they fit', () => {
    const stored = [
      { part_number: 1, size: 4 },
      { part_number: 2, size: 3 },
      { part_number: 3, size: 2 },
      { part_number: 4, size: 4 },
    ]
    expect([...fittingParts(cutIntoParts(10, 4), stored).keys()]).toEqual([1, 3])
  })
})
