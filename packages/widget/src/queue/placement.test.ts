import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anItem } from '../testing/an-item.js'
import { createLineUp } from './line-up.js'
import { neighboursAt, placeBetween } from './placement.js'

const all = () => true

describe('the neighbours of a place', () => {
  const rows = ['a', 'b', 'c', 'd']

  it.each([
    [0, 2, { previous: 'c', next: 'd' }],
    [0, 3, { previous: 'd', next: undefined }],
    [3, 0, { previous: undefined, next: 'a' }],
    [2, 1, { previous: 'a', next: 'b' }],
    [1, 1, { previous: 'a', next: 'c' }],
  ])('are those around it once the moved one has left its own: from %d to %d', (from, to, expected) => {
    expect(neighboursAt(rows, from, to, all)).toEqual(expected)
  })

  it('are those that still wait: others may have begun or left since', () => {
    expect(neighboursAt(rows, 3, 1, (id) => id !== 'b')).toEqual({ previous: 'a', next: 'c' })
    expect(neighboursAt(rows, 3, 1, (id) => id === 'c')).toEqual({ previous: undefined, next: 'c' })
    expect(neighboursAt(rows, 3, 1, () => false)).toEqual({ previous: undefined, next: undefined })
  })
})

describe('a place between two files', () => {
  const priorities: Readonly<Record<string, number>> = { high: 1, normal: 0, other: 0, low: -1 }
  const place = (id: string, previous: string | undefined, next: string | undefined) =>
    placeBetween(id, { previous, next }, ['normal', 'low', 'other', 'high'], (one) => priorities[one] ?? 0)

  it('is the place before the next one, counted without the moved one', () => {
    expect(place('normal', undefined, 'other')).toEqual({ index: 1, priority: 0 })
    expect(place('other', undefined, 'normal')).toEqual({ index: 0, priority: 0 })
  })

  it('asks for a higher priority among higher ones, and for a lower one among lower ones', () => {
    expect(place('low', 'high', 'normal')).toEqual({ index: 0, priority: 0 })
    expect(place('normal', undefined, 'high')).toEqual({ index: 2, priority: 1 })
    expect(place('high', 'low', undefined)).toEqual({ index: 2, priority: -1 })
  })

  it('leaves the priority alone where the order allows it', () => {
    expect(place('other', 'high', 'low').priority).toBe(0)
    expect(place('high', undefined, 'normal').priority).toBe(1)
    expect(place('low', 'normal', undefined).priority).toBe(-1)
  })

  it('of a file that is alone is its own', () => {
    expect(placeBetween('a', { previous: undefined, next: undefined }, ['z', 'a'], () => 5)).toEqual({ index: 1, priority: 5 })
  })

  it('is where the file then stands, whatever the order and the priorities', () => {
    const item = fc.record({ priority: fc.constantFrom(-2, -1, 0, 1, 1.5), isActive: fc.boolean() })
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (drawn, fromSeed, toSeed) => {
        const items = drawn.map(({ priority, isActive }, index) =>
          isActive
            ? anItem({ id: `${index}`, priority, phase: 'uploading', sentBytes: 0 })
            : anItem({ id: `${index}`, priority, phase: 'queued' }),
        )
        const before = createLineUp()
        before.reset(items)
        if (before.waitingCount === 0) return
        const from = before.activeCount + (fromSeed % before.waitingCount)
        const to = before.activeCount + (toSeed % before.waitingCount)
        const id = before.ids.at(from) ?? ''
        const neighbours = neighboursAt(before.ids, from, to, (other) => before.position(other) !== undefined)
        const { index, priority } = placeBetween(
          id,
          neighbours,
          items.map((one) => one.id),
          (one) => items.find((other) => other.id === one)?.priority ?? 0,
        )

        const others = items.filter((one) => one.id !== id)
        others.splice(index, 0, anItem({ id, priority, phase: 'queued' }))
        const after = createLineUp()
        after.reset(others)
        const expected = [...before.ids].filter((other) => other !== id)
        expected.splice(to, 0, id)
        expect([...after.ids]).toEqual(expected)
      }),
    )
  })
})
