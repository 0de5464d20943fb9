import { describe, expect, test } from 'vitest'
import { trackBatches } from './batches.js'
import { UploadError } from './errors.js'
import { hear } from './item/machine.js'
import { newItem } from './item/new-item.js'
import { createUploadStore } from './store/upload-store.js'
import { createTestEnvironment } from './testing/test-environment.js'

function setUp() {
  const store = createUploadStore({ environment: createTestEnvironment(), onListened: () => {} })
  const completed: string[][] = []
  const newBatch = trackBatches(store, (items) => completed.push(items.map(({ id, phase }) => `${id} ${phase}`)))
  const add = (...ids: readonly string[]) => {
    store.add(
      ids.map((id) => newItem({ id, file: { name: id, size: 1, type: '' }, addedAt: 0 })),
      newBatch(ids),
    )
  }
  const cancel = (id: string) => store.dispatch(id, { type: 'cancelled' })
  const fail = (id: string) => store.dispatch(id, { type: 'failed', error: new UploadError('server', 'No.') })
  return { store, completed, add, cancel, fail }
}

describe('a batch is complete', () => {
  test('when the last of its items has ended, however', () => {
    const { completed, add, cancel, fail } = setUp()
    add('a', 'b')
    cancel('a')
    expect(completed).toEqual([])
    fail('b')
    expect(completed).toEqual([['a cancelled', 'b failed']])
  })

  test('apart from the items of other batches', () => {
    const { completed, add, cancel } = setUp()
    add('a')
    add('b')
    cancel('a')
    expect(completed).toEqual([['a cancelled']])
  })

  test('again, when an item that was retried has ended once more', () => {
    const { store, completed, add, cancel, fail } = setUp()
    add('a', 'b')
    cancel('a')
    fail('b')
    store.dispatch('b', { type: 'requeued' })
    expect(completed).toHaveLength(1)
    cancel('b')
    expect(completed).toEqual([
      ['a cancelled', 'b failed'],
      ['a cancelled', 'b cancelled'],
    ])
  })

  test('when the last unfinished item is removed', () => {
    const { store, completed, add, cancel } = setUp()
    add('a', 'b')
    cancel('a')
    store.remove(['b'])
    expect(completed).toEqual([['a cancelled']])
  })

  test('not when another tab goes on with what is left of it', () => {
    const { store, completed, add, cancel } = setUp()
    add('a', 'b')
    cancel('b')
    // It knew nothing of the end of the second one.
    store.replace(store.items().map((item) => ({ ...newItem({ id: item.id, file: item, addedAt: 0 }), mirrored: true as const })))
    expect(completed).toEqual([])
  })

  test('not once more when an ended item is removed', () => {
    const { store, completed, add, cancel } = setUp()
    add('a', 'b')
    cancel('a')
    cancel('b')
    store.remove(['a'])
    expect(completed).toHaveLength(1)
  })

  test('never, when all of its items were removed', () => {
    const { store, completed, add } = setUp()
    add('a', 'b')
    store.remove(['a', 'b'])
    expect(completed).toEqual([])
  })

  test('never, when it is empty', () => {
    const { completed, add } = setUp()
    add()
    expect(completed).toEqual([])
  })

  test('not once more when the server takes a completion back', () => {
    const { store, completed, add } = setUp()
    const word = { operation_id: 'op', operation_type: 'upload', progress: 0, timestamp: '2026-01-01T00:00:00Z', client_ref: 'a' } as const
    add('a')
    store.dispatchBy(hear, 'a', { type: 'serverSaid', update: { ...word, status: 'completed', version: 1 } })
    store.dispatchBy(hear, 'a', { type: 'serverSaid', update: { ...word, status: 'failed', version: 2 } })
    expect(completed).toEqual([['a completed']])
  })
})
