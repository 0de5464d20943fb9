import { expect, it } from 'vitest'
import { newsOf, outcomeOf } from './outcome.js'

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

it('what a new attempt took the place of has not failed', () => {
  const word = { operation_id: 'a', operation_type: 'upload', status: 'failed', progress: 0, timestamp: '2026-01-01T00:00:00Z' } as const
  expect(outcomeOf({ ...word, error: { code: 'superseded', message: '', retryable: false } })).toBe('cancelled')
  expect(outcomeOf(word)).toBe('failed')
})
