import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createUploader, httpBackend } from '@upload-panel/core'
import { isTerminal, type SnapshotAnswer, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { freePort } from '../lib/free-port.mjs'
import { fromRoot } from '../lib/paths.mjs'
import { compile } from './compile.ts'
import { startPostgres } from './postgres.ts'
import { describeWithPostgresql } from './provided.ts'
import { createSyncNode } from './sync-node.ts'

/**
 * A server that is killed again and again, at random moments of its work on two hundred jobs and a hundred uploads, while two pages look on. Which moments
 * those are the seed decides, as far as a process of its own can be told.
 */
const JOBS = 200
const UPLOADS = 100
const SEED = 20_261_121
const PATIENCE = { timeout: 60_000, interval: 20 }

function createRandom(seed: number): (below: number) => number {
  let count = 0
  return (below) =>
    createHash('sha256')
      .update(`${seed} ${(count += 1)}`)
      .digest()
      .readUInt32BE(0) % below
}

async function temporaryFolder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'upload-panel-crash-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

async function expectNothingLost(args: readonly string[]): Promise<void> {
  const random = createRandom(SEED)
  const directory = await temporaryFolder()
  const port = await freePort()
  const program = await compile(fromRoot('scripts', 'services', 'sync-node-program.ts'), directory)
  const node = createSyncNode(program, ['--directory', directory, '--port', String(port), '--jobs', String(JOBS), ...args])
  onTestFinished(() => node.kill())
  await node.start()

  const url = `http://127.0.0.1:${port}`
  const realtime = sse({ url: `${url}/events` })
  const monitor = createStatusMonitor({ realtime, backend: statusRoutes({ url }) })
  onTestFinished(() => monitor.dispose())
  monitor.$operations.listen(() => {})
  const uploader = createUploader({
    backend: httpBackend({ url }),
    realtime,
    concurrency: 3,
    retry: { attempts: 1000, baseMs: 50, capMs: 200 },
  })
  onTestFinished(() => uploader.dispose())
  const contents = Array.from({ length: UPLOADS }, (_, index) => `content of file ${index}`)
  uploader.add(contents.map((content, index) => new File([content], `file-${index}`)))

  let kills = 0
  while (!(await node.acknowledges(5 + random(80)))) {
    await node.kill()
    kills += 1
    await node.start()
  }
  expect(kills).toBeGreaterThan(10)

  // Each page ends where the server is.
  await vi.waitFor(() => expect(new Set(uploader.items().map(({ phase }) => phase))).toEqual(new Set(['completed'])), PATIENCE)
  const results = uploader.items().map((item) => ('result' in item ? item.result : undefined))
  expect(results).toEqual(contents.map((content) => createHash('sha256').update(content).digest('hex')))
  const truth = await allOperations(url)
  const shown = () => new Map(monitor.$operations.get().map((word) => [word.operation_id, word]))
  await vi.waitFor(() => {
    const view = shown()
    for (const word of truth) expect(view.get(word.operation_id)).toEqual(word)
  }, PATIENCE)

  // One operation for each, however often they were begun anew; all of them have ended well.
  const jobs = truth.filter(({ operation_type }) => operation_type === 'full_sync')
  expect(jobs).toHaveLength(JOBS)
  expect(jobs.map(({ result }) => Number(result)).sort((a, b) => a - b)).toEqual(Array.from({ length: JOBS }, (_, index) => index))
  expect(truth.filter(({ error }) => error?.code !== 'superseded').every(({ status }) => status === 'completed')).toBe(true)

  // What was acknowledged is kept: no version was given twice, none went back, and the last word is not older than what was said of it.
  const last = new Map(truth.map((word) => [word.operation_id, word]))
  const seen = new Map<string, (typeof node.acknowledged)[number]>()
  for (const word of node.acknowledged) {
    const before = seen.get(word.operation_id)
    seen.set(word.operation_id, word)
    expect(word.version ?? 0).toBeGreaterThanOrEqual(before?.version ?? 1)
    // The same version is the same word.
    if (word.version === before?.version) expect(word).toEqual(before)
    expect(isTerminal(before?.status ?? 'pending') && !isTerminal(word.status)).toBe(false)
    expect(last.get(word.operation_id)?.version ?? 0).toBeGreaterThanOrEqual(word.version ?? Infinity)
  }
  expect(seen.size).toBe(JOBS)
  const versions = truth.map(({ version }) => version)
  expect(new Set(versions).size).toBe(versions.length)
}

async function allOperations(url: string): Promise<readonly SyncStatusUpdate[]> {
  const operations: SyncStatusUpdate[] = []
  let cursor: string | undefined
  for (;;) {
    const answer = await fetch(`${url}/queries/operations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ all: true, cursor }),
    })
    const page = (await answer.json()) as SnapshotAnswer
    operations.push(...page.operations)
    if (!page.more) return operations
    cursor = page.cursor
  }
}

describe('a server that is killed at any moment loses nothing that it has acknowledged, and every page ends where it is', () => {
  test('with its records in SQLite', () => expectNothingLost([]), 240_000)
})

describeWithPostgresql(
  'a server that is killed at any moment loses nothing that it has acknowledged, and every page ends where it is',
  () => {
    test('with its records in PostgreSQL', async () => {
      const directory = await temporaryFolder()
      const database = await startPostgres({ directory })
      onTestFinished(() => database.stop())
      await expectNothingLost(['--postgres', database.url])
    }, 240_000)
  },
)
