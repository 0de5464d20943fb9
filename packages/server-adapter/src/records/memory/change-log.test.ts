import { expect, test } from 'vitest'
import { newOperation } from '../../testing/operation-records-contract.js'
import type { OperationRecord } from '../operation-records.js'
import { createChangeLog } from './change-log.js'

function scene() {
  const current = new Map<string, OperationRecord>()
  const log = createChangeLog(current)
  let version = 0
  let looks = 0
  return {
    write(id: string) {
      version += 1
      const { word, ...record } = newOperation(id)
      const written = { ...record, word: { ...word, version } }
      current.set(id, written)
      log.add(written)
    },
    /** The versions that are found, and how many records were looked at for it. */
    read(after: number, limit: number) {
      looks = 0
      const found = log.after(after, limit, () => {
        looks += 1
        return true
      })
      return { versions: found.map(({ word }) => word.version), looks }
    },
  }
}

test('the newest changes are found without a look at the others', () => {
  const { write, read } = scene()
  for (let index = 1; index <= 10_000; index += 1) write(`operation-${index}`)
  expect(read(9_997, 100)).toEqual({ versions: [9_998, 9_999, 10_000], looks: 3 })
  expect(read(4_000, 2)).toEqual({ versions: [4_001, 4_002], looks: 2 })
  expect(read(10_000, 100)).toEqual({ versions: [], looks: 0 })
})

test('however often records change, each is found once, where it changed last', () => {
  const { write, read } = scene()
  for (let index = 1; index <= 20_000; index += 1) write(`operation-${index % 3}`)
  expect(read(0, 100)).toEqual({ versions: [19_998, 19_999, 20_000], looks: 3 })
  expect(read(19_998, 1)).toEqual({ versions: [19_999], looks: 1 })
})
