import { expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { english } from '../messages/english.js'
import { queueActions } from './panel-toolbar.js'

const labels = (change: Parameters<typeof aSummary>[0]) => queueActions(aSummary(change), english).map(({ label }) => label)

it('an empty queue offers nothing', () => {
  expect(labels({})).toEqual([])
})

it('a running queue can be paused', () => {
  expect(labels({ total: 2, active: 2 })).toEqual(['Pause all'])
})

it('a queue that waits for its start can be started', () => {
  expect(labels({ total: 2, queued: 2, held: true })).toEqual(['Start'])
})

it('a queue that was held on its way can be resumed', () => {
  expect(labels({ total: 2, queued: 2, held: true, sentBytes: 5 })).toEqual(['Resume all'])
  expect(labels({ total: 3, queued: 2, completed: 1, held: true })).toEqual(['Resume all', 'Clear 1 completed'])
})

it('a queue of which some files are paused can be paused and resumed', () => {
  expect(labels({ total: 2, active: 1, paused: 1 })).toEqual(['Resume all', 'Pause all'])
  expect(labels({ total: 2, paused: 2 })).toEqual(['Resume all'])
})

it('failed files can be retried and completed ones cleared', () => {
  expect(labels({ total: 12_002, failed: 2, completed: 12_000 })).toEqual(['Retry 2 failed', 'Clear 12,000 completed'])
})

it('files that the server processes can be neither paused nor resumed', () => {
  expect(labels({ total: 1, processing: 1 })).toEqual([])
})
