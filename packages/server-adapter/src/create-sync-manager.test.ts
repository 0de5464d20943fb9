import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createSyncManager } from './create-sync-manager.js'
import { memory } from './records/memory.js'
import { sqlite } from './records/sqlite.js'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'
import { compile, type Program, run } from './testing/program.js'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(() => directory.remove())

describe('a worker in a process of its own', () => {
  let compiled: Awaited<ReturnType<typeof temporaryDirectory>>
  let program: string
  let server: Harness
  let worker: Program | undefined
  beforeAll(async () => {
    compiled = await temporaryDirectory()
    program = await compile(fileURLToPath(new URL('testing/worker-program.ts', import.meta.url)), compiled.path)
  })
  afterAll(() => compiled.remove())
  beforeEach(async () => {
    server = await startHarness(directory.path)
  })
  afterEach(async () => {
    await worker?.stop('SIGKILL')
    await server.close()
  })
  const start = (...args: string[]) => {
    worker = run(program, [join(directory.path, 'records.db'), ...args])
    return worker
  }

  test('drives an operation that a server streams, in the order of its words and to its end', async () => {
    const events = await server.events('all=1')
    const { exit } = start('100')
    const versions: number[] = []
    const end = await events.until((word) => {
      versions.push(word.version ?? 0)
      return word.status === 'completed'
    })
    expect(end).toMatchObject({ operation_type: 'full_sync', progress: 100, processed_items: 100, result: { done: 100 } })
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
    expect(await exit).toBe(0)
    const { metrics } = (await (await server.request('queries/health')).json()) as { metrics: object }
    expect(metrics).toMatchObject({ totalOperations: 1, successRate: 1, throughput: 1 })
  })

  test('that is killed leaves what it has said, and the next one goes on with the same operation', async () => {
    const events = await server.events('all=1')
    const first = start('100', 'forever')
    await first.prints(/said/)
    const word = await events.until(({ progress }) => progress > 0)
    await first.stop('SIGKILL')
    expect(await server.sync.manager.get(word.operation_id)).toMatchObject({ status: 'in_progress' })
    expect(await start('100').exit).toBe(0)
    expect(await events.until(({ status }) => status === 'completed')).toMatchObject({ operation_id: word.operation_id })
  })
})

test('closing it writes and tells what waits, once', async () => {
  const told: number[] = []
  const { manager, close } = await createSyncManager({
    records: sqlite({ path: join(directory.path, 'records.db') }),
    publishers: [
      { name: 'broker', reach: 'cluster', publish: (records) => void told.push(...records.map(({ word }) => word.progress)), close() {} },
    ],
  })
  const id = await manager.createSyncOperation({ operation_type: 'update' })
  for (const progress of [1, 2, 3]) await manager.updateSyncProgress(id, progress)
  await Promise.all([close(), close()])
  expect(told).toEqual([0, 1, 3])
})

test('two publishers of one name are refused', async () => {
  const publisher = { name: 'same', reach: 'node', publish() {}, close() {} } as const
  await expect(createSyncManager({ records: memory(), publishers: [publisher, publisher] })).rejects.toThrow(
    'Two publishers have the same name',
  )
})

test('a publisher that cannot be opened ends it all', async () => {
  let isClosed = false
  const records = memory()
  const close = () => {
    isClosed = true
    return Promise.resolve()
  }
  const publisher = {
    name: 'wrong',
    reach: 'node',
    open: () => Promise.reject(new TypeError('No url.')),
    publish() {},
    close() {},
  } as const
  await expect(createSyncManager({ records: { ...records, close }, publishers: [publisher] })).rejects.toThrow('No url.')
  expect(isClosed).toBe(true)
})

test.each([0, -1, Number.NaN])('%d writes a second are refused', async (writesPerSecond) => {
  await expect(createSyncManager({ records: memory(), progress: { writesPerSecond } })).rejects.toThrow('progress.writesPerSecond')
})

test('nobody is let in by a worker', async () => {
  const refusals: Promise<unknown>[] = []
  const { close } = await createSyncManager({
    records: memory(),
    publishers: [
      {
        name: 'asks',
        reach: 'node',
        async open({ access }) {
          const request = new Request('http://worker/')
          refusals.push(
            access.subject(request, 'subscribe'),
            access.follower(request, 'subscribe'),
            access.operation(request, 'cancel', 'x'),
          )
          await Promise.allSettled(refusals)
        },
        publish() {},
        close() {},
      },
    ],
  })
  for (const refusal of refusals) await expect(refusal).rejects.toMatchObject({ status: 401 })
  expect(refusals).toHaveLength(3)
  await close()
})
