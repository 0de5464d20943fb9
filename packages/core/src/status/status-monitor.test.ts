import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { UploadError } from '../errors.js'
import type { SnapshotRequest, SyncStatusUpdate } from '../protocol/index.js'
import { createMemoryTransport, createTestEnvironment, settle } from '../testing/index.js'
import type { StatusBackend, StatusPage } from './status-backend.js'
import { createStatusMonitor, type StatusMonitorOptions } from './status-monitor.js'

const START = Date.UTC(2026, 0, 1)

function word(id: string, more: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate {
  return {
    operation_id: id,
    operation_type: 'upload',
    status: 'in_progress',
    progress: 0,
    timestamp: '2026-01-01T00:00:00Z',
    ...more,
  }
}

/** A server that holds operations in the order of their changes, and a monitor of it. */
function setUp({
  authoritative = true,
  isAlone = false,
  backend: changed = {},
  ...options
}: Omit<StatusMonitorOptions, 'backend'> & {
  readonly authoritative?: boolean
  /** There is no backend. */
  readonly isAlone?: boolean
  readonly backend?: Partial<StatusBackend>
} = {}) {
  const world = createTestEnvironment()
  const transport = createMemoryTransport({ authoritative })
  const state = { operations: [] as SyncStatusUpdate[], answers: true, asked: [] as (SnapshotRequest | string)[] }
  let disposed = 0
  let wakeListeners = 0
  const backend: StatusBackend = {
    async snapshot(request) {
      state.asked.push(request)
      if (!state.answers) throw new UploadError('network', 'Nobody answers.')
      return page(state.operations, request.cursor)
    },
    ...changed,
  }
  const notes: unknown[][] = []
  const monitor = createStatusMonitor({
    realtime(context) {
      const made = transport.factory(context)
      return { ...made, dispose: () => ((disposed += 1), made.dispose()) }
    },
    ...(!isAlone && { backend: () => backend }),
    ...options,
    environment: {
      ...world,
      debug: (...note) => notes.push([...note]),
      onWake(listener) {
        wakeListeners += 1
        const forget = world.onWake(listener)
        return () => {
          wakeListeners -= 1
          forget()
        }
      },
    },
  })
  onTestFinished(() => monitor.dispose())
  return {
    world,
    transport,
    monitor,
    state,
    notes,
    disposed: () => disposed,
    wakeListeners: () => wakeListeners,
    statuses: () => monitor.$operations.get().map(({ operation_id, status }) => `${operation_id} ${status}`),
    async connect() {
      transport.connect()
      await settle()
    },
    async listen() {
      const listener = vi.fn()
      const unlisten = monitor.$operations.listen(listener)
      await settle()
      return { listener, unlisten }
    },
  }
}

/** Pages of two, by a cursor that counts. */
function page(operations: readonly SyncStatusUpdate[], cursor = '0'): StatusPage {
  const end = Number(cursor) + 2
  return {
    operations: operations.slice(Number(cursor), end),
    cursor: String(Math.min(end, operations.length)),
    more: operations.length > end,
  }
}

describe('a status monitor', () => {
  test('tells each change at once, with what was known before; a listener that throws takes nothing from the others', async () => {
    const { world, monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    const heard: unknown[] = []
    monitor.onChange(() => {
      throw new Error('no')
    })
    const stop = monitor.onChange((operation, before) => heard.push([operation.progress, before?.progress]))
    transport.deliver(word('a', { progress: 10, version: 1 }))
    transport.deliver(word('a', { progress: 30, version: 3 }))
    transport.deliver(word('a', { progress: 20, version: 2 }))
    expect(heard).toEqual([
      [10, undefined],
      [30, 10],
    ])
    expect(world.errors).toEqual([new Error('no'), new Error('no')])
    stop()
    transport.deliver(word('a', { progress: 40, version: 4 }))
    expect(heard).toHaveLength(2)
  })

  test('follows operations of all five types, on a page that uploads nothing', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    expect(transport.topics).toEqual([{ kind: 'all' }])
    const types = ['upload', 'delete', 'update', 'full_sync', 'webhook'] as const
    for (const [index, type] of types.entries()) transport.deliver(word(type, { operation_type: type, version: index + 1 }))
    expect(monitor.$operations.get().map(({ operation_type }) => operation_type)).toEqual(types)
  })

  test('shows what is there when it comes, page by page', async () => {
    const { state, listen, statuses } = setUp()
    state.operations = [1, 2, 3, 4, 5].map((version) => word(`op-${version}`, { version }))
    await listen()
    expect(statuses()).toHaveLength(5)
    expect(state.asked).toEqual([{ all: true }, { all: true, cursor: '2' }, { all: true, cursor: '4' }])
  })

  test('catches up after a break with what has changed since, whatever comes first', async () => {
    const { state, world, transport, listen, connect, statuses } = setUp()
    state.operations = [word('a', { version: 1 })]
    await listen()
    await connect()
    transport.disconnect()
    state.operations.push(word('a', { version: 3, status: 'completed' }))
    transport.connect()
    transport.deliver(word('a', { version: 2, progress: 50 }))
    await world.clock.advance(200)
    transport.deliver(word('a', { version: 2, progress: 50 }))
    expect(statuses()).toEqual(['a completed'])
  })

  test('asks again when the page wakes up', async () => {
    const { state, world, listen, connect, statuses } = setUp()
    await listen()
    await connect()
    state.operations = [word('a', { version: 1 })]
    world.wake('visible')
    await world.clock.advance(200)
    expect(statuses()).toEqual(['a in_progress'])
  })

  test('does not wait for an answer that the network it slept through has swallowed', async () => {
    let calls = 0
    const { world, listen, connect, statuses } = setUp({
      backend: {
        async snapshot() {
          calls += 1
          return calls === 1 ? new Promise(() => {}) : page([word('a', { version: 1 })])
        },
      },
    })
    await listen()
    await connect()
    await world.clock.advance(3000)
    expect(calls).toBe(1)
    world.wake('online')
    await world.clock.advance(200)
    expect(statuses()).toEqual(['a in_progress'])
  })

  test('finds what was changed by hand, which no cursor tells', async () => {
    const operations = [word('a', { version: 1 })]
    const { state, world, listen, connect, statuses } = setUp({
      backend: {
        async snapshot(request) {
          state.asked.push(request)
          return 'ids' in request ? { operations, cursor: '', more: false } : page(request.cursor === undefined ? operations : [])
        },
      },
    })
    await listen()
    await connect()
    operations[0] = word('a', { version: 1, status: 'completed' })
    await world.clock.advance(31_000)
    expect(state.asked.at(-1)).toEqual({ ids: ['a'] })
    expect(statuses()).toEqual(['a completed'])
  })

  test('polls from one second to fifteen while realtime is not healthy, and does not while it is and nothing is going on', async () => {
    const { state, world, listen, connect } = setUp()
    await listen()
    expect(state.asked).toHaveLength(1)
    await world.clock.advance(1000)
    expect(state.asked).toHaveLength(2)
    await world.clock.advance(60_000)
    expect(state.asked.length).toBeGreaterThan(5)
    expect(state.asked.length).toBeLessThan(12)
    await connect()
    const asked = state.asked.length
    await world.clock.advance(600_000)
    expect(state.asked).toHaveLength(asked)
  })

  test('finds by the slow snapshot what was lost on a connection that seems healthy', async () => {
    const { state, world, transport, listen, connect, statuses } = setUp()
    await listen()
    await connect()
    transport.deliver(word('a', { version: 1 }))
    state.operations = [word('a', { version: 2, status: 'failed' })]
    await world.clock.advance(30_000)
    expect(statuses()).toEqual(['a failed'])
    const asked = state.asked.length
    await world.clock.advance(600_000)
    expect(state.asked).toHaveLength(asked)
  })

  test('goes on asking a server that does not answer, and when that asks for patience has it', async () => {
    let calls = 0
    const { world, listen, connect } = setUp({
      backend: {
        async snapshot() {
          calls += 1
          throw new UploadError('throttled', 'Later.', { retryAfterMs: 60_000 })
        },
      },
    })
    await listen()
    await connect()
    await world.clock.advance(1000)
    const asked = calls
    await world.clock.advance(58_000)
    expect(calls).toBe(asked)
    await world.clock.advance(2000)
    expect(calls).toBe(asked + 1)
  })

  test('drops what makes no sense, counts it, and says so in debug mode', async () => {
    const { monitor, transport, listen, connect, notes } = setUp({ debug: true })
    await listen()
    await connect()
    transport.deliver('{"operation_id":')
    transport.deliver(JSON.stringify(word('a')))
    expect(monitor.$subscriptions.get()).toMatchObject([{ messages: 2, errorRate: 0.5 }])
    expect(notes.map(([what]) => what)).toContain('message dropped:')
  })

  test('says nothing where nobody debugs', async () => {
    const { transport, listen, connect, notes } = setUp()
    await listen()
    await connect()
    transport.deliver('nonsense')
    expect(notes).toEqual([])
  })

  test('tells listeners once a frame, however many words came', async () => {
    const { world, transport, listen, connect } = setUp()
    const { listener } = await listen()
    await connect()
    world.paint()
    listener.mockClear()
    for (let version = 1; version <= 1000; version += 1) transport.deliver(word('a', { version, progress: version / 10 }))
    expect(listener).not.toHaveBeenCalled()
    world.paint()
    expect(listener).toHaveBeenCalledTimes(1)
    transport.deliver(word('a', { version: 7 }))
    world.paint()
    expect(listener).toHaveBeenCalledTimes(1)
  })

  test('never shows progress that goes back', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.deliver(word('a', { version: 1, progress: 60 }))
    transport.deliver(word('a', { version: 2, progress: 40, stage: 'scanning' }))
    expect(monitor.$operations.get()).toMatchObject([{ progress: 60, stage: 'scanning' }])
  })
})

describe('what others may have written', () => {
  test('ends nothing: the server is asked, and its word counts', async () => {
    const { state, world, transport, monitor, listen, connect, statuses } = setUp({ authoritative: false })
    state.operations = [word('a', { version: 1 })]
    await listen()
    await connect()
    await world.clock.advance(1000)
    const asked = state.asked.length
    transport.deliver(word('a', { version: 9, status: 'completed', result: 'forged' }))
    expect(statuses()).toEqual(['a in_progress'])
    await settle()
    expect(state.asked).toHaveLength(asked + 1)
    expect(statuses()).toEqual(['a in_progress'])
    // The version that nobody gave does not make the server's own words look old.
    state.operations.push(word('a', { version: 2, status: 'completed', result: 'true' }))
    transport.deliver(word('a', { version: 9, status: 'completed', result: 'forged' }))
    await world.clock.advance(2000)
    expect(monitor.$operations.get()).toMatchObject([{ status: 'completed', result: 'true' }])
  })

  test('shows progress and stage, and nothing else', async () => {
    const { state, transport, monitor, listen, connect } = setUp({ authoritative: false })
    state.operations = [word('a', { version: 1, message: 'true' })]
    await listen()
    await connect()
    transport.deliver(word('a', { version: 2, progress: 30, stage: 'scanning', message: 'forged', result: 'forged' }))
    const [operation] = monitor.$operations.get()
    expect(operation).toEqual(word('a', { version: 1, progress: 30, stage: 'scanning', message: 'true' }))
  })

  test('is asked about again where the server has not written it down yet', async () => {
    const { state, world, transport, listen, connect, statuses } = setUp({ authoritative: false })
    state.operations = [word('a', { version: 1 })]
    await listen()
    await connect()
    transport.deliver(word('a', { status: 'completed' }))
    await world.clock.advance(300)
    state.operations.push(word('a', { version: 2, status: 'completed' }))
    await world.clock.advance(2000)
    expect(statuses()).toEqual(['a completed'])
  })

  test('does not make the server’s own words look old', async () => {
    const { state, world, transport, listen, connect, statuses } = setUp({ authoritative: false })
    state.operations = [word('a', { version: 1 })]
    await listen()
    await connect()
    transport.deliver(word('a', { version: 99, progress: 30 }))
    state.operations.push(word('a', { version: 2, status: 'completed' }))
    world.wake('visible')
    await world.clock.advance(1000)
    expect(statuses()).toEqual(['a completed'])
  })

  test('invents no operation, and does not make the page ask more than five times a second', async () => {
    const { state, world, transport, listen, connect, statuses } = setUp({ authoritative: false })
    await listen()
    await connect()
    const asked = state.asked.length
    for (let tenth = 0; tenth < 10; tenth += 1) {
      for (let index = 0; index < 100; index += 1) transport.deliver(word(`forged-${tenth}-${index}`))
      await world.clock.advance(100)
    }
    expect(statuses()).toEqual([])
    expect(state.asked.length - asked).toBeLessThanOrEqual(5)
  })

  test('is shown where there is nobody to ask, but ends nothing', async () => {
    const { transport, listen, connect, statuses, world } = setUp({ authoritative: false, isAlone: true })
    await listen()
    await connect()
    transport.deliver(word('a', { progress: 10 }))
    transport.deliver(word('a', { status: 'completed' }))
    expect(statuses()).toEqual(['a in_progress'])
    expect(world.clock.pending).toBeLessThanOrEqual(1)
  })
})

describe('a job', () => {
  test('is counted by its own topic alone, where nobody wants more', async () => {
    const { monitor, transport, state, connect } = setUp()
    const $job = monitor.$job('j')
    expect($job.get()).toBeUndefined()
    $job.listen(() => {})
    await settle()
    await connect()
    expect(transport.topics).toEqual([{ kind: 'job', id: 'j' }])
    expect(state.asked[0]).toEqual({ job_id: 'j' })
    expect($job.get()).toMatchObject({ status: 'QUEUED', totalCount: 0 })
    transport.deliver(word('a', { job_id: 'j', version: 1 }))
    transport.deliver(word('b', { job_id: 'j', version: 2, status: 'completed' }))
    transport.deliver(word('c', { job_id: 'j', version: 3, status: 'failed' }))
    transport.deliver(word('d', { job_id: 'other', version: 4, status: 'failed' }))
    expect($job.get()).toMatchObject({ status: 'IN_PROGRESS', totalCount: 3, completedCount: 1, failedCount: 1, partial: false })
    transport.deliver(word('a', { job_id: 'j', version: 5, status: 'cancelled' }))
    expect($job.get()).toMatchObject({ status: 'COMPLETED', partial: true })
  })

  test('does not count what a newer attempt superseded', async () => {
    const { monitor, transport, connect } = setUp()
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await connect()
    const error = { code: 'superseded', message: '', retryable: false }
    transport.deliver(word('a', { job_id: 'j', version: 1, status: 'failed', error }))
    transport.deliver(word('b', { job_id: 'j', version: 2, attempt: 2, status: 'completed' }))
    expect($job.get()).toEqual({ status: 'COMPLETED', totalCount: 1, completedCount: 1, failedCount: 0, partial: false })
  })

  test('is as the server counts it until all of it is known', async () => {
    const operations = [1, 2, 3].map((version) => word(`op-${version}`, { job_id: 'j', version, status: 'completed' }))
    const summary = { status: 'IN_PROGRESS', totalCount: 3, completedCount: 2, failedCount: 0, partial: false } as const
    let release = () => {}
    const { monitor } = setUp({
      backend: {
        async job(_id, cursor) {
          if (cursor !== undefined) await new Promise<void>((resolve) => (release = resolve))
          return { ...page(operations, cursor), job: summary }
        },
      },
    })
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await settle()
    expect($job.get()).toEqual(summary)
    release()
    await settle()
    expect($job.get()).toMatchObject({ status: 'COMPLETED', totalCount: 3, completedCount: 3 })
    expect($job.get()).toBe($job.get())
  })

  test('is polled while realtime is down', async () => {
    const { monitor, state, world } = setUp()
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await settle()
    state.operations = [word('a', { job_id: 'j', version: 1, status: 'completed' })]
    await world.clock.advance(1000)
    expect($job.get()).toMatchObject({ status: 'COMPLETED' })
  })

  test('among a hundred is no question of its own, where all operations are followed', async () => {
    const { monitor, state, world, transport, listen, connect } = setUp()
    await listen()
    for (let index = 0; index < 100; index += 1) monitor.$job(`j-${index}`).listen(() => {})
    await connect()
    await world.clock.advance(250)
    expect(new Set(state.asked.map((request) => JSON.stringify(request))).size).toBe(102)
    const asked = state.asked.length
    state.operations = [word('a', { job_id: 'j-7', version: 1 })]
    world.wake('online')
    transport.disconnect()
    await world.clock.advance(1000)
    transport.connect()
    await settle()
    expect(state.asked.length - asked).toBeLessThanOrEqual(4)
    expect(monitor.$job('j-7').get()).toMatchObject({ totalCount: 1 })
  })

  test('that the server does not know yet is waited for', async () => {
    const { monitor, transport, connect, state } = setUp({
      backend: {
        async job() {
          throw new UploadError('rejected', 'There is no such job.', { status: 404 })
        },
      },
    })
    const $job = monitor.$job('j')
    $job.listen(() => {})
    await connect()
    expect(monitor.$connection.get()).toMatchObject({ status: 'connected', polling: false })
    expect(state.asked).toEqual([])
    transport.deliver(word('a', { job_id: 'j' }))
    expect($job.get()).toMatchObject({ totalCount: 1 })
  })

  test('is followed once, however many listen, and let go after the last', async () => {
    const { monitor, transport, disposed } = setUp()
    const first = monitor.$job('j').listen(() => {})
    const second = monitor.$job('j').listen(() => {})
    await settle()
    expect(transport.topics).toHaveLength(1)
    first()
    await settle()
    expect(transport.topics).toHaveLength(1)
    second()
    await settle()
    expect(transport.topics).toHaveLength(0)
    expect(disposed()).toBe(1)
  })
})

describe('metrics, health and subscriptions', () => {
  test('count what ended, how long it took by the server’s clock, and how many went at once', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.deliver(word('a', { version: 1, timestamp: '2026-01-01T00:00:00Z' }))
    transport.deliver(word('b', { version: 2, timestamp: '2026-01-01T00:00:00Z' }))
    transport.deliver(word('a', { version: 3, status: 'completed', timestamp: '2026-01-01T00:00:02.500Z' }))
    transport.deliver(word('b', { version: 4, status: 'failed', timestamp: '2026-01-01T00:00:01.500Z' }))
    expect(monitor.$metrics.get()).toEqual({
      totalOperations: 2,
      activeOperations: 0,
      successRate: 0.5,
      avgDuration: 2000,
      peakConcurrency: 2,
      errorRate: 0.5,
      throughput: 2,
      secondsLeft: 0,
      trend: null,
    })
    expect(monitor.$metrics.get()).toBe(monitor.$metrics.get())
  })

  test.each([
    [4, 'healthy'],
    [5, 'warning'],
    [10, 'warning'],
    [11, 'critical'],
  ] as const)('with %d of 100 failed it is %s', async (failures, status) => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    for (let index = 0; index < 100; index += 1)
      transport.deliver(word(`op-${index}`, { version: index + 1, status: index < failures ? 'failed' : 'completed' }))
    expect(monitor.$health.get()).toMatchObject({ status, errorRate: failures / 100, checkedAt: new Date(START).toISOString() })
  })

  test('health is judged again every two minutes, and told', async () => {
    const { monitor, world, connect } = setUp()
    const listener = vi.fn()
    monitor.$health.listen(listener)
    await connect()
    world.paint()
    listener.mockClear()
    for (let seconds = 0; seconds < 110; seconds += 10) {
      await world.clock.advance(10_000)
      world.paint()
    }
    expect(listener).not.toHaveBeenCalled()
    await world.clock.advance(10_000)
    world.paint()
    expect(listener).toHaveBeenCalledTimes(1)
    expect(monitor.$health.get().checkedAt).toBe(new Date(START + 120_000).toISOString())
  })

  test('throughput falls when nothing happens any more', async () => {
    const { monitor, world, transport, connect } = setUp()
    const seen: number[] = []
    monitor.$metrics.listen(({ throughput }) => seen.push(throughput))
    await connect()
    transport.deliver(word('a', { status: 'completed' }))
    world.paint()
    for (let seconds = 0; seconds < 70; seconds += 10) {
      await world.clock.advance(10_000)
      world.paint()
    }
    expect(seen).toEqual([1, 0])
  })

  test('how long words take is not known as long as the clocks’ difference is not', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.deliver(word('a'))
    expect(monitor.$subscriptions.get()).toMatchObject([{ messages: 1, latency: null, p95Latency: null }])
  })

  test('how long words take is told with the difference of the clocks taken out', async () => {
    const ahead = 3_600_000
    const { monitor, world, transport, listen } = setUp({
      backend: {
        async snapshot() {
          return { ...page([]), server_time: new Date(world.clock.now() + ahead).toISOString() }
        },
      },
    })
    await listen()
    transport.connect()
    await settle()
    for (const [index, ms] of [100, 200, 300].entries()) {
      transport.deliver(word(`op-${index}`, { timestamp: new Date(world.clock.now() + ahead - ms).toISOString() }))
      await world.clock.advance(20)
    }
    expect(monitor.$subscriptions.get()).toMatchObject([{ topic: { kind: 'all' }, isSubscribed: true, latency: 200, p95Latency: 300 }])
  })

  test('bytes are those of the transport, or of the text', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    const text = JSON.stringify(word('a'))
    transport.deliver(text)
    expect(monitor.$subscriptions.get()).toMatchObject([{ messages: 1, messagesPerMinute: 1, bytes: text.length, errorRate: 0 }])
  })

  test('a refused subscription says why', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.refuse(new UploadError('auth', 'Not you.'))
    expect(monitor.$subscriptions.get()).toMatchObject([{ isSubscribed: false, error: { code: 'auth' } }])
    expect(monitor.$connection.get()).toMatchObject({ polling: true })
  })
})

describe('its life', () => {
  test('begins with the first listener and leaves nothing after the last', async () => {
    const { monitor, world, transport, state, disposed, wakeListeners } = setUp()
    expect(monitor.$connection.get()).toMatchObject({ status: 'disconnected', transport: 'none' })
    await settle()
    expect([transport.topics.length, state.asked.length, world.clock.pending]).toEqual([0, 0, 0])
    const unlisten = monitor.$health.listen(() => {})
    await settle()
    transport.connect()
    await settle()
    transport.deliver(word('a'))
    world.paint()
    expect(monitor.$connection.get()).toMatchObject({ status: 'connected', transport: 'memory' })
    unlisten()
    await settle()
    world.paint()
    expect([transport.topics.length, world.clock.pending, world.frames(), disposed(), wakeListeners()]).toEqual([0, 0, 0, 1, 0])
    const asked = state.asked.length
    world.wake('online')
    await world.clock.advance(600_000)
    expect(state.asked).toHaveLength(asked)
    expect(monitor.$operations.get()).toHaveLength(1)
  })

  test('goes on where it was when somebody listens again', async () => {
    const { state, listen } = setUp()
    state.operations = [word('a', { version: 1 }), word('b', { version: 2 })]
    const { unlisten } = await listen()
    unlisten()
    await settle()
    await listen()
    expect(state.asked.at(-1)).toEqual({ all: true, cursor: '2' })
  })

  test('does not connect anew when one listener follows another', async () => {
    const { listen, disposed, transport } = setUp()
    const { unlisten } = await listen()
    unlisten()
    await listen()
    expect([disposed(), transport.topics.length]).toEqual([0, 1])
  })

  test('a thousand rounds leave nothing behind', async () => {
    const { monitor, world, transport, connect } = setUp()
    await connect()
    for (let round = 0; round < 1000; round += 1) {
      const unlisten = [monitor.$operations.listen(() => {}), monitor.$job(`j-${round}`).listen(() => {})]
      await settle()
      for (const end of unlisten) end()
      await settle()
    }
    world.paint()
    expect([transport.topics.length, world.clock.pending, world.frames()]).toEqual([0, 0, 0])
  })

  test('ends for good when it is disposed of', async () => {
    const { monitor, world, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.deliver(word('a'))
    monitor.dispose()
    monitor.dispose()
    expect([transport.topics.length, world.clock.pending, world.frames()]).toEqual([0, 0, 0])
    await listen()
    expect(transport.topics).toHaveLength(0)
  })

  test('needs somebody to tell it something', () => {
    expect(() => createStatusMonitor({})).toThrow('createStatusMonitor needs `realtime`, `backend`, or both.')
  })

  test('works by polling alone', async () => {
    const world = createTestEnvironment()
    const operations = [word('a', { version: 1 })]
    const monitor = createStatusMonitor({
      environment: world,
      backend: () => ({ snapshot: async ({ cursor }) => page(operations, cursor) }),
    })
    monitor.$operations.listen(() => {})
    await settle()
    expect(monitor.$operations.get()).toHaveLength(1)
    expect(monitor.$connection.get()).toMatchObject({ status: 'connected', transport: 'polling', polling: true, latency: 0 })
    operations.push(word('a', { version: 2, status: 'completed' }))
    await world.clock.advance(1000)
    expect(monitor.$operations.get()).toMatchObject([{ status: 'completed' }])
    monitor.dispose()
  })
})

describe('one operation', () => {
  /** A server that is asked by ids, and knows those that begin with an a. */
  function one(more: Partial<StatusBackend> = {}) {
    const known = [word('a', { version: 1, progress: 20 }), word('a2', { version: 2 })]
    const asked: SnapshotRequest[] = []
    const made = setUp({
      backend: {
        async snapshot(request) {
          asked.push(request)
          const ids = 'ids' in request ? request.ids : []
          return { operations: known.filter(({ operation_id: id }) => ids.includes(id)), cursor: '1', more: false }
        },
        ...more,
      },
    })
    return { ...made, known, asked }
  }

  test('is followed by its own topic, and asked about by its id', async () => {
    const { monitor, transport, asked, connect } = one()
    const $operation = monitor.$operation('a')
    const unlisten = $operation.listen(() => {})
    expect($operation.get()).toBe(undefined)
    await connect()
    expect($operation.get()).toMatchObject({ progress: 20 })
    expect(transport.topics).toEqual([{ kind: 'operation', id: 'a' }])
    expect(asked.every((request) => 'ids' in request && request.ids.join() === 'a')).toBe(true)
    transport.deliver(word('a', { version: 2, progress: 70 }))
    expect($operation.get()).toMatchObject({ progress: 70 })
    unlisten()
    await settle()
    expect(transport.topics).toEqual([])
  })

  test('that the server does not know is null, until it does', async () => {
    const { monitor, transport, connect } = one()
    const $operation = monitor.$operation('nobody')
    $operation.listen(() => {})
    expect($operation.get()).toBe(undefined)
    await connect()
    expect($operation.get()).toBe(null)
    transport.deliver(word('nobody', { version: 1 }))
    expect($operation.get()).toMatchObject({ status: 'in_progress' })
  })

  test('and a thousand others are asked about by two questions', async () => {
    const { monitor, asked, connect } = one()
    await connect()
    for (let index = 0; index < 1000; index += 1) monitor.$operation(`a${index}`).listen(() => {})
    await settle()
    expect(asked.map((request) => 'ids' in request && request.ids.length)).toEqual([500, 500])
    expect(monitor.$operation('a2').get()).toMatchObject({ version: 2 })
    expect(monitor.$operation('a3').get()).toBe(null)
  })

  test('whose topic is refused does not make a page poll that hears of all', async () => {
    const transport = createMemoryTransport()
    const world = createTestEnvironment()
    let asked = 0
    const monitor = createStatusMonitor({
      environment: world,
      realtime(context) {
        const made = transport.factory(context)
        return {
          ...made,
          subscribe(topic, handlers) {
            if (topic.kind === 'operation') handlers.onRefused(new UploadError('auth', 'Not yours.'))
            return topic.kind === 'operation' ? () => {} : made.subscribe(topic, handlers)
          },
        }
      },
      backend: () => ({ snapshot: async () => ((asked += 1), page([])) }),
    })
    onTestFinished(() => monitor.dispose())
    transport.connect()
    monitor.$operations.listen(() => {})
    monitor.$operation('nobody').listen(() => {})
    await world.clock.advance(1000)
    const before = asked
    await world.clock.advance(20_000)
    expect(asked).toBe(before)
    expect(monitor.$connection.get().polling).toBe(false)
  })

  test('is cancelled by the server, whose answer is its word', async () => {
    const cancelled: string[] = []
    const { monitor, connect } = one({
      async cancel(id) {
        cancelled.push(id)
        return word(id, { version: 9, status: 'cancelled' })
      },
    })
    const $operation = monitor.$operation('a')
    $operation.listen(() => {})
    await connect()
    expect(monitor.canCancel).toBe(true)
    await monitor.cancel('a')
    expect(cancelled).toEqual(['a'])
    expect($operation.get()).toMatchObject({ status: 'cancelled' })
  })

  test('that may not be cancelled stays as it is, and the reason is told', async () => {
    const { monitor, connect } = one({ cancel: () => Promise.reject(new UploadError('auth', 'Not yours.')) })
    const $operation = monitor.$operation('a')
    $operation.listen(() => {})
    await connect()
    await expect(monitor.cancel('a')).rejects.toThrow('Not yours.')
    expect($operation.get()).toMatchObject({ status: 'in_progress' })
  })

  test('cannot be cancelled where nobody can be asked', async () => {
    const { monitor } = setUp()
    expect(monitor.canCancel).toBe(false)
    await monitor.cancel('a')
  })
})

describe('what is wrong', () => {
  test('is told until the server answers again', async () => {
    const { monitor, state, world, listen, connect } = setUp()
    state.answers = false
    await listen()
    expect(monitor.$error.get()?.message).toBe('Nobody answers.')
    state.answers = true
    await connect()
    await world.clock.advance(1000)
    expect(monitor.$error.get()).toBe(undefined)
  })

  test('is tried again at once when somebody asks for it', async () => {
    const { monitor, state, world, listen } = setUp()
    state.answers = false
    await listen()
    await world.clock.advance(60_000)
    state.answers = true
    const asked = state.asked.length
    monitor.refresh()
    await settle()
    expect(state.asked.length).toBeGreaterThan(asked)
    expect(monitor.$error.get()).toBe(undefined)
  })

  test('of a topic is told as well', async () => {
    const { monitor, transport, listen, connect } = setUp()
    await listen()
    await connect()
    transport.refuse(new UploadError('auth', 'Not for you.'))
    expect(monitor.$error.get()?.message).toBe('Not for you.')
  })

  test('is no reason to follow anything', async () => {
    const { monitor, transport, connect } = setUp()
    monitor.$error.listen(() => {})
    monitor.$operation('a').listen(() => {})
    await connect()
    expect(transport.topics).toEqual([{ kind: 'operation', id: 'a' }])
  })

  test('can be asked for before anybody listens', () => {
    const { monitor } = setUp()
    monitor.refresh()
    expect(monitor.$error.get()).toBe(undefined)
  })
})

test('what health is judged by is told', async () => {
  const { monitor, transport, listen, connect } = setUp()
  expect(monitor.$healthSigns.get()).toEqual({ errorRate: null, p95LatencyMs: null, connected: 0 })
  await listen()
  await connect()
  transport.deliver(word('a', { version: 1, status: 'failed' }))
  expect(monitor.$healthSigns.get()).toMatchObject({ errorRate: 1, connected: 1 })
  expect(monitor.$healthSigns.get()).toBe(monitor.$healthSigns.get())
})
