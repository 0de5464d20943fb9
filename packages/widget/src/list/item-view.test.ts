import { UploadError, type WaitReason } from '@upload-panel/core'
import { describe, expect, it } from 'vitest'
import { anItem, type ItemChange, serverWord } from '../testing/an-item.js'
import { viewItem } from './item-view.js'
import { english } from '../messages/english.js'

const view = (change: ItemChange) => viewItem(anItem(change), english)
const lost = new UploadError('network', 'The connection was lost.')

describe('transfer', () => {
  it('shows bytes, speed and time left while they are known', () => {
    const uploading = view({ phase: 'uploading', sentBytes: 4_200_000, bytesPerSecond: 3_100_000, secondsLeft: 1.9 })
    expect(uploading.details).toEqual(['4.2 MB of 10 MB', '3.1 MB/s', '2 sec left'])
    expect(uploading.percent).toBe('42%')
    expect(uploading.bar).toEqual({ phase: 'transfer', fraction: 0.42 })
  })

  it('shows no speed that is not stable yet', () => {
    expect(view({ phase: 'uploading', sentBytes: 0 }).details).toEqual(['10 MB'])
  })

  it('keeps what was sent in sight while it is queued again', () => {
    const paused = view({ phase: 'queued', paused: true, sentBytes: 5_000_000 })
    expect(paused.badge).toBe('Paused')
    expect(paused.bar?.fraction).toBe(0.5)
  })

  it('is no division by zero for a file without bytes', () => {
    expect(view({ phase: 'uploading', sentBytes: 0, size: 0 }).bar).toEqual({ phase: 'transfer', fraction: 0 })
  })

  it('reads 100 % only when every byte has gone', () => {
    expect(view({ phase: 'uploading', sentBytes: 9_999_999 }).percent).toBe('99%')
  })
})

describe('processing', () => {
  it('is the second phase of the bar, with the server’s own figure', () => {
    expect(view({ phase: 'processing', overdue: false, server: serverWord({ progress: 30 }) }).bar).toEqual({
      phase: 'processing',
      fraction: 0.3,
    })
  })

  it('has no figure before the server tells one', () => {
    const early = view({ phase: 'processing', overdue: false })
    expect(early.bar).toEqual({ phase: 'processing', fraction: undefined })
    expect(early.percent).toBeUndefined()
  })

  it('shows the server’s stage as people write it, and its message', () => {
    const server = serverWord({ stage: 'making_thumbnail', message: 'Page 3 of 7' })
    expect(view({ phase: 'processing', overdue: false, server }).details).toEqual(['10 MB', 'Making thumbnail', 'Page 3 of 7'])
  })

  it('bounds and cleans what the server says', () => {
    const server = serverWord({ stage: `a\u202E${'b'.repeat(500)}`, message: 'x'.repeat(5000) })
    const [, stage = '', message = ''] = view({ phase: 'processing', overdue: false, server }).details
    expect(stage).toHaveLength(60)
    expect(stage).not.toContain('\u202E')
    expect(message).toHaveLength(300)
  })

  it('is still checking once the deadline has passed', () => {
    const overdue = view({ phase: 'processing', overdue: true })
    expect(overdue.badge).toBe('Still checking…')
    expect(overdue.tone).toBe('warning')
    expect(overdue.problem).toBeUndefined()
  })
})

describe('waiting', () => {
  it.each<[WaitReason, string, string | undefined, string]>([
    ['backoff', 'Waiting', 'Trying again soon.', 'retry'],
    ['offline', 'No connection', 'Goes on by itself when the server can be reached.', 'pause'],
    ['auth', 'Waiting', 'Press Retry to go on.', 'retry'],
    ['file', 'Waiting', undefined, 'choose-again'],
  ])('for %s says what ends it', (reason, badge, hint, action) => {
    const waiting = view({ phase: 'waiting', reason, error: lost })
    expect(waiting).toMatchObject({ badge, hint, problem: 'The connection was lost.', actions: [action, 'cancel'] })
  })

  it('can be resumed where it was paused', () => {
    expect(view({ phase: 'waiting', reason: 'offline', error: lost, paused: true })).toMatchObject({
      badge: 'Paused',
      actions: ['resume', 'cancel'],
    })
  })
})

describe('ends', () => {
  it('completed is full and can be taken off the list', () => {
    expect(view({ phase: 'completed' })).toMatchObject({ badge: 'Completed', percent: '100%', bar: { fraction: 1 }, actions: ['remove'] })
  })

  it('a cancel that came too late says so', () => {
    expect(view({ phase: 'completed', cancelTooLate: true }).details).toContain('It had finished before it could be cancelled.')
  })

  it('failed keeps the reason and offers to try again', () => {
    expect(view({ phase: 'failed', by: 'self', error: lost })).toMatchObject({
      badge: 'Failed',
      problem: 'The connection was lost.',
      hint: 'Press Retry to try again.',
      actions: ['retry', 'remove'],
    })
  })

  it('promises nothing of a failure that trying again cannot mend', () => {
    const error = new UploadError('remote_error', 'A virus was found.', { retryable: false })
    expect(view({ phase: 'failed', by: 'server', error }).hint).toBeUndefined()
  })

  it('a failure for want of rights can be retried once they are there', () => {
    const error = new UploadError('auth', 'You are not signed in any more. Sign in and try again.', { retryable: false })
    expect(view({ phase: 'failed', by: 'self', error }).hint).toBe('Press Retry to try again.')
  })

  it('a reason without a full stop gets one, since advice follows it', () => {
    const problem = (message: string) => view({ phase: 'failed', by: 'server', error: new UploadError('remote_error', message) }).problem
    expect(problem('ffmpeg: exit code 1')).toBe('ffmpeg: exit code 1.')
    expect(problem('Is this a picture?')).toBe('Is this a picture?')
  })

  it('cancelled has no bar', () => {
    expect(view({ phase: 'cancelled' })).toMatchObject({ badge: 'Cancelled', bar: undefined, actions: ['remove'] })
  })
})

describe('names', () => {
  it('a file without a name has one on screen', () => {
    expect(view({ phase: 'queued', name: '\u202E' }).name).toBe('Unnamed file')
  })

  it('the folder is the path without the name', () => {
    expect(view({ phase: 'queued', relativePath: 'trip/day 1/film.mp4' }).folder).toBe('trip/day 1')
    expect(view({ phase: 'queued', relativePath: 'film.mp4' }).folder).toBeUndefined()
    expect(view({ phase: 'queued' }).folder).toBeUndefined()
  })
})
