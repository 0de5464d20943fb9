import { describe, expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { aSummary } from '../testing/a-summary.js'
import { statistics, summaryDetails } from './queue-summary.js'

const busy = aSummary({
  total: 10,
  queued: 4,
  waiting: 1,
  active: 2,
  paused: 1,
  completed: 1,
  failed: 1,
  totalBytes: 10_000_000,
  sentBytes: 2_000_000,
  bytesPerSecond: 1_000_000,
  secondsLeft: 8,
})

describe('the figures of the queue', () => {
  it('are how many of each', () => {
    expect(statistics(busy).map(({ name, count }) => `${count} ${name}`)).toEqual([
      '5 waiting',
      '2 uploading',
      '1 paused',
      '1 done',
      '1 failed',
    ])
  })

  it('are bytes, speed and the time that all of it takes', () => {
    expect(summaryDetails(busy, english)).toEqual(['2 MB of 10 MB', '1 MB/s', '8 sec left'])
  })

  it('have neither speed nor time while they are not stable, nor while the queue is held', () => {
    expect(summaryDetails({ ...busy, bytesPerSecond: 0, secondsLeft: undefined }, english)).toEqual(['2 MB of 10 MB'])
    expect(summaryDetails({ ...busy, held: true }, english)).toEqual(['Paused · 8 to go', '2 MB of 10 MB'])
  })

  it('do not call a queue paused that was never begun', () => {
    expect(summaryDetails(aSummary({ total: 6, queued: 6, held: true, totalBytes: 10_000_000 }), english)).toEqual([
      'Ready · 6 files',
      '10 MB',
    ])
  })

  it('are a word where there are no files', () => {
    expect(summaryDetails(aSummary(), english)).toEqual(['No files yet'])
  })
})
