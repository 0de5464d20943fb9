import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploadItem } from '../item/item.js'
import { newItem } from '../item/new-item.js'
import {
  jobProgress,
  type Decode,
  type SnapshotAnswer,
  type SnapshotRequest,
  type SyncStatusUpdate,
  uploadProgress,
} from '../protocol/index.js'
import { createUploadStore } from '../store/upload-store.js'
import { createMemoryTransport, createTestEnvironment, createTestFile, settle } from '../testing/index.js'
import { polling } from './polling.js'
import { connectSync, type SyncTiming } from './sync-session.js'

/** Least time between two rounds of questions, in milliseconds. */
const GAP = 200
const EMPTY: SnapshotAnswer = { operations: [], cursor: '', more: false }

interface Options {
  readonly authoritative?: boolean
  readonly isRestored?: boolean
  readonly isPolling?: boolean
  readonly deadlineMs?: number
  readonly decode?: Decode
  readonly timing?: SyncTiming
}

function setUp({ isRestored = false, isPolling = false, deadlineMs = 120_000, timing = {}, ...transportOptions }: Options = {}) {
  const world = createTestEnvironment()
  const store = createUploadStore({ environment: world, onListened() {} })
  const memory = createMemoryTransport(transportOptions)
  const transport = (isPolling ? polling() : memory.factory)({ environment: world })
  const asked: SnapshotRequest[] = []
  const dropped: string[] = []
  const warnings: UploadError[] = []
  let answer: (request: SnapshotRequest, call: number) => SnapshotAnswer | Promise<SnapshotAnswer> = () => EMPTY
  let wakes = 0
  const session = connectSync({
    environment: world,
    store,
    transport: {
      ...transport,
      wake() {
        wakes += 1
      },
    },
    jobId: 'job',
    async snapshot(request, signal) {
      asked.push(request)
      const given = await answer(request, asked.length)
      signal.throwIfAborted()
      return given
    },
    processingDeadlineMs: deadlineMs,
    timing,
    isRestored,
    onRestored: (items) => store.add(items),
    onDropped: (reason) => dropped.push(reason),
    onWarning: (error) => warnings.push(error),
  })
  const item = (id: string): UploadItem => {
    const found = store.get(id)
    if (found === undefined) throw new Error(`There is no item ${id}.`)
    return found
  }
  return {
    world,
    store,
    memory,
    session,
    asked,
    dropped,
    warnings,
    item,
    wakes: () => wakes,
    answers(next: typeof answer) {
      answer = next
    },
    /** An item up to a point of its way. */
    async put(id: string, upTo: 'queued' | 'preparing' | 'uploading' | 'processing', operationId = `op-${id}`) {
      store.add([newItem({ id, file: createTestFile(`${id}.png`, 4), addedAt: 0 })])
      if (upTo !== 'queued') store.dispatch(id, { type: 'started' })
      if (upTo === 'uploading' || upTo === 'processing') {
        session.start()
        store.dispatch(id, { type: 'planned', operationId })
        store.dispatch(id, { type: 'slotTaken' })
      }
      if (upTo === 'processing') store.dispatch(id, { type: 'transferred', final: false })
      await settle()
    },
  }
}

const word = (change: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate => ({
  operation_id: 'op-a',
  operation_type: 'upload',
  status: 'in_progress',
  progress: 10,
  timestamp: '2026-01-01T00:00:00Z',
  ...change,
})
const page = (operations: readonly SyncStatusUpdate[], cursor = '1', more = false): SnapshotAnswer => ({ operations, cursor, more })

describe('the recovery rule', () => {
  it('subscribes to the job once, before anything is asked', async () => {
    const { session, memory, asked } = setUp()
    session.start()
    session.start()
    memory.connect()
    await settle()
    expect(memory.topics).toEqual([{ kind: 'job', id: 'job' }])
    expect(asked).toEqual([])
  })

  it('fetches the snapshot after each reconnect, from where the last one ended', async () => {
    const { put, world, memory, asked, answers, item } = setUp()
    memory.connect()
    await put('a', 'processing')
    answers((_request, call) => page(call === 2 ? [word({ version: 5, status: 'completed' })] : [], `cursor-${call}`))
    memory.disconnect()
    memory.connect()
    await settle()
    memory.disconnect()
    memory.connect()
    await world.clock.advance(GAP)
    expect(asked).toEqual([{ job_id: 'job' }, { job_id: 'job', cursor: 'cursor-1' }])
    expect(item('a').phase).toBe('completed')
  })

  it('fetches it when the page wakes, and has the transport look to its connection', async () => {
    const { put, memory, session, asked, wakes } = setUp()
    memory.connect()
    await put('a', 'processing')
    session.wake()
    await settle()
    expect(asked).toHaveLength(1)
    expect(wakes()).toBe(1)
  })

  it('asks anew when the page wakes during a question that is long unanswered', async () => {
    const { put, memory, session, asked, answers, item, world } = setUp()
    memory.connect()
    await put('a', 'processing')
    answers((_request, call) => (call === 1 ? new Promise(() => {}) : page([word({ version: 5, status: 'completed' })])))
    session.wake()
    await world.clock.advance(1999)
    session.wake()
    await world.clock.advance(GAP)
    expect(asked).toHaveLength(1)
    session.wake()
    await world.clock.advance(GAP)
    expect(asked).toHaveLength(2)
    expect(item('a').phase).toBe('completed')
  })

  it('hears of what was revoked while nobody listened', async () => {
    const { put, memory, item, answers } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 2, status: 'completed' }))
    memory.disconnect()
    answers(() => page([word({ version: 3, status: 'failed' })]))
    memory.connect()
    await settle()
    expect(item('a').phase).toBe('failed')
  })

  it('reads a snapshot page by page', async () => {
    const { put, memory, asked, answers, item } = setUp()
    await put('a', 'processing')
    await put('b', 'processing')
    answers((_request, call) =>
      call === 1
        ? page([word({ version: 2, status: 'completed' })], 'next', true)
        : page([word({ operation_id: 'op-b', version: 2, status: 'completed' })], 'end'),
    )
    memory.connect()
    await settle()
    expect(asked).toEqual([{ job_id: 'job' }, { job_id: 'job', cursor: 'next' }])
    expect([item('a').phase, item('b').phase]).toEqual(['completed', 'completed'])
  })

  it('is not caught by a server that always promises one more page', async () => {
    const { put, memory, asked, answers } = setUp()
    await put('a', 'processing')
    answers(() => page([], 'same', true))
    memory.connect()
    await settle()
    expect(asked).toHaveLength(2)
  })
})

describe('messages', () => {
  it('that arrive before the answer of the upload’s own call are kept until the operation is known', async () => {
    const { put, memory, session, store, item } = setUp()
    session.start()
    memory.connect()
    await put('a', 'preparing')
    memory.deliver(word({ version: 3, status: 'completed', result: 'early' }))
    memory.deliver(word({ version: 2 }))
    expect(item('a').phase).toBe('preparing')
    store.dispatch('a', { type: 'planned', operationId: 'op-a' })
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'early' })
  })

  it('that come early keep the end of an unversioned operation, whatever comes late', async () => {
    const { put, memory, session, store, item } = setUp()
    session.start()
    memory.connect()
    await put('a', 'preparing')
    memory.deliver(word({ status: 'completed' }))
    memory.deliver(word({ progress: 90 }))
    store.dispatch('a', { type: 'planned', operationId: 'op-a' })
    expect(item('a').phase).toBe('completed')
  })

  it('that name no item are applied when another message names it', async () => {
    const { put, memory, session, item } = setUp()
    session.start()
    memory.connect()
    await put('a', 'preparing')
    memory.deliver(word({ version: 5, status: 'completed' }))
    memory.deliver(word({ version: 3, client_ref: 'a', attempt: 1 }))
    expect(item('a').phase).toBe('completed')
  })

  it('that come by the thousand leave the item where the newest is, and an end waits for none of them', async () => {
    const { put, memory, item, world, dropped } = setUp()
    memory.connect()
    await put('a', 'processing')
    await put('b', 'processing')
    for (let version = 1; version <= 2000; version += 1) {
      const operation_id = version % 2 === 0 ? 'op-a' : 'op-b'
      memory.deliver(word({ operation_id, version, progress: version / 40 }))
    }
    expect(item('a').server?.progress).toBeLessThan(50)
    memory.deliver(word({ operation_id: 'op-b', version: 3000, status: 'completed' }))
    expect(item('b').phase).toBe('completed')
    await world.clock.advance(100)
    expect(item('a').server?.progress).toBe(50)
    expect(item('b').phase).toBe('completed')
    expect(dropped).toEqual([])
  })

  it('of operations that are nobody’s take no more than a thousand places', async () => {
    const { put, memory, session, store, item } = setUp()
    session.start()
    memory.connect()
    await put('a', 'preparing')
    memory.deliver(word({ version: 2, status: 'completed' }))
    for (let index = 0; index < 1000; index += 1) memory.deliver(word({ operation_id: `other-${index}`, status: 'failed', version: 1 }))
    store.dispatch('a', { type: 'planned', operationId: 'op-a' })
    expect(item('a').phase).toBe('ready')
  })

  it('that come twice, or out of order, change nothing', async () => {
    const { put, memory, item } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 4, progress: 50 }))
    const before = item('a')
    memory.deliver(word({ version: 4, progress: 50 }))
    memory.deliver(word({ version: 3, progress: 20 }))
    memory.deliver(word({ version: 2, status: 'failed' }))
    expect(item('a')).toBe(before)
  })

  it.each([
    ['text that is not JSON', '<html>'],
    ['nothing', null],
    ['a list', '[]'],
    ['an unknown status', JSON.stringify({ ...word(), status: 'exploded' })],
    ['progress beyond its bounds', JSON.stringify(word({ progress: 1e9 }))],
    ['an id of a megabyte', JSON.stringify(word({ operation_id: 'x'.repeat(2 ** 20) }))],
    ['a version that is no number', JSON.stringify({ ...word(), version: '9' })],
  ])('of hostile shape (%s) are dropped and told of', async (_what, raw) => {
    const { put, memory, item, dropped, asked } = setUp()
    memory.connect()
    await put('a', 'processing')
    const before = item('a')
    memory.deliver(raw)
    await settle()
    expect(item('a')).toBe(before)
    expect(dropped).toHaveLength(1)
    expect(asked).toEqual([])
  })

  it('without a version, after versions were seen, ask the server', async () => {
    const { put, memory, item, asked, answers } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 2 }))
    answers(() => page([word({ version: 3, progress: 60 })]))
    memory.deliver(word({ status: 'failed' }))
    await settle()
    expect(asked).toEqual([{ ids: ['op-a'] }])
    expect(item('a')).toMatchObject({ phase: 'processing', server: { progress: 60 } })
  })

  it('that ask at once are one question', async () => {
    const { put, memory, asked } = setUp()
    memory.connect()
    await put('a', 'processing')
    await put('b', 'processing')
    memory.deliver(word({ version: 2 }))
    memory.deliver(word({ operation_id: 'op-b', version: 2 }))
    for (let index = 0; index < 5; index += 1) {
      memory.deliver(word({ status: 'failed' }))
      memory.deliver(word({ operation_id: 'op-b', status: 'failed' }))
    }
    await settle()
    expect(asked).toEqual([{ ids: ['op-a', 'op-b'] }])
  })

  it('that end an unversioned operation while a snapshot is on its way are not undone by that older snapshot', async () => {
    const { put, world, memory, item, answers, asked } = setUp()
    await put('a', 'processing')
    let release = (_answer: SnapshotAnswer) => {}
    answers((_request, call) =>
      call === 1 ? new Promise((resolve) => (release = resolve)) : page([word({ status: 'completed', result: 'new' })]),
    )
    memory.connect()
    await settle()
    memory.deliver(word({ status: 'completed', result: 'new' }))
    release(page([word({ status: 'failed' })]))
    await world.clock.advance(GAP)
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'new' })
    expect(asked).toEqual([{ job_id: 'job' }, { ids: ['op-a'] }])
  })
})

describe('a transport on which others can write', () => {
  it('ends nothing: an end is read from an authorised snapshot', async () => {
    const { put, memory, item, asked, answers } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 3, status: 'completed', result: 'true' })]))
    memory.deliver(word({ version: 9, status: 'completed', result: 'forged' }))
    expect(item('a').phase).toBe('processing')
    await settle()
    expect(asked).toEqual([{ ids: ['op-a'] }])
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'true' })
  })

  it('does not make the words of the server look old, whatever version it claims', async () => {
    const { put, memory, item, answers } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: Number.MAX_SAFE_INTEGER, progress: 40 }))
    answers(() => page([word({ version: 3, status: 'completed' })]))
    memory.deliver(word({ version: 3, status: 'completed' }))
    await settle()
    expect(item('a').phase).toBe('completed')
  })

  it('does not undo an end: the snapshot says whether it was undone', async () => {
    const { put, world, memory, item, answers } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 3, status: 'completed' })]))
    memory.deliver(word({ version: 3, status: 'completed' }))
    await world.clock.advance(GAP)
    memory.deliver(word({ version: 9 }))
    await world.clock.advance(GAP)
    expect(item('a').phase).toBe('completed')
    answers(() => page([word({ version: 10 })]))
    memory.deliver(word({ version: 10 }))
    await world.clock.advance(2 * GAP)
    expect(item('a').phase).toBe('processing')
  })

  it('shows progress and stage of what goes on, but no text', async () => {
    const { put, memory, item } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 2, progress: 40, stage: 'transcoding', message: 'Send money to …' }))
    expect(item('a').server).toMatchObject({ progress: 40, stage: 'transcoding' })
    expect(item('a').server).not.toHaveProperty('message')
  })
})

describe('polling', () => {
  it('begins after a second, backs off to fifteen, and stops when nothing is unconfirmed', async () => {
    const { put, world, asked, item, answers, session } = setUp({ isPolling: true })
    await put('a', 'processing')
    const start = world.clock.now()
    const times: number[] = []
    let isDone = false
    answers(() => {
      times.push(world.clock.now() - start)
      return isDone ? page([word({ version: 2, status: 'completed' })]) : EMPTY
    })
    await world.clock.advance(120_000)
    const gaps = times.map((time, index) => time - (times[index - 1] ?? 0))
    expect(gaps.slice(0, 4)).toEqual([1000, 1500, 2250, 3375])
    expect(Math.max(...gaps)).toBe(15_000)
    isDone = true
    await world.clock.advance(15_000)
    expect(item('a').phase).toBe('completed')
    const polls = asked.length
    await world.clock.advance(3_600_000)
    expect(asked).toHaveLength(polls)
    session.dispose()
    expect(world.clock.pending).toBe(0)
  })

  it('is quick again for what comes later', async () => {
    const { put, world, asked } = setUp({ isPolling: true })
    await put('a', 'processing')
    await world.clock.advance(100_000)
    const before = asked.length
    await put('b', 'processing')
    await world.clock.advance(1000)
    expect(asked).toHaveLength(before + 1)
  })

  it('does not begin while bytes are only on their way', async () => {
    const { put, world, asked } = setUp({ isPolling: true })
    await put('a', 'uploading')
    await world.clock.advance(600_000)
    expect(asked).toEqual([])
  })

  it('stands in while realtime is not healthy, and ends when it is', async () => {
    const { put, world, asked, memory, session } = setUp()
    memory.connect()
    await put('a', 'processing')
    expect(session.$connection.get()).toMatchObject({ status: 'connected', polling: false })
    memory.disconnect()
    expect(session.$connection.get()).toMatchObject({ status: 'reconnecting', polling: true })
    await world.clock.advance(2500)
    expect(asked).toHaveLength(2)
    memory.connect()
    await world.clock.advance(GAP)
    expect(asked).toHaveLength(3)
    await world.clock.advance(27_000)
    expect(asked).toHaveLength(3)
    expect(session.$connection.get().polling).toBe(false)
  })

  it('stands in where the topic was refused', async () => {
    const { put, world, asked, memory, warnings } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.refuse(new UploadError('auth', 'Not yours.'))
    await world.clock.advance(1000)
    expect(asked).toHaveLength(1)
    expect(warnings).toMatchObject([{ code: 'auth' }])
  })

  it('survives a server that is down: it warns once and goes on', async () => {
    const { put, world, warnings, answers, item } = setUp({ isPolling: true })
    await put('a', 'processing')
    let isDown = true
    answers(() => {
      if (isDown) throw new UploadError('network', 'Down.')
      return page([word({ version: 2, status: 'completed' })])
    })
    await world.clock.advance(100_000)
    expect(warnings).toHaveLength(1)
    isDown = false
    await world.clock.advance(15_000)
    expect(item('a').phase).toBe('completed')
  })

  it('tells what it knows of the connection where there is no other', async () => {
    const { put, world, session, answers } = setUp({ isPolling: true })
    await put('a', 'processing')
    await world.clock.advance(1000)
    expect(session.$connection.get()).toMatchObject({ status: 'connected', polling: true, latency: 0, transport: 'polling' })
    answers(() => {
      throw new UploadError('network', 'Down.')
    })
    await world.clock.advance(15_000)
    expect(session.$connection.get()).toMatchObject({ status: 'error', latency: null })
  })
})

describe('a healthy connection', () => {
  it('is mistrusted every thirty seconds while anything is unconfirmed', async () => {
    const { put, world, asked, memory, item, answers } = setUp()
    memory.connect()
    await put('a', 'processing')
    await world.clock.advance(29_999)
    expect(asked).toEqual([])
    answers(() => page([word({ version: 7, status: 'completed' })]))
    await world.clock.advance(1)
    expect(item('a').phase).toBe('completed')
    await world.clock.advance(3_600_000)
    expect(asked).toHaveLength(1)
    expect(world.clock.pending).toBe(0)
  })
})

describe('the processing deadline', () => {
  it('shows an item overdue, never failed, and asks about it; any word ends that', async () => {
    const { put, world, asked, memory, item } = setUp({ deadlineMs: 10_000 })
    memory.connect()
    await put('a', 'processing')
    await world.clock.advance(9999)
    expect(item('a')).toMatchObject({ phase: 'processing', overdue: false })
    await world.clock.advance(1)
    expect(item('a')).toMatchObject({ phase: 'processing', overdue: true })
    expect(asked).toEqual([{ ids: ['op-a'] }])
    memory.deliver(word({ version: 2, progress: 20 }))
    expect(item('a')).toMatchObject({ overdue: false })
  })

  it('runs from the last word', async () => {
    const { put, world, memory, item } = setUp({ deadlineMs: 10_000 })
    memory.connect()
    await put('a', 'processing')
    await world.clock.advance(8000)
    memory.deliver(word({ version: 2, progress: 20 }))
    await world.clock.advance(8000)
    expect(item('a')).toMatchObject({ overdue: false })
  })

  it('that passed while the page slept is noticed when it wakes', async () => {
    const { put, world, memory, item, session } = setUp({ deadlineMs: 10_000 })
    memory.connect()
    await put('a', 'processing')
    world.clock.set(world.clock.now() + 3_600_000)
    session.wake()
    expect(item('a')).toMatchObject({ overdue: true })
  })
})

describe('the job of an earlier page', () => {
  const file = { name: 'a.png', size: 4, type: 'image/png' }
  const operations = [
    word({
      operation_id: 'op-1',
      client_ref: 'a',
      attempt: 1,
      version: 3,
      status: 'failed',
      file,
      error: { code: 'superseded', message: '', retryable: false },
    }),
    word({ operation_id: 'op-2', client_ref: 'a', attempt: 2, version: 4, status: 'in_progress', file }),
    word({ operation_id: 'op-3', client_ref: 'b', attempt: 1, version: 5, status: 'completed', file, result: 'done' }),
    word({ operation_id: 'op-4', client_ref: 'c', attempt: 1, version: 6, status: 'pending', progress: 0, file }),
    word({ operation_id: 'op-5', client_ref: 'd', attempt: 1, version: 7 }),
  ]

  it('comes back as items in the server’s state, the latest attempt of each; what lacks its bytes waits for its file', async () => {
    const { session, memory, store, answers } = setUp({ isRestored: true })
    answers((_request, call) => (call === 1 ? page(operations.slice(0, 2), 'next', true) : page(operations.slice(2), 'end')))
    session.start()
    memory.connect()
    await settle()
    expect(store.items()).toMatchObject([
      { id: 'a', phase: 'processing', attempt: 2, operationId: 'op-2', name: 'a.png', size: 4 },
      { id: 'b', phase: 'completed', result: 'done' },
      { id: 'c', phase: 'waiting', reason: 'file' },
    ])
    memory.deliver(word({ operation_id: 'op-2', version: 9, status: 'completed' }))
    expect(store.get('a')?.phase).toBe('completed')
  })

  it('comes back in the order in which it was made, not in that of its last changes', async () => {
    const { session, memory, store, answers } = setUp({ isRestored: true })
    const upload = (ref: string, position?: number) =>
      word({ operation_id: `op-${ref}`, client_ref: ref, version: 3, file, ...(position !== undefined && { position }) })
    answers(() => page([upload('second', 8), upload('unplaced'), upload('third', 9), upload('first', 2)]))
    session.start()
    memory.connect()
    await settle()
    expect(store.ids()).toEqual(['first', 'second', 'third', 'unplaced'])
  })

  it('comes back once the server does, each item once', async () => {
    const { session, memory, store, answers, world, warnings } = setUp({ isRestored: true })
    let calls = 0
    answers(() => {
      calls += 1
      if (calls === 1) return page(operations.slice(0, 2), 'next', true)
      if (calls < 4) throw new UploadError('network', 'Down.')
      return page(operations)
    })
    session.start()
    memory.connect()
    await settle()
    expect(store.items()).toHaveLength(0)
    await world.clock.advance(20_000)
    expect(store.items().map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(warnings).toHaveLength(1)
  })

  it('that the server does not know is an empty one', async () => {
    const { session, memory, store, answers, world, warnings } = setUp({ isRestored: true })
    answers(() => {
      throw new UploadError('rejected', 'Unknown.', { status: 404 })
    })
    session.start()
    memory.connect()
    await world.clock.advance(60_000)
    expect(store.items()).toEqual([])
    expect(warnings).toEqual([])
    expect(world.clock.pending).toBe(0)
  })
})

describe('while it is suspended', () => {
  it('no word changes anything; afterwards everything is asked anew, from the beginning', async () => {
    const { put, world, memory, session, asked, answers, item } = setUp()
    memory.connect()
    answers((_request, call) => page([], `cursor-${call}`))
    await put('a', 'processing')
    memory.disconnect()
    memory.connect()
    await settle()
    session.suspend(true)
    const before = item('a')
    memory.deliver(word({ version: 4, status: 'completed' }))
    session.take(word({ version: 4, status: 'completed' }))
    session.wake()
    await settle()
    expect(item('a')).toBe(before)
    expect(asked).toEqual([{ job_id: 'job' }])
    answers(() => page([word({ version: 4, status: 'completed' })]))
    session.suspend(false)
    await world.clock.advance(GAP)
    expect(asked).toEqual([{ job_id: 'job' }, { job_id: 'job' }])
    expect(item('a').phase).toBe('completed')
  })
})

describe('items of another page’s job', () => {
  const restored = (id: string, jobId: string): UploadItem => ({
    ...newItem({ id, file: createTestFile(`${id}.png`, 4), addedAt: 0 }),
    operationId: `op-${id}`,
    jobId,
    phase: 'processing',
    overdue: false,
  })

  it('are followed from the moment they are here: their job is subscribed to, and what was missed is fetched', async () => {
    const { store, memory, asked, answers, item } = setUp()
    memory.connect()
    answers((request) => page('job_id' in request ? [word({ version: 4, status: 'completed', result: 'while away' })] : []))
    store.add([restored('a', 'old-1')])
    await settle()
    expect(memory.topics).toEqual([{ kind: 'job', id: 'old-1' }])
    expect(asked[0]).toEqual({ job_id: 'old-1' })
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'while away' })
  })

  it('have a cursor for each job, beside the own one', async () => {
    const { store, put, world, memory, asked, answers } = setUp()
    answers((request) => page([], `${'job_id' in request ? request.job_id : ''}-1`))
    memory.connect()
    await put('own', 'processing')
    store.add([restored('a', 'old-1'), restored('b', 'old-2')])
    await settle()
    asked.length = 0
    memory.disconnect()
    memory.connect()
    await world.clock.advance(GAP)
    expect(asked).toContainEqual({ job_id: 'old-1', cursor: 'old-1-1' })
    expect(asked).toContainEqual({ job_id: 'old-2', cursor: 'old-2-1' })
    expect(asked).toContainEqual({ job_id: 'job' })
  })

  it('leave no subscription behind when the last of them is removed', async () => {
    const { store, memory, session } = setUp()
    memory.connect()
    session.start()
    store.add([restored('a', 'old-1'), restored('b', 'old-1')])
    store.remove(['a'])
    expect(memory.topics).toEqual([
      { kind: 'job', id: 'job' },
      { kind: 'job', id: 'old-1' },
    ])
    store.remove(['b'])
    expect(memory.topics).toEqual([{ kind: 'job', id: 'job' }])
    expect(session.$connection.get().status).toBe('connected')
  })

  it('whose job the server will not tell of do not keep the others from being asked about', async () => {
    const { store, memory, answers, item, warnings } = setUp()
    answers((request) => {
      if ('job_id' in request && request.job_id === 'hers') throw new UploadError('auth', 'Not yours.')
      return page([word({ operation_id: 'op-b', version: 4, status: 'completed' })])
    })
    memory.connect()
    store.add([restored('a', 'hers'), restored('b', 'mine')])
    await settle()
    expect(item('b').phase).toBe('completed')
    expect(warnings).toMatchObject([{ code: 'auth' }])
  })

  it('that another tab owns are nobody’s here: neither followed nor counted nor moved by a word', async () => {
    const { store, memory, session, world, asked, item } = setUp()
    memory.connect()
    session.start()
    store.add([{ ...restored('a', 'old-1'), mirrored: true }])
    const before = item('a')
    memory.deliver(word({ version: 4, status: 'completed' }))
    await world.clock.advance(120_000)
    expect(memory.topics).toEqual([{ kind: 'job', id: 'job' }])
    expect(asked).toEqual([])
    expect(item('a')).toBe(before)
  })
})

describe('dispose', () => {
  it('ends everything, also what is on its way', async () => {
    const { put, memory, session, world, answers, store, asked } = setUp({ isRestored: true })
    let release = (_answer: SnapshotAnswer) => {}
    answers(() => new Promise((resolve) => (release = resolve)))
    await put('a', 'processing')
    memory.connect()
    session.dispose()
    release(page([word({ operation_id: 'op-2', client_ref: 'x', version: 1, file: { name: 'x', size: 1, type: '' } })]))
    await settle()
    session.wake()
    session.start()
    await world.clock.advance(3_600_000)
    expect(store.ids()).toEqual(['a'])
    expect(memory.topics).toEqual([])
    expect(asked).toHaveLength(1)
    expect(world.clock.pending).toBe(0)
  })
})

describe('questions', () => {
  const ids = (request: SnapshotRequest | undefined) => (request !== undefined && 'ids' in request ? request.ids : [])
  async function putMany({ put, store }: ReturnType<typeof setUp>, count: number): Promise<void> {
    for (let index = 0; index < count; index += 1) await put(`${index}`, 'processing')
    expect(store.ids()).toHaveLength(count)
  }

  it('by a thousand hints at once are few, of no more than a page each', async () => {
    const session = setUp({ authoritative: false })
    const { asked, memory, world, answers, store } = session
    memory.connect()
    await putMany(session, 1000)
    answers((request) => page(ids(request).map((id) => word({ operation_id: id, version: 2, status: 'completed' }))))
    for (let index = 0; index < 1000; index += 1) memory.deliver(word({ operation_id: `op-${index}`, version: 2, status: 'completed' }))
    await world.clock.advance(0)
    expect(asked.map((request) => ids(request).length)).toEqual([500, 500])
    expect(new Set(store.items().map(({ phase }) => phase))).toEqual(new Set(['completed']))
  })

  it('by ten thousand hints a second, each in a turn of its own, are a few a second', async () => {
    const session = setUp({ authoritative: false })
    const { asked, memory, world, answers } = session
    memory.connect()
    await putMany(session, 100)
    answers(() => EMPTY)
    const seconds = 3
    for (let hint = 0; hint < seconds * 10_000; hint += 1) {
      memory.deliver(word({ operation_id: `op-${hint % 100}`, version: 2, status: 'completed' }))
      if (hint % 10 === 0) await world.clock.advance(1)
    }
    expect(asked.length).toBeLessThanOrEqual(5 * seconds)
    expect(Math.max(...asked.map((request) => ids(request).length))).toBe(100)
  })

  it('about an end that was told before it was written are asked again, for a few seconds', async () => {
    const { asked, answers, item, memory, put, world } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 1 })]))
    memory.deliver(word({ version: 2, status: 'completed' }))
    await world.clock.advance(1000)
    expect(item('a').phase).toBe('processing')
    answers(() => page([word({ version: 2, status: 'completed' })]))
    await world.clock.advance(1000)
    expect(item('a').phase).toBe('completed')
    const before = asked.length
    await world.clock.advance(20_000)
    expect(asked).toHaveLength(before)
  })

  it('about an end that nobody wrote are not asked for ever', async () => {
    const { asked, answers, memory, put, world } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 1 })]))
    memory.deliver(word({ version: 2, status: 'failed' }))
    await world.clock.advance(29_000)
    expect(asked).toHaveLength(6)
  })

  it('about a revocation that was told before it was written are asked again, too', async () => {
    const { answers, item, memory, put, world } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 5, status: 'completed' })]))
    memory.deliver(word({ version: 5, status: 'completed' }))
    await world.clock.advance(1000)
    memory.deliver(word({ version: 6, status: 'failed' }))
    await world.clock.advance(1000)
    expect(item('a').phase).toBe('completed')
    answers(() => page([word({ version: 6, status: 'failed' })]))
    await world.clock.advance(2000)
    expect(item('a').phase).toBe('failed')
  })

  it('by hints of mere progress are no more than those of polling', async () => {
    const { asked, answers, item, memory, put, world } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 2 }))
    answers((_request, call) => page([word({ version: 2 + call, progress: 10 + call })]))
    for (let hint = 0; hint < 600; hint += 1) {
      memory.deliver(word({ progress: 11 }))
      await world.clock.advance(100)
    }
    expect(item('a').server?.progress).toBeGreaterThan(11)
    expect(asked.length).toBeLessThanOrEqual(12)
  })

  it('are not asked by what is known to be old', async () => {
    const { asked, answers, memory, put, world } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    answers(() => page([word({ version: 5, status: 'completed' })]))
    memory.deliver(word({ version: 5, status: 'completed' }))
    await world.clock.advance(1000)
    for (const version of [2, 5]) memory.deliver(word({ version, status: 'completed' }))
    memory.deliver(word({ version: 4 }))
    await world.clock.advance(20_000)
    expect(asked).toHaveLength(1)
  })

  it('that are refused do not keep the others from being asked', async () => {
    const { answers, asked, item, memory, put, warnings, world } = setUp()
    memory.connect()
    await put('a', 'processing')
    answers((request) => {
      if ('ids' in request) throw new UploadError('rejected', 'No such thing.')
      return page([word({ version: 9, status: 'completed' })])
    })
    memory.deliver(word({ version: 2 }))
    memory.deliver(word({ status: 'failed' }))
    memory.disconnect()
    memory.connect()
    await world.clock.advance(1000)
    expect(item('a').phase).toBe('completed')
    expect(warnings).toHaveLength(1)
    await world.clock.advance(60_000)
    expect(asked.filter((request) => 'ids' in request)).toHaveLength(1)
  })

  it('that are never answered end, and are asked again', async () => {
    const { answers, item, memory, put, world } = setUp()
    await put('a', 'processing')
    answers((_request, call) => (call === 1 ? new Promise(() => {}) : page([word({ version: 9, status: 'completed' })])))
    memory.connect()
    await world.clock.advance(65_000)
    expect(item('a').phase).toBe('completed')
  })

  it('with a cursor that the server refuses begin again from the start', async () => {
    const { answers, asked, item, memory, put, world } = setUp()
    await put('a', 'processing')
    answers((request, call) => {
      if (call === 1) return page([], 'old')
      if (request.cursor !== undefined) throw new UploadError('rejected', 'Unknown cursor.', { status: 422 })
      return page([word({ version: 9, status: 'completed' })])
    })
    memory.connect()
    await world.clock.advance(1000)
    memory.disconnect()
    memory.connect()
    await world.clock.advance(5000)
    expect(asked.at(-1)).toEqual({ job_id: 'job' })
    expect(item('a').phase).toBe('completed')
  })

  it('of many jobs are one question', async () => {
    const { answers, asked, memory, store, world, put } = setUp({ isPolling: true })
    memory.connect()
    await put('own', 'processing')
    for (const id of ['a', 'b', 'c'])
      store.add([
        {
          ...newItem({ id, file: createTestFile(id, 4), addedAt: 0 }),
          operationId: `op-${id}`,
          jobId: `old-${id}`,
          phase: 'processing',
          overdue: false,
        },
      ])
    await world.clock.advance(500)
    asked.length = 0
    answers(() => EMPTY)
    await world.clock.advance(1000)
    expect(asked).toEqual([{ ids: ['op-own', 'op-a', 'op-b', 'op-c'] }])
  })

  it('take the times that they are given', async () => {
    const { asked, memory, put, world } = setUp({ timing: { pollMs: 250, longestPollMs: 300, safetyMs: 300 } })
    memory.connect()
    await put('a', 'processing')
    await world.clock.advance(1000)
    expect(asked).toHaveLength(3)
    memory.disconnect()
    const before = asked.length
    await world.clock.advance(1000)
    expect(asked.length - before).toBeGreaterThanOrEqual(3)
  })
})

describe('a discrepancy of which no message tells', () => {
  const byHand = word({ version: 4, status: 'failed', error: { code: 'by_hand', message: 'Not this one.', retryable: false } })

  it('is found within the time of a safety snapshot, though the version is the same and no cursor tells of it', async () => {
    const { answers, item, memory, put, world } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 4 }))
    answers((request) => page('ids' in request ? [byHand] : []))
    await world.clock.advance(30_000)
    expect(item('a')).toMatchObject({ phase: 'failed', error: { remoteCode: 'by_hand' } })
  })

  it('is found while hints about others come all the time', async () => {
    const { answers, item, memory, put, world } = setUp({ authoritative: false })
    memory.connect()
    await put('a', 'processing')
    await put('b', 'processing')
    answers((request) =>
      page(
        'ids' in request
          ? [word({ operation_id: 'op-b', version: 2 }), byHand].filter(({ operation_id }) => request.ids.includes(operation_id))
          : [],
      ),
    )
    for (let second = 0; second < 31; second += 1) {
      memory.deliver(word({ operation_id: 'op-b', version: 3, status: 'completed' }))
      await world.clock.advance(1000)
    }
    expect(item('a').phase).toBe('failed')
  })

  it('is found while it is polled, too', async () => {
    const { answers, item, put, world } = setUp({ isPolling: true })
    await put('a', 'processing')
    answers((request) => page('ids' in request ? [byHand] : []))
    await world.clock.advance(46_000)
    expect(item('a').phase).toBe('failed')
  })

  it('of what has ended is found when the page wakes', async () => {
    const { answers, item, memory, put, session, world } = setUp()
    memory.connect()
    await put('a', 'processing')
    memory.deliver(word({ version: 4, status: 'completed', result: 'done' }))
    expect(item('a').phase).toBe('completed')
    answers((request) => page('ids' in request ? [byHand] : []))
    await world.clock.advance(600_000)
    session.wake()
    await world.clock.advance(GAP)
    expect(item('a').phase).toBe('failed')
  })

  it('among more than a page of operations is found in turn', async () => {
    const { answers, memory, put, store, world } = setUp()
    memory.connect()
    for (let index = 0; index < 1100; index += 1) await put(`${index}`, 'processing')
    answers((request) => page('ids' in request ? request.ids.map((id) => word({ operation_id: id, version: 1, status: 'cancelled' })) : []))
    await world.clock.advance(91_000)
    expect(store.items().filter(({ phase }) => phase !== 'cancelled')).toEqual([])
  })
})

describe('requests', () => {
  it.each([
    ['which may be believed', true],
    ['on which others can write', false],
  ])('with a healthy connection %s are no more than a tenth of those of polling each second', async (_what, authoritative) => {
    const { answers, asked, memory, put, session, store, world } = setUp({ authoritative })
    memory.connect()
    const minutes = 10
    const words = new Map<string, SyncStatusUpdate>()
    answers((request) => page('ids' in request ? request.ids.flatMap((id) => words.get(id) ?? []) : []))
    for (let minute = 0; minute < minutes; minute += 1) {
      // Each minute two files, of which the server tells each second, and which end together.
      for (const name of ['a', 'b']) await put(`${name}${minute}`, 'processing')
      for (let second = 0; second < 60; second += 1) {
        await world.clock.advance(1000)
        for (const name of ['a', 'b']) {
          const operation_id = `op-${name}${minute}`
          const update = word({
            operation_id,
            version: second + 1,
            progress: second,
            ...(second === 59 && { status: 'completed' as const }),
          })
          words.set(operation_id, update)
          memory.deliver(update)
        }
      }
    }
    await world.clock.advance(GAP)
    expect(new Set(store.items().map(({ phase }) => phase))).toEqual(new Set(['completed']))
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.length).toBeLessThanOrEqual(minutes * 6)
    const before = asked.length
    await world.clock.advance(3_600_000)
    expect(asked).toHaveLength(before)
    session.dispose()
    expect(world.clock.pending).toBe(0)
  })
})

describe('a transport with a dialect', () => {
  it('has its words ordered by their stages, and by arrival', async () => {
    const { item, memory, put } = setUp({ decode: uploadProgress })
    memory.connect()
    await put('a', 'processing', 'u1')
    const say = (status: string, progress: number) => memory.deliver({ uploadId: 'u1', status, progress, element: { id: 1 } })
    say('compressing', 80)
    expect(item('a').server).toMatchObject({ stage: 'compressing', progress: 80 })
    say('uploading', 3)
    expect(item('a').server).toMatchObject({ stage: 'uploading', progress: 80 })
    say('compressing', 90)
    expect(item('a').server).toMatchObject({ stage: 'uploading', progress: 80 })
    say('completed', 100)
    expect(item('a')).toMatchObject({ phase: 'completed', result: { id: 1 } })
    say('uploading', 99)
    expect(item('a').phase).toBe('completed')
  })

  it('keeps a word that comes before its upload is known, as it was read', async () => {
    const { item, memory, put, session } = setUp({ decode: uploadProgress })
    session.start()
    memory.connect()
    memory.deliver(JSON.stringify({ uploadId: 'u1', status: 'completed', progress: 100, element: 'early' }))
    await put('a', 'uploading', 'u1')
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'early' })
  })

  it('that tells of our own bytes moves nothing while we send them, nor the server’s own progress afterwards', async () => {
    const { item, memory, put, store } = setUp({ decode: jobProgress })
    memory.connect()
    await put('a', 'uploading', 'file-1')
    const before = item('a')
    const say = (status: string, progress: number) => memory.deliver({ jobId: 'job', fileId: 'file-1', status, progress })
    say('UPLOADING', 70)
    expect(item('a')).toBe(before)
    store.dispatch('a', { type: 'transferred', final: false })
    say('UPLOADING', 100)
    expect(item('a')).toMatchObject({ phase: 'processing', server: { progress: 0 } })
    say('PROCESSING', 5)
    expect(item('a')).toMatchObject({ phase: 'processing', server: { progress: 5 } })
    say('FAILED', 5)
    expect(item('a').phase).toBe('failed')
  })

  it('on which others can write shows stages, and asks for ends', async () => {
    const { answers, asked, item, memory, put } = setUp({ authoritative: false, decode: jobProgress })
    memory.connect()
    await put('a', 'processing', 'file-1')
    memory.deliver({ jobId: 'job', fileId: 'file-1', status: 'UPLOADING', progress: 90 })
    expect(item('a').server).toBeUndefined()
    memory.deliver({ jobId: 'job', fileId: 'file-1', status: 'PROCESSING', progress: 40 })
    expect(item('a').server).toMatchObject({ progress: 40 })
    answers(() => page([word({ operation_id: 'file-1', status: 'completed' })]))
    memory.deliver({ jobId: 'job', fileId: 'file-1', status: 'COMPLETED' })
    await settle()
    expect(asked).toEqual([{ ids: ['file-1'] }])
    expect(item('a').phase).toBe('completed')
  })
})

describe('whatever is handed over', () => {
  const throwing = () => {
    throw new Error('mine')
  }
  const hostile: readonly (readonly [string, () => unknown])[] = [
    ['four megabytes of text', () => JSON.stringify(word({ message: 'x'.repeat(2 ** 22) }))],
    ['an object with a text of four megabytes', () => word({ message: 'x'.repeat(2 ** 22) })],
    ['a hundred thousand lists', () => `{"result":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['a prototype', () => `{"__proto__":${JSON.stringify(word({ version: 9, status: 'failed' }))}}`],
    ['a field that throws', () => Object.defineProperty({ ...word() }, 'status', { get: throwing, enumerable: true })],
    ['a deep field that throws', () => ({ ...word(), result: Object.defineProperty({}, 'url', { get: throwing, enumerable: true }) })],
    ['a proxy', () => new Proxy({}, { ownKeys: throwing, get: throwing, getPrototypeOf: throwing })],
    ['a function', () => throwing],
    ['a symbol', () => Symbol('word')],
    ['a big number', () => ({ ...word(), version: 2n })],
  ]

  it.each(hostile)('as %s is dropped, with a reason', async (_what, make) => {
    const { dropped, item, memory, put, warnings } = setUp()
    memory.connect()
    await put('a', 'processing')
    const before = item('a')
    expect(() => memory.deliver(make())).not.toThrow()
    expect(item('a')).toBe(before)
    expect(dropped).toHaveLength(1)
    expect(dropped[0]).not.toBe('')
    expect(warnings).toEqual([])
  })

  it.each<readonly [string, () => unknown, string]>([
    ['throws', throwing, 'mine'],
    [
      'throws an error that cannot be looked at',
      () => {
        throw new Proxy(new Error('mine'), { getPrototypeOf: throwing })
      },
      'not understood',
    ],
    ['answers nothing', () => undefined, 'not understood'],
    ['answers a status that is none', () => ({ update: { ...word(), status: 'done' } }), 'status is unknown'],
    [
      'gives long reasons',
      () => {
        throw new Error('x'.repeat(1e6))
      },
      'x'.repeat(200),
    ],
  ])('and read by a decode that %s, is dropped', async (_what, decode, reason) => {
    const { dropped, item, memory, put } = setUp({ decode: decode as Decode })
    memory.connect()
    await put('a', 'processing')
    const before = item('a')
    memory.deliver({})
    expect(item('a')).toBe(before)
    expect(dropped).toEqual([reason])
  })

  it('never throws, and leaves an item that is one', async () => {
    const anything = fc.anything({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true })
    const twisted = fc.record(
      Object.fromEntries(
        Object.entries({ ...word(), version: 3, client_ref: 'a', message: 'text', result: {}, uploadId: 'op-a', fileId: 'op-a' }).map(
          ([field, value]) => [field, fc.oneof({ weight: 4, arbitrary: fc.constant<unknown>(value) }, anything)],
        ),
      ),
      { requiredKeys: [] },
    )
    const messages = fc.array(
      fc.oneof(
        twisted,
        anything,
        fc.json(),
        twisted.map((message) => safeJson(message)),
      ),
      { maxLength: 20 },
    )
    const decodes = fc.constantFrom(undefined, jobProgress, uploadProgress)
    await fc.assert(
      fc.asyncProperty(messages, decodes, fc.boolean(), async (raws, decode, authoritative) => {
        const { dropped, item, memory, put, session, world } = setUp({ authoritative, ...(decode && { decode }) })
        memory.connect()
        await put('a', 'processing')
        for (const raw of raws) memory.deliver(raw)
        await settle()
        expect(['processing', 'completed', 'failed', 'cancelled']).toContain(item('a').phase)
        expect(dropped.length).toBeLessThanOrEqual(raws.length)
        expect(world.errors).toEqual([])
        session.dispose()
      }),
      { numRuns: 150 },
    )
  })

  it('early takes no more than four megabytes, and what was forgotten for that is asked for', async () => {
    const { asked, answers, item, memory, put, session } = setUp()
    session.start()
    memory.connect()
    await put('a', 'preparing')
    memory.deliver(word({ version: 2, status: 'completed', result: 'forgotten' }))
    for (let index = 0; index < 9; index += 1)
      memory.deliver(word({ operation_id: `other-${index}`, version: 1, result: 'x'.repeat(500_000) }))
    answers(() => page([word({ version: 2, status: 'completed', result: 'asked' })]))
    session.take(word({ operation_id: 'op-a', client_ref: 'a', version: 1 }))
    await settle()
    expect(asked).toEqual([{ ids: ['op-a'] }])
    expect(item('a')).toMatchObject({ phase: 'completed', result: 'asked' })
  })
})

function safeJson(value: unknown): unknown {
  try {
    return JSON.stringify(value)
  } catch {
    return value
  }
}
