import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ProcessingError } from '../errors.js'
import { consoleLogger } from '../logger.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import type { ProcessContext, ProcessHook } from './processing.js'
import { PATIENCE } from '../testing/patience.js'

const bytes = Buffer.from('hello')
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let clock: ManualClock
let server: Harness
let logged: unknown[]

beforeEach(async () => {
  directory = await temporaryDirectory()
  clock = manualClock()
  logged = []
})
afterEach(async () => {
  await server.close()
  await directory.remove()
})

const start = async (process: ProcessHook, more: Parameters<typeof startHarness>[1] = {}) => {
  const logger = { ...consoleLogger, error: (...entry: unknown[]) => void logged.push(entry) }
  server = await startHarness(directory.path, { process, clock, logger, ...more })
  return server.events('all=1')
}
const terminal = ({ status }: SyncStatusUpdate) => status === 'completed' || status === 'failed'

/** A hook that a test ends by hand, one run after the other. */
function manualHook() {
  const runs: {
    readonly context: ProcessContext
    readonly operationId: string
    end(result?: unknown): void
    fail(error: unknown): void
  }[] = []
  const waiting: (() => void)[] = []
  const hook: ProcessHook = ({ operation_id }, context) =>
    new Promise((resolve, reject) => {
      runs.push({ context, operationId: operation_id, end: resolve, fail: reject })
      waiting.shift()?.()
    })
  return {
    hook,
    runs,
    /** The run of that number, once it has begun. */
    async run(index: number) {
      while (runs.length <= index) await new Promise<void>((resolve) => waiting.push(resolve))
      return runs[index]!
    },
  }
}

describe('processing', () => {
  test('is given the stored bytes by path, by stream and by size, and what the client sent along', async () => {
    const events = await start(async (operation, { file }) => ({
      byPath: (await readFile(file.path ?? '')).toString(),
      byStream: await new Response(file.stream()).text(),
      size: file.size,
      metadata: operation.metadata,
      name: operation.file?.name,
    }))
    const { operation_id } = await server.upload(bytes, { metadata: { album: 7 }, name: 'a.txt' })
    expect(await events.until(terminal)).toMatchObject({
      operation_id,
      status: 'completed',
      progress: 100,
      result: { byPath: 'hello', byStream: 'hello', size: 5, metadata: { album: 7 }, name: 'a.txt' },
    })
  })

  test('answers "in progress" to complete, and tells progress and stages on the way', async () => {
    const { hook, run } = manualHook()
    const events = await start(hook)
    expect(await server.upload(bytes)).toMatchObject({ status: 'in_progress', progress: 0 })
    const { context, end } = await run(0)
    context.stage('hashing', 'Reading the file')
    expect(await events.until(({ stage }) => stage === 'hashing')).toMatchObject({ status: 'in_progress', message: 'Reading the file' })
    context.progress(250)
    clock.advance(100)
    expect(await events.until(({ progress }) => progress > 0)).toMatchObject({ progress: 100, stage: 'hashing' })
    end({ done: true })
    const last = await events.until(terminal)
    expect(last).toMatchObject({ status: 'completed', result: { done: true } })
    expect(last).not.toHaveProperty('stage')
  })

  test('writes at most ten words a second, and the last one always', async () => {
    const { hook, run } = manualHook()
    const events = await start(hook)
    const before = (await server.upload(bytes)).version ?? 0
    const { context, fail } = await run(0)
    for (let percent = 1; percent <= 90; percent += 1) context.progress(percent)
    fail(new ProcessingError('stopped', 'It stopped at ninety.'))
    // One at once, one with the last progress, one for the end.
    expect(await events.until(terminal)).toMatchObject({ progress: 90, version: before + 3 })
  })

  test('that throws a ProcessingError fails with its reason', async () => {
    const events = await start(() => {
      throw new ProcessingError('virus_found', 'This file contains a virus.', { retryable: false })
    })
    await server.upload(bytes)
    const error = { code: 'virus_found', message: 'This file contains a virus.', retryable: false }
    expect(await events.until(terminal)).toMatchObject({ status: 'failed', message: error.message, error })
    expect(logged).toEqual([])
  })

  test('that refuses a file for good is not asked about the same bytes again, and nobody reads them', async () => {
    let runs = 0
    const events = await start(() => {
      runs += 1
      throw new ProcessingError('virus_found', 'This file contains a virus.', { retryable: false })
    })
    const { operation_id } = await server.upload(bytes)
    await events.until(terminal)
    expect(await server.sync.readFile(operation_id)).toBeUndefined()
    const answer = await server.post(`commands/uploads/${operation_id}/retry`, {})
    expect(await answer.json()).toMatchObject({ attempt: 2, plan: { kind: 'put' } })
    expect(runs).toBe(1)
  })

  test('that throws anything else fails in general words, and is logged', async () => {
    const events = await start(() => {
      throw new Error('ENOENT: /secret/path')
    })
    await server.upload(bytes)
    const update = await events.until(terminal)
    expect(update.error).toEqual({ code: 'processing_failed', message: 'The server could not process this file.', retryable: true })
    expect(JSON.stringify(update)).not.toContain('secret')
    expect(logged).toHaveLength(1)
  })

  test('whose result cannot be written as JSON, or is too long, fails', async () => {
    const circle: unknown[] = []
    circle.push(circle)
    const results = [circle, 10n, 'x'.repeat(70_000)]
    const events = await start(() => results.shift())
    for (let index = 0; index < 3; index += 1) {
      await server.upload(bytes)
      expect(await events.until(terminal)).toMatchObject({ status: 'failed', error: { code: 'processing_failed' } })
    }
  })

  test('runs no more hooks at once than it may, in the order of the uploads', async () => {
    const { hook, runs, run } = manualHook()
    const events = await start(hook, { limits: { processConcurrency: 2 } })
    const ids: string[] = []
    for (let index = 0; index < 4; index += 1) ids.push((await server.upload(bytes)).operation_id)
    await run(1)
    expect(runs.map(({ operationId }) => operationId)).toEqual(ids.slice(0, 2))
    runs[1]!.end()
    expect(await events.until(terminal)).toMatchObject({ operation_id: ids[1] })
    await run(2)
    expect(runs.map(({ operationId }) => operationId)).toEqual(ids.slice(0, 3))
    for (const { end } of runs) end()
    ;(await run(3)).end()
  })

  test('is not heard any more after it was aborted', async () => {
    const { hook, run } = manualHook()
    const events = await start(hook)
    const { operation_id } = await server.upload(bytes)
    const { context, end } = await run(0)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    context.progress(50)
    end('too late')
    await events.until(({ status }) => status === 'cancelled')
    await server.create()
    expect(await events.until(() => true)).not.toMatchObject({ operation_id })
  })

  test('is not begun where the server closes while the bytes are looked for', async () => {
    const storage = disk({ directory: join(directory.path, 'files') })
    const looking = Promise.withResolvers<void>()
    const found = Promise.withResolvers<void>()
    const read: typeof storage.read = async (operationId) => {
      looking.resolve()
      await found.promise
      return storage.read(operationId)
    }
    const { hook, runs } = manualHook()
    await start(hook, { storage: { ...storage, read } })
    await server.upload(bytes)
    await looking.promise
    const closed = server.sync.close()
    await setImmediate()
    found.resolve()
    // No time passes: it is not the patience with hooks that do not heed their signal that ends this.
    await closed
    expect(runs).toEqual([])
  })

  test('is aborted once the program itself has ended the operation', async () => {
    const { hook, run } = manualHook()
    const events = await start(hook)
    const { operation_id } = await server.upload(bytes)
    const { context, end } = await run(0)
    await server.sync.manager.completeSyncOperation(operation_id, 'completed', { result: 'by hand' })
    context.progress(50)
    await expect.poll(() => context.signal.aborted, PATIENCE).toBe(true)
    end('too late')
    expect(await events.until(terminal)).toMatchObject({ result: 'by hand' })
  })
})
