import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { isTerminal, type PutPlan, type SnapshotAnswer } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { consoleLogger } from '../logger.js'
import { sqlite } from '../records/sqlite.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'

const bytes = Buffer.from('hello')
const DAY_MS = 86_400_000
const SWEEP_MS = 600_000
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let clock: ManualClock
let servers: Harness[]

beforeEach(async () => {
  directory = await temporaryDirectory()
  clock = manualClock()
  servers = []
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
  await directory.remove()
})

const start = async (options: Parameters<typeof startHarness>[1] = {}) => {
  const server = await startHarness(directory.path, { clock, ...options })
  servers.push(server)
  return server
}
/** Heeds its signal, and does nothing else. */
const endless = (_: unknown, { signal }: { signal: AbortSignal }) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', reject))
const wordOf = async (server: Harness, id: string) =>
  ((await (await server.post('queries/operations', { ids: [id] })).json()) as SnapshotAnswer).operations[0]
/** The word that ends an operation, once it is there. */
const lastWordOf = (server: Harness, id: string) =>
  vi.waitFor(async () => {
    const word = await wordOf(server, id)
    if (word === undefined || !isTerminal(word.status)) throw new Error(`Operation ${id} has not ended.`)
    return word
  }, PATIENCE)
/** Lets time pass, and the server's sweeps in it. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms)
  await setImmediate()
  clock.advance(SWEEP_MS)
  await setImmediate()
}
const foldersOfUploads = () => readdir(join(directory.path, 'files', 'uploads'))

describe('after a crash', () => {
  test('what was being processed, or waited for it, is processed again, with higher versions', async () => {
    const crashed = await start({ process: endless, limits: { processConcurrency: 1 } })
    const running = await crashed.upload(bytes)
    const waiting = await crashed.upload(bytes)
    await crashed.crash()
    const server = await start({ process: () => 'done' })
    for (const { operation_id, version } of [running, waiting]) {
      const word = await lastWordOf(server, operation_id)
      expect(word).toMatchObject({ status: 'completed', result: 'done' })
      expect(word.version).toBeGreaterThan(version ?? Infinity)
    }
  })

  test('bytes that had all arrived are taken over, though nobody said so, once their client has had time to come back', async () => {
    const crashed = await start()
    const planned = await crashed.create({ size: 5, prefer: { kind: 'multipart' } })
    await crashed.send(planned, bytes)
    await crashed.crash()
    const server = await start()
    clock.advance(119_999)
    expect(await wordOf(server, planned.operation_id)).toMatchObject({ status: 'pending' })
    clock.advance(1)
    expect(await lastWordOf(server, planned.operation_id)).toMatchObject({ status: 'completed' })
  })

  test('a client that did not hear that its last byte arrived sends it again and completes', async () => {
    const crashed = await start()
    const planned = await crashed.create({ size: 5, prefer: { kind: 'multipart' } })
    await crashed.send(planned, bytes)
    await crashed.crash()
    const server = await start()
    await server.send(planned, bytes)
    expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'completed' })
  })

  test('what began after the start is not begun again by the recovery', async () => {
    let ids = 0
    const createId = () => String((ids += 1)).padStart(5, '0')
    const crashed = await start({ process: endless, createId })
    const before = await crashed.upload(bytes)
    const planned = await crashed.create({ size: 5, prefer: { kind: 'multipart' } })
    await crashed.send(planned, bytes)
    const after = await crashed.upload(bytes)
    await crashed.crash()
    const records = sqlite({ path: join(directory.path, 'records.db') })
    const looks = Promise.withResolvers<void>()
    const runs: string[] = []
    const server = await start({
      records: { ...records, unfinished: (page) => looks.promise.then(() => records.unfinished(page)) },
      process: (operation, context) => {
        runs.push(operation.operation_id)
        return endless(operation, context)
      },
    })
    await server.complete(planned.operation_id)
    looks.resolve()
    // It looks at them in the order of their ids.
    await expect.poll(() => runs, PATIENCE).toContain(after.operation_id)
    expect(runs).toEqual([planned, before, after].map(({ operation_id }) => operation_id))
  })

  test('an upload that was under way goes on with the address that it had', async () => {
    const crashed = await start()
    const planned = await crashed.create({ size: 5 })
    await crashed.crash()
    const server = await start()
    expect((await server.request((planned.plan as PutPlan).url, { method: 'PUT', body: bytes })).status).toBe(200)
    expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'completed' })
  })

  test('an operation whose bytes are gone fails and says so, and its retry asks for them', async () => {
    const crashed = await start({ process: endless })
    const { operation_id } = await crashed.upload(bytes)
    await crashed.crash()
    await rm(join(directory.path, 'files', 'objects'), { recursive: true })
    const errors: string[] = []
    const server = await start({ process: endless, logger: { ...consoleLogger, error: (message: string) => errors.push(message) } })
    expect(await lastWordOf(server, operation_id)).toMatchObject({ status: 'failed', error: { code: 'bytes_lost', retryable: true } })
    expect(errors).toHaveLength(1)
    expect(await (await server.post(`commands/uploads/${operation_id}/retry`, {})).json()).toMatchObject({
      attempt: 2,
      plan: { kind: 'put' },
    })
  })

  test('space of uploads that are over is freed', async () => {
    const crashed = await start()
    const { operation_id } = await crashed.create()
    const kept = await crashed.create()
    // As if the crash had come between the word and the deletion.
    await crashed.sync.manager.completeSyncOperation(operation_id, 'cancelled')
    expect(await foldersOfUploads()).toHaveLength(2)
    await crashed.crash()
    await start()
    await expect.poll(foldersOfUploads, PATIENCE).toEqual([kept.operation_id])
  })
})

describe('after an orderly restart', () => {
  test('what the old process began while the new one was already there is adopted', async () => {
    const old = await start({ process: endless })
    const server = await start({ process: () => 'done' })
    const { operation_id } = await old.upload(bytes)
    await old.close()
    await pass(SWEEP_MS)
    expect(await lastWordOf(server, operation_id)).toMatchObject({ status: 'completed', result: 'done' })
  })

  test('long work that is going on here is not begun again, though nothing is heard of it', async () => {
    let runs = 0
    const server = await start({
      process: (operation, context) => {
        runs += 1
        return endless(operation, context)
      },
    })
    await server.upload(bytes)
    await expect.poll(() => runs, PATIENCE).toBe(1)
    await pass(3 * SWEEP_MS)
    expect(runs).toBe(1)
  })

  test('what the program itself works on is left to it, where there is no hook', async () => {
    const first = await start()
    const { operation_id } = await first.upload(bytes)
    await first.sync.manager.reopen(operation_id)
    await first.close()
    const second = await start()
    await pass(3 * SWEEP_MS)
    expect(await wordOf(second, operation_id)).toMatchObject({ status: 'in_progress' })
  })

  test('what was being processed is not told to have failed, and is processed again', async () => {
    const first = await start({ process: endless })
    const { operation_id } = await first.upload(bytes)
    await first.close()
    const second = await start({ process: () => 'done' })
    expect(await lastWordOf(second, operation_id)).toMatchObject({ status: 'completed' })
  })
})

describe('an upload whose bytes do not come', () => {
  test('expires, is told so, and leaves nothing behind', async () => {
    const server = await start()
    const events = await server.events('all=1')
    const { operation_id } = await server.create()
    await pass(DAY_MS)
    const update = await events.until(({ status }) => status === 'failed')
    expect(update).toMatchObject({ operation_id, error: { code: 'upload_expired', retryable: true } })
    await expect.poll(foldersOfUploads, PATIENCE).toEqual([])
  })

  test('expires at the next start where the server was down in the meantime', async () => {
    const first = await start()
    const { operation_id } = await first.create()
    await first.close()
    clock.advance(DAY_MS)
    const second = await start()
    expect(await lastWordOf(second, operation_id)).toMatchObject({ status: 'failed' })
  })

  test('does not expire while its client still asks for addresses', async () => {
    const server = await start()
    const { operation_id } = await server.create()
    await pass(DAY_MS * 0.75)
    await server.post(`commands/uploads/${operation_id}/parts`, { part_numbers: [1] })
    await pass(DAY_MS * 0.75)
    expect(await wordOf(server, operation_id)).toMatchObject({ status: 'pending' })
  })

  test('is completed instead where they all came and nobody said so', async () => {
    const server = await start()
    const events = await server.events('all=1')
    const planned = await server.create({ size: 5, prefer: { kind: 'multipart' } })
    await server.send(planned, bytes)
    await pass(DAY_MS)
    expect(await events.until(({ status }) => status !== 'pending')).toMatchObject({
      operation_id: planned.operation_id,
      status: 'completed',
    })
  })
})
