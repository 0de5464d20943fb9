import { describe, expect, it } from 'vitest'
import { newItem } from '../item/new-item.js'
import type { UploadItem } from '../item/item.js'
import { createUploadStore } from '../store/upload-store.js'
import { createMemoryTransport, createTestEnvironment, createTestFile, settle } from '../testing/index.js'
import { type Decode, jobProgress } from '../protocol/index.js'
import { followUploads, type FollowOptions } from './follow.js'
import type { MemoryTransportOptions } from '../testing/memory-transport.js'

const MINUTE = 60_000

/** A session over a store into which a test puts what an earlier page left. */
function setUp(options: FollowOptions = {}, transport: MemoryTransportOptions = {}) {
  const world = createTestEnvironment()
  const store = createUploadStore({ environment: world, onListened() {} })
  const memory = createMemoryTransport(transport)
  const asked: (readonly string[])[] = []
  const { connectSync, snapshot } = followUploads({
    async status(ids) {
      asked.push(ids)
      return ids.map((id) => ({
        operation_id: id,
        operation_type: 'upload',
        status: 'in_progress',
        progress: 1,
        timestamp: '2026-01-01T00:00:00Z',
      }))
    },
    ...options,
  })
  const session = connectSync({
    environment: world,
    store,
    transport: memory.factory({ environment: world }),
    jobId: 'job',
    snapshot,
    processingDeadlineMs: 1e9,
    isRestored: false,
    onRestored() {},
    onDropped() {},
    onWarning() {},
  })
  const processing = (id: string, more: Partial<Pick<UploadItem, 'jobId' | 'mirrored'>> = {}): UploadItem => ({
    ...newItem({ id, file: createTestFile(id, 4), addedAt: 0 }),
    operationId: `upload-${id}`,
    phase: 'processing',
    overdue: false,
    ...more,
  })
  const rooms = () => memory.topics.map((topic) => (topic.kind === 'operation' ? topic.id : topic.kind))
  return { world, store, memory, asked, session, processing, rooms }
}

describe('following uploads', () => {
  it('goes on with those of an earlier page, and polls nothing while realtime is healthy', async () => {
    const { world, store, memory, asked, session, processing, rooms } = setUp()
    memory.connect()
    store.add([processing('a'), processing('b')])
    session.start()
    await settle()
    expect(rooms()).toEqual(['upload-a', 'upload-b'])
    expect(asked).toEqual([['upload-a', 'upload-b']])
    await world.clock.advance(MINUTE)
    // The slow safety snapshot, every 30 s.
    expect(asked).toHaveLength(3)
  })

  it('goes on with those of another job, and lets go of them one by one', async () => {
    const { store, memory, session, processing, rooms } = setUp()
    memory.connect()
    session.start()
    store.add([processing('a', { jobId: 'old-1' }), processing('b', { jobId: 'old-2' }), processing('c')])
    store.remove(['a'])
    expect(rooms()).toEqual(['upload-b', 'upload-c'])
    session.dispose()
    expect(rooms()).toEqual([])
    store.add([processing('d')])
    expect(rooms()).toEqual([])
  })

  it('leaves another tab’s uploads to that tab', async () => {
    const { store, memory, asked, session, processing, rooms } = setUp()
    memory.connect()
    session.start()
    store.add([processing('a', { mirrored: true })])
    await settle()
    expect([rooms(), asked]).toEqual([[], []])
  })

  it('asks about no more at once than a page of the snapshot holds', async () => {
    const { store, memory, asked, session, processing } = setUp()
    memory.connect()
    store.add(Array.from({ length: 501 }, (_, index) => processing(`${index}`)))
    session.start()
    await settle()
    expect(asked.slice(0, 2).map((ids) => ids.length)).toEqual([500, 1])
  })

  it('polls while the server refuses a room', async () => {
    const { world, store, memory, asked, session, processing } = setUp()
    memory.connect()
    session.start()
    store.add([processing('a')])
    await settle()
    memory.refuse(new Error('No.') as never)
    const before = asked.length
    await world.clock.advance(MINUTE / 6)
    expect(asked.length).toBeGreaterThan(before + 2)
  })

  it('asks only about what has just begun to be followed, not each time about all', async () => {
    const { world, store, memory, asked, session, processing } = setUp()
    memory.connect()
    session.start()
    for (const id of ['a', 'b', 'c']) {
      store.add([processing(id)])
      await world.clock.advance(1000)
    }
    expect(asked).toEqual([['upload-a'], ['upload-b'], ['upload-c']])
    memory.disconnect()
    memory.connect()
    await settle()
    expect(asked.at(-1)).toEqual(['upload-a', 'upload-b', 'upload-c'])
  })

  it('asks about none that the server cannot know', async () => {
    const { world, store, memory, asked, session, processing } = setUp()
    memory.connect()
    session.start()
    store.add([processing('a'), { ...newItem({ id: 'b', file: createTestFile('b', 4), addedAt: 0 }), phase: 'ready', operationId: 'b.1' }])
    await settle()
    session.wake()
    await world.clock.advance(MINUTE)
    expect(new Set(asked.flat())).toEqual(new Set(['upload-a']))
  })

  it('asks again about what could not be asked', async () => {
    let calls = 0
    const { world, store, memory, session, processing } = setUp({
      async status(ids) {
        calls += 1
        if (calls === 1) throw new Error('Down.')
        return ids.map((id) => ({
          operation_id: id,
          operation_type: 'upload',
          status: 'completed',
          progress: 100,
          timestamp: '2026-01-01T00:00:00Z',
        }))
      },
    })
    memory.connect()
    session.start()
    store.add([processing('a')])
    await world.clock.advance(2000)
    expect(store.get('a')?.phase).toBe('completed')
  })

  it('is healthy again when the room that was refused is left', async () => {
    const { world, store, memory, session, processing } = setUp()
    memory.connect()
    session.start()
    store.add([processing('a'), processing('b')])
    await settle()
    memory.refuse(new Error('No.') as never)
    expect(session.$connection.get().polling).toBe(true)
    store.remove(['a'])
    expect(session.$connection.get().polling).toBe(true)
    memory.connect()
    await world.clock.advance(1000)
    expect(session.$connection.get().polling).toBe(false)
  })

  it('reads a message once, however many rooms it may be of', () => {
    let read = 0
    const decode: Decode = () => {
      read += 1
      return null
    }
    const { store, memory, session, processing } = setUp({}, { decode })
    memory.connect()
    session.start()
    store.add(['a', 'b', 'c'].map((id) => processing(id)))
    memory.deliver('x')
    expect(read).toBe(1)
  })

  it('reads what a server says in a dialect, by the transport and by its answers, on a topic that uploads share', async () => {
    const say = (fileId: string, status: string, progress = 0) => ({ jobId: 'theirs', fileId, status, progress })
    const { store, memory, session, processing } = setUp(
      {
        status: async (ids) => ids.map((id) => say(id, id === 'upload-a' ? 'COMPLETED' : 'PROCESSING')),
        decode: jobProgress,
        topic: () => ({ kind: 'job', id: 'theirs' }),
      },
      { decode: jobProgress },
    )
    memory.connect()
    session.start()
    store.add([processing('a'), processing('b')])
    await settle()
    expect(memory.topics).toEqual([{ kind: 'job', id: 'theirs' }])
    expect(store.get('a')?.phase).toBe('completed')
    memory.deliver(JSON.stringify(say('upload-b', 'PROCESSING', 40)))
    expect(store.get('b')?.server).toMatchObject({ progress: 40 })
    store.remove(['a'])
    memory.deliver(say('upload-b', 'FAILED'))
    expect(store.get('b')?.phase).toBe('failed')
    expect(memory.topics).toEqual([])
  })
})
