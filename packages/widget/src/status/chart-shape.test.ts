import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rangeOf, shapeChart } from './chart-shape.js'

const size = { width: 40, height: 10, capacity: 5 }
const numbersIn = (path: string) => Array.from(path.matchAll(/-?[\d.]+/g), ([number]) => Number(number))

describe('a chart', () => {
  it('has its newest value at the right edge, whatever came before', () => {
    expect(shapeChart([1, 2], size).line).toBe('M30 5L40 0')
    expect(shapeChart([0, 0, 0, 1, 2], size).line).toBe('M0 10L10 10L20 10L30 5L40 0')
  })

  it('leaves out what is older than it is wide', () => {
    expect(shapeChart([4, 4, 1, 1, 1, 1, 1], size)).toMatchObject({ top: 1, line: 'M0 0L10 0L20 0L30 0L40 0' })
  })

  it('shows what is not known as a gap, never as a zero', () => {
    const { line, area } = shapeChart([2, 1, null, 1, 2], size)
    expect(line).toBe('M0 0L10 5M30 5L40 0')
    expect(area).toBe('M0 10L0 0L10 5L10 10ZM30 10L30 5L40 0L40 10Z')
  })

  it('shows one value between two gaps as a dot', () => {
    expect(shapeChart([null, 1, null], size)).toEqual({ line: 'M30 0h0', area: '', top: 1 })
  })

  it('is empty where nothing is known', () => {
    expect(shapeChart([], size)).toEqual({ line: '', area: '', top: 1 })
    expect(shapeChart([null, null], size)).toEqual({ line: '', area: '', top: 1 })
  })

  it.each([
    [0, 1],
    [0.004, 0.005],
    [0.3, 0.5],
    [1, 1],
    [1.1, 2],
    [4.9, 5],
    [7, 10],
    [1000, 1000],
    [1001, 2000],
  ])('with %d as its highest value reaches up to %d', (value, top) => {
    expect(shapeChart([value], size).top).toBeCloseTo(top, 10)
  })

  it('stays within its bounds', () => {
    const values = fc.array(fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })), { maxLength: 200 })
    fc.assert(
      fc.property(values, (drawn) => {
        const { line, area, top } = shapeChart(drawn, { width: 240, height: 56, capacity: 120 })
        expect(top).toBeGreaterThan(0)
        expect(line + area).not.toMatch(/NaN|Infinity|e/)
        for (const number of numbersIn(line)) expect(number >= 0 && number <= 240).toBe(true)
        const known = drawn.slice(-120).filter((value) => value !== null).length
        expect(numbersIn(line.replaceAll('h0', '')).length).toBe(2 * known)
      }),
    )
  })
})

describe('a range', () => {
  it('is the least, the median and the most of what is known', () => {
    expect(rangeOf([5, null, 1, 9, 3])).toEqual({ least: 1, median: 3, most: 9 })
    expect(rangeOf([7])).toEqual({ least: 7, median: 7, most: 7 })
  })

  it('is absent where nothing is known', () => {
    expect(rangeOf([null])).toBe(undefined)
  })

  it('orders numbers as numbers', () => {
    expect(rangeOf([100, 9, 20])?.median).toBe(20)
  })
})
