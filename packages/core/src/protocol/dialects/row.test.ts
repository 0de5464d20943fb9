import { describe, expect, test } from 'vitest'
import { row, type RowOptions } from './row.js'

const AT = '2026-11-20T22:16:58.610044+00:00'
const COMMITTED = '2026-11-20T22:16:58.610Z'
const operation = { operation_id: 'op', operation_type: 'upload', status: 'in_progress', progress: 5, version: 2, updated_at: AT }

/** As supabase-js hands on a change. */
const changed = (eventType: string, record: object, more: object = {}) => ({
  schema: 'public',
  table: 'sync_operations',
  commit_timestamp: COMMITTED,
  eventType,
  new: record,
  old: {},
  errors: null,
  ...more,
})

describe('a row', () => {
  test.each<[string, unknown, object, RowOptions?]>([
    [
      'that was inserted',
      changed('INSERT', operation),
      { operation_id: 'op', status: 'in_progress', progress: 5, version: 2, timestamp: AT },
    ],
    [
      'that the database broadcast',
      { operation: 'UPDATE', record: operation, old_record: {}, id: 'x', table: 't' },
      { operation_id: 'op', version: 2 },
    ],
    ['alone', operation, { operation_id: 'op', version: 2 }],
    [
      'of a table with names and words of its own',
      changed('UPDATE', { id: 7, batch: 12, state: 'done', url: 'https://example.com/a', changed_at: AT, error: 0 }),
      {
        operation_id: '7',
        job_id: '12',
        status: 'completed',
        progress: 100,
        result: 'https://example.com/a',
        operation_type: 'webhook',
        timestamp: AT,
      },
      {
        columns: { operation_id: 'id', job_id: 'batch', status: 'state', result: 'url', timestamp: 'changed_at', error: null },
        statuses: { done: 'completed' },
        operationType: 'webhook',
      },
    ],
    [
      'whose error is a sentence',
      changed('UPDATE', { ...operation, status: 'failed', error: 'Too large.' }),
      { status: 'failed', error: { code: 'remote_error', message: 'Too large.', retryable: true } },
    ],
    [
      'without a time of its own has that of its commit',
      changed('INSERT', { ...operation, updated_at: undefined }),
      { timestamp: COMMITTED },
    ],
  ])('%s', (_what, raw, expected, options) => {
    expect(row(options)(raw)?.update).toMatchObject(expected)
  })

  test.each<[string, unknown, string]>([
    ['a version', changed('UPDATE', operation), 'version'],
    ['else the time when it was updated', changed('UPDATE', { ...operation, version: null }), 'timestamp'],
    ['else the time of its commit', changed('UPDATE', { ...operation, version: null, updated_at: null }), 'timestamp'],
    ['else its arrival', { ...operation, version: null, updated_at: null }, 'arrival'],
  ])('is ordered by %s', (_what, raw, order) => {
    expect(row()(raw)?.order).toBe(order)
  })

  test.each<[string, unknown, string]>([
    ['nothing', null, 'not an object'],
    ['no row', changed('UPDATE', { new: 1 }, { new: 'x' }), 'not a row'],
    ['a row without a key', changed('UPDATE', { ...operation, operation_id: undefined }), 'operation_id is not an identifier'],
    ['a key that JavaScript cannot tell from others', changed('UPDATE', { ...operation, operation_id: 2 ** 53 }), 'operation_id is not'],
    ['a word that nobody explained', changed('UPDATE', { ...operation, status: 'done' }), 'status is unknown'],
    ['what the server may not show', changed('INSERT', {}, { errors: ['Error 401: Unauthorized'] }), 'Error 401: Unauthorized'],
    [
      'what is too large',
      changed('INSERT', { operation_id: 'op' }, { errors: ['Error 413: Payload Too Large'] }),
      'Error 413: Payload Too Large',
    ],
  ])('%s is dropped with a reason', (_what, raw, reason) => {
    expect(() => row()(raw)).toThrow(reason)
  })
})

describe('a deletion', () => {
  const deletion = changed('DELETE', {}, { old: { operation_id: 'op' } })

  test('is no news', () => {
    expect(row()(deletion)).toBeNull()
  })

  test('means what the page says, and asks the server where words have versions', () => {
    expect(row({ deleted: 'cancelled' })(deletion)).toMatchObject({
      update: { operation_id: 'op', status: 'cancelled', timestamp: COMMITTED },
      order: 'timestamp',
    })
  })
})

describe('a large value that did not change', () => {
  const completed = { ...operation, status: 'completed', result: { url: 'https://example.com/a' } }
  const { result: _, ...rest } = { ...completed, version: 3 }

  test('is what it was', () => {
    const decode = row()
    decode(changed('INSERT', completed))
    expect(decode(changed('UPDATE', rest))?.update).toMatchObject({ version: 3, result: completed.result })
  })

  test('is the last one, and none where it was taken away', () => {
    const decode = row()
    decode(changed('INSERT', completed))
    decode(changed('UPDATE', { ...completed, version: 3, result: 'second' }))
    expect(decode(changed('UPDATE', { ...rest, version: 4 }))?.update.result).toBe('second')
    decode(changed('UPDATE', { ...completed, version: 5, result: null }))
    expect(decode(changed('UPDATE', { ...rest, version: 6 }))?.update).not.toHaveProperty('result')
  })

  test('makes the update a hint where it was never seen', () => {
    const decode = row()
    decode(changed('INSERT', { ...operation, operation_id: 'other', result: null }))
    const hint = decode(changed('UPDATE', rest))
    expect(hint).toMatchObject({ update: { operation_id: 'op', status: 'completed' }, order: 'timestamp' })
    expect(hint?.update).not.toHaveProperty('version')
  })

  test('drops the update where there are no versions that could make it a hint', () => {
    const decode = row()
    decode(changed('INSERT', { ...operation, operation_id: 'other', result: null }))
    expect(() => decode(changed('UPDATE', { ...rest, version: null }))).toThrow('did not change')
  })

  test('is not missed in a table that has none', () => {
    expect(row()(changed('UPDATE', rest))?.update.version).toBe(3)
  })

  test('is kept for a thousand operations', () => {
    const decode = row()
    for (let index = 0; index <= 1000; index += 1) decode(changed('INSERT', { ...completed, operation_id: `op-${index}` }))
    expect(decode(changed('UPDATE', { ...rest, operation_id: 'op-1' }))?.update.result).toEqual(completed.result)
    expect(decode(changed('UPDATE', { ...rest, operation_id: 'op-0' }))?.update).not.toHaveProperty('version')
  })

  test('is the same when the update is read twice', () => {
    const decode = row()
    decode(changed('INSERT', completed))
    expect(decode(changed('UPDATE', rest))).toEqual(decode(changed('UPDATE', rest)))
  })
})
