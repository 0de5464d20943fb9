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

test('files that change their state are told at once, and together while many do', () => {
  const { onChange, renders, next } = make()
  const summary = (completed: number) => ({ ...EMPTY_SUMMARY, total: 9, active: 9 - completed, completed, totalBytes: 10 })
  onChange(summary(0))
  onChange(summary(1))
  onChange(summary(2))
  expect(renders()).toBe(3)
  for (const completed of [3, 4, 5]) onChange(summary(completed))
  expect(renders()).toBe(3)
  next()
  expect(renders()).toBe(4)
})

test.each([{ total: 10 }, { held: true }, { paused: 1 }])('what a person has done is told at once: %j', (change) => {
  const { onChange, renders } = make()
  const summary = { ...EMPTY_SUMMARY, total: 9, active: 9, totalBytes: 10 }
  for (const sentBytes of [1, 2, 3]) onChange({ ...summary, sentBytes })
  const before = renders()
  onChange({ ...summary, ...change })
  expect(renders()).toBe(before + 1)
})
