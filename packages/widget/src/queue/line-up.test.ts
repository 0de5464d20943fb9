import type { UploadItem, UploadPhase } from '@upload-panel/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anItem, type ItemChange } from '../testing/an-item.js'
import { createLineUp, type LineUp } from './line-up.js'

const item = (id: string, change: Partial<ItemChange> = {}) => anItem({ id, phase: 'queued', ...change })

function lineUpOf(...items: readonly UploadItem[]): LineUp {
  const lineUp = createLineUp()
  lineUp.reset(items)
  return lineUp
}

describe('the line', () => {
  it('has what goes first, then what waits, each by priority and then by its place', () => {
    const lineUp = lineUpOf(
      item('a'),
      item('b', { phase: 'uploading', sentBytes: 0 }),
      item('c', { priority: 1 }),
      item('d', { priority: -1 }),
      item('e', { phase: 'uploading', sentBytes: 0, priority: 2 }),
      item('f', { phase: 'ready' }),
    )
    expect([...lineUp.ids]).toEqual(['e', 'b', 'c', 'a', 'f', 'd'])
    expect(lineUp.activeCount).toBe(2)
    expect(lineUp.waitingCount).toBe(4)
  })

  it.each<UploadPhase>(['processing', 'completed', 'failed', 'cancelled'])('has nothing that is %s', (phase) => {
    expect([...lineUpOf(item('a', { phase })).ids]).toEqual([])
  })

  it('numbers what waits from 1, what is paused included, and nothing else', () => {
    const lineUp = lineUpOf(item('a', { phase: 'uploading', sentBytes: 0 }), item('b', { paused: true }), item('c', { priority: Infinity }))
    expect(['a', 'b', 'c', 'unknown'].map(lineUp.position)).toEqual([undefined, 2, 1, undefined])
  })

  it('is the same list until something changes in it', () => {
    const lineUp = lineUpOf(item('a'), item('b'))
    const before = lineUp.ids
    expect(lineUp.change(item('a', { paused: true }))).toBe(false)
    expect(lineUp.ids).toBe(before)
    expect(lineUp.change(item('a', { phase: 'completed' }))).toBe(true)
    expect(lineUp.ids).not.toBe(before)
    expect([...before]).toEqual(['a', 'b'])
  })

  it('takes no notice of an item that it was not told of', () => {
    const lineUp = lineUpOf(item('a'))
    expect(lineUp.change(item('new', { phase: 'uploading', sentBytes: 0 }))).toBe(false)
    expect([...lineUp.ids]).toEqual(['a'])
  })

  it('after any changes is what it would be if it were made anew', () => {
    const change = fc.record({
      place: fc.nat(11),
      phase: fc.constantFrom<UploadPhase>('queued', 'uploading', 'waiting', 'completed', 'ready'),
      priority: fc.constantFrom(-1, 0, 1, Infinity),
    })
    fc.assert(
      fc.property(fc.array(change), (changes) => {
        const items = Array.from({ length: 12 }, (_, place) => item(`item-${place}`))
        const lineUp = lineUpOf(...items)
        for (const { place, phase, priority } of changes) {
          const before = items[place] ?? item('none')
          const after = item(before.id, { phase, priority })
          items[place] = after
          lineUp.change(after)
          const anew = lineUpOf(...items)
          expect([...lineUp.ids]).toEqual([...anew.ids])
          expect(lineUp.ids.slice(1, 4)).toEqual([...anew.ids].slice(1, 4))
          expect([...lineUp.ids].map((id) => lineUp.ids.at(lineUp.ids.indexOf(id)))).toEqual([...anew.ids])
          expect(items.map(({ id }) => lineUp.position(id))).toEqual(items.map(({ id }) => anew.position(id)))
        }
      }),
    )
  })
})
