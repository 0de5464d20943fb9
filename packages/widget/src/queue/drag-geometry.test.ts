import { describe, expect, it } from 'vitest'
import { makesWay, placeAt, scrollSpeed } from './drag-geometry.js'

describe('a dragged row', () => {
  it('has the place that most of it covers', () => {
    const span = { first: 2, last: 9 }
    expect([120, 149, 151, 180].map((top) => placeAt(top, 60, span))).toEqual([2, 2, 3, 3])
  })

  it('stays among the rows that wait', () => {
    const span = { first: 2, last: 4 }
    expect([-500, 0, 9999].map((top) => placeAt(top, 60, span))).toEqual([2, 2, 4])
  })
})

describe('the others', () => {
  it('make way between where it was and where it would be', () => {
    const ways = (from: number, to: number) => [0, 1, 2, 3, 4].map((index) => makesWay(index, from, to))
    expect(ways(1, 3)).toEqual([0, 0, -1, -1, 0])
    expect(ways(3, 1)).toEqual([0, 1, 1, 0, 0])
    expect(ways(2, 2)).toEqual([0, 0, 0, 0, 0])
  })
})

describe('the list under the pointer', () => {
  const speed = (pointer: number) => scrollSpeed(pointer, 100, 500)

  it('stands still, but for its edges', () => {
    expect([148, 300, 452].map(speed)).toEqual([0, 0, 0])
    expect(speed(140)).toBeLessThan(0)
    expect(speed(460)).toBeGreaterThan(0)
  })

  it('goes the faster the nearer to the edge the pointer is, and no faster outside', () => {
    expect(speed(490)).toBeGreaterThan(speed(470))
    expect(speed(110)).toBeLessThan(speed(130))
    expect(speed(500)).toBe(speed(5000))
    expect(speed(-5000)).toBe(-speed(5000))
  })

  it('has a middle where it can rest, however low it is', () => {
    expect(scrollSpeed(130, 100, 160)).toBe(0)
  })
})
