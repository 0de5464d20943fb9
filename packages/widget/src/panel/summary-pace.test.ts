import { EMPTY_SUMMARY } from '@upload-panel/core'
import { expect, test } from 'vitest'
import { paceSummary } from './summary-pace.js'

function make() {
  const due: (() => void)[] = []
  let renders = 0
  const onChange = paceSummary(
    () => (renders += 1),
    (callback) => void due.push(callback),
  )
  return { onChange, renders: () => renders, next: () => due.shift()?.() }
}

test('bytes are told at once, and from then on once a round, the last ones too', () => {
  const { onChange, renders, next } = make()
  for (let sentBytes = 0; sentBytes < 10; sentBytes += 1) onChange({ ...EMPTY_SUMMARY, total: 1, active: 1, totalBytes: 10, sentBytes })
  // The first one is no tick, the second has its turn.
  expect(renders()).toBe(2)
  next()
  expect(renders()).toBe(3)
  next()
  expect(renders()).toBe(3)
})

test('a file that changes its state is told at once', () => {
  const { onChange, renders } = make()
  onChange({ ...EMPTY_SUMMARY, total: 2, active: 2, totalBytes: 10, sentBytes: 1 })
  for (const sentBytes of [2, 3, 4]) onChange({ ...EMPTY_SUMMARY, total: 2, active: 2, totalBytes: 10, sentBytes })
  const before = renders()
  onChange({ ...EMPTY_SUMMARY, total: 2, active: 1, completed: 1, totalBytes: 10, sentBytes: 5 })
  expect(renders()).toBe(before + 1)
})
