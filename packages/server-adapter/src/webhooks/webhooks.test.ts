import { createHash, createHmac } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SyncStatusUpdate } from '@upload-panel/core/protocol'
import { PATIENCE } from '../testing/patience.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { Refusal } from '../errors.js'
import { consoleLogger } from '../logger.js'
import { memory } from '../records/memory.js'
import { cloudinaryWebhook } from './cloudinary.js'
import { hmacWebhook } from './hmac.js'
import { s3Webhook } from './s3.js'
import { createWebhooks } from './webhooks.js'

const SECRET = `whsec_${Buffer.from('a key of thirty-two bytes, or so').toString('base64')}`
const TOKEN = 'top secret'
const NOW = Date.parse('2026-01-01T00:00:00Z')
const clock = { now: () => NOW, setTimeout: () => () => {} }

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
const errors: unknown[][] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  server = await startHarness(directory.path, {
    clock,
    limits: { maxBodyBytes: 20_000 },
    logger: { debug: () => {}, info: () => {}, warn: () => {}, error: (...what: unknown[]) => errors.push(what) },
    authorize: ({ request }) => ({ subject: request.headers.get('x-user') ?? 'user-1' }),
    webhooks: {
      hmac: hmacWebhook({ secret: SECRET }),
      cloudinary: cloudinaryWebhook({ apiSecret: TOKEN }),
      s3: s3Webhook({ token: TOKEN }),
      large: hmacWebhook({
        secret: SECRET,
        map: ({ operation_id }) => ({ kind: 'completed', operationId: String(operation_id), result: 'x'.repeat(70_000) }),
      }),
      broken: hmacWebhook({
        secret: SECRET,
        map: () => {
          throw new RangeError('/etc/secret')
        },
      }),
      asked: {
        receive: () => ({ id: 'none', events: [] }),
        ask: async ({ operation_id }) => [
          { kind: 'progress', operationId: operation_id, stage: 'asked' },
          { kind: 'cancelled', operationId: others },
        ],
      },
    },
  })
})
afterAll(async () => {
  await server.close()
  await directory.remove()
})
beforeEach(() => {
  errors.length = 0
})

let others = ''
let messages = 0
const nextId = () => `msg_${(messages += 1)}`

/** A webhook as its sender signs it, by the time of the server. */
function hmac(body: unknown, { id = nextId(), name = 'hmac', headers = {} } = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const signature = new Webhook(SECRET).sign(id, new Date(NOW), text)
  return server.request(`webhooks/${name}`, {
    method: 'POST',
    body: text,
    headers: { 'webhook-id': id, 'webhook-timestamp': String(NOW / 1000), 'webhook-signature': signature, ...headers },
  })
}

function cloudinary(body: unknown) {
  const text = JSON.stringify(body)
  const timestamp = String(NOW / 1000)
  const signature = createHash('sha1')
    .update(text + timestamp + TOKEN)
    .digest('hex')
  return server.request('webhooks/cloudinary', {
    method: 'POST',
    body: text,
    headers: { 'x-cld-timestamp': timestamp, 'x-cld-signature': signature },
  })
}

function s3(eventName: string, key: string) {
  const Records = [{ eventName, s3: { bucket: { name: 'b' }, object: { key } } }]
  return server.request('webhooks/s3', { method: 'POST', body: JSON.stringify({ Records }), headers: { authorization: `Bearer ${TOKEN}` } })
}

const trigger = (body: unknown, name = 's3', headers: Record<string, string> = {}) =>
  server.request(`webhooks/${name}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

const word = async (id: string) => (await server.sync.manager.get(id)) as SyncStatusUpdate
const operation = (subject = 'user-1') => server.sync.manager.createSyncOperation({ operation_type: 'update', subject })
const problem = async (response: Response) => ({
  status: response.status,
  ...((await response.json()) as { code: string; detail: string }),
})

describe('a webhook', () => {
  test('turns into words that clients hear', async () => {
    const id = await operation()
    const events = await server.events(`operation_id=${id}`)
    expect((await hmac({ operation_id: id, progress: 40, stage: 'ocr' })).status).toBe(200)
    expect((await hmac({ operation_id: id, status: 'completed', result: { url: 'https://x.example' } })).status).toBe(200)
    const heard = await events.until((update) => update.status === 'completed')
    expect(heard).toMatchObject({ progress: 100, result: { url: 'https://x.example' } })
  })

  test('that comes again changes nothing, whatever has been said since', async () => {
    const id = await operation()
    await hmac({ operation_id: id, status: 'completed' }, { id: 'msg_again' })
    await hmac({ operation_id: id, reopen: true })
    const before = await word(id)
    const answer = await hmac({ operation_id: id, status: 'completed' }, { id: 'msg_again' })
    expect(answer.status).toBe(200)
    expect(await word(id)).toEqual(before)
  })

  test('of one sender is not taken for that of another with the same id', async () => {
    const [one, two] = [await operation(), await operation()]
    await hmac({ operation_id: one, status: 'completed' }, { id: 'msg_same' })
    await cloudinary({ notification_type: 'upload', public_id: two })
    expect((await word(two)).status).toBe('completed')
  })

  test('about an operation that there is not is answered as any other', async () => {
    const known = await hmac({ operation_id: await operation(), progress: 1 })
    const unknown = await hmac({ operation_id: 'no-such-operation', progress: 1 })
    expect(unknown.status).toBe(known.status)
    expect(await unknown.text()).toBe(await known.text())
    expect([...unknown.headers.keys()]).toEqual([...known.headers.keys()])
    expect(await server.sync.manager.get('no-such-operation')).toBeUndefined()
  })

  test('that could not be written is written when it comes again', async () => {
    const changed: string[] = []
    let isAway = true
    const webhooks = createWebhooks({
      providers: { one: { receive: () => ({ id: '1', events: [{ kind: 'cancelled', operationId: 'op' }] }) } },
      records: memory(),
      operations: {
        insert: async () => [],
        async change(id) {
          if (isAway) throw new Error('The database is away.')
          changed.push(id)
          return undefined
        },
      },
      uploads: { complete: () => Promise.reject(new Error('Not asked.')) },
      storage: { read: async () => undefined },
      logger: consoleLogger,
    })
    const request = { body: new Uint8Array(), headers: new Headers(), nowMs: NOW }
    await expect(webhooks.receive('one', request)).rejects.toThrow('away')
    isAway = false
    await webhooks.receive('one', request)
    await webhooks.receive('one', request)
    expect(changed).toEqual(['op'])
  })
})

test('whoever is told of an object in storage is answered at once, for storage may wait for the answer', async () => {
  const records = memory()
  await records.open({ clock, logger: consoleLogger })
  await records.insert([
    {
      subject: 's',
      createdAtMs: NOW,
      upload: { kind: 'put', partBytes: 1, bytes: 'expected' },
      word: {
        operation_id: 'op',
        operation_type: 'upload',
        status: 'pending',
        progress: 0,
        timestamp: new Date(NOW).toISOString(),
        file: { name: 'a', size: 1, type: '' },
      },
    },
  ])
  const answered = Promise.withResolvers<void>()
  const completed = vi.fn<() => void>()
  const webhooks = createWebhooks({
    providers: { s3: { receive: () => ({ id: '1', events: [{ kind: 'stored-bytes', operationId: 'op' }] }) } },
    records,
    operations: { insert: async () => [], change: records.update },
    uploads: {
      // As a turn that comes after the one who waits for storage.
      async complete() {
        await answered.promise
        completed()
        throw new Refusal(409, 'bytes_missing', 'Not all of them.')
      },
    },
    storage: { read: async () => undefined },
    logger: consoleLogger,
  })
  await webhooks.receive('s3', { body: new Uint8Array(), headers: new Headers(), nowMs: NOW })
  expect(completed).not.toHaveBeenCalled()
  answered.resolve()
  await webhooks.settled()
  expect(completed).toHaveBeenCalledOnce()
})

test('two nodes that are sent the same webhook change the operation once', async () => {
  const records = memory()
  await records.open({ clock, logger: consoleLogger })
  await records.insert([
    {
      subject: 's',
      createdAtMs: NOW,
      word: { operation_id: 'op', operation_type: 'update', status: 'completed', progress: 100, timestamp: new Date(NOW).toISOString() },
    },
  ])
  const operations = { insert: async () => [], change: records.update }
  const node = () =>
    createWebhooks({
      providers: { one: { receive: () => ({ id: '1', events: [{ kind: 'reopened', operationId: 'op' }] }) } },
      records,
      operations,
      uploads: { complete: () => Promise.reject(new Error('Not asked.')) },
      storage: { read: async () => undefined },
      logger: consoleLogger,
    })
  const request = { body: new Uint8Array(), headers: new Headers(), nowMs: NOW }
  await node().receive('one', request)
  await operations.change('op', (before) => ({ ...before, word: { ...before.word, status: 'completed' } }))
  await node().receive('one', request)
  expect((await records.get('op'))?.word.status).toBe('completed')
})

describe('refused is', () => {
  test('what is not genuine, in one sentence and without a hint', async () => {
    const id = await operation()
    const refused = await problem(await hmac({ operation_id: id, status: 'completed' }, { headers: { 'webhook-id': 'other' } }))
    expect(refused).toMatchObject({ status: 401, code: 'signature_invalid', detail: 'The signature is missing, wrong or too old.' })
    expect((await word(id)).status).toBe('pending')
    for (const name of ['hmac', 'cloudinary', 's3'])
      expect((await server.request(`webhooks/${name}`, { method: 'POST', body: '{}' })).status).toBe(401)
  })
  test('a sender that there is not', async () => {
    for (const name of ['nobody', 'constructor', '__proto__', 'toString'])
      expect(await problem(await hmac({}, { name }))).toMatchObject({ status: 404, code: 'unknown_route' })
  })
  test('a body that is too large, before it is hashed', async () => {
    expect(await problem(await hmac({ operation_id: 'x'.repeat(20_001) }))).toMatchObject({ status: 413, code: 'body_too_large' })
  })
  test('what a mapping of a team throws on, without a word of it', async () => {
    const answer = await problem(await hmac({}, { name: 'broken' }))
    expect(answer).toMatchObject({ status: 422, code: 'invalid_webhook' })
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(errors).toHaveLength(1)
  })
  test('a result that is too large to be kept', async () => {
    const id = await operation()
    const answer = await hmac({ operation_id: id, status: 'completed' }, { name: 'large' })
    expect(await problem(answer)).toMatchObject({ status: 422, code: 'invalid_webhook' })
    expect((await word(id)).status).toBe('pending')
  })
  test('every method but POST and PUT', async () => {
    expect((await server.request('webhooks/hmac')).status).toBe(404)
  })
})

test('no body ends in a fault of the server', async () => {
  const bodies: (string | Uint8Array)[] = [
    '',
    '{',
    'null',
    '[]',
    '7',
    '{"Records":{}}',
    '{"Records":[{"s3":7}]}',
    `${'['.repeat(9000)}`,
    '{"notification_type":"delete","resources":[null]}',
    '{"operation_id":"\\ud800"}',
  ]
  for (const body of [...bodies, Buffer.from([0xff, 0xfe, 0x00])])
    for (const name of ['hmac', 'cloudinary', 's3', 'asked']) {
      const raw = Buffer.from(body)
      const timestamp = String(NOW / 1000)
      const id = nextId()
      const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
      const response = await server.request(`webhooks/${name}`, {
        method: 'POST',
        body: raw,
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'webhook-id': id,
          'webhook-timestamp': timestamp,
          'webhook-signature': `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.`).update(raw).digest('base64')}`,
          'x-cld-timestamp': timestamp,
          'x-cld-signature': createHash('sha256').update(raw).update(timestamp).update(TOKEN).digest('hex'),
        },
      })
      expect([name, response.status < 500]).toEqual([name, true])
      expect(response.status).not.toBe(401)
    }
  expect(errors).toEqual([])
})

describe('an upload', () => {
  const bytes = new Uint8Array([1, 2, 3])

  test('whose bytes came is completed by the event of its storage, though its client said nothing', async () => {
    const planned = await server.create({ size: 6 * 2 ** 20, prefer: { kind: 'multipart' } })
    await s3('ObjectCreated:CompleteMultipartUpload', planned.operation_id)
    expect((await word(planned.operation_id)).status).toBe('pending')
    await server.send(planned, new Uint8Array(6 * 2 ** 20))
    await s3('ObjectCreated:CompleteMultipartUpload', `uploads/${planned.operation_id}`)
    await vi.waitFor(async () => expect((await word(planned.operation_id)).status).toBe('completed'), PATIENCE)
  })

  test('whose bytes are gone is taken back, and one whose bytes are there is not', async () => {
    const { operation_id } = await server.upload(bytes)
    await s3('ObjectRemoved:Delete', operation_id)
    expect((await word(operation_id)).status).toBe('completed')
    await rm(join(directory.path, 'files'), { recursive: true })
    await s3('ObjectRemoved:Delete', `again/${operation_id}`)
    await vi.waitFor(
      async () => expect(await word(operation_id)).toMatchObject({ status: 'failed', error: { code: 'bytes_lost' } }),
      PATIENCE,
    )
  })

  test('that Cloudinary took is completed, revoked by moderation, and approved after all', async () => {
    const { operation_id } = await server.create({ size: 3 })
    const asset = { public_id: operation_id, secure_url: 'https://res.cloudinary.com/x.png' }
    await cloudinary({ ...asset, notification_type: 'upload', eager: [{ status: 'processing' }] })
    expect(await word(operation_id)).toMatchObject({ status: 'in_progress', stage: 'transforming' })
    await cloudinary({ public_id: operation_id, notification_type: 'eager', eager: [{ secure_url: 'https://res.cloudinary.com/y.png' }] })
    const result = { ...asset, eager: [{ secure_url: 'https://res.cloudinary.com/y.png' }] }
    expect(await word(operation_id)).toMatchObject({ status: 'completed', result })
    await cloudinary({ ...asset, notification_type: 'moderation', moderation_status: 'rejected' })
    expect(await word(operation_id)).toMatchObject({ status: 'failed', error: { code: 'moderation_rejected' } })
    await cloudinary({ ...asset, notification_type: 'moderation', moderation_status: 'approved' })
    expect(await word(operation_id)).toMatchObject({ status: 'completed', result: asset })
    await cloudinary({ notification_type: 'delete', resources: [{ public_id: operation_id }] })
    expect(await word(operation_id)).toMatchObject({ status: 'failed', error: { code: 'asset_deleted' } })
  })
})

describe('the client, by PUT,', () => {
  test('has storage asked at once, and hears its answer', async () => {
    const planned = await server.create({ size: 6 * 2 ** 20, prefer: { kind: 'multipart' } })
    const { operation_id } = planned
    const early = await trigger({ operation_id })
    expect(early.status).toBe(200)
    expect(await early.json()).toMatchObject({ update: { operation_id, status: 'pending' } })
    await server.send(planned, new Uint8Array(6 * 2 ** 20))
    expect(await (await trigger({ operation_id })).json()).toMatchObject({ update: { operation_id, status: 'completed' } })
    const { version } = await word(operation_id)
    await s3('ObjectCreated:CompleteMultipartUpload', operation_id)
    await trigger({ operation_id })
    expect((await word(operation_id)).version).toBe(version)
  })

  test('has the sender asked where that can answer, and of no other operation', async () => {
    const operation_id = await operation()
    others = await operation('user-2')
    expect(await (await trigger({ operation_id }, 'asked')).json()).toMatchObject({ update: { operation_id, stage: 'asked' } })
    expect((await word(others)).status).toBe('pending')
  })

  test('asks for operations of its own only', async () => {
    const operation_id = await operation('user-2')
    const foreign = await problem(await trigger({ operation_id }))
    expect(foreign).toEqual(await problem(await trigger({ operation_id: 'no-such-operation' })))
    expect(foreign).toMatchObject({ status: 404, code: 'unknown_operation' })
  })

  test.each([{}, { operation_id: 7 }, { operation_id: '' }, { operation_id: 'x', status: 'completed' }, { operation_id: 'x', result: 1 }])(
    'says nothing but the id: %j',
    async (body) => expect(await problem(await trigger(body))).toMatchObject({ status: 422, code: 'invalid_webhook' }),
  )

  test('is refused from another site, without JSON, and where there is no such sender', async () => {
    const operation_id = await operation()
    const crossSite = { cookie: 'session=1', 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }
    expect((await trigger({ operation_id }, 's3', crossSite)).status).toBe(403)
    expect((await trigger({ operation_id }, 's3', { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await trigger({ operation_id }, 'nobody')).status).toBe(404)
    expect((await word(operation_id)).status).toBe('pending')
  })
})
