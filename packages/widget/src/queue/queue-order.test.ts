import { describe, expect, it } from 'vitest'
import { scriptedUploader } from '../testing/scripted-uploader.js'
import { createQueueOrder } from './queue-order.js'

function setUp(count: number) {
  const uploader = scriptedUploader()
  const ids = uploader.add(Array.from({ length: count }, (_, index) => new File(['x'], `${index}.txt`)))
  const frames = new Set<() => void>()
  const order = createQueueOrder({
    uploader,
    nextFrame(callback) {
      frames.add(callback)
      return () => frames.delete(callback)
    },
  })
  let told = 0
  order.listen(() => (told += 1))
  return {
    uploader,
    ids,
    order,
    told: () => told,
    paint() {
      for (const callback of frames) {
        frames.delete(callback)
        callback()
      }
    },
  }
}

describe('the order of a queue', () => {
  it('is told once a frame, however many files begin or end in it', () => {
    const { uploader, ids, order, told, paint } = setUp(10)
    for (const id of ids.slice(0, 5)) uploader.set(id, { phase: 'uploading', sentBytes: 0 })
    expect(told()).toBe(0)
    expect(order.activeCount).toBe(5)
    const { edition } = order
    paint()
    expect(told()).toBe(1)
    paint()
    expect(told()).toBe(1)
    expect(order.edition).toBe(edition)
  })

  it('is told at once when files come or go', () => {
    const { uploader, ids, order, told } = setUp(2)
    const { edition } = order
    uploader.add([new File(['x'], 'new.txt')])
    expect(told()).toBe(1)
    uploader.remove(ids[0] ?? '')
    expect(told()).toBe(2)
    expect(order.edition).toBe(edition + 2)
    expect(order.ids).toHaveLength(2)
  })

  it('is not told of progress', () => {
    const { uploader, ids, told, paint } = setUp(2)
    uploader.set(ids[0] ?? '', { phase: 'uploading', sentBytes: 0 })
    paint()
    for (let sent = 0; sent < 100; sent += 1) uploader.set(ids[0] ?? '', { phase: 'uploading', sentBytes: sent })
    paint()
    expect(told()).toBe(1)
  })

  it('leaves nothing behind', () => {
    const { uploader, ids, order, told, paint } = setUp(2)
    uploader.set(ids[0] ?? '', { phase: 'completed' })
    order.dispose()
    paint()
    uploader.add([new File(['x'], 'new.txt')])
    expect(told()).toBe(0)
    expect(uploader.listenerCount()).toBe(0)
  })
})
