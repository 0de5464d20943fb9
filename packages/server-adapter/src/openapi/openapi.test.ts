import { createHmac, randomUUID } from 'node:crypto'
import { Validator } from '@seriousme/openapi-schema-validator'
import type { CreateUploadsAnswer, PutPlan, SignPartsAnswer } from '@upload-panel/core/protocol'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Refusal } from '../errors.js'
import { createRoutes, type RoutesOptions } from '../handlers/routes.js'
import type { SubscribeTokenAnswer } from '../handlers/subscribe-token.js'
import { DEFAULT_LIMITS } from '../limits.js'
import type { SyncServerOptions } from '../options.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { createOpenApiCheck } from '../testing/openapi-check.js'
import { hmacWebhook } from '../webhooks/hmac.js'
import { openApiDocument } from './document.js'
import { REFUSALS, type RefusalCode } from './refusals.js'
import { ROUTES } from './routes.js'

const document = openApiDocument()
/** Fields that it does not name are no fields of an answer. */
const check = createOpenApiCheck(document)

test('the document is OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(structuredClone(document) as unknown as Record<string, unknown>)
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
  const routed = router.routes.filter(({ method }) => method !== 'ALL' && method !== 'OPTIONS')
  const shape = (method: string, path: string) => `${method.toUpperCase()} ${path.replace(/\{\w+\}|:\w+/g, '*')}`
  expect(ROUTES.map(({ method, path }) => shape(method, path)).sort()).toEqual(routed.map(({ method, path }) => shape(method, path)).sort())
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

  const start = async (more: Partial<SyncServerOptions> = {}) => {
    const storage = disk({ directory: `${directory.path}/files` })
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
      webhooks: { hmac: hmacWebhook({ secret: KEY.toString('base64') }) },
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
    return content === '' ? {} : (JSON.parse(content) as object)
  }
  const refused = async (code: RefusalCode, route: string, asked?: Asked) => expect(await ask(route, asked)).toMatchObject({ code })

  const create = async (more: object = {}, job?: string) => {
    const files = [{ ...file, client_ref: randomUUID(), ...more }]
    const answer = (await ask('POST commands/upload-jobs', { body: { files, ...(job && { job_id: job }) } })) as CreateUploadsAnswer
    return answer.operations[0] as { operation_id: string; plan: PutPlan }
  }
  const send = (url: string, body = 'hello', headers = {}) => ask(`PUT ${url}`, { body, headers, name: null })
  const post = (path: string, body: object = {}) => ask(`POST ${path}`, { body })

  /** What all commands refuse, each in its own way. */
  async function refusesLikeACommand(route: string, body: object = {}): Promise<void> {
    await refused('unauthorized', route, { body, name: null })
    await refused('cross_site', route, { body: {}, headers: { cookie: 'a=b', 'sec-fetch-site': 'cross-site' } })
    await refused('json_required', route, { body: 'x', headers: { 'content-type': 'text/plain' } })
    await refused('invalid_json', route, { body: '{', headers: { 'content-type': 'application/json' } })
    await refused('body_too_large', route, { body: { x: 'x'.repeat(11_000) } })
  }

  test('of commands on uploads are as the document says', async () => {
    const { operation_id, plan } = await create()
    await create({ prefer: { kind: 'multipart', part_bytes: 5 }, size: 12 })
    await create({ size: 1001 })
    await refused('invalid_job', 'POST commands/upload-jobs', { body: { job_id: '', files: [file] } })
    await refused('invalid_files', 'POST commands/upload-jobs', { body: { files: [] } })
    await create({}, 'job-1')
    await refused('unknown_job', 'POST commands/upload-jobs', {
      body: { job_id: 'job-1', files: [{ ...file, client_ref: 'b' }] },
      name: 'bert',
    })
    const three = ['c', 'd', 'e'].map((client_ref) => ({ ...file, client_ref }))
    await refused('job_full', 'POST commands/upload-jobs', { body: { job_id: 'job-1', files: three } })
    await refusesLikeACommand('POST commands/upload-jobs')

    await send(plan.url)
    for (const [path, body] of [
      ['parts', { part_numbers: [1] }],
      ['complete', {}],
      ['cancel', {}],
      ['retry', {}],
    ] as const) {
      await refusesLikeACommand(`POST commands/uploads/${operation_id}/${path}`)
      await refused('unknown_operation', `POST commands/uploads/nobody/${path}`, { body })
    }
    await post(`commands/uploads/${operation_id}/complete`)
    await refused('not_waiting_for_bytes', `POST commands/uploads/${operation_id}/parts`, { body: { part_numbers: [1] } })

    const parts = await create({ prefer: { kind: 'multipart', part_bytes: 5 }, size: 12 })
    const signed = (await post(`commands/uploads/${parts.operation_id}/parts`, { part_numbers: [1, 2] })) as SignPartsAnswer
    await refused('invalid_part', `POST commands/uploads/${parts.operation_id}/parts`, { body: { part_numbers: [] } })
    await send(signed.parts[0]?.url ?? '')
    await ask(`GET queries/uploads/${parts.operation_id}/parts`)
    await refused('unauthorized', `GET queries/uploads/${parts.operation_id}/parts`, { name: null })
    await refused('unknown_operation', 'GET queries/uploads/nobody/parts')
    await refused('bytes_missing', `POST commands/uploads/${parts.operation_id}/complete`, { body: {} })
    await refused('invalid_part', `POST commands/uploads/${parts.operation_id}/complete`, { body: { parts: 1 } })
    const wrong = await create({ prefer: { kind: 'put', checksum: 'crc32c' } })
    await send(wrong.plan.url)
    await refused('bytes_wrong', `POST commands/uploads/${wrong.operation_id}/complete`, { body: { checksum: 'crc32c:AAAAAA==' } })

    await post(`commands/uploads/${parts.operation_id}/retry`)
    await post(`commands/uploads/${parts.operation_id}/cancel`)
    await post(`commands/uploads/${parts.operation_id}/retry`)
    await post('commands/upload/progress', { uploads: [{ operation_id, sent_bytes: 3 }] })
    await refused('invalid_progress', 'POST commands/upload/progress', { body: { uploads: 1 } })
    await refusesLikeACommand('POST commands/upload/progress')
  })

  test('of storage are as the document says', async () => {
    const { plan } = await create()
    await refused('url_invalid', 'PUT storage/x', { body: 'hello', name: null })
    await refused('too_few_bytes', `PUT ${plan.url}`, { body: 'he' })
    await refused('too_many_bytes', `PUT ${plan.url}`, { body: 'hello!' })
    for (const code of ['stalled', 'request_aborted', 'storage_full', 'internal'] as const) {
      await refused(code, `PUT ${plan.url}`, { body: 'hello', headers: { [TROUBLE]: code } })
    }
    await send(plan.url)
    await refused('upload_complete', `PUT ${plan.url}`, { body: 'hello' })
    const checked = await create({ checksum: 'crc32c:AAAAAA==' })
    await refused('checksum_mismatch', `PUT ${checked.plan.url}`, { body: 'hello' })
    const gone = await create()
    await post(`commands/uploads/${gone.operation_id}/cancel`)
    await refused('upload_gone', `PUT ${gone.plan.url}`, { body: 'hello' })
    const late = await create()
    clock.advance(60 * 60_000 + 1000)
    await refused('url_expired', `PUT ${late.plan.url}`, { body: 'hello' })
  })

  test('of queries and subscriptions are as the document says', async () => {
    const { operation_id } = await create({}, 'job-1')
    await post('commands/connection', { connection_id: 'c', event: 'connect', status: 'connected', transport: 'sse', latency: 3 })
    await refused('invalid_connection', 'POST commands/connection', { body: {} })
    await refusesLikeACommand('POST commands/connection')

    for (const body of [{ all: true }, { ids: [operation_id, 'nobody'] }, { job_id: 'job-1', cursor: 'x' }])
      await post('queries/operations', body)
    await refused('invalid_selection', 'POST queries/operations', { body: {} })
    await refused('invalid_cursor', 'POST queries/operations', { body: { all: true, cursor: 1 } })
    await refusesLikeACommand('POST queries/operations')

    await ask('GET queries/upload-jobs/job-1?cursor=x')
    await refused('unknown_job', 'GET queries/upload-jobs/job-2')
    await refused('unauthorized', 'GET queries/upload-jobs/job-1', { name: null })
    await ask('GET queries/health')
    await refused('unauthorized', 'GET queries/health', { name: null })

    const { token } = (await post('commands/subscribe-token', { job_ids: ['job-1'] })) as SubscribeTokenAnswer
    await refused('invalid_topic', 'POST commands/subscribe-token', { body: {} })
    await refused('unknown_operation', 'POST commands/subscribe-token', { body: { operation_ids: ['nobody'] } })
    await refusesLikeACommand('POST commands/subscribe-token')
    const bearer = { authorization: `Bearer ${token}` }
    await refused('not_granted', 'POST queries/operations', { body: { all: true }, headers: bearer, name: null })
    await refused('not_granted', 'GET events?all=1', { headers: bearer, name: null })

    const open = await server.events('job_id=job-1', { 'x-name': 'anna' })
    await refused('too_many_streams', 'GET events?all=1')
    open.close()
    await ask('GET events?all=1&heartbeat_ms=1000', { headers: { 'last-event-id': 'x' }, name: 'bert' })
    await refused('unauthorized', 'GET events?all=1', { name: null })
    await refused('invalid_topic', 'GET events')
    await refused('unknown_operation', 'GET events?operation_id=nobody')
    await refused('cross_site', 'GET events?all=1', { headers: { cookie: 'a=b', 'sec-fetch-site': 'cross-site' } })
    await refused('headers_too_long', 'GET queries/health', { headers: { 'x-long': 'x'.repeat(10_001) } })
    await refused('address_too_long', `GET queries/health?${'x'.repeat(10_001)}`)
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
    await refused('signature_invalid', 'POST webhooks/hmac', signed('{}', Buffer.from('another')))
    await refused('invalid_json', 'POST webhooks/hmac', signed('{'))
    await refused('invalid_webhook', 'POST webhooks/hmac', signed('{}'))
    await refused('body_too_large', 'POST webhooks/hmac', signed('x'.repeat(11_000)))
    await refused('unknown_route', 'POST webhooks/other', signed('{}'))
    await ask('PUT webhooks/hmac', { body: { operation_id } })
    await refused('invalid_webhook', 'PUT webhooks/hmac', { body: { operation_id, status: 'completed' } })
    await refused('unknown_operation', 'PUT webhooks/hmac', { body: { operation_id: 'nobody' } })
    await refused('unknown_route', 'PUT webhooks/other', { body: { operation_id } })
    await refusesLikeACommand('PUT webhooks/hmac', { operation_id })
  })

  test('of the server about itself are as the document says', async () => {
    await ask('GET health/live', { name: null })
    await ask('GET health/ready', { name: null })
    expect(await ask('GET openapi.json', { name: null })).toEqual(document)
    isBroken = true
    clock.advance(1000)
    await refused('not_ready', 'GET health/ready', { name: null })
    await server.sync.close()
    await refused('server_closing', 'GET queries/health')
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
      await refused('token_expired', route, { ...asked, name: 'expired' })
      await ask(route, asked)
      await refused('rate_limited', route, asked)
    }
  })

  test('the document is not served where that is switched off', async () => {
    await server.close()
    await start({ openapi: false })
    expect((await server.request('openapi.json')).status).toBe(404)
  })

  afterAll(() => {
    expect(check.missing()).toEqual([])
  })
})
