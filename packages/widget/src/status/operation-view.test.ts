import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { describe, expect, it } from 'vitest'
import { english } from '../messages/english.js'
import { viewOperation } from './operation-view.js'

function view(change: Partial<SyncStatusUpdate> = {}) {
  return viewOperation(
    { operation_id: 'a', operation_type: 'upload', status: 'in_progress', progress: 0, timestamp: '2026-01-01T00:00:00Z', ...change },
    english,
  )
}
const file = { name: 'a.jpg', size: 5, type: 'image/jpeg' }

describe('an operation', () => {
  it('is called by its file, and else by what it does', () => {
    expect(view({ file })).toMatchObject({ name: 'a.jpg', type: 'Upload' })
    expect(view({ operation_type: 'full_sync' })).toMatchObject({ name: 'Full sync', type: undefined })
    expect(view({ file: { ...file, name: '\u202e \u0007' } })).toMatchObject({ name: 'Upload', type: undefined })
  })

  it('tells its stage, its message, and how many of its items are done', () => {
    const { details } = view({ stage: 'reading_rows', message: 'Page 2', total_items: 1200, processed_items: 340, failed_items: 2 })
    expect(details).toEqual(['Reading rows', 'Page 2', '340 of 1,200 items', '2 failed'])
  })

  it.each([
    ['pending', 0, { tone: 'neutral', badge: 'Queued', isEnded: false, bar: { fraction: 0 }, percent: undefined }],
    ['in_progress', 0, { tone: 'active', badge: 'Processing', isEnded: false, bar: { fraction: undefined }, percent: undefined }],
    ['in_progress', 42.9, { tone: 'active', bar: { fraction: 0.429 }, percent: '42%' }],
    ['completed', 100, { tone: 'success', badge: 'Completed', isEnded: true, percent: '100%' }],
    ['cancelled', 10, { tone: 'neutral', badge: 'Cancelled', isEnded: true, bar: undefined }],
    ['failed', 10, { tone: 'danger', badge: 'Failed', isEnded: true, problem: '' }],
  ] as const)('that is %s at %d is told so', (status, progress, expected) => {
    expect(view({ status, progress })).toMatchObject(expected)
  })

  it('that failed says why, once and as a sentence', () => {
    const error = { code: 'virus', message: 'A virus was found', retryable: false }
    expect(view({ status: 'failed', message: 'A virus was found', error })).toMatchObject({ problem: 'A virus was found.', details: [] })
    expect(view({ status: 'failed', message: 'No room' }).problem).toBe('No room.')
  })

  it('that a new attempt has replaced is no failure', () => {
    const error = { code: 'superseded', message: 'A new attempt.', retryable: false }
    expect(view({ status: 'failed', error })).toMatchObject({ tone: 'neutral', badge: 'Cancelled', problem: undefined })
  })

  it('shows a server’s text as one bounded line', () => {
    const { details } = view({ message: `a\n\u202eb ${'x'.repeat(5000)}`, stage: 'y'.repeat(500) })
    expect(details.join('').length).toBeLessThan(400)
    expect(details.join('')).not.toMatch(/[\n\u202e]/)
  })
})
