import { beforeEach, expect, test } from 'vitest'
import { type ManualClock, manualClock } from './testing/manual-clock.js'
import { type Coalescer, createCoalescer } from './coalesce.js'

interface Change {
  readonly progress?: number
  readonly stage?: string
}

let clock: ManualClock
let written: Change[]
let news: Coalescer<Change>

beforeEach(() => {
  clock = manualClock()
  written = []
  news = createCoalescer<Change>({ clock, intervalMs: 100, write: async (change) => void written.push(change) })
})
/** Writes begin in the order of the calls, each when the one before has ended. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
}

test('the first change is written at once', async () => {
  news.push({ progress: 1 })
  await settle()
  expect(written).toEqual([{ progress: 1 }])
})

test('changes within an interval are written together at its end', async () => {
  news.push({ progress: 1 })
  news.push({ progress: 2 })
  news.push({ stage: 'hashing' })
  news.push({ progress: 3 })
  clock.advance(99)
  await settle()
  expect(written).toHaveLength(1)
  clock.advance(1)
  await settle()
  expect(written).toEqual([{ progress: 1 }, { progress: 3, stage: 'hashing' }])
})

test('a change after a silent interval is written at once again', async () => {
  news.push({ progress: 1 })
  await settle()
  clock.advance(100)
  news.push({ progress: 2 })
  await settle()
  expect(written).toEqual([{ progress: 1 }, { progress: 2 }])
})

test('a flush writes what is waiting and waits for it', async () => {
  news.push({ progress: 1 })
  news.push({ progress: 2 })
  await news.flush()
  expect(written).toEqual([{ progress: 1 }, { progress: 2 }])
  clock.advance(1000)
  await news.flush()
  expect(written).toHaveLength(2)
})

test('nothing is written after a stop', async () => {
  news.push({ progress: 1 })
  news.push({ progress: 2 })
  news.stop()
  clock.advance(1000)
  await settle()
  expect(written).toEqual([{ progress: 1 }])
})

test('what is waiting can be taken, and is not written then', async () => {
  news.push({ progress: 1 })
  news.push({ progress: 2 })
  expect(await news.take()).toEqual({ progress: 2 })
  expect(await news.take()).toBeUndefined()
  clock.advance(1000)
  await news.flush()
  expect(written).toEqual([{ progress: 1 }])
})

test('one write at a time is under way: what comes meanwhile is written together when it has ended', async () => {
  const slow = Promise.withResolvers<void>()
  const begun: Change[] = []
  const coalescer = createCoalescer<Change>({
    clock,
    intervalMs: 100,
    write: (change) => {
      begun.push(change)
      return slow.promise
    },
  })
  for (let progress = 1; progress <= 10; progress += 1) {
    coalescer.push({ progress })
    clock.advance(100)
    await settle()
  }
  expect(begun).toEqual([{ progress: 1 }])
  slow.resolve()
  await settle()
  clock.advance(100)
  await settle()
  expect(begun).toEqual([{ progress: 1 }, { progress: 10 }])
})

test('it says when nothing was pushed for an interval', async () => {
  let idle = 0
  const coalescer = createCoalescer<Change>({ clock, intervalMs: 100, write: async () => {}, onIdle: () => (idle += 1) })
  coalescer.push({ progress: 1 })
  clock.advance(50)
  coalescer.push({ progress: 2 })
  await settle()
  clock.advance(50)
  await settle()
  expect(idle).toBe(0)
  clock.advance(100)
  expect(idle).toBe(1)
})

test('a change whose time has come is written although the timer had no turn', async () => {
  let nowMs = 0
  const busy = { now: () => nowMs, setTimeout: () => () => {} }
  const coalescer = createCoalescer<Change>({ clock: busy, intervalMs: 100, write: async (change) => void written.push(change) })
  for (nowMs = 0; nowMs < 250; nowMs += 1) {
    coalescer.push({ progress: nowMs })
    await settle()
  }
  expect(written).toEqual([{ progress: 0 }, { progress: 100 }, { progress: 200 }])
})
