import type { SnapshotAnswer } from '@upload-panel/core/protocol'
import { createUploader, httpBackend } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { createStatusMonitor, statusRoutes } from '@upload-panel/core/status'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { SubscribeTokenAnswer } from '../handlers/subscribe-token.js'
import { consoleLogger } from '../logger.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'
import { hmacWebhook } from '../webhooks/hmac.js'
import { jwt } from './jwt.js'

const SECRET = 'a secret of forty characters, or somewhat more'
const TOKEN_SECRET = 'thirty-two characters or some more than that'
const MINUTE = 60_000

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
let clock: ManualClock

beforeEach(async () => {
  directory = await temporaryDirectory()
  clock = manualClock()
})
afterEach(async () => {
  await server.close()
  await directory.remove()
})

type Options = NonNullable<Parameters<typeof startHarness>[1]>

async function start(options: Options = {}): Promise<void> {
  const authorize = jwt({ issuer: 'me', audience: 'uploads', secret: SECRET, clock, clockToleranceS: 0 })
  server = await startHarness(directory.path, { clock, authorize, secret: TOKEN_SECRET, ...options })
}

/** Headers of somebody whose token is good for some minutes. */
async function as(sub: string, minutes = 60): Promise<{ authorization: string }> {
  const jws = new SignJWT({ iss: 'me', aud: 'uploads', sub, exp: Math.floor(clock.now() / 1000) + minutes * 60 })
  return { authorization: `Bearer ${await jws.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(SECRET))}` }
}

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code]
const tokenFor = async (headers: Record<string, string>, body: object): Promise<SubscribeTokenAnswer> =>
  (await (await server.post('commands/subscribe-token', body, headers)).json()) as SubscribeTokenAnswer
const statusOf = async (query: string, headers: Record<string, string> = {}) => {
  const response = await server.request(`events?${query}`, { headers })
  if (!response.ok) return codeOf(response)
  await response.body?.cancel()
  return [response.status]
}
/** What is left of a stream until it ends. */
async function rest(events: Awaited<ReturnType<Harness['events']>>): Promise<string> {
  try {
    while (true) await events.next()
  } catch (error) {
    return String(error)
  }
}

describe('a permission that ends', () => {
  test('ends the stream that was opened with it, and nothing is heard after', async () => {
    await start()
    const events = await server.events('all=1', await as('anna', 1))
    clock.advance(MINUTE)
    await server.create({}, 'j', await as('anna', 1))
    expect(await rest(events)).toContain('ended')
  })

  test('is asked for again by a client, once, and what was missed meanwhile is heard', async () => {
    await start()
    const used: string[] = []
    let token = await as('anna', 1)
    const headers = async ({ attempt }: { attempt: number }) => {
      // A page keeps its token until it is told that it is worth nothing.
      if (attempt > 1) token = await as('anna', 1)
      used.push(attempt > 1 ? 'fresh' : 'kept')
      return token
    }
    const monitor = createStatusMonitor({
      backend: statusRoutes({ url: server.url, headers: async () => await as('anna') }),
      realtime: sse({ url: `${server.url}/events`, headers }),
    })
    monitor.$operations.listen(() => {})
    await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)
    expect(used).toEqual(['kept'])
    clock.advance(2 * MINUTE)
    await server.sync.manager.createSyncOperation({ operation_type: 'full_sync', subject: 'anna' })
    await vi.waitFor(() => expect(used).toEqual(['kept', 'kept', 'fresh']), PATIENCE)
    await vi.waitFor(() => expect(monitor.$operations.get()).toHaveLength(1), PATIENCE)
    await vi.waitFor(() => expect(monitor.$connection.get().status).toBe('connected'), PATIENCE)
    expect(used).toHaveLength(3)
    monitor.dispose()
  })
})

describe('a subscribe token', () => {
  test('lets whoever has it follow what it names, in the address or in the place of a bearer token, and see how that stands', async () => {
    await start()
    const anna = await as('anna')
    const { operation_id } = await server.create({}, 'j', anna)
    const { token, expires_in_s } = await tokenFor(anna, { job_ids: ['j'] })
    expect(expires_in_s).toBe(300)
    const bearer = { authorization: `Bearer ${token}` }
    for (const [query, headers] of [
      [`job_id=j&subscribe_token=${token}`, {}],
      ['job_id=j', bearer],
    ] as const) {
      const events = await server.events(query, headers)
      await server.post(`commands/uploads/${operation_id}/cancel`, {}, anna)
      await server.create({}, 'j', anna)
      expect(await events.until(({ status }) => status === 'pending')).toMatchObject({ job_id: 'j' })
    }
    const { operations } = (await (await server.post('queries/operations', { job_id: 'j' }, bearer)).json()) as SnapshotAnswer
    expect(operations).toHaveLength(3)
    expect(await statusOf(`operation_id=${operation_id}`, bearer)).toEqual([200])
  })

  test('lets nobody follow or see anything else, nor do anything', async () => {
    await start()
    const anna = await as('anna')
    const named = await server.create({}, 'j', anna)
    const other = await server.create({}, 'k', anna)
    const { token } = await tokenFor(anna, { operation_ids: [named.operation_id] })
    const bearer = { authorization: `Bearer ${token}` }
    expect(await statusOf(`operation_id=${named.operation_id}`, bearer)).toEqual([200])
    expect(await statusOf(`operation_id=${other.operation_id}`, bearer)).toEqual([404, 'unknown_operation'])
    expect(await statusOf('operation_id=unknown', bearer)).toEqual([404, 'unknown_operation'])
    for (const query of ['all=1', 'job_id=j', 'all=1&job_id=j&job_id=k'])
      expect(await statusOf(query, bearer)).toEqual([403, 'not_granted'])
    for (const body of [{ all: true }, { job_id: 'j' }])
      expect(await codeOf(await server.post('queries/operations', body, bearer))).toEqual([403, 'not_granted'])
    const ids = [named.operation_id, other.operation_id, 'unknown']
    const { operations } = (await (await server.post('queries/operations', { ids }, bearer)).json()) as SnapshotAnswer
    expect(operations.map(({ operation_id }) => operation_id)).toEqual([named.operation_id])
    expect(await codeOf(await server.post(`commands/uploads/${named.operation_id}/cancel`, {}, bearer))).toEqual([401, 'unauthorized'])
    expect(await codeOf(await server.post('commands/subscribe-token', { all: true }, bearer))).toEqual([401, 'unauthorized'])
    expect(await codeOf(await server.request('queries/health', { headers: bearer }))).toEqual([401, 'unauthorized'])
    expect(await codeOf(await server.request(`queries/uploads/${named.operation_id}/parts?subscribe_token=${token}`))).toEqual([
      401,
      'unauthorized',
    ])
  })

  test('that does not name all that one stream is asked for says so in the stream, and of the rest alone is told', async () => {
    await start()
    const anna = await as('anna')
    const named = await server.create({}, 'j', anna)
    const { token } = await tokenFor(anna, { job_ids: ['i'], operation_ids: [named.operation_id] })
    const bearer = { authorization: `Bearer ${token}` }
    for (const others of ['all=1&job_id=k', 'job_id=k&all=1']) {
      const events = await server.events(`${others}&job_id=i&operation_id=${named.operation_id}`, bearer)
      const refused = [await events.next(), await events.next()]
      expect(refused.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
        ['refused', expect.objectContaining({ all: true, code: 'not_granted' })],
        ['refused', expect.objectContaining({ job_id: 'k', code: 'not_granted' })],
      ])
      await server.create({}, 'k', anna)
      await server.create({}, 'j', anna)
      const heard = await server.create({}, 'i', anna)
      expect(JSON.parse((await events.next()).data)).toMatchObject({ operation_id: heard.operation_id })
      events.close()
    }
  })

  test('for everything is for everything of its subject, and of nobody else', async () => {
    await start()
    const [anna, bert] = [await as('anna'), await as('bert')]
    const own = await server.create({}, 'j', anna)
    const foreign = await server.create({}, 'k', bert)
    const { token } = await tokenFor(anna, { all: true })
    const bearer = { authorization: `Bearer ${token}` }
    const { operations } = (await (await server.post('queries/operations', { all: true }, bearer)).json()) as SnapshotAnswer
    expect(operations.map(({ operation_id }) => operation_id)).toEqual([own.operation_id])
    expect(await statusOf(`operation_id=${foreign.operation_id}`, bearer)).toEqual([404, 'unknown_operation'])
  })

  test('ends after five minutes, and so does what was opened with it', async () => {
    await start()
    const { token } = await tokenFor(await as('anna'), { all: true })
    const events = await server.events(`all=1&subscribe_token=${token}`)
    clock.advance(5 * MINUTE)
    // The beat that looks after streams is set anew only when this has run.
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1000)
    expect(await rest(events)).toContain('ended')
    expect(await statusOf(`all=1&subscribe_token=${token}`)).toEqual([401, 'token_expired'])
  })

  test('never outlives the permission that it was asked for with', async () => {
    await start()
    const { token, expires_in_s } = await tokenFor(await as('anna', 2), { all: true })
    expect(expires_in_s).toBe(120)
    clock.advance(2 * MINUTE)
    expect(await statusOf(`all=1&subscribe_token=${token}`)).toEqual([401, 'token_expired'])
  })

  test('that is changed, foreign or none is refused, whoever else brings it along', async () => {
    await start()
    const anna = await as('anna')
    const { token } = await tokenFor(anna, { job_ids: ['j'] })
    const [prefix = '', , signature = ''] = token.split('.')
    const more = Buffer.from(JSON.stringify({ sub: 'bert', aud: 'upload-panel:subscribe', all: true, exp: 9e9 })).toString('base64url')
    for (const wrong of [`${prefix}.${more}.${signature}`, `${token}x`, anna.authorization.slice(7), '', 'upsub_', 'x'.repeat(5000)])
      expect(await statusOf(`all=1&subscribe_token=${wrong}`, anna)).toEqual([401, 'unauthorized'])
  })

  test('is good on every node that has the secret, and on no other', async () => {
    await start()
    const { token } = await tokenFor(await as('anna'), { all: true })
    const nodes = [
      [{}, [200]],
      [{ secret: `${TOKEN_SECRET}!` }, [401, 'unauthorized']],
    ] as const
    for (const [options, status] of nodes) {
      await server.close()
      await start(options)
      expect(await statusOf(`all=1&subscribe_token=${token}`)).toEqual(status)
    }
  })

  test('without a secret is good for one process, and the operator is told once where there may be others', async () => {
    const logger = { ...consoleLogger, warn: vi.fn() }
    server = await startHarness(directory.path, { clock, logger })
    const { token } = await tokenFor({}, { all: true })
    await tokenFor({}, { all: true })
    expect(await statusOf(`all=1&subscribe_token=${token}`)).toEqual([200])
    expect(logger.warn).toHaveBeenCalledOnce()
    expect(logger.warn).toHaveBeenCalledWith(expect.stringContaining('`secret`'))
    await server.close()
    server = await startHarness(directory.path, { clock, logger })
    expect(await statusOf(`all=1&subscribe_token=${token}`)).toEqual([401, 'unauthorized'])
  })

  test.each([{}, { all: 'yes' }, { job_ids: 'j' }, { job_ids: [''] }, { job_ids: [7] }, { job_ids: Array.from({ length: 101 }, String) }])(
    'is not given for %j',
    async (body) => {
      await start()
      expect(await codeOf(await server.post('commands/subscribe-token', body, await as('anna')))).toEqual([422, 'invalid_topic'])
    },
  )

  test('is not given for more than fits into an address', async () => {
    await start()
    const job_ids = Array.from({ length: 20 }, (_, index) => `${index}${'x'.repeat(190)}`)
    expect(await codeOf(await server.post('commands/subscribe-token', { job_ids }, await as('anna')))).toEqual([422, 'invalid_topic'])
  })
})

describe('a rate', () => {
  const once = { perMinute: 6, burst: 1 }
  const ask = async (headers: Record<string, string> = {}) => server.post('queries/operations', { all: true }, headers)
  const statuses = async (...requests: Promise<Response>[]) => (await Promise.all(requests)).map(({ status }) => status)

  test('is each subject’s own, and says when to come back', async () => {
    await start({ rateLimits: { queries: once } })
    const [anna, bert] = [await as('anna'), await as('bert')]
    expect((await ask(anna)).status).toBe(200)
    const refused = await ask(anna)
    expect(refused.headers.get('retry-after')).toBe('10')
    expect(await refused.json()).toMatchObject({ status: 429, code: 'rate_limited', retryable: true })
    expect((await ask(bert)).status).toBe(200)
    clock.advance(10_000)
    expect((await ask(anna)).status).toBe(200)
  })

  test('of queries does not stop commands, nor streams', async () => {
    await start({ rateLimits: { queries: once } })
    const anna = await as('anna')
    await ask(anna)
    expect((await ask(anna)).status).toBe(429)
    await server.create({}, 'j', anna)
    expect(await statusOf('all=1', anna)).toEqual([200])
  })

  test('of streams counts those that are opened, however many operations each names', async () => {
    await start({ rateLimits: { streams: { perMinute: 6, burst: 2 } } })
    const anna = await as('anna')
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await server.create({}, 'j', anna)).operation_id))
    const query = ids.map((id) => `operation_id=${id}`).join('&')
    expect(await statusOf(query, anna)).toEqual([200])
    expect(await statusOf(query, anna)).toEqual([200])
    expect(await statusOf(query, anna)).toEqual([429, 'rate_limited'])
  })

  test('of jobs counts new ones alone', async () => {
    await start({ rateLimits: { jobs: once } })
    const anna = await as('anna')
    await server.create({}, 'j', anna)
    await server.create({}, 'j', anna)
    const files = [{ client_ref: 'a', name: 'a', size: 1, type: '' }]
    expect(await codeOf(await server.post('commands/upload-jobs', { files, job_id: 'k' }, anna))).toEqual([429, 'rate_limited'])
    expect(await codeOf(await server.post('commands/upload-jobs', { files }, anna))).toEqual([429, 'rate_limited'])
  })

  test('of failures is each address’s, and stops whoever comes from there before he is asked who he is', async () => {
    const authorize = vi.fn(({ request }: { request: Request }) => (request.headers.has('x-name') ? { subject: 'anna' } : null))
    const clientAddress = (request: Request) => request.headers.get('x-real-ip') ?? undefined
    await start({ authorize, clientAddress, rateLimits: { failures: { perMinute: 6, burst: 2 } } })
    const there = { 'x-real-ip': '192.0.2.1' }
    expect(await statuses(ask(there), ask(there))).toEqual([401, 401])
    authorize.mockClear()
    expect(await statuses(ask(there), ask({ ...there, 'x-name': 'anna' }))).toEqual([429, 429])
    expect(authorize).not.toHaveBeenCalled()
    expect(await statuses(ask({ 'x-real-ip': '192.0.2.2' }), ask())).toEqual([401, 401])
    clock.advance(10_000)
    expect((await ask({ ...there, 'x-name': 'anna' })).status).toBe(200)
  })

  test('of failures counts webhooks that are not genuine, too', async () => {
    const webhooks = { hmac: hmacWebhook({ secret: Buffer.from(SECRET).toString('base64') }) }
    await start({ webhooks, rateLimits: { failures: once } })
    const forge = () => server.post('webhooks/hmac', {}, { 'webhook-id': '1', 'webhook-timestamp': String(clock.now() / 1000) })
    expect([await codeOf(await forge()), await codeOf(await forge())]).toEqual([
      [401, 'signature_invalid'],
      [429, 'rate_limited'],
    ])
  })

  test('of failures counts subscribe tokens that somebody has made up', async () => {
    await start({ rateLimits: { failures: once } })
    expect(await statusOf('all=1&subscribe_token=upsub_a.b.c')).toEqual([401, 'unauthorized'])
    expect(await statusOf('all=1', await as('anna'))).toEqual([429, 'rate_limited'])
  })

  test('of failures does not count tokens that were good once', async () => {
    await start({ rateLimits: { failures: once } })
    const old = await as('anna', 1)
    clock.advance(2 * MINUTE)
    for (let count = 0; count < 3; count += 1) expect(await codeOf(await ask(old))).toEqual([401, 'token_expired'])
    expect((await ask(await as('anna'))).status).toBe(200)
  })

  test('is each address’s where everyone is one subject', async () => {
    const { authorize: _, ...open } = { authorize: undefined, open: true }
    const clientAddress = (request: Request) => request.headers.get('x-real-ip') ?? undefined
    server = await startHarness(directory.path, { ...open, clock, clientAddress, rateLimits: { queries: once } })
    const [here, there] = [{ 'x-real-ip': '192.0.2.1' }, { 'x-real-ip': '192.0.2.2' }]
    expect([(await ask(here)).status, (await ask(here)).status, (await ask(there)).status]).toEqual([200, 429, 200])
  })

  test('is known of the connection, where nobody says that there is a proxy', async () => {
    await start({ rateLimits: { failures: once } })
    expect((await ask({ 'x-forwarded-for': '192.0.2.1' })).status).toBe(401)
    expect((await ask({ 'x-forwarded-for': '192.0.2.2' })).status).toBe(429)
  })
})

test('a client that is told to wait comes back, and everything arrives', async () => {
  const rateLimits = { commands: { perMinute: 120, burst: 2 } }
  const logger = { ...consoleLogger, debug: vi.fn() }
  server = await startHarness(directory.path, { rateLimits, logger, limits: { minPartBytes: 4 } })
  const uploader = createUploader({ backend: httpBackend({ url: server.url }), multipartFromBytes: 4, partBytes: 4 })
  // Each asks for addresses of its parts, and is completed, by a command of its own.
  uploader.add(Array.from({ length: 3 }, (_, index) => new File(['hello world'], `${index}.txt`)))
  await vi.waitFor(() => expect(uploader.$summary.get()).toMatchObject({ completed: 3 }), { interval: 20, timeout: 25_000 })
  await uploader.dispose()
  expect(logger.debug).toHaveBeenCalledWith('Refused: rate_limited.', expect.objectContaining({ code: 'rate_limited' }))
})

describe('a bound', () => {
  test('on the streams of one subject leaves room for the others', async () => {
    await start({ limits: { maxEventStreamsPerSubject: 2 } })
    const [anna, bert] = [await as('anna'), await as('bert')]
    const [first] = [await server.events('all=1', anna), await server.events('all=1', anna)]
    expect(await statusOf('all=1', anna)).toEqual([429, 'too_many_streams'])
    expect(await statusOf('all=1', bert)).toEqual([200])
    first.close()
    await vi.waitFor(async () => expect(await statusOf('all=1', anna)).toEqual([200]), PATIENCE)
  })

  test('on the files of a job counts what is there, and not what was tried', async () => {
    await start({ limits: { maxFilesPerJob: 3 } })
    const anna = await as('anna')
    const files = (...refs: string[]) => refs.map((client_ref) => ({ client_ref, name: 'a', size: 1, type: '' }))
    const create = async (...refs: string[]) =>
      (await server.post('commands/upload-jobs', { job_id: 'j', files: files(...refs) }, anna)).status
    expect(await create('a', 'b')).toBe(200)
    // The same again is not one more.
    expect(await create('a')).toBe(200)
    expect(await create('c', 'd')).toBe(422)
    expect(await create('c')).toBe(200)
    expect(await codeOf(await server.post('commands/upload-jobs', { job_id: 'j', files: files('d') }, anna))).toEqual([422, 'job_full'])
    const other = await server.post('commands/upload-jobs', { job_id: 'k', files: files('d') }, anna)
    expect(other.status).toBe(200)
  })

  test('on address and headers is kept where no HTTP server keeps one', async () => {
    await start()
    const ask = async (path: string, headers = {}) => codeOf(await server.sync.fetch(new Request(`http://server/${path}`, { headers })))
    expect(await ask(`events?job_id=${'x'.repeat(17_000)}`)).toEqual([414, 'address_too_long'])
    expect(await ask('events', { 'x-long': 'x'.repeat(17_000) })).toEqual([431, 'headers_too_long'])
  })

  test('on the id of the last event makes a longer one unknown', async () => {
    await start()
    const events = await server.events('all=1', { ...(await as('anna')), 'last-event-id': 'x'.repeat(4000) })
    expect((await events.next()).event).toBe('reset')
  })
})
