import { describe, expect, it } from 'vitest'
import { newItem } from '../item/new-item.js'
import { createUploadStore } from '../store/upload-store.js'
import { createTestEnvironment, createTestFile } from '../testing/index.js'
import { createLine } from './line.js'

function setUp(count: number) {
  const store = createUploadStore({ environment: createTestEnvironment(), onListened() {} })
  const line = createLine(store, (item) => item.phase === 'queued')
  store.add(Array.from({ length: count }, (_, index) => newItem({ id: `item-${index + 1}`, file: createTestFile('a', 1), addedAt: 0 })))
  line.join(store.items())
  /** Takes all, as a queue does: what was taken is queued no more. */
  const rest = () => {
    const ids: string[] = []
    for (let item = line.next(); item !== undefined; item = line.next()) {
      ids.push(item.id)
      store.dispatch(item.id, { type: 'started' })
    }
    return ids
  }
  return { store, line, rest }
}

describe('a line of items', () => {
  it('goes by their places in the queue', () => {
    expect(setUp(3).rest()).toEqual(['item-1', 'item-2', 'item-3'])
  })

  it('goes by priority first', () => {
    const { store, line, rest } = setUp(3)
    line.join([store.dispatch('item-3', { type: 'reprioritised', priority: 1 })!])
    expect(rest()).toEqual(['item-3', 'item-1', 'item-2'])
  })

  it('puts an item that lost its priority back in its place, even if nobody said so', () => {
    const { store, line, rest } = setUp(3)
    line.join([store.dispatch('item-3', { type: 'reprioritised', priority: 1 })!])
    store.dispatch('item-3', { type: 'reprioritised', priority: 0 })
    expect(rest()).toEqual(['item-1', 'item-2', 'item-3'])
  })

  it('gives an item out once, however often it joined', () => {
    const { store, line, rest } = setUp(2)
    for (const item of store.items()) line.join([item])
    expect(rest()).toEqual(['item-1', 'item-2'])
  })

  it('leaves out items that no longer belong', () => {
    const { store, rest } = setUp(3)
    store.dispatch('item-1', { type: 'cancelled' })
    store.remove(['item-2'])
    expect(rest()).toEqual(['item-3'])
  })

  it('loses nobody when so many moves into one gap have the items numbered anew', () => {
    const { store, rest } = setUp(10)
    // Each halves the gap in front of the second item, until floating-point numbers end and all ranks change.
    for (let move = 0; move < 200; move += 1) store.move(store.ids()[9]!, 1)
    expect(new Set(rest())).toEqual(new Set(store.ids()))
  })
})
