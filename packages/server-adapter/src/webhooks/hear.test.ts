import { describe, expect, test } from 'vitest'
import type { OperationRecord, Word } from '../records/operation-records.js'
import { hear } from './hear.js'
import type { WebhookEvent } from './webhook.js'

function record(word: Partial<Word> = {}, bytes?: 'expected' | 'stored'): OperationRecord {
  return {
    subject: 's',
    createdAtMs: 0,
    word: { operation_id: 'op', operation_type: 'upload', status: 'in_progress', progress: 0, timestamp: '', version: 1, ...word },
    ...(bytes !== undefined && { upload: { kind: 'put', partBytes: 1, bytes } }),
  }
}

type Heard = Exclude<WebhookEvent, { readonly kind: 'stored-bytes' }>
type Said<E> = E extends unknown ? Omit<E, 'operationId'> : never
const after = (before: OperationRecord, event: Said<Heard>) => hear(before, { ...event, operationId: 'op' })
const error = { code: 'no', message: 'No.', retryable: false }

describe('while it is under way', () => {
  test('progress rises, and its stage is told', () => {
    expect(
      after(record({ progress: 10 }), { kind: 'progress', progress: 40, stage: 'ocr', message: 'm', processedItems: 2, failedItems: 1 })
        ?.word,
    ).toMatchObject({
      status: 'in_progress',
      progress: 40,
      stage: 'ocr',
      message: 'm',
      processed_items: 2,
      failed_items: 1,
    })
  })
  test('progress that comes late does not lower it', () => {
    expect(after(record({ progress: 60 }), { kind: 'progress', progress: 40 })?.word.progress).toBe(60)
  })
  test('each end ends it', () => {
    expect(after(record({ stage: 'ocr' }), { kind: 'completed', result: 1 })?.word).toMatchObject({
      status: 'completed',
      progress: 100,
      result: 1,
    })
    expect(after(record({ stage: 'ocr' }), { kind: 'completed' })?.word).not.toHaveProperty('stage')
    expect(after(record(), { kind: 'failed', error })?.word).toMatchObject({ status: 'failed', error, message: 'No.' })
    expect(after(record(), { kind: 'cancelled' })?.word.status).toBe('cancelled')
  })
  test('nothing is reopened', () => expect(after(record(), { kind: 'reopened' })).toBeUndefined())
  test('a result in parts comes together', () => {
    const first = after(record(), { kind: 'progress', result: { id: 1, url: 'a' } })
    expect(first && after(first, { kind: 'completed', adds: true, result: { eager: [] } })?.word.result).toEqual({
      id: 1,
      url: 'a',
      eager: [],
    })
    expect(first && after(first, { kind: 'completed', result: { eager: [] } })?.word.result).toEqual({ eager: [] })
  })
  test('a failure takes the part of the result away', () => {
    expect(after(record({ result: { id: 1 } }), { kind: 'failed', error })?.word).not.toHaveProperty('result')
  })
})

describe('after an end', () => {
  const ends = ['completed', 'failed', 'cancelled'] as const
  test.each(ends)('%s absorbs what was sent before it', (status) => {
    for (const event of [
      { kind: 'progress', progress: 40 },
      { kind: 'completed', result: 1 },
      { kind: 'failed', error },
      { kind: 'cancelled' },
    ] as const)
      expect(after(record({ status }), event)).toBeUndefined()
  })
  test('what was completed is revoked by what says so', () => {
    expect(after(record({ status: 'completed', result: 1 }), { kind: 'failed', error, revokes: true })?.word).toMatchObject({
      status: 'failed',
      error,
    })
  })
  test.each(['failed', 'cancelled'] as const)('what is %s cannot be revoked', (status) =>
    expect(after(record({ status }), { kind: 'failed', error, revokes: true })).toBeUndefined(),
  )
  test.each(ends)('what is %s is reopened by what says so', (status) => {
    const reopened = after(record({ status, error, result: 1, progress: 100 }), { kind: 'reopened' })
    expect(reopened?.word).toMatchObject({ status: 'in_progress', progress: 0 })
    expect(reopened?.word).not.toHaveProperty('error')
    expect(reopened?.word).not.toHaveProperty('result')
  })
  test('a failure is taken back by who thought better of it, and by nobody else', () => {
    const failed = record({ status: 'failed', error: { ...error, code: 'moderation_rejected' } })
    expect(after(failed, { kind: 'completed', recoversFrom: 'moderation_rejected' })?.word.status).toBe('completed')
    expect(after(record({ status: 'failed', error }), { kind: 'completed', recoversFrom: 'moderation_rejected' })).toBeUndefined()
    expect(after(record({ status: 'cancelled' }), { kind: 'completed', recoversFrom: 'moderation_rejected' })).toBeUndefined()
  })
  test('a result that is more than is known is added, once', () => {
    const more = after(record({ status: 'completed', result: { id: 1 } }), { kind: 'completed', adds: true, result: { eager: [] } })
    expect(more?.word.result).toEqual({ id: 1, eager: [] })
    expect(more && after(more, { kind: 'completed', adds: true, result: { eager: [] } })).toBeUndefined()
  })
})

describe('an upload whose bytes are still to come', () => {
  test('is not called under way, so that it can be completed', () => {
    expect(after(record({ status: 'pending' }, 'expected'), { kind: 'progress', progress: 1 })).toBeUndefined()
  })
  test('has them where the sender has them', () => {
    const heard = after(record({ status: 'pending' }, 'expected'), { kind: 'progress', stage: 'moderation', hasBytes: true })
    expect(heard).toMatchObject({ word: { status: 'in_progress' }, upload: { bytes: 'stored' } })
  })
})
