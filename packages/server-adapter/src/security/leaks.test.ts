import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import type { PutPlan } from '@upload-panel/core/protocol'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { memory } from '../records/memory.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { PATIENCE } from '../testing/patience.js'
import { hmacWebhook } from '../webhooks/hmac.js'
import { EVERYONE } from './authorize.js'

/** What errors of databases, storages and programs say to their operator, and to nobody else. */
const SECRET = 'postgres://admin:hunter2@10.0.0.7/prod'
const PLACE = '/srv/private/uploads.db'
const INSIDE = /hunter2|10\.0\.0\.7|private|uploads\.db|node_modules|\n\s+at /
const WEBHOOK_KEY = 'a key of thirty-two bytes, or so'

function fault(): never {
  throw Object.assign(new Error(`SQLITE_CANTOPEN: ${SECRET} at ${PLACE}`), { code: SECRET, path: PLACE, detail: PLACE })
}

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
/** The one call that fails now, as `port.method`. */
let broken: string | undefined
const called = new Set<string>()
const logged: string[] = []

/** A port whose calls are known, and of which one can be made to fail. */
function breakable<T extends object>(name: string, port: T): T {
  return new Proxy(port, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key)
      const path = `${name}.${String(key)}`
      if (typeof member === 'object' && member !== null) return breakable(path, member)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        called.add(path)
        return path === broken ? fault() : Reflect.apply(member, target, args)
      }
    },
  })
}

beforeAll(async () => {
  directory = await temporaryDirectory()
  const note = (...entry: unknown[]) =>
    void logged.push(entry.map((part) => (part instanceof Error ? part.stack : JSON.stringify(part, errors))).join(' '))
  server = await startHarness(directory.path, {
    records: breakable('records', memory()),
    storage: breakable('storage', disk({ directory: join(directory.path, 'files') })),
    publishers: [breakable('publisher', { name: 'other', reach: 'node' as const, publish() {}, close() {} })],
    webhooks: { hmac: breakable('webhook', hmacWebhook({ secret: Buffer.from(WEBHOOK_KEY).toString('base64') })) },
    ...breakable('program', { authorize: () => ({ subject: EVERYONE }), process: async () => ({ done: true }) }),
    rateLimits: false,
    logger: { debug: note, info: note, warn: note, error: note },
  })
})
afterAll(async () => {
  broken = undefined
  await server.close()
  await directory.remove()
})

function errors(_key: string, value: unknown): unknown {
  return value instanceof Error ? value.stack : value
}

/** One good request of every kind. Answers all that came back, as text. */
async function everything(): Promise<string> {
  const job = `job-${called.size}-${logged.length}`
  const seen: string[] = []
  const ask = async (path: string, { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {}) => {
    const response = await server.request(path, { ...init, headers: { 'content-type': 'application/json', ...headers } })
    const isStream = response.ok && response.headers.get('content-type')?.startsWith('text/event-stream') === true
    const text = isStream ? await head(response) : await response.text()
    seen.push(`${path.split('?')[0]} ${response.status} ${JSON.stringify([...response.headers])} ${text}`)
    return text
  }
  const post = (path: string, body: object) => ask(path, { method: 'POST', body: JSON.stringify(body) })
  const create = async (file: object) => {
    const answer = await post('commands/upload-jobs', {
      job_id: job,
      files: [{ client_ref: crypto.randomUUID(), name: 'a', size: 5, type: '', ...file }],
    })
    const parsed = JSON.parse(answer) as { operations?: { operation_id?: string; plan?: PutPlan }[] }
    return { id: parsed.operations?.[0]?.operation_id ?? 'none', url: parsed.operations?.[0]?.plan?.url ?? 'storage/none' }
  }
  const { id, url } = await create({})
  const parts = await create({ prefer: { kind: 'multipart' } })
  await ask(`events?job_id=${job}`)
  await ask(`events?all=1`, { headers: { 'last-event-id': 'x.0' } })
  await ask(url, { method: 'PUT', body: 'hello' })
  await post(`commands/uploads/${id}/complete`, {})
  await post(`commands/uploads/${id}/retry`, {})
  await post(`commands/uploads/${parts.id}/parts`, { part_numbers: [1] })
  await ask(`queries/uploads/${parts.id}/parts`)
  await post('commands/upload/progress', { uploads: [{ operation_id: parts.id, sent_bytes: 1 }] })
  await post(`commands/uploads/${parts.id}/cancel`, {})
  await post('commands/connection', { connection_id: 'tab', event: 'connect' })
  await post('commands/subscribe-token', { operation_ids: [id] })
  await post('queries/operations', { all: true })
  await ask(`queries/upload-jobs/${job}`)
  await ask('queries/health')
  await ask('health/ready')
  await ask('webhooks/hmac', { method: 'PUT', body: JSON.stringify({ operation_id: id }) })
  const webhook = JSON.stringify({ operation_id: id, status: 'in_progress', progress: 5 })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', WEBHOOK_KEY).update(`${job}.${timestamp}.${webhook}`).digest('base64')
  await ask('webhooks/hmac', {
    method: 'POST',
    body: webhook,
    headers: { 'webhook-id': job, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
  })
  return seen.join('\n')
}

/** What a stream says first. */
async function head(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  const { value } = (await reader?.read()) ?? {}
  await reader?.cancel()
  return Buffer.from(value ?? new Uint8Array()).toString()
}

describe('whatever fails inside', () => {
  test('is told to the operator, and to nobody else', { timeout: 120_000 }, async () => {
    expect(await everything()).not.toMatch(/ 5\d\d /)
    const calls = [...called]
    for (const port of ['records', 'storage', 'publisher', 'webhook', 'program']) expect(calls.join()).toContain(`${port}.`)
    expect(calls.length).toBeGreaterThan(20)
    for (const call of calls) {
      broken = call
      const seen = await everything()
      broken = undefined
      expect({ call, told: INSIDE.exec(seen.replaceAll(directory.path, PLACE))?.[0] }).toEqual({ call, told: undefined })
    }
    expect(logged.join()).toContain('hunter2')
  })

  test('is in no word that is kept', async () => {
    broken = 'program.process'
    const update = await server.upload(Buffer.from('hello'))
    await vi.waitFor(async () => expect((await server.sync.manager.get(update.operation_id))?.status).toBe('failed'), PATIENCE)
    broken = undefined
    const all = JSON.stringify(await server.sync.manager.list())
    expect(all).not.toMatch(INSIDE)
    expect(all).toContain('processing_failed')
  })
})
