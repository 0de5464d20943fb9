import { describe, expect, test } from 'vitest'
import { createRowOffsets } from './row-offsets.js'

const tenThousand = Array.from({ length: 10_000 }, (_, index) => `id-${index}`)

function setUp(ids: readonly string[] = tenThousand) {
  const offsets = createRowOffsets(72)
  offsets.show(ids)
  return offsets
}

describe('places of rows', () => {
  test('are multiples while all are alike', () => {
    const offsets = setUp()
    expect(offsets.total).toBe(720_000)
    expect(offsets.top(5000)).toBe(360_000)
    expect(offsets.indexAt(360_071)).toBe(5000)
    expect(offsets.indexAt(360_072)).toBe(5001)
  })

  test('stay within the list', () => {
    const offsets = setUp()
    expect(offsets.indexAt(-50)).toBe(0)
    expect(offsets.indexAt(1e9)).toBe(9999)
    expect(setUp([]).indexAt(100)).toBe(0)
    expect(setUp([]).total).toBe(0)
  })

  test('move down below a row that is higher, and not above it', () => {
    const offsets = setUp()
    offsets.measured('id-10', 100)
    offsets.measured('id-3', 80)
    expect([3, 4, 10, 11].map((index) => offsets.top(index))).toEqual([216, 296, 728, 828])
    expect(offsets.height(10)).toBe(100)
    expect(offsets.total).toBe(720_000 + 28 + 8)
    expect(offsets.indexAt(827)).toBe(10)
    expect(offsets.indexAt(828)).toBe(11)
  })

  test('follow a row that is measured again', () => {
    const offsets = setUp()
    offsets.measured('id-0', 100)
    offsets.measured('id-0', 72)
    expect(offsets.total).toBe(720_000)
  })

  test('keep a row’s height where the order changes, and where it comes back', () => {
    const offsets = setUp(['a', 'b', 'c'])
    offsets.measured('c', 100)
    offsets.show(['c', 'a'])
    expect(offsets.top(1)).toBe(100)
    offsets.show(['a'])
    expect(offsets.total).toBe(72)
    offsets.show(['a', 'c'])
    expect(offsets.total).toBe(172)
  })

  test('know what was measured as usual when something else is usual', () => {
    const offsets = setUp(['a', 'b'])
    offsets.measured('a', 72)
    offsets.setUsual(50)
    expect(offsets.total).toBe(122)
  })

  test('begin anew once all was forgotten', () => {
    const offsets = setUp(['a', 'b'])
    offsets.measured('a', 100)
    offsets.forget()
    expect(offsets.total).toBe(144)
  })

  test('are the sum of the heights above, whatever those are', () => {
    const offsets = setUp()
    const heights = new Map<string, number>()
    for (let step = 0; step < 500; step += 1) {
      const id = `id-${(step * 7919) % 10_000}`
      const height = 60 + ((step * 31) % 90)
      heights.set(id, height)
      offsets.measured(id, height)
    }
    let top = 0
    for (const [index, id] of tenThousand.entries()) {
      if (index % 97 === 0) {
        expect(offsets.top(index)).toBe(top)
        expect(offsets.indexAt(top)).toBe(index)
      }
      top += heights.get(id) ?? 72
    }
    expect(offsets.total).toBe(top)
  })

  test('lets go of the heights of rows that have left, once they are many', () => {
    const offsets = setUp()
    for (const id of tenThousand) offsets.measured(id, 100)
    offsets.show(['id-1'])
    offsets.show(tenThousand)
    expect(offsets.total).toBe(720_000 + 28)
  })
})
