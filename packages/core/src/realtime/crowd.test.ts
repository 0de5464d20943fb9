import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../testing/manual-clock.js'
import { createCrowd, type Crowd } from './crowd.js'

/** So many words are read as they come. */
const FEW = 50
let clock: ManualClock
let read: unknown[]
let crowd: Crowd

const word = (version: number, more: object = {}) => ({ operation_id: 'a', status: 'in_progress', version, ...more })
const offer = (raw: unknown) => {
  if (!crowd.holds(raw)) read.push(raw)
}

beforeEach(() => {
  clock = createManualClock()
  read = []
  crowd = createCrowd(clock, (raw) => read.push(raw))
})

/** Enough is said to keep words back. */
function fill(): void {
  for (let index = 0; index < FEW; index += 1) offer(word(1))
  expect(read).toHaveLength(FEW)
  read = []
}

describe('words that come thick and fast', () => {
  it('are read a tenth of a second later, the newest of each operation alone', async () => {
    fill()
    for (let version = 2; version <= 500; version += 1) offer(version % 2 === 0 ? word(version) : JSON.stringify(word(version)))
    offer(word(7, { operation_id: 'b' }))
    expect(read).toEqual([])
    await clock.advance(99)
    expect(read).toEqual([])
    await clock.advance(1)
    expect(read).toEqual([word(500), word(7, { operation_id: 'b' })])
  })

  it('are the newest by their versions, whatever order they come in', async () => {
    fill()
    for (const version of [5, 9, 7]) offer(word(version))
    await clock.advance(100)
    expect(read).toEqual([word(9)])
  })

  it.each([
    ['an end', word(2, { status: 'completed' })],
    ['a word without a version', { operation_id: 'a', status: 'in_progress' }],
    ['one whose version is no whole number', word(Number.POSITIVE_INFINITY)],
    ['one of an unknown status', word(2, { status: 'dancing' })],
    ['one about nothing', { status: 'in_progress', version: 2 }],
    ['what is no JSON', '{"operation_id":'],
    ['what is no object', [1]],
    [
      'an object that throws',
      {
        get operation_id() {
          throw new Error('no')
        },
      },
    ],
  ])('do not keep back %s', (_what, raw) => {
    fill()
    offer(raw)
    expect(read).toEqual([raw])
  })

  it('are not kept back once there are few again', async () => {
    fill()
    await clock.advance(100)
    offer(word(2))
    expect(read).toEqual([word(2)])
  })

  it('are kept of a thousand operations at most', async () => {
    fill()
    for (let index = 0; index < 1002; index += 1) offer(word(1, { operation_id: `operation-${index}` }))
    expect(read).toHaveLength(2)
    await clock.advance(100)
    expect(read).toHaveLength(1002)
  })

  it('are forgotten when nobody listens any more', async () => {
    fill()
    offer(word(2))
    crowd.dispose()
    expect(clock.pending).toBe(0)
    await clock.advance(100)
    expect(read).toEqual([])
  })
})
