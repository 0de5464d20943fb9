import { describe, expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { english } from '../messages/english.js'
import { queueActions } from './panel-toolbar.js'
import type { Tab } from './tab.js'

const labels = (change: Parameters<typeof aSummary>[0], tab: Tab = 'all') =>
  queueActions(aSummary(change), tab, english).map(({ label }) => label)

it('an empty queue offers nothing', () => {
  expect(labels({})).toEqual([])
})

it('a running queue can be paused and cancelled', () => {
  expect(labels({ total: 2, active: 2 })).toEqual(['Pause all', 'Cancel all'])
})

it('a queue that waits for its start can be started', () => {
  expect(labels({ total: 2, queued: 2, held: true })).toEqual(['Start', 'Cancel all'])
})

it('a queue that was held on its way can be resumed', () => {
  expect(labels({ total: 2, queued: 2, held: true, sentBytes: 5 })).toEqual(['Resume all', 'Cancel all'])
  expect(labels({ total: 3, queued: 2, completed: 1, held: true })[0]).toBe('Resume all')
})

it('a queue of which some files are paused can be paused and resumed', () => {
  expect(labels({ total: 2, active: 1, paused: 1 }, 'active')).toEqual(['Resume all', 'Pause all', 'Cancel all'])
  expect(labels({ total: 2, paused: 2 }, 'active')).toEqual(['Resume all', 'Cancel all'])
})

it('failed files can be retried and completed ones cleared; the whole list, once nothing runs', () => {
  const ended = { total: 12_002, failed: 2, completed: 12_000 }
  expect(labels(ended)).toEqual(['Retry 2 failed', 'Clear 12,000 completed', 'Clear all'])
  expect(labels({ ...ended, active: 1 })).toEqual(['Pause all', 'Retry 2 failed', 'Cancel all'])
})

it('files that the server processes can be neither paused nor resumed', () => {
  expect(labels({ total: 1, processing: 1 }, 'active')).toEqual(['Cancel all'])
})

describe('a tab offers what is for its files alone', () => {
  const mixed = { total: 4, active: 1, completed: 2, failed: 1 }

  it('completed', () => {
    expect(labels(mixed, 'completed')).toEqual(['Clear 2 completed'])
    expect(labels({ total: 1, active: 1 }, 'completed')).toEqual([])
  })

  it('failed', () => {
    expect(labels(mixed, 'failed')).toEqual(['Retry 1 failed', 'Clear 1 failed'])
    expect(labels({ total: 1, active: 1 }, 'failed')).toEqual([])
  })

  it('active', () => {
    expect(labels(mixed, 'active')).toEqual(['Pause all', 'Cancel all'])
    expect(labels({ total: 1, completed: 1 }, 'active')).toEqual([])
  })
})
