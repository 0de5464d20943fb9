import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type AnyPlan, isRecord, type PutPlan, type TusPlan } from '@upload-panel/core/protocol'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRoutes } from '../handlers/routes.js'
import type { RoutesOptions } from '../handlers/routes.js'
import type { OperationRecords } from '../records/operation-records.js'
import { tus } from '../storage/tus/tus.js'
import { hmacWebhook } from '../webhooks/hmac.js'
import { type Harness, startHarness, temporaryDirectory } from './harness.js'

const WEBHOOK_KEY = 'a key of thirty-two bytes, or so'
/** How long an answer may take, milliseconds: far more than any does, also on a busy machine. */
const PATIENCE_MS = 20_000
/** Small, so that what is larger is quickly made. */
const MAX_BODY_BYTES = 50_000
/** What only the inside of a server knows: a place in its code or on its disk, a stack, a sentence of a library. */
const INSIDE =
  /node_modules|node:internal|\.[cm]?[jt]s:\d|\n\s+at |SQLITE|sqlite|postgres|undefined|\[object |ENOENT|TypeError|SyntaxError|RangeError/

interface RouteName {
  readonly method: string
  /** With `:id` for what names something. */
  readonly path: string
}

/**
 * Every route of the server, as its router knows them: one that is new is fuzzed without being named here. Of what the routes work with
 * nothing is used before a request comes.
 */
function everyRoute(): readonly RouteName[] {
  const anything: unknown = new Proxy(() => {}, {
    get: (_target, name) => (name === Symbol.toPrimitive ? () => 1 : anything),
    apply: () => anything,
  })
  const options = { ...(anything as object), rooms: anything, basePath: '', allowedOrigins: [], log: { middleware: async () => {} } }
  const isMiddleware = ({ path }: RouteName) => path === '/*'
  return createRoutes(options as unknown as RoutesOptions)
    .routes.map(({ method, path }) => ({ method, path }))
    .filter((route) => !isMiddleware(route))
    .flatMap(({ method, path }) => (method === 'ALL' ? ALL_METHODS : [method]).map((one) => ({ method: one, path })))
}

const ALL_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/** What `own` holds, by its place. */
const OWN = { operations: 5, queries: ['?own-5', '?own-8'], metadata: ['own-6', 'own-9'], tusUploads: ['own-7', 'own-10'] } as const
const CHUNK = { 'tus-resumable': '1.0.0', 'content-type': 'application/offset+octet-stream' }

/** What stands in the place of a name. `own` is one that is there. */
const oddNames = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%00',
    'a%00b',
    '%',
    '%zz',
    '%F0%28',
    '%ED%A0%80',
    '%0d%0aset-cookie:x',
    'a%2Fb',
    'a;b',
    '__proto__',
    'constructor',
    'toString',
    'hmac',
    '%25',
    '💥',
    '-1',
    '1e400',
    `${'a'.repeat(201)}`,
    `${'a'.repeat(5000)}`,
    `${'%20'.repeat(500)}`,
    '%E2%80%AE',
    "'%20OR%201=1--",
    '{}',
    '*',
    ':id',
  ),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => encodeURIComponent(text.toWellFormed())),
)

const oddQueries = fc.oneof(
  fc.constantFrom(
    '',
    '?',
    '?all=1',
    '?all=1&all=2&job_id=',
    '?job_id=%00',
    '?job_id=a&operation_id=%',
    `?job_id=${'a'.repeat(6000)}`,
    `?${'job_id=a&'.repeat(150)}`,
    '?all=1&heartbeat_ms=NaN',
    '?all=1&heartbeat_ms=-1e400',
    '?cursor=..',
    '?cursor=%00&cursor=x',
    '?subscribe_token=upsub_a.b.c&all=1',
    '?subscribe_token=&all=1',
    '?part=1&offset=0&size=1&expires=9999999999&signature=',
    '?%F0%28=%zz',
    '?__proto__=1',
    '#fragment',
  ),
  fc
    .dictionary(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 20 }), { maxKeys: 4 })
    .map(
      (query) => `?${new URLSearchParams(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, value.toWellFormed()])))}`,
    ),
)

/** What is meant, and now and then anything else. */
const mostly = <T>(...meant: readonly fc.Arbitrary<T>[]): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: fc.oneof(...meant), weight: 12 }, { arbitrary: fc.anything(), weight: 1 })
const text = fc.string({ unit: 'binary', maxLength: 50 })

/** JSON that means something, but for what is wrong with it. */
const file = fc.record(
  {
    client_ref: mostly(fc.string({ minLength: 1, maxLength: 10 })),
    attempt: mostly(fc.constantFrom(1, 2, 2 ** 31, 2 ** 53 - 1, 1e308, -1)),
    name: mostly(text),
    size: mostly(fc.nat({ max: 100 }), fc.maxSafeNat()),
    type: mostly(text),
    relative_path: mostly(text),
    metadata: mostly(fc.dictionary(text, fc.jsonValue())),
    checksum: mostly(fc.constantFrom('crc32c:AAAAAA==', 'sha256:', `sha256:${'0'.repeat(64)}`)),
    prefer: mostly(fc.record({ kind: fc.constantFrom('put', 'multipart', 'x'), part_bytes: mostly(fc.nat()) }, { requiredKeys: ['kind'] })),
  },
  { requiredKeys: ['client_ref', 'name', 'size', 'type'] },
)

const part = fc.record(
  { part_number: mostly(fc.integer({ min: -1, max: 5 })), etag: mostly(text), checksum: mostly(text) },
  { requiredKeys: ['part_number'] },
)
/** What commands and queries carry, by the end of their path. A route that is not here is sent all of these. */
const meantBodies = (name: fc.Arbitrary<string>): Readonly<Record<string, fc.Arbitrary<unknown>>> => ({
  'upload-jobs': fc.record(
    { job_id: mostly(name), files: mostly(fc.array(mostly(file), { minLength: 1, maxLength: 5 })) },
    { requiredKeys: ['files'] },
  ),
  parts: fc.record(
    {
      part_numbers: mostly(fc.array(mostly(fc.integer({ min: -1, max: 5 })), { minLength: 1 })),
      checksums: mostly(fc.dictionary(text, mostly(text))),
    },
    { requiredKeys: ['part_numbers'] },
  ),
  complete: fc.record(
    { parts: mostly(fc.array(part)), checksum: mostly(fc.constantFrom('crc32c:AAAAAA==', 'sha256:x')) },
    { requiredKeys: [] },
  ),
  progress: fc.record({ uploads: mostly(fc.array(fc.record({ operation_id: name, sent_bytes: mostly(fc.maxSafeNat()) }))) }),
  operations: fc.record(
    { ids: mostly(fc.array(name)), job_id: name, all: mostly(fc.boolean()), cursor: mostly(name) },
    { requiredKeys: [] },
  ),
  'subscribe-token': fc.record(
    { job_ids: mostly(fc.array(name)), operation_ids: mostly(fc.array(name, { maxLength: 3 })), all: mostly(fc.boolean()) },
    { requiredKeys: [] },
  ),
  connection: fc.record(
    {
      connection_id: mostly(fc.constant('tab')),
      event: mostly(fc.constantFrom('connect', 'ping', 'latency', 'disconnect')),
      status: mostly(fc.constantFrom('connected', 'error')),
      transport: mostly(text),
      latency: mostly(fc.double()),
      reconnect_attempts: mostly(fc.double()),
    },
    { requiredKeys: ['connection_id', 'event'] },
  ),
  trigger: fc.record({ operation_id: mostly(name) }),
  webhook: fc.record(
    {
      operation_id: mostly(name),
      status: mostly(fc.constantFrom('pending', 'completed', 'failed', 'in_progress', 'cancelled')),
      progress: mostly(fc.double({ min: 0, max: 100, noNaN: true })),
      message: mostly(text),
      stage: mostly(text),
      result: fc.anything(),
      error: mostly(fc.record({ code: text, message: text, retryable: fc.boolean() })),
      performance_data: mostly(fc.dictionary(text, fc.anything())),
      revoke: fc.boolean(),
      reopen: fc.boolean(),
    },
    { requiredKeys: ['operation_id', 'status'] },
  ),
})

function bodyFor({ method, path }: RouteName, name: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  const meant = meantBodies(name)
  const end = path.startsWith('/webhooks') ? (method === 'PUT' ? 'trigger' : 'webhook') : (path.split('/').at(-1) ?? '')
  const others = fc.oneof(fc.constant({}), fc.anything(), ...Object.values(meant))
  return Object.hasOwn(meant, end) ? fc.oneof({ arbitrary: meant[end] ?? others, weight: 4 }, { arbitrary: others, weight: 1 }) : others
}

/** Text that no honest client sends. */
const HOSTILE = [
  '',
  ' ',
  'null',
  '[]',
  '"text"',
  '1e400',
  '{',
  '{"a"',
  '{"all":true',
  '{"all":true}}',
  '{"all":true} {"all":false}',
  "{'all':true}",
  '{"all":true,}',
  '\uFEFF{"all":true}',
  '{"all":true,"all":false}',
  '{"ids":["a"],"ids":7}',
  '{"__proto__":{"all":true}}',
  '{"constructor":{"prototype":{"all":true}}}',
  '{"files":[{"__proto__":{"client_ref":"a"}}]}',
  '{"all":1e400}',
  '{"size":123456789012345678901234567890}',
  '{"job_id":"\\u0000"}',
  '{"job_id":"\\ud800"}',
  '{"ids":["\\u202e"]}',
  '{"files":[{"client_ref":"a","name":"\\u0000","size":0,"type":"","metadata":{"\\u0000":"\\ud800"}}]}',
  '['.repeat(40_000),
  '{"a":'.repeat(9000),
  `{"files":[${'['.repeat(3000)}${']'.repeat(3000)}]}`,
  `{"files":[${'null,'.repeat(9000)}null]}`,
  `{"ids":[${'"a",'.repeat(9000)}"a"]}`,
  `{"job_id":"${'a'.repeat(40_000)}"}`,
  `{${'"a":1,'.repeat(6000)}"b":2}`,
  `{"all":true,"padding":"${'x'.repeat(MAX_BODY_BYTES)}"}`,
]
const bytesOf = (meant: fc.Arbitrary<unknown>): fc.Arbitrary<Buffer> =>
  fc.oneof(
    { arbitrary: meant.map(write), weight: 14 },
    { arbitrary: fc.constantFrom(...HOSTILE).map((content) => Buffer.from(content)), weight: 3 },
    { arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)), weight: 1 },
    { arbitrary: meant.map((value) => Buffer.from(write(value).toString(), 'latin1')), weight: 1 },
    { arbitrary: meant.map((value) => Buffer.from(write(value).toString(), 'utf16le')), weight: 1 },
    { arbitrary: meant.map((value) => gzipSync(write(value))), weight: 1 },
    { arbitrary: fc.tuple(meant, fc.nat({ max: 40 })).map(([value, cut]) => write(value).subarray(0, -1 - cut)), weight: 1 },
  )

function write(value: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? '')
  } catch {
    return Buffer.from('')
  }
}

const oddHeaders: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      'content-type': fc.constantFrom(
        'application/json',
        'application/json',
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        'application/json\tx',
        'multipart/form-data',
        '',
        ';',
        'a'.repeat(3000),
      ),
      'content-encoding': fc.constantFrom('gzip', 'identity', 'br, gzip', ''),
      authorization: fc.oneof(
        fc.constantFrom('Bearer upsub_', 'Bearer upsub_a.b.c', 'Bearer', 'Basic ====', 'Negotiate'),
        fc.string({ maxLength: 20 }),
      ),
      'last-event-id': fc.oneof(fc.constantFrom('a'.repeat(5000), '.', 'x.y.z'), fc.string({ maxLength: 20 })),
      cookie: fc.constantFrom('session=1', '=;=;=', '__proto__=1'),
      origin: fc.constantFrom('null', 'https://evil.example', 'not an origin', 'http://['),
      'sec-fetch-site': fc.constantFrom('same-origin', 'cross-site', 'none', 'x'),
      'x-forwarded-host': fc.constantFrom('evil.example', '[', ''),
      'x-request-id': fc.oneof(fc.constantFrom('a'.repeat(4000), '${jndi:ldap://x}'), fc.string({ maxLength: 20 })),
      'upload-panel-protocol': fc.constantFrom('1', '2', 'x'),
      range: fc.constant('bytes=0-1,2-3'),
      'tus-resumable': fc.constantFrom('1.0.0', '0.0.0'),
      'upload-length': fc.constantFrom('5', '-1', '9'.repeat(40)),
      'upload-offset': fc.constantFrom('0', '-1', 'x'),
      'upload-metadata': fc.constantFrom('name', 'operation_id YQ==', 'a b,c d,,', '='.repeat(500)),
    },
    { requiredKeys: [] },
  )
  .map((given) => Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value.replace(/[^\t\u0020-\u007e]/g, '?')])))

/** Few at a time: a request should not always be stopped by the first of them. */
const headers = fc.oneof(
  { arbitrary: fc.constant<Record<string, string>>({}), weight: 3 },
  {
    arbitrary: fc.tuple(oddHeaders, fc.array(fc.nat(), { minLength: 1, maxLength: 2 })).map(([all, picks]) => {
      const entries = Object.entries(all)
      return Object.fromEntries(picks.flatMap((pick) => entries.slice(pick % Math.max(1, entries.length)).slice(0, 1)))
    }),
    weight: 2,
  },
)

/** What a request is answered with, as far as it can be seen from outside. */
interface Seen {
  readonly status: number
  readonly text: string
  readonly head: string
}

export interface FuzzOptions {
  /** @default SQLite */
  records?(): Promise<OperationRecords>
  /** Whether files come by tus. @default by the disk's own addresses */
  readonly tus?: boolean
  /** Requests by `fetch`; by raw sockets it is a third of it. */
  readonly runs: number
}

/** Whatever comes, the server answers, in time, with no fault of its own, and tells nothing of its inside. */
export function fuzzContract(name: string, { records, tus: isTus = false, runs }: FuzzOptions): void {
  describe(`every route, ${name}`, () => {
    // Where no file comes by tus its routes are all the same.
    const routes = everyRoute().filter(({ method, path }) => isTus || !path.startsWith('/tus') || method === 'POST')
    const errors: unknown[][] = []
    let directory: Awaited<ReturnType<typeof temporaryDirectory>>
    let server: Harness
    let port: number
    /** What stands for `own-0`, `own-1` and so on. */
    let own: readonly string[]

    beforeAll(async () => {
      directory = await temporaryDirectory()
      server = await startHarness(directory.path, {
        ...(records !== undefined && { records: await records() }),
        ...(isTus && { storage: tus({ directory: join(directory.path, 'tus') }) }),
        limits: { maxBodyBytes: MAX_BODY_BYTES, maxEventStreamsPerSubject: 10_000 },
        rateLimits: false,
        webhooks: { hmac: hmacWebhook({ secret: Buffer.from(WEBHOOK_KEY).toString('base64') }) },
        process: async () => ({ url: 'https://example.com/' }),
        logger: { debug() {}, info() {}, warn() {}, error: (...entry: unknown[]) => void errors.push(entry) },
      })
      port = Number(new URL(server.url).port)
      const waiting = await server.create({ size: 5 })
      const inParts = await server.create({ size: 100, prefer: { kind: 'multipart' } })
      const cancelled = await server.create()
      await server.post(`commands/uploads/${cancelled.operation_id}/cancel`, {})
      const stored = await server.create({ size: 5 })
      const permission = await send(stored.plan)
      const synchronised = await server.sync.manager.createSyncOperation({ operation_type: 'full_sync' })
      const ids = [waiting, inParts, cancelled, stored].map(({ operation_id }) => operation_id)
      own = [...ids, synchronised, ...permission, ...(await permissionOf(waiting.plan))]
    })
    afterAll(async () => {
      await server.close()
      await directory.remove()
    })

    /** What lets its holder write: the query of a signed address; by tus the metadata that create an upload, and the name of the one that they have created. */
    async function permissionOf(plan: AnyPlan): Promise<readonly [query: string, metadata: string, upload: string]> {
      if (isPut(plan)) return [new URL(plan.url, server.url).search.slice(1), 'none', 'none']
      const { metadata = {} } = plan as unknown as TusPlan
      const written = Object.entries(metadata).map(([key, value]) => `${key} ${Buffer.from(value).toString('base64')}`)
      const headers = { 'tus-resumable': '1.0.0', 'upload-length': '5', 'upload-metadata': written.join() }
      const { headers: answer } = await server.request('tus', { method: 'POST', headers })
      return ['none', written.join(), answer.get('location')?.split('/').at(-1) ?? 'none']
    }
    async function send(plan: AnyPlan): Promise<readonly string[]> {
      const [query, metadata, upload] = await permissionOf(plan)
      if (isPut(plan)) await server.request(plan.url, { method: 'PUT', body: 'hello' })
      else await server.request(`tus/${upload}`, { method: 'PATCH', headers: { ...CHUNK, 'upload-offset': '0' }, body: 'hello' })
      return [query, metadata, upload]
    }

    const ownNames = fc.nat({ max: OWN.operations - 1 }).map((index) => `own-${index}`)
    const names = fc.oneof({ arbitrary: fc.oneof(ownNames, ownNames, fc.constant('hmac')), weight: 2 }, { arbitrary: oddNames, weight: 1 })
    // Nothing is read of a webhook whose provider is unknown.
    const providers = fc.oneof({ arbitrary: fc.constant('hmac'), weight: 4 }, { arbitrary: names, weight: 1 })
    const uploads = fc.oneof({ arbitrary: fc.constantFrom(...OWN.tusUploads), weight: 4 }, { arbitrary: names, weight: 1 })
    const namesFor = ({ path }: RouteName) => (path.startsWith('/webhooks') ? providers : path.startsWith('/tus') ? uploads : names)
    const queriesFor = ({ path }: RouteName) =>
      path.startsWith('/storage') ? fc.oneof(fc.constantFrom(...OWN.queries), oddQueries) : oddQueries
    const oddRoutes = fc.record({
      method: fc.constantFrom(...ALL_METHODS),
      path: fc.constantFrom('/', '/*', '/:id', '/commands/:id', '/queries/uploads/:id/parts/', '/EVENTS'),
    })
    const namesInBodies = fc.oneof(
      { arbitrary: ownNames, weight: 8 },
      { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 1 },
    )
    const requests = fc.oneof({ arbitrary: fc.constantFrom(...routes), weight: 9 }, { arbitrary: oddRoutes, weight: 1 }).chain((route) =>
      fc.record({
        route: fc.constant(route),
        name: namesFor(route),
        query: queriesFor(route),
        headers,
        body: bytesOf(bodyFor(route, namesInBodies)),
        isSigned: fc.boolean(),
      }),
    )
    type FuzzedRequest = typeof requests extends fc.Arbitrary<infer R> ? R : never

    /** Names of what there is are filled in when the request is made, so that a run can be made again. */
    const named = (text: string) => text.replaceAll(/own-(\d+)/g, (_, index: string) => own[Number(index)] ?? '')
    const pathOf = ({ route, name: id, query }: FuzzedRequest) => named(route.path.replace(':id', () => id).replace('*', 'any') + query)
    const fill = (bytes: Buffer) => (bytes.includes('own-') ? Buffer.from(named(bytes.toString('latin1')), 'latin1') : bytes)
    const headersOf = ({ route, name: id, headers: given, isSigned }: FuzzedRequest, body: Buffer): Record<string, string> => ({
      'content-type': 'application/json',
      ...(isSigned && signed(body)),
      ...(route.path.startsWith('/tus') && tusHeaders(id, isSigned)),
      ...given,
    })
    /** What tus wants, so that not all stop at the first header that is missing. */
    const tusHeaders = (id: string, isWhole: boolean) => ({
      ...CHUNK,
      'upload-offset': isWhole ? '0' : '5',
      'upload-length': '5',
      'upload-metadata': named(id === OWN.tusUploads[0] ? OWN.metadata[0] : OWN.metadata[1]),
    })

    function judge({ status, text, head }: Seen): void {
      // Taken away, so that the next request is not blamed for it.
      expect(errors.splice(0)).toEqual([])
      expect(status).toBeLessThan(500)
      for (const part of [text, head]) {
        expect(part).not.toMatch(INSIDE)
        expect(part).not.toContain(directory.path)
      }
      if (status < 400 || text === '') return
      const problem: unknown = head.includes('application/problem+json') ? JSON.parse(text) : undefined
      expect(isRecord(problem) && [typeof problem['code'], typeof problem['detail'], problem['status']]).toEqual([
        'string',
        'string',
        status,
      ])
    }

    test('is known to these tests', () => {
      const known = routes.map(({ method, path }) => `${method} ${path}`)
      for (const route of ['POST /commands/upload-jobs', 'GET /events', 'PUT /storage/:id', 'POST /webhooks/:id'])
        expect(known).toContain(route)
      expect(known.length).toBeGreaterThanOrEqual(16)
    })

    test(
      'answers whatever is asked of it by fetch',
      async () => {
        await fc.assert(
          fc.asyncProperty(requests, async (request) => {
            const { method } = request.route
            const url = `http://server${pathOf(request)}`
            if (!URL.canParse(url)) return
            const body = fill(request.body)
            const hasBody = method !== 'GET' && method !== 'HEAD'
            const controller = new AbortController()
            const init = {
              method,
              headers: headersOf(request, body),
              signal: controller.signal,
              ...(hasBody && { body: new Uint8Array(body) }),
            }
            const response = await inTime(server.sync.fetch(new Request(url, init)))
            const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
            const text = isStream ? '' : await inTime(response.text())
            if (isStream) await response.body?.cancel()
            judge({ status: response.status, text, head: JSON.stringify([...response.headers]) })
          }),
          { numRuns: runs, seed: 1 },
        )
      },
      runs * 100,
    )

    test(
      'answers whatever comes over a socket, or hangs up',
      async () => {
        const wires = fc.record({
          request: requests,
          framing: rarely('length', 'chunked', 'too long', 'too short', 'not a number', 'twice', 'both', 'broken chunk', 'none', 'expect'),
          prefix: rarely('', '/.', '/..', '/', '//', '/%2e%2e', 'http://evil.example', 'http:', '\\', '%2f'),
          odd: rarely('', 'flood', 'long header', 'no host', 'two hosts', 'bad name', 'upgrade', 'old', 'new', 'folded', 'NUL'),
        })
        await fc.assert(
          fc.asyncProperty(wires, async ({ request, framing, prefix, odd }) => {
            const body = fill(request.body)
            const path = prefix.startsWith('http') ? `${prefix}/uploads${pathOf(request)}` : `/uploads${prefix}${pathOf(request)}`
            const bytes = onTheWire({
              method: request.route.method,
              path: path.replace(/[^\u0021-\u00ff]/g, '%3F'),
              headers: headersOf(request, body),
              body,
              framing,
              odd,
            })
            const seen = await exchange(port, bytes, CUT_OFF.has(framing))
            // Node hangs up on what is no HTTP; it is still there for the next.
            if (seen !== undefined) judge(seen)
          }),
          { numRuns: Math.ceil(runs / 3), seed: 2 },
        )
        expect((await server.request('health/live')).status).toBe(200)
      },
      runs * 100,
    )

    test('works in the end as if nothing had been', async () => {
      const { operation_id, plan } = await server.create({ size: 5 })
      await send(plan)
      const update = await server.complete(operation_id)
      expect(update.status).toMatch(/completed|in_progress/)
    })
  })
}

function isPut(plan: AnyPlan): plan is PutPlan {
  return plan.kind === 'put'
}

function signed(body: Buffer): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000))
  const id = createHmac('sha256', 'id').update(body).digest('hex')
  const signature = createHmac('sha256', WEBHOOK_KEY).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('There was no answer in time.')), PATIENCE_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

interface Wire {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
  readonly framing: string
  readonly odd: string
}

/** The first one mostly, the others now and then. */
function rarely(usual: string, ...odd: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ arbitrary: fc.constant(usual), weight: 2 }, { arbitrary: fc.constantFrom(...odd), weight: 1 })
}

/** A request as bytes, with what no client's library would let through. */
function onTheWire({ method, path, headers: given, body, framing, odd }: Wire): Buffer {
  const version = odd === 'old' ? 'HTTP/1.0' : odd === 'new' ? 'HTTP/3.7' : 'HTTP/1.1'
  const lines = [`${method} ${path} ${version}`]
  if (odd !== 'no host') lines.push('Host: server')
  if (odd === 'two hosts') lines.push('Host: evil.example')
  if (odd === 'bad name') lines.push('a b: c', ': d')
  if (odd === 'folded') lines.push('x-folded: a', ' b')
  if (odd === 'NUL') lines.push('x-nul: a\0b')
  if (odd === 'long header') lines.push(`x-long: ${'x'.repeat(20_000)}`)
  if (odd === 'flood') for (let index = 0; index < 1500; index += 1) lines.push(`x-${index}: 1`)
  lines.push(odd === 'upgrade' ? 'Connection: upgrade, close\r\nUpgrade: websocket' : 'Connection: close')
  for (const [name, value] of Object.entries(given)) lines.push(`${name}: ${value}`)
  const chunk = Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n')])
  const end = Buffer.from('0\r\n\r\n')
  const framed: Record<string, readonly [string[], Buffer]> = {
    chunked: [['Transfer-Encoding: chunked'], body.length === 0 ? end : Buffer.concat([chunk, end])],
    'too long': [[`Content-Length: ${body.length + 7}`], body],
    'too short': [[`Content-Length: ${Math.max(0, body.length - 3)}`], body],
    'not a number': [['Content-Length: -1'], body],
    twice: [[`Content-Length: ${body.length}`, 'Content-Length: 1'], body],
    both: [[`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked'], chunk],
    'broken chunk': [['Transfer-Encoding: chunked'], Buffer.from('zz\r\n{}')],
    none: [[], body],
    expect: [['Expect: 100-continue', `Content-Length: ${body.length}`], body],
  }
  const [more, content] = framed[framing] ?? [[`Content-Length: ${body.length}`], body]
  return Buffer.concat([Buffer.from(`${[...lines, ...more].join('\r\n')}\r\n\r\n`, 'latin1'), content])
}

/** What is framed so has no end, or not the one that it says. */
const CUT_OFF: ReadonlySet<string> = new Set(['too long', 'both', 'broken chunk', 'none'])

/** Sends bytes, and no more. Answers what came back by the time the connection ended, or once a stream of events had begun; nothing where it was only closed. */
function exchange(port: number, bytes: Buffer, isCutOff: boolean): Promise<Seen | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const late = setTimeout(() => {
      socket.destroy()
      reject(new Error(`Neither an answer nor an end came in time; so far: ${answer.slice(0, 500)}`))
    }, PATIENCE_MS)
    function end(): void {
      clearTimeout(late)
      socket.destroy()
      const final = answer.replace(/^HTTP\/1\.1 100 [^]*?\r\n\r\n/, '')
      const [head = '', text = ''] = final.split(/\r\n\r\n([^]*)/)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
      const isChunked = /transfer-encoding: chunked/i.test(head)
      const isStream = head.includes('text/event-stream')
      resolve(final === '' ? undefined : { status, head, text: isStream ? '' : isChunked ? unchunked(text) : text })
    }
    socket.setEncoding('utf8')
    socket.on('data', (data: string) => {
      answer += data
      if (/text\/event-stream[^]*\r\n\r\n/.test(answer)) end()
    })
    socket.on('close', end)
    socket.on('error', () => {})
    // Who waits for more bytes than there are learns that none will come. Otherwise the connection stays open for the answer.
    if (isCutOff) socket.end(bytes)
    else socket.write(bytes)
  })
}

function unchunked(text: string): string {
  const [size = '', rest = ''] = text.split(/\r\n([^]*)/)
  const length = Number.parseInt(size, 16)
  if (!(length > 0)) return ''
  const bytes = Buffer.from(rest)
  return bytes.subarray(0, length).toString() + unchunked(bytes.subarray(length + 2).toString())
}
