import { SUPERSEDED } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { amend } from '../manager/operations.js'
import type { NewOperation, OperationRecords } from '../records/operation-records.js'

export function newOperation(id: string, more: Partial<NewOperation['word']> = {}, record: Partial<NewOperation> = {}): NewOperation {
  return {
    subject: 'anna',
    createdAtMs: 1000,
    word: { operation_id: id, operation_type: 'upload', status: 'pending', progress: 0, timestamp: '2026-01-01T00:00:00.000Z', ...more },
    ...record,
  }
}

/** What every implementation of the port must do. */
export function operationRecordsContract(name: string, open: () => Promise<OperationRecords>): void {
  describe(`operation records in ${name}`, () => {
    let records: OperationRecords
    beforeEach(async () => {
      records = await open()
    })
    afterEach(() => records.close())

    const ids = async (selection: Parameters<OperationRecords['changes']>[0]['selection'], after = 0, limit = 10, subject = 'anna') =>
      (await records.changes({ subject, selection, after, limit })).map(({ word }) => word.operation_id)

    test('give back what was inserted, whole, with a version', async () => {
      const operation = newOperation(
        'a',
        {
          job_id: 'j',
          client_ref: 'r',
          attempt: 1,
          file: { name: '\u{1F600} עברית ../x', size: 3, type: '' },
          result: { deep: [1, null, '"'] },
        },
        { upload: { kind: 'put', partBytes: 3, bytes: 'expected', expiresAtMs: 5, metadata: { album: 'é' } } },
      )
      const [outcome] = await records.insert([operation])
      expect(outcome?.kind).toBe('inserted')
      const { version, position, ...word } = (await records.get('a'))!.word
      expect(version).toBeGreaterThan(0)
      expect(position).toBe(version)
      expect({ ...(await records.get('a')), word }).toEqual(operation)
    })

    test('keep the place in which an operation was created, or that it came with', async () => {
      await records.insert([newOperation('a'), newOperation('b')])
      await records.update('a', (record) => ({ ...record, word: { ...record.word, progress: 5 } }))
      const position = async (id: string) => (await records.get(id))?.word.position ?? 0
      expect(await position('a')).toBeLessThan(await position('b'))
      const [outcome] = await records.insert([newOperation('c', { position: await position('a') })])
      expect(outcome?.record.word.position).toBe(await position('a'))
    })

    test('know nothing of an unknown id', async () => {
      expect(await records.get('nobody')).toBeUndefined()
      expect(await records.update('nobody', (record) => record)).toBeUndefined()
      expect(await records.attempts('anna', 'nobody')).toEqual([])
      expect(await records.jobOwner('nobody')).toBeUndefined()
    })

    test('answer the operation that is there for the same subject, client_ref and attempt', async () => {
      await records.insert([newOperation('a', { client_ref: 'r', attempt: 1 })])
      const outcomes = await records.insert([
        newOperation('b', { client_ref: 'r', attempt: 1 }),
        newOperation('c', { client_ref: 'r', attempt: 2 }),
      ])
      expect(outcomes.map(({ kind, record }) => [kind, record.word.operation_id])).toEqual([
        ['existing', 'a'],
        ['inserted', 'c'],
      ])
      const [other] = await records.insert([newOperation('d', { client_ref: 'r', attempt: 1 }, { subject: 'bert' })])
      expect(other?.kind).toBe('inserted')
      expect((await records.attempts('anna', 'r')).map(({ word }) => word.operation_id)).toEqual(['a', 'c'])
    })

    test('answer the first of two equal operations of one call', async () => {
      const outcomes = await records.insert([
        newOperation('a', { client_ref: 'r', attempt: 1 }),
        newOperation('b', { client_ref: 'r', attempt: 1 }),
      ])
      expect(outcomes.map(({ kind, record }) => [kind, record.word.operation_id])).toEqual([
        ['inserted', 'a'],
        ['existing', 'a'],
      ])
    })

    test('give every change a higher version than all before', async () => {
      await records.insert([newOperation('a'), newOperation('b')])
      const before = await records.latestVersion()
      const outcome = await records.update('a', (record) => amend(record, { progress: 50 }))
      expect(outcome).toMatchObject({ changed: true, record: { word: { progress: 50 } } })
      expect(outcome!.record.word.version).toBeGreaterThan(before)
      expect(await records.latestVersion()).toBe(outcome!.record.word.version)
    })

    test('give no version where nothing was changed', async () => {
      await records.insert([newOperation('a')])
      const before = await records.latestVersion()
      expect(await records.update('a', () => undefined)).toMatchObject({
        changed: false,
        record: { word: { operation_id: 'a', version: before } },
      })
      expect(await records.latestVersion()).toBe(before)
    })

    test('write nothing where a change throws', async () => {
      await records.insert([newOperation('a')])
      const failing = records.update('a', () => {
        throw new RangeError('no')
      })
      await expect(failing).rejects.toThrow(RangeError)
      expect(await records.get('a')).toMatchObject({ word: { progress: 0 } })
      await records.update('a', (record) => amend(record, { progress: 1 }))
      expect(await records.get('a')).toMatchObject({ word: { progress: 1 } })
    })

    test('list what changed since a version, in the order of the changes, a page at a time', async () => {
      await records.insert([newOperation('a'), newOperation('b'), newOperation('c')])
      const start = await records.latestVersion()
      expect(await ids('all')).toEqual(['a', 'b', 'c'])
      await records.update('a', (record) => amend(record, { progress: 1 }))
      expect(await ids('all')).toEqual(['b', 'c', 'a'])
      expect(await ids('all', start)).toEqual(['a'])
      expect(await ids('all', 0, 2)).toEqual(['b', 'c'])
    })

    test('list by job, by id, by both, and only what is the subject’s own', async () => {
      await records.insert([
        newOperation('a', { job_id: 'j' }),
        newOperation('b', { job_id: 'j' }),
        newOperation('c', { job_id: 'k' }),
        newOperation('d'),
        newOperation('e', { job_id: 'j' }, { subject: 'bert' }),
      ])
      expect(await ids({ jobIds: ['j'], operationIds: [] })).toEqual(['a', 'b'])
      expect(await ids({ jobIds: ['j', 'k'], operationIds: [] })).toEqual(['a', 'b', 'c'])
      expect(await ids({ jobIds: [], operationIds: ['d', 'e', 'x'] })).toEqual(['d'])
      expect(await ids({ jobIds: ['k'], operationIds: ['d'] })).toEqual(['c', 'd'])
      expect(await ids({ jobIds: [], operationIds: [] })).toEqual([])
      expect(await ids('all', 0, 10, 'bert')).toEqual(['e'])
    })

    test('bind a job to the first subject that uses it', async () => {
      expect(await records.claimJob('j', 'anna')).toBe(true)
      expect(await records.claimJob('j', 'anna')).toBe(true)
      expect(await records.claimJob('j', 'bert')).toBe(false)
      expect(await records.jobOwner('j')).toBe('anna')
    })

    test('count a job without what a newer attempt superseded', async () => {
      const error = { code: SUPERSEDED, message: '', retryable: false }
      await records.insert([
        newOperation('a', { job_id: 'j' }),
        newOperation('b', { job_id: 'j', status: 'completed' }),
        newOperation('c', { job_id: 'j', status: 'failed', error: { ...error, code: 'other' } }),
        newOperation('d', { job_id: 'j', status: 'failed', error }),
        newOperation('e', { job_id: 'j', status: 'in_progress' }, { subject: 'bert' }),
      ])
      expect(await records.countJob('anna', 'j')).toEqual({ pending: 1, in_progress: 0, completed: 1, failed: 1, cancelled: 0 })
    })

    test('find what has not ended, a page at a time, and count it', async () => {
      await records.insert([
        newOperation('c', { status: 'in_progress' }),
        newOperation('a'),
        newOperation('b', { status: 'completed' }),
        newOperation('d', {}, { subject: 'bert' }),
      ])
      const page = async (afterId: string, limit: number) =>
        (await records.unfinished({ afterId, limit })).map(({ word }) => word.operation_id)
      expect(await page('', 2)).toEqual(['a', 'c'])
      expect(await page('c', 2)).toEqual(['d'])
      expect(await records.count()).toEqual({ total: 4, unfinished: 3 })
    })

    test('find pending uploads whose bytes are overdue, and no others', async () => {
      const upload = { kind: 'put', partBytes: 1, bytes: 'expected' } as const
      await records.insert([
        newOperation('late', {}, { upload: { ...upload, expiresAtMs: 20 } }),
        newOperation('later', {}, { upload: { ...upload, expiresAtMs: 10 } }),
        newOperation('early', {}, { upload: { ...upload, expiresAtMs: 31 } }),
        newOperation('ended', { status: 'cancelled' }, { upload: { ...upload, expiresAtMs: 10 } }),
        newOperation('other'),
      ])
      expect((await records.overdue(30, 10)).map(({ word }) => word.operation_id)).toEqual(['later', 'late'])
      expect(await records.overdue(30, 1)).toHaveLength(1)
    })

    test('forget what ended before a time, files apart from the rest, with jobs that nothing is left of', async () => {
      const at = (second: number) => ({ timestamp: `2026-01-01T00:00:0${second}.000Z` })
      const upload = { kind: 'put', partBytes: 1, bytes: 'stored' } as const
      for (const id of ['j', 'k']) await records.claimJob(id, 'anna')
      await records.insert([
        newOperation('second', { ...at(2), status: 'cancelled', job_id: 'j' }),
        newOperation('first', { ...at(1), status: 'failed', job_id: 'k' }, { upload, key: 'once' }),
        newOperation('file', { ...at(1), status: 'completed' }, { upload }),
        newOperation('third', { ...at(3), status: 'completed', job_id: 'j' }),
        newOperation('unfinished', { ...at(1), status: 'in_progress' }),
      ])
      const beforeMs = Date.parse(at(3).timestamp)
      const ended = async (files: boolean, limit = 10) =>
        (await records.endedBefore({ beforeMs, files, limit })).map(({ word }) => word.operation_id)
      expect([await ended(false), await ended(false, 1), await ended(true)]).toEqual([['first', 'second'], ['first'], ['file']])
      await records.forget(['first', 'second', 'third', 'unfinished', 'nobody'], beforeMs)
      expect(await ids('all')).toEqual(['file', 'third', 'unfinished'])
      expect([await records.jobOwner('j'), await records.jobOwner('k')]).toEqual(['anna', undefined])
      const [outcome] = await records.insert([newOperation('again', {}, { key: 'once' })])
      expect(outcome?.kind).toBe('inserted')
    })
  })
}
