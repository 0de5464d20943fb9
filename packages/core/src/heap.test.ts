import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createHeap } from './heap.js'

describe('a heap', () => {
  test('gives out the least first, as a sort would', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), (values) => {
        const heap = createHeap<number>((a, b) => a < b)
        for (const value of values) heap.push(value)
        expect(values.map(() => heap.pop())).toEqual([...values].sort((a, b) => a - b))
        expect(heap.size).toBe(0)
      }),
    )
  })

  test('does so too while values come and go', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
        const heap = createHeap<number>((a, b) => a < b)
        const model: number[] = []
        for (const value of steps) {
          if (value !== undefined) {
            heap.push(value)
            model.push(value)
            model.sort((a, b) => a - b)
          }
          expect(value === undefined ? heap.pop() : undefined).toBe(value === undefined ? model.shift() : undefined)
          expect(heap.peek()).toBe(model[0])
          expect(heap.size).toBe(model.length)
        }
      }),
    )
  })

  test('is empty at first, and says so', () => {
    const heap = createHeap<number>(() => false)
    expect([heap.size, heap.peek(), heap.pop(), heap.size]).toEqual([0, undefined, undefined, 0])
  })

  test('compares a few times for each of ten thousand values, not each with each', () => {
    let comparisons = 0
    const heap = createHeap<number>((a, b) => ((comparisons += 1), a < b))
    const count = 10_000
    for (let index = 0; index < count; index += 1) heap.push((index * 7919) % count)
    for (let index = 0; index < count; index += 1) heap.pop()
    expect(comparisons).toBeLessThan(3 * count * Math.log2(count))
  })
})
