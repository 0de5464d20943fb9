import { describe, expect, it } from 'vitest'
import { settle } from '../../testing/index.js'
import { createSlots, type Slots } from './slots.js'

const never = () => new AbortController().signal

/** Takes slots and writes down in which order they were granted. */
function taker(slots: Slots) {
  const granted: string[] = []
  const releases = new Map<string, () => void>()
  return {
    granted,
    release: (name: string) => releases.get(name)?.(),
    take(name: string, order: readonly number[] = [0], signal = never(), origin = 'http://a.test') {
      return slots.take(origin, order, signal).then((release) => {
        granted.push(name)
        releases.set(name, release)
      })
    },
  }
}

describe('byte slots', () => {
  it('never give out more than the limit, and the next one as soon as one is given back', async () => {
    const slots = createSlots(() => 2)
    const { take, granted, release } = taker(slots)
    for (const name of ['a', 'b', 'c', 'd']) void take(name)
    await settle()
    expect(granted).toEqual(['a', 'b'])
    expect(slots.inspect()).toEqual({ 'http://a.test': { limit: 2, used: 2, waiting: 2 } })
    release('b')
    await settle()
    expect(granted).toEqual(['a', 'b', 'c'])
    expect(slots.inspect()).toEqual({ 'http://a.test': { limit: 2, used: 2, waiting: 1 } })
  })

  it('go to the lowest order, compared place by place', async () => {
    const slots = createSlots(() => 1)
    const { take, granted, release } = taker(slots)
    void take('first')
    void take('rank 2, part 1', [0, 2, 1])
    void take('rank 1, part 2', [0, 1, 2])
    void take('rank 1, part 1', [0, 1, 1])
    void take('priority', [-1, 9, 9])
    for (const name of ['first', 'priority', 'rank 1, part 1', 'rank 1, part 2']) {
      await settle()
      release(name)
    }
    await settle()
    expect(granted).toEqual(['first', 'priority', 'rank 1, part 1', 'rank 1, part 2', 'rank 2, part 1'])
  })

  it('given back twice count once', async () => {
    const slots = createSlots(() => 1)
    const { take, release, granted } = taker(slots)
    void take('a')
    await settle()
    release('a')
    release('a')
    void take('b')
    void take('c')
    await settle()
    expect(granted).toEqual(['a', 'b'])
  })

  it('are not given to those who went away, who are told their signal’s reason', async () => {
    const slots = createSlots(() => 1)
    const { take, release, granted } = taker(slots)
    const controller = new AbortController()
    const reason = new Error('gone')
    void take('a')
    const gone = take('gone', [0], controller.signal)
    void take('b')
    await settle()
    controller.abort(reason)
    await expect(gone).rejects.toBe(reason)
    await expect(slots.take('http://a.test', [0], controller.signal)).rejects.toBe(reason)
    expect(slots.inspect()['http://a.test']).toEqual({ limit: 1, used: 1, waiting: 1 })
    release('a')
    await settle()
    expect(granted).toEqual(['a', 'b'])
  })

  it('of one origin do not hold up another', async () => {
    const slots = createSlots(() => 1)
    const { take, granted } = taker(slots)
    void take('a')
    void take('b', [0], never(), 'http://b.test')
    await settle()
    expect(granted).toEqual(['a', 'b'])
  })

  it('that become more are all given out', async () => {
    let limit = 1
    const slots = createSlots(() => limit)
    const { take, granted, release } = taker(slots)
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) void take(name, [index])
    await settle()
    limit = 3
    release('a')
    await settle()
    expect(granted).toEqual(['a', 'b', 'c', 'd'])
  })
})
