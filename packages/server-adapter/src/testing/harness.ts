import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CreatedUpload,
  type CreateUploadFile,
  type CreateUploadsAnswer,
  PROTOCOL_HEADER,
  type SyncStatusUpdate,
  type UploadPlan,
} from '@upload-panel/core/protocol'
import { onTestFinished, vi } from 'vitest'
import { createSyncServer, type SyncServer } from '../create-sync-server.js'
import { toNodeListener } from '../frameworks/node.js'
import type { SyncServerOptions } from '../options.js'
import { sqlite } from '../records/sqlite.js'
import { disk } from '../storage/disk.js'
import { type EventReader, readEvents } from './read-events.js'
import { PATIENCE } from './patience.js'

/** A real server on a real port, with real files and a real database, and a client that speaks to it in a few words. */
export interface Harness {
  readonly sync: SyncServer
  /** Where the server is mounted, without a slash at the end. */
  readonly url: string
  readonly directory: string
  request(path: string, init?: RequestInit): Promise<Response>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>
  /** Creates one upload, which must succeed. */
  create(file?: Partial<CreateUploadFile>, jobId?: string, headers?: Record<string, string>): Promise<Planned>
  /** Sends all bytes by the plan, which must succeed. */
  send(planned: Pick<Planned, 'plan'>, bytes: Uint8Array): Promise<void>
  complete(operationId: string): Promise<SyncStatusUpdate>
  /** Create, send, complete. */
  upload(bytes: Uint8Array, file?: Partial<CreateUploadFile>): Promise<SyncStatusUpdate>
  events(query: string, headers?: Record<string, string>): Promise<EventReader>
  /** Ends in the middle: connections are cut, nothing more is written, nothing is closed. Start another one on the same directory. */
  crash(): Promise<void>
  /** Idempotent. */
  close(): Promise<void>
}

export type Planned = Extract<CreatedUpload, { readonly operation_id: string }>

export async function temporaryDirectory(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'upload-panel-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Waits until a request has begun to write the first part of an upload, and has not ended it: storage's ledger knows. */
export async function partBegins(directory: string, operationId: string): Promise<void> {
  const ledger = join(directory, 'files', 'uploads', operationId, 'parts')
  await vi.waitFor(async () => {
    const lines = (await readFile(ledger, 'utf8')).split('\n').filter(Boolean)
    if (lines.at(-1) !== 'begin 1') throw new Error(`No part of ${operationId} is being written.`)
  }, PATIENCE)
}

let refs = 0

/** Makes the ports of a server behave as those of a process that can be killed: dead, it neither reads nor writes, and nobody ever gets an answer. */
function createKillable() {
  let isDead = false
  function wrap<T extends object>(port: T): T {
    return new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member === 'object' && member !== null) return wrap(member)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => (isDead ? new Promise(() => {}) : Reflect.apply(member, target, args))
      },
    })
  }
  return {
    wrap,
    kill() {
      isDead = true
    },
    isDead: () => isDead,
  }
}

/** @param port 0 takes a free one */
export async function startHarness(directory: string, options: Partial<SyncServerOptions> = {}, port = 0): Promise<Harness> {
  const process = createKillable()
  const records = sqlite({ path: join(directory, 'records.db') })
  const sync = await createSyncServer({
    records: process.wrap(records),
    storage: process.wrap(disk({ directory: join(directory, 'files') })),
    ...(options.authorize === undefined && { open: true }),
    ...options,
  })
  const http: Server = createServer(toNodeListener(sync, { basePath: '/uploads' }))
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/uploads`
  const readers = new Set<EventReader>()

  const request = (path: string, init?: RequestInit) => fetch(`${url}/${path}`, init)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    request(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', [PROTOCOL_HEADER]: '1', ...headers },
      body: JSON.stringify(body),
    })

  async function stopHttp(): Promise<void> {
    for (const reader of readers) reader.close()
    const closed = once(http, 'close')
    http.close()
    http.closeAllConnections()
    await closed
  }

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    if (process.isDead()) return
    await stopHttp()
    await sync.close()
  }

  const harness: Harness = {
    sync,
    url,
    directory,
    request,
    post,
    async create(file = {}, jobId, headers) {
      refs += 1
      const wanted = { client_ref: `ref-${refs}`, name: 'a.bin', size: 1, type: '', ...file }
      const answer = await post('commands/upload-jobs', { files: [wanted], ...(jobId !== undefined && { job_id: jobId }) }, headers)
      const { operations } = (await answer.json()) as CreateUploadsAnswer
      const [created] = operations
      if (created === undefined || !('plan' in created)) throw new Error(`The upload was not created: ${JSON.stringify(created)}`)
      return created
    },
    async send({ plan }, bytes) {
      for (const { url: partUrl, headers, start, end } of placesOf(plan, bytes.length)) {
        const answer = await fetch(new URL(partUrl, `${url}/`), { method: 'PUT', headers, body: bytes.slice(start, end) })
        if (!answer.ok) throw new Error(`Storage answered ${answer.status}: ${await answer.text()}`)
      }
    },
    async complete(operationId) {
      const answer = await post(`commands/uploads/${operationId}/complete`, {})
      const body = (await answer.json()) as { update?: SyncStatusUpdate }
      if (body.update === undefined) throw new Error(`complete answered ${answer.status}: ${JSON.stringify(body)}`)
      return body.update
    },
    async upload(bytes, file = {}) {
      const planned = await harness.create({ ...file, size: bytes.length })
      await harness.send(planned, bytes)
      return harness.complete(planned.operation_id)
    },
    async events(query, headers = {}) {
      const reader = await readEvents(`${url}/events?${query}`, headers)
      readers.add(reader)
      return reader
    },
    async crash() {
      process.kill()
      await stopHttp()
      await records.close()
    },
    close: () => (closing ??= close()),
  }
  return harness
}

/**
 * The server of one test: closed when the test has finished, and its files gone.
 * @param directory that of a server before it, which keeps its files. Absent: an empty one
 */
export async function startHarnessOfTest(options: Partial<SyncServerOptions> = {}, directory?: string, port?: number): Promise<Harness> {
  const harness = await startHarness(directory ?? (await directoryOfTest()), options, port)
  onTestFinished(harness.close)
  return harness
}

async function directoryOfTest(): Promise<string> {
  const { path, remove } = await temporaryDirectory()
  onTestFinished(remove)
  return path
}

interface Place {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly start: number
  readonly end: number
}

function placesOf(plan: UploadPlan, size: number): readonly Place[] {
  if (plan.kind === 'put') return [{ url: plan.url, headers: plan.headers, start: 0, end: size }]
  return (plan.parts ?? []).map(({ part_number, url, headers = {} }) => ({
    url,
    headers,
    start: (part_number - 1) * plan.part_bytes,
    end: Math.min(size, part_number * plan.part_bytes),
  }))
}
