import { SUPERSEDED } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { amend } from '../manager/operations.js'
import type { NewOperation, OperationRecord, OperationRecords } from '../records/operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../records/server-state.js'
import { PATIENCE } from './patience.js'

/** Records that are open, and the world around them. */
export interface RecordsScene {
  readonly records: OperationRecords
  /** Moves on the time by which leases end. */
  passTime(ms: number): void | Promise<void>
  /** Opens the same records as another process would; left out where that is impossible. Whoever opens them closes them. */
  openAgain?(): Promise<OperationRecords>
}

export function newOperation(id: string, more: Partial<NewOperation['word']> = {}, record: Partial<NewOperation> = {}): NewOperation {
  return {
    subject: 'anna',
    createdAtMs: 1000,
    word: { operation_id: id, operation_type: 'upload', status: 'pending', progress: 0, timestamp: '2026-01-01T00:00:00.000Z', ...more },
    ...record,
  }
}

/** What every implementation of the port must do. */
export function operationRecordsContract(name: string, open: () => Promise<RecordsScene>): void {
  describe(`operation records in ${name}`, () => {
    let scene: RecordsScene
    let records: OperationRecords
    beforeEach(async () => {
      scene = await open()
      records = scene.records
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

    test('keep numbers to the last digit, null, and fields that they do not know', async () => {
      const more = {
        progress: 100 / 3,
        total_items: Number.MAX_SAFE_INTEGER,
        result: null,
        performance_data: { tiny: 5e-324, text: '', none: null },
        error: { code: 'c', message: 'm', retryable: false, hint: ['h'] },
        of_tomorrow: { a: [0.1] },
        nothing: null,
      }
      const [outcome] = await records.insert([newOperation('a', more)])
      expect(outcome?.record.word).toMatchObject(more)
      expect(await records.get('a')).toEqual(outcome?.record)
      const changed = await records.update('a', (record) => amend(record, { stage: 's' }))
      expect(changed?.record.word).toMatchObject({ ...more, stage: 's' })
      expect(await records.get('a')).toEqual(changed?.record)
    })

    test('keep any text, but for characters that no database takes, and answer what they have kept', async () => {
      const text = 'NUL: \0, half: \uD83D, no escape: \\u0000 \\ud83d, quotes: \'"\\\\, line\nbreak, {braces}, NULL'
      const upload = { kind: 'put', partBytes: 1, bytes: 'expected', metadata: { [text]: text } } as const
      const [outcome] = await records.insert([newOperation('a', { result: { [text]: [text] }, message: text }, { upload })])
      expect(await records.get('a')).toEqual(outcome?.record)
      const plain = (kept: unknown) => String(kept).replaceAll('\0', '\uFFFD').toWellFormed()
      const { message, result } = outcome!.record.word
      const texts = [message, ...Object.entries(result as object).flat(2), ...Object.entries(outcome!.record.upload!.metadata!).flat()]
      expect(texts.map(plain)).toEqual(Array(5).fill(plain(text)))
      const changed = await records.update('a', (record) => amend(record, { result: text }))
      expect(await records.get('a')).toEqual(changed?.record)
      const outcomes = await records.insert(['b', 'c'].map((id) => newOperation(id, { message: text }, { key: text })))
      expect(outcomes.map(({ kind, record }) => [kind, record.word.operation_id])).toEqual([
        ['inserted', 'b'],
        ['existing', 'b'],
      ])
    })

    test('know nothing by a name that no database takes', async () => {
      expect(await records.get('\0')).toBeUndefined()
      expect(await records.jobOwner('\0\uD83D')).toBeUndefined()
      expect(await ids({ jobIds: ['\0'], operationIds: ['\uD83D'] })).toEqual([])
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

    test('answer the operation that is there for the same subject and key', async () => {
      await records.insert([newOperation('a', {}, { key: 'once' })])
      const outcomes = await records.insert([
        newOperation('b', {}, { key: 'once' }),
        newOperation('c', {}, { key: 'twice' }),
        newOperation('d', {}, { key: 'twice' }),
        newOperation('e', {}, { key: 'once', subject: 'bert' }),
        newOperation('f'),
      ])
      expect(outcomes.map(({ kind, record }) => [kind, record.word.operation_id])).toEqual([
        ['existing', 'a'],
        ['inserted', 'c'],
        ['existing', 'c'],
        ['inserted', 'e'],
        ['inserted', 'f'],
      ])
      expect(await records.get('b')).toBeUndefined()
    })

    test('answer the operation that is there for the same id, and leave it as it is', async () => {
      await records.insert([newOperation('a', { message: 'first' })])
      const outcomes = await records.insert([newOperation('a', { message: 'second' }, { subject: 'bert' }), newOperation('b')])
      expect(outcomes.map(({ kind, record }) => [kind, record.subject, record.word.message])).toEqual([
        ['existing', 'anna', 'first'],
        ['inserted', 'anna', undefined],
      ])
      expect(await ids('all', 0, 10, 'bert')).toEqual([])
    })

    test('keep the key of an operation, and those of the calls that changed it', async () => {
      await records.insert([newOperation('a', {}, { key: 'made' })])
      await records.update('a', (record) => ({ ...amend(record, { progress: 1 }), appliedKeys: ['one', '{"two"}'] }))
      expect(await records.get('a')).toMatchObject({ key: 'made', appliedKeys: ['one', '{"two"}'] })
      await records.update('a', (record) => {
        const { appliedKeys: _, ...rest } = record
        return amend(rest, { progress: 2 })
      })
      expect(await records.get('a')).toMatchObject({ key: 'made', word: { progress: 2 } })
      expect(await records.get('a')).not.toHaveProperty('appliedKeys')
    })

    test('make each of many changes that come at once, to what the one before has left', async () => {
      await records.insert([newOperation('a', { processed_items: 0 }), newOperation('b', { processed_items: 0 })])
      const count = (record: OperationRecord) => amend(record, { processed_items: (record.word.processed_items ?? 0) + 1 })
      const outcomes = await Promise.allSettled(
        Array.from({ length: 60 }, (_, index) =>
          records.update(index % 3 === 0 ? 'b' : 'a', (record) => {
            if (index % 10 === 9) throw new RangeError('no')
            return index % 10 === 8 ? undefined : count(record)
          }),
        ),
      )
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(6)
      const changes = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' && outcome.value?.changed ? [outcome.value.record.word] : [],
      )
      expect(changes).toHaveLength(48)
      for (const id of ['a', 'b']) {
        const words = changes.filter(({ operation_id }) => operation_id === id)
        expect(words.map(({ processed_items }) => processed_items)).toEqual(words.map((_, index) => index + 1))
        const versions = words.map(({ version }) => version)
        expect(versions).toEqual([...new Set(versions)].sort((one, other) => one - other))
        expect((await records.get(id))?.word).toEqual(words.at(-1))
      }
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

    test('list what changed of all subjects, by rising version, a page at a time', async () => {
      await records.insert([newOperation('a'), newOperation('b', {}, { subject: 'bert' }), newOperation('c')])
      await records.update('a', (record) => amend(record, { progress: 1 }))
      const page = await records.everyChange({ after: 0, limit: 2 })
      expect(page.map(({ word }) => word.operation_id)).toEqual(['b', 'c'])
      const rest = await records.everyChange({ after: page[1]!.word.version, limit: 2 })
      expect(rest).toEqual([await records.get('a')])
      expect(await records.everyChange({ after: await records.latestVersion(), limit: 2 })).toEqual([])
    })

    test('list few changes after many, and all of them after operations were forgotten', async () => {
      const names = Array.from({ length: 300 }, (_, index) => `n${index}`)
      await records.insert(names.map((id) => newOperation(id, { status: 'completed' })))
      await records.forget(names.slice(0, 100), Date.parse('2026-01-02T00:00:00Z'))
      await Promise.all(names.slice(100, 290).map((id) => records.update(id, (record) => amend(record, { progress: 1 }))))
      const everyId = async (after: number, limit: number) =>
        (await records.everyChange({ after, limit })).map(({ word }) => word.operation_id)
      expect(await everyId(0, 1000)).toEqual([...names.slice(290), ...names.slice(100, 290)])
      const { version } = (await records.get('n280'))!.word
      expect(await everyId(version, 1000)).toEqual(names.slice(281, 290))
      expect(await ids('all', version, 3)).toEqual(['n281', 'n282', 'n283'])
    })

    test('tell of what another process wrote, until nobody listens', async () => {
      expect(records.isShared()).toBe(scene.openAgain !== undefined)
      const other = await scene.openAgain?.()
      if (other === undefined) return records.watch(() => {})()
      let calls = 0
      const heard = (least: number) =>
        vi.waitFor(async () => {
          await scene.passTime(1000)
          expect(calls).toBeGreaterThanOrEqual(least)
        }, PATIENCE)
      const stop = records.watch(() => {
        calls += 1
      })
      const listening = calls
      await other.insert([newOperation('a')])
      await heard(listening + 1)
      const inserted = calls
      await other.update('a', (record) => amend(record, { progress: 1 }))
      await heard(inserted + 1)
      expect(await records.everyChange({ after: 0, limit: 10 })).toEqual([await other.get('a')])
      expect(await other.latestVersion()).toBe(await records.latestVersion())
      stop()
      stop()
      const stopped = calls
      await other.update('a', (record) => amend(record, { progress: 2 }))
      await scene.passTime(1000)
      expect(await records.get('a')).toMatchObject({ word: { progress: 2 } })
      expect(calls).toBe(stopped)
      await other.close()
    })

    test('give a lease to one holder at a time, until it gives it back or does not renew it', async () => {
      const { leases } = records
      expect([await leases.acquire('feed', 'one', 1000), await leases.acquire('feed', 'two', 1000)]).toEqual([true, false])
      expect(await leases.acquire('other', 'two', 1000)).toBe(true)
      await scene.passTime(600)
      expect(await leases.acquire('feed', 'one', 1000)).toBe(true)
      await scene.passTime(600)
      expect(await leases.acquire('feed', 'two', 1000)).toBe(false)
      await scene.passTime(600)
      expect([await leases.acquire('feed', 'two', 1000), await leases.acquire('feed', 'one', 1000)]).toEqual([true, false])
      await leases.release('feed', 'one')
      expect(await leases.acquire('feed', 'one', 1000)).toBe(false)
      await leases.release('feed', 'two')
      expect(await leases.acquire('feed', 'one', 1000)).toBe(true)
    })

    test('give a lease that many want at once to one of them', async () => {
      const wins = await Promise.all(Array.from({ length: 8 }, (_, index) => records.leases.acquire('feed', `holder-${index}`, 1000)))
      expect(wins.filter(Boolean)).toHaveLength(1)
    })

    test('remember how far each feed is, and never less', async () => {
      const { feeds } = records
      expect(await feeds.get('stomp')).toBeUndefined()
      await feeds.save('stomp', 5)
      await feeds.save('supabase', 9)
      await feeds.save('stomp', 3)
      expect([await feeds.get('stomp'), await feeds.get('supabase')]).toEqual([5, 9])
      await feeds.save('stomp', Number.MAX_SAFE_INTEGER)
      expect(await feeds.get('stomp')).toBe(Number.MAX_SAFE_INTEGER)
    })

    test('keep clients by subject and id, and list who was heard last last', async () => {
      const { clients } = records
      await clients.save([])
      await clients.save([client('a', 1), client('b', 2, { subject: 'bert', latency: null, transport: '' }), client('c', 3)])
      expect(await clients.list({ limit: 10 })).toEqual([
        client('a', 1),
        client('b', 2, { subject: 'bert', latency: null, transport: '' }),
        client('c', 3),
      ])
      await clients.save([
        client('a', 4, { status: 'reconnecting', reconnect_attempts: 2, latency: 12.5 }),
        client('a', 5, { subject: 'bert' }),
      ])
      expect(await clients.list({ subject: 'anna', limit: 10 })).toEqual([
        client('c', 3),
        client('a', 4, { status: 'reconnecting', reconnect_attempts: 2, latency: 12.5 }),
      ])
      const names = async (limit: number) => (await clients.list({ limit })).map(({ subject, connection_id }) => subject + connection_id)
      expect(await names(3)).toEqual(['annac', 'annaa', 'berta'])
      await clients.remove([client('c', 0), { subject: 'anna', connection_id: 'b' }])
      expect(await names(10)).toEqual(['bertb', 'annaa', 'berta'])
      await clients.forget(Date.parse(at(4)))
      expect(await names(10)).toEqual(['annaa', 'berta'])
      await clients.remove([])
    })

    test('keep snapshots of the system, and list the newest, the oldest of them first', async () => {
      const { snapshots } = records
      for (const second of [1, 2, 3]) await snapshots.add(systemSnapshot(second))
      expect(await snapshots.list(10)).toEqual([1, 2, 3].map(systemSnapshot))
      expect(await snapshots.list(2)).toEqual([2, 3].map(systemSnapshot))
      await snapshots.forget(Date.parse(at(3)))
      expect(await snapshots.list(10)).toEqual([systemSnapshot(3)])
    })
  })
}

const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`

function client(id: string, heard: number, more: Partial<ClientConnection> = {}): ClientConnection {
  return {
    connection_id: id,
    subject: 'anna',
    status: 'connected',
    transport: 'sse',
    latency: 12,
    reconnect_attempts: 0,
    connected_at: at(0),
    last_ping: at(heard),
    ...more,
  }
}

function systemSnapshot(second: number): SystemSnapshot {
  return {
    taken_at: at(second),
    metrics: {
      totalOperations: second,
      successRate: 1 / 3,
      avgDuration: 12.5,
      peakConcurrency: 2,
      errorRate: null,
      throughput: 0,
      trend: null,
    },
    health: { status: 'healthy', score: 99, errorRate: 0, checkedAt: at(second) },
    connections: 4,
    active_operations: 5,
  }
}
