import { browserEnvironment, type ConnectionStatus, NOT_CONNECTED, type UploadError } from '@upload-panel/core'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { createStatusMonitor, type StatusBackend, type StatusMonitor } from '@upload-panel/core/status'
import { createMemoryTransport, createTestEnvironment } from '@upload-panel/core/testing'
import { atom } from 'nanostores'
import { beforePaint } from './panel-harness.js'

/** A status monitor, and in the test's hands the server, the connection, and time but for the browser's own frames. */
export interface StatusHarness {
  readonly monitor: StatusMonitor
  /** What the server knows. */
  readonly operations: SyncStatusUpdate[]
  /** What the server is asked for the end of. */
  readonly cancelled: readonly string[]
  /** What is followed now, each as its kind and id. */
  readonly topics: readonly string[]
  /** From now on each question is answered with this error; `undefined`: with what the server knows. */
  fail(error: UploadError | undefined): void
  connect(change?: Partial<ConnectionStatus>): Promise<void>
  /** The connection is another one. */
  set(change: Partial<ConnectionStatus>): Promise<void>
  /** Time passes, and what it brings is painted: a server is not asked twice in the same moment. */
  pass(ms: number): Promise<void>
  /** The server says a word, and it is painted. */
  say(id: string, change?: Partial<SyncStatusUpdate>): Promise<void>
}

/** Pictures of what is shown are compared: no word may depend on when a test runs. */
const START = '2026-01-01T00:00:00.000Z'

let version = 0

/** A word of the server, newer than all before it. */
export function aWord(id: string, change: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate {
  version += 1
  return {
    operation_id: id,
    operation_type: 'upload',
    status: 'in_progress',
    progress: 0,
    timestamp: START,
    version,
    ...change,
  }
}

export function statusHarness(backend: Partial<StatusBackend> = {}): StatusHarness {
  const transport = createMemoryTransport()
  const world = createTestEnvironment()
  const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, transport: 'sse' })
  const operations: SyncStatusUpdate[] = []
  const cancelled: string[] = []
  let error: UploadError | undefined
  const monitor = createStatusMonitor({
    realtime: (context) => ({ ...transport.factory(context), $connection }),
    environment: { ...world, nextFrame: browserEnvironment().nextFrame },
    backend: () => ({
      async snapshot(request) {
        if (error) throw error
        const known = 'ids' in request ? operations.filter(({ operation_id: id }) => request.ids.includes(id)) : operations
        return { operations: known, cursor: '', more: false, server_time: new Date(world.clock.now()).toISOString() }
      },
      async cancel(id) {
        if (error) throw error
        cancelled.push(id)
        return aWord(id, { status: 'cancelled' })
      },
      ...backend,
    }),
  })
  const set: StatusHarness['set'] = async (change) => {
    $connection.set({ ...$connection.get(), ...change })
    await painted()
  }
  return {
    monitor,
    operations,
    cancelled,
    get topics() {
      return transport.topics.map((topic) => `${topic.kind}${'id' in topic ? ` ${topic.id}` : ''}`)
    },
    fail: (next) => (error = next),
    async connect(change) {
      transport.connect()
      await set({ status: 'connected', lastPing: START, latency: 12, ...change })
    },
    set,
    async pass(ms) {
      // What was changed just now may be about to ask.
      await painted()
      await world.clock.advance(ms)
      await painted()
    },
    async say(id, change) {
      transport.deliver(aWord(id, change))
      await painted()
    },
  }
}

/** A frame for the stores, one for the element, and one for what it changed. */
export async function painted(): Promise<void> {
  for (let frame = 0; frame < 4; frame += 1) await beforePaint()
}
