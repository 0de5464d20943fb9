import { expect, test } from 'vitest'
import type { UploadItem } from '../item/item.js'
import { newItem } from '../item/new-item.js'
import { createTestEnvironment } from '../testing/test-environment.js'
import { createUploadStore } from './upload-store.js'

function setUp(count: number) {
  const environment = createTestEnvironment()
  const store = createUploadStore({ environment, onListened: () => {} })
  const add = (id: string): UploadItem => {
    const item = newItem({
      id,
      file: new File(['x'], `${id}.txt`),
      relativePath: undefined,
      addedAt: 0,
      priority: undefined,
      metadata: undefined,
    })
    store.add([item])
    return item
  }
  for (let index = 1; index <= count; index += 1) add(`item-${index}`)
  environment.paint()
  const told: (readonly UploadItem[])[] = []
  return { environment, store, add, told, listen: () => store.$items.listen((items) => told.push(items)) }
}

test('all items are the same array while nothing changed, and another one after a change', () => {
  const { store } = setUp(2)
  const before = store.items()
  expect(store.items()).toBe(before)
  expect(store.$items.get()).toBe(before)
  store.dispatch('item-1', { type: 'paused' })
  expect(store.items()).not.toBe(before)
  expect(store.items()[1]).toBe(before[1])
  store.dispatch('item-1', { type: 'paused' })
  expect(store.items()).toBe(store.$items.get())
})

test('listeners to all items are told once a frame, of every kind of change', () => {
  const { environment, store, add, told, listen } = setUp(2)
  const unlisten = listen()
  store.dispatch('item-1', { type: 'reprioritised', priority: 5 })
  store.dispatch('item-2', { type: 'paused' })
  expect(told).toHaveLength(0)
  environment.paint()
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject([{ priority: 5 }, { paused: true }])

  const changes = [() => add('item-3'), () => store.move('item-3', 0), () => store.remove(['item-1'])]
  const orders = changes.map((change) => {
    change()
    environment.paint()
    return told.at(-1)?.map((item) => item.id)
  })
  expect(orders).toEqual([
    ['item-1', 'item-2', 'item-3'],
    ['item-3', 'item-1', 'item-2'],
    ['item-3', 'item-2'],
  ])
  unlisten()
  store.dispatch('item-2', { type: 'resumed' })
  environment.paint()
  expect(told).toHaveLength(4)
})
