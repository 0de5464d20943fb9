import { describe, expect, it } from 'vitest'
import { aSummary } from '../testing/a-summary.js'
import { english } from '../messages/english.js'
import { viewSummary } from './summary-view.js'

const view = (change: Parameters<typeof aSummary>[0]) => viewSummary(aSummary(change), english)

describe('viewSummary', () => {
  it('names the panel while there are no files', () => {
    expect(view({})).toMatchObject({ title: 'Uploads', details: ['No files yet'], fraction: undefined, hasFiles: false })
  })

  it('counts every file whose bytes are not all there as uploading', () => {
    const summary = view({
      total: 53,
      queued: 40,
      active: 10,
      waiting: 2,
      paused: 1,
      totalBytes: 100_000_000,
      sentBytes: 8_900_000,
      fraction: 0.089,
    })
    expect(summary.title).toBe('53 uploading (8%)')
    expect(summary.details).toEqual(['8.9 MB of 100 MB'])
  })

  it('adds speed and time left when they are stable', () => {
    const moving = { total: 1, active: 1, totalBytes: 10_000_000, sentBytes: 1_000_000, bytesPerSecond: 500_000, secondsLeft: 18 }
    expect(view(moving).details).toEqual(['1 MB of 10 MB', '500 kB/s', '18 sec left'])
  })

  it('is paused while the queue is held, or every file that is left is paused', () => {
    expect(view({ total: 3, queued: 3, held: true, totalBytes: 30, sentBytes: 1 }).title).toBe('Paused · 3 to go')
    expect(view({ total: 3, queued: 2, completed: 1, held: true }).title).toBe('Paused · 2 to go')
    expect(view({ total: 3, paused: 3 }).title).toBe('Paused · 3 to go')
    expect(view({ total: 3, paused: 2, queued: 1 }).title).toBe('3 uploading (0%)')
  })

  it('is ready, with its size, while nothing was begun and it waits for a start', () => {
    const summary = view({ total: 6, queued: 6, held: true, totalBytes: 12_000_000 })
    expect(summary).toMatchObject({ title: 'Ready · 6 files', details: ['12 MB'], fraction: 0, unfinished: 6 })
    expect(view({ total: 1, queued: 1, held: true }).title).toBe('Ready · 1 file')
  })

  it('waits while every file that is left does, for the network, a sign-in or its file', () => {
    expect(view({ total: 3, waiting: 2, completed: 1, totalBytes: 40, sentBytes: 21, fraction: 0.525 })).toMatchObject({
      title: '2 waiting',
      details: ['21 bytes of 40 bytes'],
      fraction: 0.525,
    })
    expect(view({ total: 2, waiting: 1, active: 1 }).title).toBe('2 uploading (0%)')
  })

  it('shows no speed while nothing is meant to move', () => {
    expect(view({ total: 1, paused: 1, totalBytes: 10, bytesPerSecond: 500_000, secondsLeft: 9 }).details).toEqual(['0 bytes of 10 bytes'])
  })

  it('goes on with what the server processes when all bytes are there', () => {
    expect(view({ total: 5, processing: 2, completed: 3, fraction: 1 })).toMatchObject({
      title: '2 processing',
      details: ['3 completed'],
      fraction: 1,
      unfinished: 2,
    })
  })

  it('says how much there is while the server works on it, so that the line below the title is not bare', () => {
    expect(view({ total: 2, processing: 2, totalBytes: 37_000, fraction: 1 }).details).toEqual(['37 kB'])
  })

  it('says how it ended', () => {
    expect(view({ total: 9, completed: 6, failed: 2, cancelled: 1 })).toMatchObject({
      title: '6 completed',
      details: ['2 failed', '1 cancelled'],
      unfinished: 0,
    })
    expect(view({ total: 2, failed: 2 })).toMatchObject({ title: '2 failed', details: [] })
    expect(view({ total: 2, completed: 2, totalBytes: 5_000_000 }).details).toEqual(['5 MB'])
  })

  it('has no bytes to speak of for files without any', () => {
    expect(view({ total: 1, queued: 1 }).details).toEqual([])
  })
})
