import { describe, expect, test } from 'vitest'
import { createRowOffsets } from './row-offsets.js'
import { indexesOf, isSeen, rangeOf, stepTo, type RangeOptions, type StepOptions } from './standing-rows.js'

const COUNT = 1000
const ROW = 72

function rangeAt({ count = COUNT, ...options }: Partial<RangeOptions> = {}) {
  const offsets = createRowOffsets(ROW)
  offsets.show(Array.from({ length: count }, (_, index) => `id-${index}`))
  return rangeOf(offsets, { count, scrollTop: 0, viewport: 5 * ROW, heading: undefined, ...options })
}

const lengthOf = ({ first, last }: { first: number; last: number }) => last - first + 1

describe('the rows that stand', () => {
  test('are those in view, one above and some below, while the list rests', () => {
    expect(rangeAt({ scrollTop: 100 * ROW + 1 })).toMatchObject({ first: 99, firstInView: 100, lastInView: 105 })
  })

  test('are all ahead of a scroll, none behind it, and no more of them', () => {
    const [resting, down, up] = ([undefined, 'down', 'up'] as const).map((heading) => rangeAt({ scrollTop: 100 * ROW, heading }))
    expect(down?.first).toBe(100)
    expect(up?.first).toBe(97)
    expect([down, up].map((range) => range && lengthOf(range))).toEqual([resting, resting].map((range) => range && lengthOf(range)))
  })

  test('are as many at both ends', () => {
    const inTheMiddle = lengthOf(rangeAt({ scrollTop: 500 * ROW }))
    expect(lengthOf(rangeAt())).toBe(inTheMiddle)
    const atTheEnd = rangeAt({ scrollTop: (COUNT - 5) * ROW })
    expect([lengthOf(atTheEnd), atTheEnd.last]).toEqual([inTheMiddle, COUNT - 1])
  })

  test.each([0, 1, 3])('are no more than there are: %i', (count) => {
    expect(rangeAt({ count })).toMatchObject({ first: 0, last: count - 1 })
  })

  test('are there before the browser has laid out', () => {
    const range = rangeAt({ viewport: 0 })
    expect(lengthOf(range)).toBeGreaterThan(5)
    expect(isSeen(5, range)).toBe(true)
  })
})

test.each([
  [3, [3, 10, 11, 12]],
  [11, [10, 11, 12]],
  [40, [10, 11, 12, 40]],
  // Has left the list.
  [50, [10, 11, 12]],
])('the current row stands wherever it is: %i', (current, indexes) => {
  expect(indexesOf({ first: 10, last: 12, firstInView: 10, lastInView: 12 }, current, 50)).toEqual(indexes)
})

describe('a step of a scroll', () => {
  const range = { first: 10, last: 16, firstInView: 10, lastInView: 13 }
  const all = indexesOf(range, 12, COUNT)
  const step = (options: Partial<StepOptions>) => stepTo(all, { range, current: 12, before: [], stands: () => false, ...options })

  test('shows what is in view, and of the rest the nearest one', () => {
    expect(step({})).toEqual([10, 11, 12, 13, 14])
  })

  test('keeps elements that will be needed where they are', () => {
    expect(step({ before: [5, 6, 7, 10, 11, 12, 13] })).toEqual([5, 6, 10, 11, 12, 13, 14])
  })

  test('goes on where the one before has stopped, until all stand', () => {
    const standing = new Set([10, 11, 12, 13, 14])
    const stands = (index: number) => standing.has(index)
    expect(step({ stands })).toEqual([10, 11, 12, 13, 14, 15])
    standing.add(15)
    expect(step({ stands })).toBe(all)
  })

  test('shows the current row at once, however far it is', () => {
    const far = indexesOf(range, 900, COUNT)
    expect(stepTo(far, { range, current: 900, before: [], stands: () => false })).toEqual([10, 11, 12, 13, 14, 900])
  })
})
