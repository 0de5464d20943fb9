import { expect, it } from 'vitest'
import { newsOf } from './outcome.js'

it.each([
  [undefined, 'running', undefined],
  ['running', 'running', undefined],
  ['running', 'completed', 'progress-completed'],
  ['running', 'failed', 'progress-failed'],
  ['running', 'cancelled', 'progress-cancelled'],
  [undefined, 'completed', 'progress-completed'],
  ['completed', 'completed', undefined],
  ['completed', 'failed', 'progress-revoked'],
  ['failed', 'running', undefined],
] as const)('from %s to %s tells %s', (before, after, event) => {
  expect(newsOf(before, after)).toBe(event)
})
