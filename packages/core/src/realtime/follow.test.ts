import { describe, expect, it } from 'vitest'
import { newItem } from '../item/new-item.js'
import type { UploadItem } from '../item/item.js'
import { createUploadStore } from '../store/upload-store.js'
import { createMemoryTransport, createTestEnvironment, createTestFile, settle } from '../testing/index.js'
import { followUploads } from './follow.js'

const MINUTE = 60_000

/** A session over a store into which a test puts what an earlier page left. */
function setUp() {
  const world = createTestEnvironment()
  const store = createUploadStore({ environment: world, onListened() {} })
  const memory = createMemoryTransport()
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
})
