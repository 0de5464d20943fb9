import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSyncManager, type SyncManager } from '../create-sync-manager.js'
import { consoleLogger } from '../logger.js'
import { sqlite } from '../records/sqlite.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'
import { PATIENCE } from '../testing/patience.js'
import { wordRecord } from '../testing/word-record.js'
import { createEndedElsewhere } from './ended-elsewhere.js'
import type { Processing } from './processing.js'
import type { Steps } from './steps.js'

const bytes = Buffer.from('hello')
let server: Harness
let worker: SyncManager
let signals: AbortSignal[]

beforeEach(async () => {
  signals = []
  server = await startHarnessOfTest({
    process: (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    },
  })
  worker = await createSyncManager({ records: sqlite({ path: join(server.directory, 'records.db') }) })
})
afterEach(() => worker.close())

const here = () => server.sync.manager
const stored = () => readdir(join(server.directory, 'files', 'uploads'))

async function beingProcessed(): Promise<string> {
  const { operation_id } = await server.upload(bytes)
  await expect.poll(() => signals.length, PATIENCE).toBe(1)
  return operation_id
}

describe('an upload that is being processed', () => {
  test.each([
    ['the program', () => here()],
    ['another process', () => worker.manager],
  ])('stops at once when %s cancels it, and its bytes are deleted', async (_, by) => {
    const id = await beingProcessed()
    await by().cancelSyncOperation(id, 'Not needed any more.')
    await expect.poll(() => signals[0]?.aborted, PATIENCE).toBe(true)
    await expect.poll(stored, PATIENCE).toEqual([])
    await expect.poll(() => server.sync.readFile(id), PATIENCE).toBeUndefined()
    expect(await here().get(id)).toMatchObject({ status: 'cancelled', message: 'Not needed any more.' })
  })

  test('stops when another process fails it, and keeps its bytes for a retry', async () => {
    const id = await beingProcessed()
    await worker.manager.failSyncOperation(id, { code: 'too_slow', message: 'It took too long.', retryable: true })
    await expect.poll(() => signals[0]?.aborted, PATIENCE).toBe(true)
    // For whoever wants to read it there is no such file.
    expect(await server.sync.readFile(id)).toBeUndefined()
    const { status } = await server.post(`commands/uploads/${id}/retry`, {})
    expect(status).toBe(200)
    await expect.poll(() => signals.length, PATIENCE).toBe(2)
    expect(signals[1]?.aborted).toBe(false)
  })
})

test('an upload whose bytes are still on their way leaves none behind when another process cancels it', async () => {
  const partBytes = 5 * 2 ** 20
  const planned = await server.create({ size: 2 * partBytes, prefer: { kind: 'multipart', part_bytes: partBytes } })
  const [part] = planned.plan.kind === 'multipart' ? (planned.plan.parts ?? []) : []
  expect((await server.request(part?.url ?? '', { method: 'PUT', body: new Uint8Array(partBytes) })).status).toBe(200)
  expect(await stored()).toHaveLength(1)
  await worker.manager.cancelSyncOperation(planned.operation_id)
  await expect.poll(stored, PATIENCE).toEqual([])
})

test('bytes that could not be deleted are told to the operator, and the cancellation stands', async () => {
  const errors: string[] = []
  await server.close()
  const storage = disk({ directory: join(server.directory, 'files') })
  server = await startHarnessOfTest(
    {
      storage: { ...storage, discard: () => Promise.reject(new Error('disk')) },
      logger: { debug() {}, info() {}, warn() {}, error: (message: string) => void errors.push(message) },
    },
    server.directory,
  )
  const { operation_id } = await server.create()
  await worker.manager.cancelSyncOperation(operation_id)
  await expect.poll(() => errors, PATIENCE).toEqual([`What is left of operation ${operation_id} could not be freed.`])
  expect(await here().get(operation_id)).toMatchObject({ status: 'cancelled' })
})

test('an upload that was retried before its failure could be attended to goes on, with its bytes', async () => {
  const make = wordRecord()
  const record = (status: 'failed' | 'in_progress') => ({
    ...make('a', { status, file: { name: 'a', size: 1, type: '' } }),
    upload: { bytes: 'stored', kind: 'put', partBytes: 1 } as const,
  })
  const done: string[] = []
  const note = (what: string) => void done.push(what)
  const { hear, settled } = createEndedElsewhere({
    operations: { insert: async () => [], change: async () => undefined },
    steps: { get: async () => record('in_progress'), letGo: async () => note('let go') } as unknown as Steps,
    processing: { has: () => true, abort: () => note('aborted') } as unknown as Processing,
    exclusively: (_, work) => work(),
    logger: consoleLogger,
  })
  hear([record('failed')])
  await settled()
  expect(done).toEqual([])
})
