import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { cloudinaryWebhook, type CloudinaryWebhookOptions } from './cloudinary.js'
import type { WebhookRequest } from './webhook.js'

const SECRET = 'abcd'
const NOW = 1_315_060_510_000
const HOUR_MS = 3_600_000

function signed(body: unknown, { secret = SECRET, at = NOW, hash = 'sha1' } = {}): WebhookRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const timestamp = String(at / 1000)
  const signature = createHash(hash)
    .update(text + timestamp + secret)
    .digest('hex')
  return { body: Buffer.from(text), nowMs: NOW, headers: new Headers({ 'x-cld-timestamp': timestamp, 'x-cld-signature': signature }) }
}

const receive = async (request: WebhookRequest, options: CloudinaryWebhookOptions = { apiSecret: SECRET }) =>
  cloudinaryWebhook(options).receive(request)
const eventsOf = async (body: unknown, options?: CloudinaryWebhookOptions) => (await receive(signed(body), options)).events
const notGenuine = { status: 401, code: 'signature_invalid' }

const upload = {
  notification_type: 'upload',
  timestamp: '2026-05-27T19:42:16+00:00',
  request_id: 'aede61e90d89d060c522e67c1cf07a66',
  asset_id: '1e3fcc5a073e15b29926b4fdca5a1b79',
  public_id: 'pets/op',
  version: 1_779_910_931,
  width: 300,
  height: 400,
  format: 'png',
  resource_type: 'image',
  created_at: '2026-05-27T19:42:11Z',
  tags: ['a', 7],
  bytes: 1237,
  type: 'upload',
  etag: '41c1dad4827c72051da6bb11a7b98fdf',
  url: 'http://res.cloudinary.com/demo/image/upload/v1/pets/op.png',
  secure_url: 'https://res.cloudinary.com/demo/image/upload/v1/pets/op.png',
  api_key: '351961575759598',
  signature_key: '351961575759598',
  notification_context: { triggered_at: '2026-05-27T19:42:11.876420Z', triggered_by: { source: 'api', id: '351961575759598' } },
}
const asset = {
  asset_id: upload.asset_id,
  public_id: 'pets/op',
  resource_type: 'image',
  type: 'upload',
  format: 'png',
  etag: upload.etag,
  created_at: upload.created_at,
  version: upload.version,
  bytes: 1237,
  width: 300,
  height: 400,
  url: upload.url,
  secure_url: upload.secure_url,
  tags: ['a'],
}

describe('a signature', () => {
  test('is made as the documentation has it', async () => {
    // The example of https://cloudinary.com/documentation/notification_signatures, whose body is no JSON.
    const headers = new Headers({ 'x-cld-timestamp': '1315060510', 'x-cld-signature': '25f7e91709c858b97d688ce8da799dedb290d9ef' })
    await expect(receive({ body: Buffer.from("{public_id: 'sample'}"), headers, nowMs: NOW })).rejects.toMatchObject({
      code: 'invalid_json',
    })
  })

  test.each(['sha1', 'sha256'])('is taken by %s', (hash) => expect(receive(signed(upload, { hash }))).resolves.toBeDefined())
  test('is taken in capitals', async () => {
    const request = signed(upload)
    request.headers.set('x-cld-signature', request.headers.get('x-cld-signature')?.toUpperCase() ?? '')
    await expect(receive(request)).resolves.toBeDefined()
  })
  test('is taken by one hash alone where the account is set to it', async () => {
    const options = { apiSecret: SECRET, algorithm: 'sha256' } as const
    await expect(receive(signed(upload, { hash: 'sha256' }), options)).resolves.toBeDefined()
    await expect(receive(signed(upload), options)).rejects.toMatchObject(notGenuine)
  })
  test('is taken by any of several secrets', () =>
    expect(receive(signed(upload, { secret: 'new' }), { secrets: [SECRET, 'new'] })).resolves.toBeDefined())
  test('is taken for two hours, and not a second longer', async () => {
    await expect(receive(signed(upload, { at: NOW - 2 * HOUR_MS }))).resolves.toBeDefined()
    await expect(receive(signed(upload, { at: NOW - 2 * HOUR_MS - 1000 }))).rejects.toMatchObject(notGenuine)
  })
  test('is taken from a clock that is five minutes ahead, and not a second more', async () => {
    await expect(receive(signed(upload, { at: NOW + 300_000 }))).resolves.toBeDefined()
    await expect(receive(signed(upload, { at: NOW + 301_000 }))).rejects.toMatchObject(notGenuine)
  })
  test('of another secret, body or time is refused', async () => {
    await expect(receive(signed(upload, { secret: 'other' }))).rejects.toMatchObject(notGenuine)
    await expect(receive({ ...signed(upload), body: Buffer.from('{}') })).rejects.toMatchObject(notGenuine)
    const request = signed(upload)
    request.headers.set('x-cld-timestamp', String(NOW / 1000 - 1))
    await expect(receive(request)).rejects.toMatchObject(notGenuine)
  })
  test.each(['x-cld-timestamp', 'x-cld-signature'])('without %s is refused', async (name) => {
    const request = signed(upload)
    request.headers.delete(name)
    await expect(receive(request)).rejects.toMatchObject(notGenuine)
  })
  test('that is the hash without the secret is refused', () =>
    expect(receive(signed(upload, { secret: '' }))).rejects.toMatchObject(notGenuine))
})

test('a notification that comes again, signed anew, has the same name', async () => {
  const [first, again, other] = await Promise.all([
    receive(signed(upload)),
    receive(signed(upload, { at: NOW - 180_000 })),
    receive(signed({ ...upload, version: 2 })),
  ])
  expect(first?.id).toBe(again?.id)
  expect(first?.id).not.toBe(other?.id)
})

describe('of a notification', () => {
  test('an upload completes the operation, with what a page may know of the asset', async () => {
    expect(await eventsOf(upload)).toEqual([{ kind: 'completed', operationId: 'op', result: asset, hasBytes: true, adds: true }])
  })

  test('the operation is named by the context, or else by the last part of the public id', async () => {
    const id = async (more: object, options?: CloudinaryWebhookOptions) => (await eventsOf({ ...upload, ...more }, options))[0]?.operationId
    expect(await id({ context: { custom: { operation_id: 'from-context' } } })).toBe('from-context')
    expect(await id({ context: { operation_id: 'from-context' } })).toBe('from-context')
    expect(await id({ public_id: 'op' })).toBe('op')
    expect(await id({}, { apiSecret: SECRET, operationOf: ({ asset_id }) => String(asset_id) })).toBe(upload.asset_id)
    expect(await id({ public_id: undefined })).toBeUndefined()
    expect(await id({ public_id: 'pets/' })).toBeUndefined()
  })

  test('URLs that are not of the web are left out', async () => {
    const [event] = await eventsOf({ ...upload, secure_url: 'javascript:alert(1)', url: 'no url' })
    expect(event).toHaveProperty('result.public_id')
    expect(event).not.toHaveProperty('result.secure_url')
    expect(event).not.toHaveProperty('result.url')
  })

  test('an upload that waits for moderation, or for other versions of it, is under way', async () => {
    expect(await eventsOf({ ...upload, moderation: [{ kind: 'aws_rek', status: 'pending' }] })).toMatchObject([
      { kind: 'progress', stage: 'moderation', hasBytes: true, result: { public_id: 'pets/op' } },
    ])
    expect(await eventsOf({ ...upload, eager: [{ status: 'processing', transformation: 'q_auto/mp4' }] })).toMatchObject([
      { kind: 'progress', stage: 'transforming' },
    ])
    expect(await eventsOf({ notification_type: 'upload', status: 'pending', public_id: 'op' })).toMatchObject([{ kind: 'progress' }])
  })

  test('an upload that moderation rejected at once is rejected', async () => {
    expect(
      await eventsOf({
        ...upload,
        moderation: [
          { kind: 'a', status: 'approved' },
          { kind: 'b', status: 'rejected' },
        ],
      }),
    ).toMatchObject([{ kind: 'failed', revokes: true, error: { code: 'moderation_rejected', retryable: false } }])
  })

  test('other versions add themselves to the result', async () => {
    // As an account has received it.
    const eager = {
      eager: [
        {
          url: 'http://res.cloudinary.com/demo/video/upload/q_auto/v1/raw/op.mp4',
          bytes: 305371,
          width: 1280,
          format: 'mp4',
          height: 720,
          secure_url: 'https://res.cloudinary.com/demo/video/upload/q_auto/v1/raw/op.mp4',
          transformation: 'q_auto',
        },
      ],
      api_key: '351961575759598',
      asset_id: '1e3fcc5a073e15b29926b4fdca5a1b79',
      batch_id: 'fa50cec935e09174f369fbf446e3524914',
      public_id: 'raw/op',
      timestamp: '2026-05-27T19:42:16+00:00',
      request_id: 'aede61e90d89d060c522e67c1cf07a66',
      signature_key: '351961575759598',
      notification_type: 'eager',
      notification_context: { triggered_at: '2026-05-27T19:42:11.876420Z', triggered_by: { id: '351961575759598', source: 'api' } },
    }
    expect(await eventsOf(eager)).toEqual([
      {
        kind: 'completed',
        operationId: 'op',
        hasBytes: true,
        adds: true,
        result: { asset_id: eager.asset_id, public_id: 'raw/op', eager: eager.eager },
      },
    ])
  })

  test('what could not be made is a failure, in the words of Cloudinary', async () => {
    expect(
      await eventsOf({ notification_type: 'eager', public_id: 'op', eager: [{ status: 'failed', reason: 'Video too long' }] }),
    ).toEqual([{ kind: 'failed', operationId: 'op', error: { code: 'provider_failed', message: 'Video too long', retryable: true } }])
    expect(await eventsOf({ notification_type: 'error', public_id: 'op', error: { message: 'Invalid image file' } })).toMatchObject([
      { error: { code: 'provider_failed', message: 'Invalid image file' } },
    ])
    expect(await eventsOf({ notification_type: 'upload', public_id: 'op', status: 'failed' })).toMatchObject([{ kind: 'failed' }])
  })

  test('moderation that approves completes, also what it had rejected; one that rejects takes back', async () => {
    const moderation = {
      notification_type: 'moderation',
      public_id: 'hot/op',
      moderation_kind: 'google_video_moderation',
      secure_url: upload.secure_url,
    }
    expect(await eventsOf({ ...moderation, moderation_status: 'approved' })).toMatchObject([
      { kind: 'completed', operationId: 'op', recoversFrom: 'moderation_rejected', result: { secure_url: upload.secure_url } },
    ])
    expect(await eventsOf({ ...moderation, moderation_status: 'rejected' })).toMatchObject([{ kind: 'failed', revokes: true }])
    expect(await eventsOf({ ...moderation, moderation_status: 'pending' })).toEqual([])
  })

  test('each asset that was deleted takes its operation back', async () => {
    const resources = [{ public_id: 'totem/a', resource_type: 'image' }, { public_id: 'b' }, 'nonsense']
    expect(await eventsOf({ notification_type: 'delete', resources })).toMatchObject([
      { kind: 'failed', operationId: 'a', revokes: true, error: { code: 'asset_deleted', retryable: false } },
      { operationId: 'b' },
    ])
  })

  test.each([
    { notification_type: 'rename' },
    { notification_type: 'create_folder' },
    {},
    { notification_type: 'delete', resources: 'all' },
  ])('%j is nothing to us', async (body) => expect(await eventsOf(body)).toEqual([]))
})

test.each([{}, { apiSecret: '' }, { secrets: [] }])('without a secret it is refused at once: %j', (options) =>
  expect(() => cloudinaryWebhook(options)).toThrow(TypeError),
)
