import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { describe, expect, test } from 'vitest'
import { hmacWebhook, type HmacWebhookOptions } from './hmac.js'
import type { WebhookRequest } from './webhook.js'

const SECRET = `whsec_${Buffer.from('a key of thirty-two bytes, or so').toString('base64')}`
const OTHER = `whsec_${Buffer.from('another key').toString('base64')}`
const NOW = Date.parse('2026-01-01T00:00:00Z')

/** A webhook as the library that others use signs it. */
function signed(body: unknown, { secret = SECRET, id = 'msg_1', at = NOW, headers = {} } = {}): WebhookRequest {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const signature = new Webhook(secret).sign(id, new Date(at), text)
  return {
    body: Buffer.from(text),
    nowMs: NOW,
    headers: new Headers({
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at / 1000)),
      'webhook-signature': signature,
      ...headers,
    }),
  }
}

const receive = async (request: WebhookRequest, options: HmacWebhookOptions = { secret: SECRET }) => hmacWebhook(options).receive(request)
const done = { operation_id: 'op', status: 'completed', result: { url: 'https://x.example/a' } }
const notGenuine = { status: 401, code: 'signature_invalid' }

describe('a webhook that the standardwebhooks library signed', () => {
  test('is taken, by its id', async () => {
    expect(await receive(signed(done))).toEqual({
      id: 'msg_1',
      events: [{ kind: 'completed', operationId: 'op', result: { url: 'https://x.example/a' } }],
    })
  })

  test('is what that library would verify', () => {
    const { body, headers } = signed(done, { at: Date.now() })
    expect(new Webhook(SECRET).verify(Buffer.from(body).toString(), Object.fromEntries(headers))).toEqual(done)
  })

  test('is taken with any of several keys, and with several signatures, while keys are changed', async () => {
    await expect(receive(signed(done, { secret: OTHER }), { secrets: [SECRET, OTHER] })).resolves.toBeDefined()
    const text = JSON.stringify(done)
    const both = [OTHER, SECRET].map((secret) => new Webhook(secret).sign('msg_1', new Date(NOW), text)).join(' ')
    await expect(receive(signed(done, { headers: { 'webhook-signature': `v1a,what-is-that ${both}` } }))).resolves.toBeDefined()
  })

  test('is taken with a secret without its prefix', async () => {
    await expect(receive(signed(done), { secret: SECRET.slice('whsec_'.length) })).resolves.toBeDefined()
  })
})

describe('refused as not genuine is', () => {
  test('what another key signed', () => expect(receive(signed(done, { secret: OTHER }))).rejects.toMatchObject(notGenuine))
  test('another body', async () => {
    const request = signed(done)
    await expect(receive({ ...request, body: Buffer.from(JSON.stringify({ ...done, operation_id: 'op2' })) })).rejects.toMatchObject(
      notGenuine,
    )
  })
  test('another id', () => expect(receive(signed(done, { headers: { 'webhook-id': 'msg_2' } }))).rejects.toMatchObject(notGenuine))
  test('another time', () =>
    expect(receive(signed(done, { headers: { 'webhook-timestamp': String(NOW / 1000 - 1) } }))).rejects.toMatchObject(notGenuine))
  test.each([-301_000, 301_000])('what is %i ms away', (ms) =>
    expect(receive(signed(done, { at: NOW + ms }))).rejects.toMatchObject(notGenuine),
  )
  test.each(['', 'v1', 'v1,', 'v2,abc', 'nonsense'])('the signature "%s"', (signature) =>
    expect(receive(signed(done, { headers: { 'webhook-signature': signature } }))).rejects.toMatchObject(notGenuine),
  )
  test.each(['webhook-id', 'webhook-timestamp', 'webhook-signature'])('one without %s', async (name) => {
    const request = signed(done)
    request.headers.delete(name)
    await expect(receive(request)).rejects.toMatchObject(notGenuine)
  })
  test('a time that is no number, though it is signed', async () => {
    const request = signed(done)
    const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64')
    request.headers.set('webhook-timestamp', 'soon')
    request.headers.set('webhook-signature', `v1,${createHmac('sha256', key).update('msg_1.soon.').update(request.body).digest('base64')}`)
    await expect(receive(request)).rejects.toMatchObject(notGenuine)
  })
  test('a right signature behind too many others', () =>
    expect(
      receive(
        signed(done, {
          headers: {
            'webhook-signature': `${'v1,x '.repeat(10)}${new Webhook(SECRET).sign('msg_1', new Date(NOW), JSON.stringify(done))}`,
          },
        }),
      ),
    ).rejects.toMatchObject(notGenuine))
})

test('what is five minutes away to the second is taken', async () => {
  await expect(receive(signed(done, { at: NOW - 300_000 }))).resolves.toBeDefined()
  await expect(receive(signed(done, { at: NOW + 300_000 }))).resolves.toBeDefined()
})

describe('a genuine body', () => {
  test.each([
    [
      { operation_id: 'op', progress: 40, stage: 'compressing', message: 'half' },
      { kind: 'progress', progress: 40, stage: 'compressing', message: 'half' },
    ],
    [
      { operation_id: 'op', processed_items: 3, failed_items: 1 },
      { kind: 'progress', progress: 0, processedItems: 3, failedItems: 1 },
    ],
    [
      { operation_id: 'op', status: 'failed', error: { code: 'virus', message: 'A virus.', retryable: false } },
      { kind: 'failed', revokes: false, error: { code: 'virus', message: 'A virus.', retryable: false } },
    ],
    [
      { operation_id: 'op', status: 'failed', message: 'No.' },
      { kind: 'failed', revokes: false, error: { code: 'failed', message: 'No.', retryable: true } },
    ],
    [
      { operation_id: 'op', status: 'failed', revoke: true },
      { kind: 'failed', revokes: true, error: { code: 'failed', message: 'The operation failed.', retryable: true } },
    ],
    [{ operation_id: 'op', status: 'cancelled' }, { kind: 'cancelled' }],
    [{ operation_id: 'op', status: 'in_progress', reopen: true }, { kind: 'reopened' }],
    [{ type: 'file.ready', timestamp: '2026-01-01T00:00:00Z', data: { operation_id: 'op', status: 'completed' } }, { kind: 'completed' }],
  ])('%j is %j', async (body, event) => {
    expect((await receive(signed(body))).events).toEqual([{ operationId: 'op', ...event }])
  })

  test.each(['', '{', '[]', '"text"', 'null', `${'['.repeat(5000)}${']'.repeat(5000)}`, `{"a":${'['.repeat(100)}${']'.repeat(100)}}`])(
    'that is no object is refused: %.20s',
    (body) => expect(receive(signed(body))).rejects.toMatchObject({ status: 400, code: 'invalid_json' }),
  )

  test.each([
    {},
    { operation_id: 7 },
    { operation_id: 'op', status: 'done' },
    { operation_id: 'op', progress: 101 },
    { operation_id: 'op', progress: 'x' },
  ])('that is no update is refused: %j', (body) =>
    expect(receive(signed(body))).rejects.toMatchObject({ status: 422, code: 'invalid_webhook' }),
  )

  test('is read by the mapping of a team that has another kind of body', async () => {
    const map: HmacWebhookOptions['map'] = ({ job, state }) =>
      state === 'ignored' ? undefined : { kind: 'progress', operationId: String(job), stage: String(state) }
    expect((await receive(signed({ job: 7, state: 'ocr' }), { secret: SECRET, map })).events).toEqual([
      { kind: 'progress', operationId: '7', stage: 'ocr' },
    ])
    expect((await receive(signed({ job: 7, state: 'ignored' }), { secret: SECRET, map })).events).toEqual([])
  })
})

test.each([{}, { secret: '' }, { secrets: [] }, { secrets: ['', SECRET] }, { secret: 'whsec_' }, { secret: 'not base64!' }])(
  'options without a usable secret are refused at once: %j',
  (options) => expect(() => hmacWebhook(options)).toThrow(TypeError),
)
