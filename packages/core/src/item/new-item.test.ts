import { describe, expect, test } from 'vitest'
import type { SyncStatusUpdate } from '../protocol/index.js'
import { hear, transition } from './machine.js'
import { fileFacts, newItem, restoredItem } from './new-item.js'

const file = { name: 'a.txt', size: 3, type: 'text/plain' }

describe('a new item', () => {
  test('is queued, unpaused, in its first attempt, and frozen with its metadata', () => {
    const item = newItem({ id: 'i', file, addedAt: 7 })
    expect(item).toEqual({ id: 'i', ...file, addedAt: 7, priority: 0, metadata: {}, attempt: 1, paused: false, phase: 'queued' })
    expect(Object.isFrozen(item) && Object.isFrozen(item.metadata)).toBe(true)
  })

  test('does not change with the metadata that it was given', () => {
    const metadata = { album: 'a' }
    const item = newItem({ id: 'i', file, addedAt: 7, metadata })
    metadata.album = 'b'
    expect(item.metadata).toEqual({ album: 'a' })
  })

  test.each(['تقرير نهائي.pdf', '👩‍👩‍👧.png', '../../etc/passwd', 'x'.repeat(255)])('keeps the name %j', (name) => {
    expect(newItem({ id: 'i', file: { ...file, name }, addedAt: 0 }).name).toBe(name)
  })

  test('has the name and path that can be shown: no controls, nothing that reorders, bounded', () => {
    const name = 'invoice\u202Efdp.exe\u0000'
    const item = newItem({ id: 'i', file: { ...file, name }, relativePath: `a/${name}`, addedAt: 0 })
    expect(item).toMatchObject({ name: 'invoicefdp.exe', relativePath: 'a/invoicefdp.exe' })
    expect(newItem({ id: 'i', file: { ...file, name: 'x'.repeat(10_000) }, addedAt: 0 }).name).toHaveLength(4096)
  })

  test('has no path where there is none', () => {
    for (const relativePath of ['', undefined])
      expect(newItem({ id: 'i', file, relativePath, addedAt: 0 })).not.toHaveProperty('relativePath')
  })

  test('has a priority that compares, whatever it was given', () => {
    expect(newItem({ id: 'i', file, addedAt: 0, priority: NaN }).priority).toBe(0)
    expect(newItem({ id: 'i', file, addedAt: 0, priority: -3 }).priority).toBe(-3)
  })

  test('is the same file when that file is chosen again, odd name and all', () => {
    const odd = { ...file, name: 'a\u0000b.txt' }
    const waiting = [
      { type: 'started' } as const,
      { type: 'planned', operationId: 'op' } as const,
      { type: 'failed', error: new Error() as never } as const,
    ].reduce(transition, newItem({ id: 'i', file: odd, addedAt: 0 }))
    expect(transition(waiting, { type: 'fileReplaced', file: fileFacts(odd) })).toMatchObject({ attempt: 1, operationId: 'op' })
  })
})

describe('an item of an earlier page', () => {
  const word = (more: Partial<SyncStatusUpdate>): SyncStatusUpdate => ({
    operation_id: 'op',
    operation_type: 'upload',
    status: 'pending',
    progress: 0,
    timestamp: '2026-01-01T00:00:00Z',
    version: 3,
    client_ref: 'i',
    attempt: 2,
    file: { ...file, relative_path: 'd/a.txt' },
    ...more,
  })

  test('without its bytes waits for the file to be chosen again', () => {
    const item = restoredItem(word({}), 9)
    expect(item).toMatchObject({ id: 'i', ...file, relativePath: 'd/a.txt', addedAt: 9, attempt: 2, operationId: 'op' })
    expect(item).toMatchObject({ phase: 'waiting', reason: 'file', error: { code: 'file_unreadable' }, server: { status: 'pending' } })
  })

  test.each([
    ['in_progress', { phase: 'processing', overdue: false }],
    ['completed', { phase: 'completed' }],
    ['failed', { phase: 'failed', by: 'server' }],
    ['cancelled', { phase: 'cancelled' }],
  ] as const)('that is %s on the server is so here', (status, expected) => {
    expect(restoredItem(word({ status }), 0)).toMatchObject(expected)
  })

  test('has its result', () => {
    expect(restoredItem(word({ status: 'completed', result: { url: '/a' } }), 0)).toMatchObject({ result: { url: '/a' } })
  })

  test('is named after its operation where no page named it, and is in its first attempt', () => {
    const { client_ref: _, attempt: __, ...nameless } = word({ status: 'in_progress' })
    expect(restoredItem(nameless, 0)).toMatchObject({ id: 'op', attempt: 1 })
  })

  test('takes the words that follow', () => {
    const item = restoredItem(word({ status: 'in_progress' }), 0)
    const update = word({ status: 'completed', progress: 100, version: 4 })
    expect(item && hear(item, { type: 'serverSaid', update })).toMatchObject({ phase: 'completed' })
  })

  test('is none where another attempt took its place, no file is named, or it is no upload', () => {
    expect(restoredItem(word({ status: 'failed', error: { code: 'superseded', message: '', retryable: false } }), 0)).toBeUndefined()
    const { file: _, ...nameless } = word({})
    expect(restoredItem(nameless, 0)).toBeUndefined()
    expect(restoredItem(word({ operation_type: 'delete' }), 0)).toBeUndefined()
  })
})
