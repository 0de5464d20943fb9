import { createHmac, randomUUID } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { CreateUploadsAnswer, PutPlan, SignPartsAnswer } from '@upload-panel/core/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../errors.js'
import { createRoutes, type RoutesOptions } from '../handlers/routes.js'
import type { SubscribeTokenAnswer } from '../handlers/subscribe-token.js'
import { DEFAULT_LIMITS } from '../limits.js'
import type { SyncServerOptions } from '../options.js'
import { disk } from '../storage/disk.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import { tus } from '../storage/tus/tus.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { createOpenApiCheck } from '../testing/openapi-check.js'
import { snsMessage, TOPIC } from '../testing/sns-message.js'
import { hmacWebhook } from '../webhooks/hmac.js'
import { s3Webhook } from '../webhooks/s3.js'
import { openApiDocument } from './document.js'
import { REFUSALS, type RefusalCode } from './refusals.js'
import { ROUTES } from './routes.js'

const document = openApiDocument()
/** Fields that it does not name are no fields of an answer. */
const check = createOpenApiCheck(document)

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document))
  expect(errors ?? []).toEqual([])
  expect(valid).toBe(true)
})

test('it has the routes that the router has, and no others', () => {
  // Only the table is looked at: no route is called.
  const router = createRoutes({
    rooms: { limits: DEFAULT_LIMITS } as RoutesOptions['rooms'],
    basePath: '',
    cors: () => {},
    allowedOrigins: [],
    hasOpenApi: true,
    isClosing: () => false,
    isReady: async () => true,
    log: { watch: (authorize) => authorize, middleware: (_context, next) => next() },
    logger: console,
  })
  const isMiddleware = (path: string) => path === '/*' || path === '*'
  const routed = router.routes.filter(({ method, path }) => method !== 'OPTIONS' && !isMiddleware(path))
  const shapeOf = (path: string) => path.replace(/\{\w+\}|:\w+/g, '*')
  // A route of all methods answers those that it knows.
  const whole = new Set(routed.filter(({ method }) => method === 'ALL').map(({ path }) => shapeOf(path)))
  const shape = (method: string, path: string) => `${whole.has(shapeOf(path)) ? 'ALL' : method.toUpperCase()} ${shapeOf(path)}`
  const unique = (shapes: readonly string[]) => [...new Set(shapes)].sort()
  expect(unique(ROUTES.map(({ method, path }) => shape(method, path)))).toEqual(
    unique(routed.map(({ method, path }) => shape(method, path))),
  )
})

/** Which storage answers what cannot be brought about here: by a header of the request. */
const TROUBLE = 'x-trouble'
const KEY = Buffer.from('a key of some length')
const file = { name: 'a.bin', size: 5, type: '' }

describe('real answers', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let clock: ManualClock
  let server: Harness
  let isBroken: boolean
  let lastHeaders: Headers

  const start = async (more: Partial<SyncServerOptions> = {}, inner: ObjectStorage = disk({ directory: `${directory.path}/files` })) => {
    const storage = inner
    server = await startHarness(directory.path, {
      clock,
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      authorize({ request }) {
        const subject = request.headers.get('x-name')
        if (subject === 'expired') throw new Refusal(401, 'token_expired', 'Sign in again.')
        return subject === null ? null : { subject }
      },
      limits: {
        maxFileBytes: 1000,
        minPartBytes: 5,
        maxFilesPerJob: 2,
        maxEventStreamsPerSubject: 1,
        maxBodyBytes: 10_000,
        maxHeaderLength: 10_000,
      },
      webhooks: {
        hmac: hmacWebhook({ secret: KEY.toString('base64') }),
        s3: s3Webhook({ topicArns: [TOPIC], fetch: async () => new Response(null, { status: 500 }) }),
      },
      storage: {
        ...storage,
        async read(id) {
          if (isBroken) throw new Error('disk')
          return storage.read(id)
        },
        async fetch(request, ...more) {
          const code = request.headers.get(TROUBLE)
          if (code === 'internal') throw new Error('disk')
          if (code !== null) throw new Refusal(REFUSALS[code as RefusalCode][0], code, 'As if it were so.', { retryable: true })
          return storage.fetch?.(request, ...more) ?? Response.error()
        },
      },
      ...more,
    })
  }

  beforeEach(async () => {
    directory = await temporaryDirectory()
    clock = manualClock()
    isBroken = false
    await start()
  })
  afterEach(async () => {
    isBroken = false
    await server.close()
    await directory.remove()
  })

  interface Asked {
    readonly body?: unknown
    readonly headers?: Record<string, string>
    readonly name?: string | null
  }

  /** Asks, holds request and answer against the document, and gives back what was said. */
  async function ask(route: string, { body, headers = {}, name = 'anna' }: Asked = {}) {
    const [method = '', path = ''] = route.split(' ')
    const isJson = body !== undefined && !(typeof body === 'string')
    const response = await server.request(path, {
      method,
      headers: { ...(isJson && { 'content-type': 'application/json' }), ...(name !== null && { 'x-name': name }), ...headers },
      ...(body !== undefined && { body: isJson ? JSON.stringify(body) : body }),
    })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    const content = isStream ? '' : await response.text()
    check.exchange({ method, path: `/${path}`, requestBody: body, response, content })
    if (isStream) await response.body?.cancel()
    lastHeaders = response.headers
    return !content.startsWith('{') ? {} : (JSON.parse(content) as object)
  }
  const expectRefused = async (code: RefusalCode, route: string, asked?: Asked) => expect(await ask(route, asked)).toMatchObject({ code })

  const create = async (more: object = {}, job?: string) => {
    const files = [{ ...file, client_ref: randomUUID(), ...more }]
    const answer = (await ask('POST commands/upload-jobs', { body: { files, ...(job && { job_id: job }) } })) as CreateUploadsAnswer
    return answer.operations[0] as { operation_id: string; plan: PutPlan }
  }
  const send = (url: string, body = 'hello', headers = {}) => ask(`PUT ${url}`, { body, headers, name: null })
  const post = (path: string, body: object = {}) => ask(`POST ${path}`, { body })

  /** What all commands refuse, each in its own way. */
  async function expectRefusesLikeACommand(route: string, body: object = {}): Promise<void> {
    await expectRefused('unauthorized', route, { body, name: null })
    await expectRefused('cross_site', route, { body: {}, headers: { cookie: 'a=b', 'sec-fetch-site': 'cross-site' } })
    await expectRefused('json_required', route, { body: 'x', headers: { 'content-type': 'text/plain' } })
    await expectRefused('invalid_json', route, { body: '{', headers: { 'content-type': 'application/json' } })
    await expectRefused('body_too_large', route, { body: { x: 'x'.repeat(11_000) } })
  }

  test('of commands on uploads are as the document says', async () => {
    const { operation_id, plan } = await create()
    await create({ prefer: { kind: 'multipart', part_bytes: 5 }, size: 12 })
    await create({ size: 1001 })
    await expectRefused('invalid_job', 'POST commands/upload-jobs', { body: { job_id: '', files: [file] } })
    await expectRefused('invalid_files', 'POST commands/upload-jobs', { body: { files: [] } })
    await create({}, 'job-1')
    await expectRefused('unknown_job', 'POST commands/upload-jobs', {
      body: { job_id: 'job-1', files: [{ ...file, client_ref: 'b' }] },
      name: 'bert',
    })
    const three = ['c', 'd', 'e'].map((client_ref) => ({ ...file, client_ref }))
    await expectRefused('job_full', 'POST commands/upload-jobs', { body: { job_id: 'job-1', files: three } })
    await expectRefusesLikeACommand('POST commands/upload-jobs')

    await send(plan.url)
    for (const [path, body] of [
      ['parts', { part_numbers: [1] }],
      ['complete', {}],
      ['cancel', {}],
      ['retry', {}],
    ] as const) {
      await expectRefusesLikeACommand(`POST commands/uploads/${operation_id}/${path}`)
      await expectRefused('unknown_operation', `POST commands/uploads/nobody/${path}`, { body })
    }
    await post(`commands/uploads/${operation_id}/complete`)
    await expectRefused('not_waiting_for_bytes', `POST commands/uploads/${operation_id}/parts`, { body: { part_numbers: [1] } })

    const parts = await create({ prefer: { kind: 'multipart', part_bytes: 5 }, size: 12 })
    const signed = (await post(`commands/uploads/${parts.operation_id}/parts`, { part_numbers: [1, 2] })) as SignPartsAnswer
    await expectRefused('invalid_part', `POST commands/uploads/${parts.operation_id}/parts`, { body: { part_numbers: [] } })
    await send(signed.parts[0]?.url ?? '')
    await ask(`GET queries/uploads/${parts.operation_id}/parts`)
    await expectRefused('unauthorized', `GET queries/uploads/${parts.operation_id}/parts`, { name: null })
    await expectRefused('unknown_operation', 'GET queries/uploads/nobody/parts')
    await expectRefused('bytes_missing', `POST commands/uploads/${parts.operation_id}/complete`, { body: {} })
    await expectRefused('invalid_part', `POST commands/uploads/${parts.operation_id}/complete`, { body: { parts: 1 } })
    const wrong = await create({ prefer: { kind: 'put', checksum: 'crc32c' } })
    await send(wrong.plan.url)
    await expectRefused('bytes_wrong', `POST commands/uploads/${wrong.operation_id}/complete`, { body: { checksum: 'crc32c:AAAAAA==' } })

    await post(`commands/uploads/${parts.operation_id}/retry`)
    await post(`commands/uploads/${parts.operation_id}/cancel`)
    await post(`commands/uploads/${parts.operation_id}/retry`)
    await post('commands/upload/progress', { uploads: [{ operation_id, sent_bytes: 3 }] })
    await expectRefused('invalid_progress', 'POST commands/upload/progress', { body: { uploads: 1 } })
    await expectRefusesLikeACommand('POST commands/upload/progress')
  })

  test('of storage are as the document says', async () => {
    const { plan } = await create()
    await expectRefused('url_invalid', 'PUT storage/x', { body: 'hello', name: null })
    await expectRefused('too_few_bytes', `PUT ${plan.url}`, { body: 'he' })
    await expectRefused('too_many_bytes', `PUT ${plan.url}`, { body: 'hello!' })
    for (const code of ['stalled', 'request_aborted', 'storage_full', 'internal'] as const) {
      await expectRefused(code, `PUT ${plan.url}`, { body: 'hello', headers: { [TROUBLE]: code } })
    }
    await send(plan.url)
    await expectRefused('upload_complete', `PUT ${plan.url}`, { body: 'hello' })
    const checked = await create({ checksum: 'crc32c:AAAAAA==' })
    await expectRefused('checksum_mismatch', `PUT ${checked.plan.url}`, { body: 'hello' })
    const gone = await create()
    await post(`commands/uploads/${gone.operation_id}/cancel`)
    await expectRefused('upload_gone', `PUT ${gone.plan.url}`, { body: 'hello' })
    const late = await create()
    clock.advance(60 * 60_000 + 1000)
    await expectRefused('url_expired', `PUT ${late.plan.url}`, { body: 'hello' })
  })

  test('of queries and subscriptions are as the document says', async () => {
    const { operation_id } = await create({}, 'job-1')
    await post('commands/connection', { connection_id: 'c', event: 'connect', status: 'connected', transport: 'sse', latency: 3 })
    await expectRefused('invalid_connection', 'POST commands/connection', { body: {} })
    await expectRefusesLikeACommand('POST commands/connection')

    for (const body of [{ all: true }, { ids: [operation_id, 'nobody'] }, { job_id: 'job-1', cursor: 'x' }])
      await post('queries/operations', body)
    await expectRefused('invalid_selection', 'POST queries/operations', { body: {} })
    await expectRefused('invalid_cursor', 'POST queries/operations', { body: { all: true, cursor: 1 } })
    await expectRefusesLikeACommand('POST queries/operations')

    await ask('GET queries/upload-jobs/job-1?cursor=x')
    await expectRefused('unknown_job', 'GET queries/upload-jobs/job-2')
    await expectRefused('unauthorized', 'GET queries/upload-jobs/job-1', { name: null })
    await ask('GET queries/health')
    await expectRefused('unauthorized', 'GET queries/health', { name: null })

    const { token } = (await post('commands/subscribe-token', { job_ids: ['job-1'] })) as SubscribeTokenAnswer
    await expectRefused('invalid_topic', 'POST commands/subscribe-token', { body: {} })
    await expectRefused('unknown_operation', 'POST commands/subscribe-token', { body: { operation_ids: ['nobody'] } })
    await expectRefusesLikeACommand('POST commands/subscribe-token')
    const bearer = { authorization: `Bearer ${token}` }
    await expectRefused('not_granted', 'POST queries/operations', { body: { all: true }, headers: bearer, name: null })
    await expectRefused('not_granted', 'GET events?all=1', { headers: bearer, name: null })

    const open = await server.events('job_id=job-1', { 'x-name': 'anna' })
    await expectRefused('too_many_streams', 'GET events?all=1')
    open.close()
    await ask('GET events?all=1&heartbeat_ms=1000', { headers: { 'last-event-id': 'x' }, name: 'bert' })
    await expectRefused('unauthorized', 'GET events?all=1', { name: null })
    await expectRefused('invalid_topic', 'GET events')
    await expectRefused('unknown_operation', 'GET events?operation_id=nobody')
    await expectRefused('cross_site', 'GET events?all=1', { headers: { cookie: 'a=b', 'sec-fetch-site': 'cross-site' } })
    await expectRefused('headers_too_long', 'GET queries/health', { headers: { 'x-long': 'x'.repeat(10_001) } })
    await expectRefused('address_too_long', `GET queries/health?${'x'.repeat(10_001)}`)
  })

  test('of storage that speaks tus are as the document says', async () => {
    await expectRefused('unknown_route', 'POST tus', { name: null })
    for (const method of ['HEAD', 'PATCH', 'DELETE']) await ask(`${method} tus/x`, { name: null })
    await server.close()
    await start({}, tus({ directory: `${directory.path}/tus` }))
    const headers = { 'tus-resumable': '1.0.0' }
    const begin = async (metadata: Readonly<Record<string, string>>, length = '5', more = {}) => {
      const pairs = Object.entries(metadata).map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
      const asked = { name: null, headers: { ...headers, 'upload-length': length, 'upload-metadata': pairs.join(','), ...more } }
      return { answer: await ask('POST tus', asked), url: lastHeaders.get('location') ?? '' }
    }
    const planned = async () => {
      const { operation_id, plan } = await create()
      if (!('metadata' in plan)) throw new Error('It is no plan of tus.')
      return { operation_id, metadata: plan.metadata as Readonly<Record<string, string>> }
    }
    const bytes = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }

    const { metadata, operation_id } = await planned()
    expect((await begin({})).answer).toMatchObject({ code: 'url_invalid' })
    expect((await begin(metadata, '4')).answer).toMatchObject({ code: 'too_few_bytes' })
    expect((await begin(metadata, '6')).answer).toMatchObject({ code: 'too_many_bytes' })
    expect((await begin(metadata, '5', { [TROUBLE]: 'storage_full' })).answer).toMatchObject({ code: 'storage_full' })
    const { url } = await begin(metadata)
    await ask(`HEAD ${url}`, { headers, name: null })
    await ask(`PATCH ${url}`, { headers: { ...bytes, 'upload-offset': '3' }, body: 'hello', name: null })
    for (const code of ['upload_locked', 'stalled', 'request_aborted', 'storage_full'] as const) {
      await expectRefused(code, `PATCH ${url}`, { headers: { ...bytes, [TROUBLE]: code }, body: 'hello', name: null })
    }
    await ask(`PATCH ${url}`, { headers: bytes, body: 'hello', name: null })
    await expectRefused('unknown_route', 'PATCH tus/x', { headers: bytes, body: 'hello', name: null })
    await expectRefused('unknown_route', 'DELETE tus/x', { headers, name: null })
    await post(`commands/uploads/${operation_id}/complete`)

    const given = await planned()
    const { url: withdrawn } = await begin(given.metadata)
    await ask(`DELETE ${withdrawn}`, { headers, name: null })
    await expectRefused('upload_gone', `DELETE ${withdrawn}`, { headers, name: null })
    await expectRefused('upload_gone', `PATCH ${withdrawn}`, { headers: bytes, body: 'hello', name: null })
    expect((await begin(given.metadata)).answer).toMatchObject({ code: 'upload_gone' })
    const late = await planned()
    clock.advance(60 * 60_000 + 1000)
    expect((await begin(late.metadata)).answer).toMatchObject({ code: 'url_expired' })
  })

  test('of webhooks are as the document says', async () => {
    const { operation_id, plan } = await create()
    await send(plan.url)
    const signed = (body: string, key = KEY) => {
      const head = { 'webhook-id': randomUUID(), 'webhook-timestamp': String(Math.floor(clock.now() / 1000)) }
      const text = `${head['webhook-id']}.${head['webhook-timestamp']}.${body}`
      return {
        body,
        name: null,
        headers: { ...head, 'webhook-signature': `v1,${createHmac('sha256', key).update(text).digest('base64')}` },
      }
    }
    await ask('POST webhooks/hmac', signed(JSON.stringify({ operation_id, status: 'completed', progress: 100 })))
    await expectRefused('signature_invalid', 'POST webhooks/hmac', signed('{}', Buffer.from('another')))
    await expectRefused('invalid_json', 'POST webhooks/hmac', signed('{'))
    await expectRefused('invalid_webhook', 'POST webhooks/hmac', signed('{}'))
    await expectRefused('body_too_large', 'POST webhooks/hmac', signed('x'.repeat(11_000)))
    await expectRefused('unknown_route', 'POST webhooks/other', signed('{}'))
    await expectRefused('provider_unreachable', 'POST webhooks/s3', { body: JSON.stringify(snsMessage({})), name: null })
    await ask('PUT webhooks/hmac', { body: { operation_id } })
    await expectRefused('invalid_webhook', 'PUT webhooks/hmac', { body: { operation_id, status: 'completed' } })
    await expectRefused('unknown_operation', 'PUT webhooks/hmac', { body: { operation_id: 'nobody' } })
    await expectRefused('unknown_route', 'PUT webhooks/other', { body: { operation_id } })
    await expectRefusesLikeACommand('PUT webhooks/hmac', { operation_id })
  })

  test('of the server about itself are as the document says', async () => {
    await ask('GET health/live', { name: null })
    await ask('GET health/ready', { name: null })
    expect(await ask('GET openapi.json', { name: null })).toEqual(document)
    isBroken = true
    clock.advance(1000)
    await expectRefused('not_ready', 'GET health/ready', { name: null })
    await server.sync.close()
    await expectRefused('server_closing', 'GET queries/health')
  })

  test('to whoever asks too often, or with a token that is too old, are as the document says', async () => {
    await server.close()
    const rate = { perMinute: 1, burst: 1 }
    await start({ rateLimits: { commands: rate, queries: rate, streams: rate } })
    const authorized = ROUTES.filter(({ refusals }) => refusals.includes('rate_limited'))
    for (const { method, path } of authorized) {
      const route = `${method.toUpperCase()} ${path.slice(1).replace(/\{\w+\}/, 'hmac')}${path === '/events' ? '?all=1' : ''}`
      const asked: Asked = {
        name: `${method} ${path}`,
        ...(method !== 'get' && { body: path.startsWith('/webhooks') ? { operation_id: 'x' } : { all: true } }),
      }
      await expectRefused('token_expired', route, { ...asked, name: 'expired' })
      await ask(route, asked)
      await expectRefused('rate_limited', route, asked)
    }
  })

  test('the document is not served where that is switched off', async () => {
    await server.close()
    await start({ openapi: false })
    expect((await server.request('openapi.json')).status).toBe(404)
  })

  test('have been of all kinds that the document knows', () => {
    expect(check.missing()).toEqual([])
  })
})
