import { describe, expect, test } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { transition, type OwnEvent } from '../item/machine.js'
import { newItem } from '../item/new-item.js'
import { EMPTY_SUMMARY } from './summary.js'
import { createTotals } from './totals.js'

const item = (size: number, ...events: readonly OwnEvent[]) =>
  events.reduce<UploadItem>(transition, newItem({ id: 'i', file: { name: 'a', size, type: '' }, addedAt: 0 }))
const toUploading: readonly OwnEvent[] = [{ type: 'started' }, { type: 'planned', operationId: 'op' }, { type: 'slotTaken' }]
const uploading = (size: number, sentBytes: number) => item(size, ...toUploading, { type: 'progressed', sentBytes })
const failed = (size: number) => item(size, { type: 'failed', error: new UploadError('server', 'No.') })
const processing = (size: number) => item(size, ...toUploading, { type: 'transferred', final: false })

function read(items: readonly UploadItem[], measured?: number, swings?: boolean) {
  const totals = createTotals()
  for (const one of items) totals.change(undefined, one)
  return totals.read(false, measured, swings)
}

describe('totals', () => {
  test('of nothing are nothing', () => {
    expect(read([])).toEqual(EMPTY_SUMMARY)
  })

  test('leave out the bytes of what failed or was cancelled', () => {
    expect(read([uploading(100, 50), failed(900), item(900, { type: 'cancelled' })])).toMatchObject({
      total: 3,
      failed: 1,
      cancelled: 1,
      totalBytes: 100,
      sentBytes: 50,
      fraction: 0.5,
    })
  })

  test('count files where there are no bytes', () => {
    expect(read([processing(0), item(0)])).toMatchObject({ totalBytes: 0, fraction: 0.5 })
    expect(read([failed(0)])).toMatchObject({ fraction: 0 })
  })

  test('count what is paused apart from what is queued or waits', () => {
    const interrupted: OwnEvent = { type: 'interrupted', reason: 'backoff', error: new UploadError('server', 'No.') }
    const waiting = item(1, ...toUploading, interrupted)
    expect(read([item(1), item(1, { type: 'paused' }), waiting, transition(waiting, { type: 'paused' })])).toMatchObject({
      queued: 1,
      waiting: 1,
      paused: 2,
    })
  })

  test('tell the time left from the measured speed', () => {
    expect(read([uploading(100, 50)], 10)).toMatchObject({ bytesPerSecond: 10, secondsLeft: 5 })
    expect(read([uploading(100, 50)], 0)).toMatchObject({ bytesPerSecond: 0, secondsLeft: undefined })
    expect(read([uploading(100, 100)], 10)).toMatchObject({ secondsLeft: undefined })
    expect(read([uploading(100, 50)], 10, true)).toMatchObject({ bytesPerSecond: 10, secondsLeft: undefined })
  })

  test('have no speed once nothing moves', () => {
    expect(read([item(100)], 10)).toMatchObject({ bytesPerSecond: 0, secondsLeft: undefined })
  })

  test('are frozen, and the same object while no figure has changed', () => {
    const totals = createTotals()
    const one = item(5)
    totals.change(undefined, one)
    const before = totals.read(false, undefined)
    totals.change(one, transition(one, { type: 'reprioritised', priority: 5 }))
    expect(totals.read(false, undefined)).toBe(before)
    expect(totals.read(true, undefined)).not.toBe(before)
    expect(Object.isFrozen(before)).toBe(true)
  })

  test('are as if it had never been there once an item is removed', () => {
    const totals = createTotals()
    const nothing = totals.read(false, undefined)
    totals.change(undefined, uploading(100, 30))
    totals.change(uploading(100, 30), undefined)
    expect(totals.read(false, undefined)).toEqual(nothing)
  })
})
