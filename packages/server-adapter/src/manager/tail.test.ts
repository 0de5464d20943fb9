import { setImmediate } from 'node:timers/promises'
import { beforeEach, describe, expect, test } from 'vitest'
import { memory } from '../records/memory.js'
import type { OperationRecord, OperationRecords } from '../records/operation-records.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { newOperation } from '../testing/operation-records-contract.js'
import { amend } from './operations.js'
import { createTail, type Tail } from './tail.js'

let clock: ManualClock
let records: OperationRecords
let tail: Tail
let heard: number[]
let errors: string[]
/** What `watch` was given. */
let othersWrote: () => void

beforeEach(async () => {
  clock = manualClock()
  heard = []
  errors = []
  records = {
    ...memory(),
    watch(onChange) {
      othersWrote = onChange
      return () => {}
    },
  }
  const logger = { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) }
  await records.open({ clock, logger })
  tail = createTail({ records, clock, random: () => 1, logger })
  tail.listen((changed) => void heard.push(...changed.map(({ word }) => word.version)))
})

async function commit(id: string): Promise<OperationRecord> {
  const [outcome] = await records.insert([newOperation(id)])
  if (outcome === undefined) throw new Error('Nothing was inserted.')
  return outcome.record
}

describe('the end of the sequence', () => {
  test('begins after what is there', async () => {
    await commit('old')
    await tail.open()
    await tail.caughtUp()
    tail.committed([await commit('new')])
    expect(heard).toEqual([2])
  })

  test('is heard in order, once, though answers to two commits came the other way round', async () => {
    await tail.open()
    const [first, second] = [await commit('a'), await commit('b')]
    tail.committed([second])
    tail.committed([first])
    await tail.caughtUp()
    expect(heard).toEqual([1, 2])
    expect(tail.position()).toBe(2)
  })

  test('is heard of others when they have written, however often that is said', async () => {
    await tail.open()
    await commit('theirs')
    for (let call = 0; call < 3; call += 1) othersWrote()
    await tail.caughtUp()
    othersWrote()
    await tail.caughtUp()
    expect(heard).toEqual([1])
  })

  test('is heard to its end, however much others have written in one go', async () => {
    await tail.open()
    for (let index = 0; index < 450; index += 1) await commit(`theirs-${index}`)
    othersWrote()
    await tail.caughtUp()
    expect(heard).toEqual(Array.from({ length: 450 }, (_, index) => index + 1))
  })

  test('misses nothing that others write while it is opened', async () => {
    const { latestVersion } = records
    records.latestVersion = async () => {
      const latest = await latestVersion()
      await commit('in between')
      othersWrote()
      return latest
    }
    await tail.open()
    await tail.caughtUp()
    expect(heard).toEqual([1])
  })

  test('has the newest state of what changed several times before it was read', async () => {
    await tail.open()
    await commit('a')
    await commit('b')
    await records.update('a', (record) => amend(record, { progress: 5 }))
    othersWrote()
    await tail.caughtUp()
    expect(heard).toEqual([2, 3])
  })

  test('goes on where a commit of our own was forgotten before it could be read', async () => {
    await tail.open()
    await commit('theirs')
    const ours = await records.insert([newOperation('ours', { status: 'cancelled' })])
    await records.forget(['ours'], Number.POSITIVE_INFINITY)
    tail.committed(ours.map(({ record }) => record))
    await tail.caughtUp()
    tail.committed([await commit('next')])
    expect(heard).toEqual([1, 3])
  })

  test('is read again after a pause where it could not be read', async () => {
    await tail.open()
    const { everyChange } = records
    records.everyChange = () => Promise.reject(new Error('gone'))
    await commit('theirs')
    othersWrote()
    await tail.caughtUp()
    expect(errors).toEqual(['What has changed could not be read; it is tried again in 100 ms.'])
    records.everyChange = everyChange
    tail.committed([await commit('ours')])
    clock.advance(100)
    await setImmediate()
    expect(heard).toEqual([1, 2])
  })

  test('is silent once it is closed', async () => {
    await tail.open()
    const record = await commit('a')
    tail.close()
    tail.committed([record])
    othersWrote()
    await tail.caughtUp()
    expect(heard).toEqual([])
  })
})
