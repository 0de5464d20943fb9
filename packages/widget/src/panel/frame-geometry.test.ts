import { describe, expect, test } from 'vitest'
import { CORNERS, freeCorner, movedInside, nextCorner, overlapOf, readSpot, spotOf } from './frame-geometry.js'

const area = { left: 0, top: 0, right: 1000, bottom: 800 }
const box = (left: number, top: number, width = 400, height = 300) => ({ left, top, right: left + width, bottom: top + height })

describe('a spot', () => {
  test.each([
    [box(580, 480), 'bottom-end', 20, 20],
    [box(30, 480), 'bottom-start', 30, 20],
    [box(30, 40), 'top-start', 30, 40],
    [box(590, 40), 'top-end', 10, 40],
  ] as const)('of %o is told from the corner next to it', (there, corner, inline, block) => {
    expect(spotOf(there, area, false)).toEqual({ corner, offset: { inline, block } })
  })

  test('begins on the right where text runs to the left', () => {
    expect(spotOf(box(580, 480), area, true)).toEqual({ corner: 'bottom-start', offset: { inline: 20, block: 20 } })
    expect(spotOf(box(20, 480), area, true)).toEqual({ corner: 'bottom-end', offset: { inline: 20, block: 20 } })
  })

  test('in the middle is told from the end', () => {
    expect(spotOf(box(300, 250), area, false).corner).toBe('bottom-end')
    expect(spotOf(box(300, 250), area, true).corner).toBe('bottom-end')
  })

  test('is in pixels of the panel where an ancestor shows them larger', () => {
    expect(spotOf(box(560, 460), area, false, 2).offset).toEqual({ inline: 20, block: 20 })
  })
})

describe('moving', () => {
  test('goes as far as was asked for inside the area', () => {
    expect(movedInside(box(100, 100), area, 50, -20)).toEqual(box(150, 80))
  })

  test('stops before each edge', () => {
    expect(movedInside(box(100, 100), area, -5000, -5000)).toEqual(box(8, 8))
    expect(movedInside(box(100, 100), area, 5000, 5000)).toEqual(box(592, 492))
  })

  test('keeps the beginning of a box in sight that is larger than the area', () => {
    expect(movedInside(box(0, 0, 2000, 2000), area, 300, 300)).toEqual(box(8, 8, 2000, 2000))
  })
})

test('what two areas have in common', () => {
  expect(overlapOf(area, { left: -10, top: 50, right: 500, bottom: 3000 })).toEqual({ left: 0, top: 50, right: 500, bottom: 800 })
})

describe('corners', () => {
  test('are gone round one by one', () => {
    const seen = [nextCorner('bottom-end')]
    while (seen.length < 4) seen.push(nextCorner(seen.at(-1) ?? 'bottom-end'))
    expect(seen).toEqual(['bottom-start', 'top-start', 'top-end', 'bottom-end'])
  })

  test('that are taken are left to others', () => {
    expect(freeCorner('bottom-end', new Set())).toBe('bottom-end')
    expect(freeCorner('bottom-end', new Set(['bottom-end']))).toBe('bottom-start')
    expect(freeCorner('top-end', new Set(['top-end', 'bottom-end']))).toBe('bottom-start')
    expect(freeCorner('top-end', new Set(CORNERS))).toBe('top-end')
  })
})

describe('a spot that was kept', () => {
  test('is read', () => {
    expect(readSpot({ corner: 'top-end', offset: { inline: 5, block: 0 } })).toEqual({ corner: 'top-end', offset: { inline: 5, block: 0 } })
    expect(readSpot({ corner: 'top-end' })).toEqual({ corner: 'top-end' })
  })

  test.each([undefined, null, 7, 'top-end', [], {}, { corner: 'middle' }, { corner: 'toString' }, { corner: ['top-end'] }])(
    'is none where %o is there',
    (value) => expect(readSpot(value)).toBeUndefined(),
  )

  test.each([{ inline: -1, block: 0 }, { inline: '5', block: 0 }, { inline: 1e9, block: 0 }, { inline: null, block: 0 }, {}, 'x', null])(
    'is the corner alone where its offset is %o',
    (offset) => expect(readSpot({ corner: 'top-start', offset })).toEqual({ corner: 'top-start' }),
  )
})
