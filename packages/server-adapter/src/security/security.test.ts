import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSyncServer } from '../create-sync-server.js'
import { consoleLogger } from '../logger.js'
import { memory } from '../records/memory.js'
import { disk } from '../storage/disk.js'
import { type Harness, startHarness, temporaryDirectory } from '../testing/harness.js'

const ORIGIN = 'https://app.example.com'
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
const errors: unknown[] = []

beforeAll(async () => {
  directory = await temporaryDirectory()
  const logger = { ...consoleLogger, error: (...entry: unknown[]) => void errors.push(entry) }
  server = await startHarness(directory.path, { cors: { origins: [ORIGIN], credentials: true }, logger })
})
afterAll(async () => {
  await server.close()
  await directory.remove()
})

const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
const body = JSON.stringify({ all: true })
const command = (headers: Record<string, string>) => server.request('queries/operations', { method: 'POST', headers, body })
const json = { 'content-type': 'application/json' }

describe('a server that is not configured', () => {
  const required = { records: memory(), storage: disk({ directory: 'never-made' }) }

  test('to say whose requests are whose does not start, unless it is open in so many words', async () => {
    await expect(createSyncServer(required)).rejects.toThrow('`authorize`')
    await expect(createSyncServer({ ...required, open: false })).rejects.toThrow('open: true')
    await expect(createSyncServer({ ...required, open: true, authorize: () => null })).rejects.toThrow('not both')
  })

  test('with sensible limits and a sensible path does not start', async () => {
    await expect(createSyncServer({ ...required, open: true, limits: { maxFileBytes: 0 } })).rejects.toThrow('limits.maxFileBytes')
    await expect(createSyncServer({ ...required, open: true, basePath: 'uploads/' })).rejects.toThrow('basePath')
    await expect(createSyncServer({ ...required, open: true, secret: 'short' })).rejects.toThrow('secret')
    const once = { perMinute: 1, burst: 0 }
    await expect(createSyncServer({ ...required, open: true, rateLimits: { commands: once } })).rejects.toThrow('rateLimits.commands')
  })

  test.each([
    'https://app.example.com/',
    'app.example.com',
    'null',
    'https://*.example.com',
    'https://APP.example.com',
    'https://a.example:443',
  ])('with the origin %s, which no browser sends, does not start', async (origin) => {
    await expect(createSyncServer({ ...required, open: true, cors: { origins: [origin] } })).rejects.toThrow(origin)
  })

  test('to serve an app with a scheme of its own starts', async () => {
    const other = await temporaryDirectory()
    const sync = await startHarness(other.path, { cors: { origins: ['capacitor://localhost'] } })
    const answer = await sync.request('queries/health', { headers: { origin: 'capacitor://localhost' } })
    expect(answer.headers.get('access-control-allow-origin')).toBe('capacitor://localhost')
    await sync.close()
    await other.remove()
  })

  test('with cookies for everyone does not start', async () => {
    await expect(createSyncServer({ ...required, open: true, cors: { origins: '*', credentials: true } })).rejects.toThrow(
      'cors.credentials',
    )
  })
})

describe('a command', () => {
  test.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    'application/json; charset=iso-8859-1',
    'text/plain; application/json',
    'application/json, text/plain',
  ])('of the content type %s is refused', async (type) => {
    const response = await server.request('commands/upload-jobs', {
      method: 'POST',
      body: Buffer.from(body),
      ...(type !== undefined && { headers: { 'content-type': type } }),
    })
    expect(await codeOf(response)).toEqual([415, 'json_required'])
  })

  test('of JSON with a character set is taken', async () => {
    for (const type of ['application/JSON; charset=utf-8', 'application/json;charset="UTF-8"', 'application/json;'])
      expect((await command({ 'content-type': type })).status).toBe(200)
  })

  test.each(['{', 'null', '[]', '"x"', '1'])('whose body is %s is refused', async (text) => {
    expect(await codeOf(await server.request('queries/operations', { method: 'POST', headers: json, body: text }))).toEqual([
      400,
      'invalid_json',
    ])
  })

  test.each([
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, 'invalid_json'],
    ['UTF-16', Buffer.from('{"all":true}', 'utf16le'), 400, 'invalid_json'],
    ['made to change what objects are', '{"all":true,"__proto__":{"ids":[]}}', 400, 'invalid_json'],
    ['nested too deep', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 413, 'body_too_large'],
    ['of too many entries', `{"ids":[${'0,'.repeat(100_000)}0]}`, 413, 'body_too_large'],
  ])('whose body is %s is refused', async (_what, sent, status, code) => {
    const response = await server.request('queries/operations', { method: 'POST', headers: json, body: sent })
    expect(await codeOf(response)).toEqual([status, code])
  })

  test('whose body is compressed is refused', async () => {
    const headers = { ...json, 'content-encoding': 'gzip' }
    const response = await server.request('queries/operations', { method: 'POST', headers, body: gzipSync(body) })
    expect(await codeOf(response)).toEqual([415, 'json_required'])
  })

  test('whose body is larger than two mebibytes is refused', async () => {
    const large = JSON.stringify({ all: true, padding: 'x'.repeat(2 ** 21) })
    expect(await codeOf(await server.request('queries/operations', { method: 'POST', headers: json, body: large }))).toEqual([
      413,
      'body_too_large',
    ])
  })

  test('that another site makes a browser send with the user’s cookies is refused', async () => {
    const cookie = { ...json, cookie: 'session=1' }
    for (const headers of [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site', origin: 'https://other.example.com' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: `${ORIGIN}.evil.example` },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
    ]) {
      expect(await codeOf(await command({ ...cookie, ...headers }))).toEqual([403, 'cross_site'])
      expect(await codeOf(await server.request('events?all=1', { headers: { ...cookie, ...headers } }))).toEqual([403, 'cross_site'])
    }
  })

  test('with cookies from the own site, from an allowed origin, or from no browser is taken', async () => {
    const cookie = { ...json, cookie: 'session=1' }
    for (const headers of [
      { 'sec-fetch-site': 'same-origin', origin: 'https://behind.a.proxy' },
      { 'sec-fetch-site': 'cross-site', origin: ORIGIN },
      { origin: new URL(server.url).origin },
      {},
    ]) {
      expect((await command({ ...cookie, ...headers })).status).toBe(200)
    }
  })

  test('without cookies needs no such proof: it says who it is in a header that other sites cannot set', async () => {
    expect((await command({ ...json, 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' })).status).toBe(200)
  })
})

describe('every answer', () => {
  test('says the protocol, and is neither cached nor sniffed: also problems and unknown paths', async () => {
    for (const response of [
      await command(json),
      await command({}),
      await server.request('nowhere'),
      await server.request('storage/x', { method: 'PUT' }),
    ]) {
      expect(response.headers.get('upload-panel-protocol')).toBe('1')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('cache-control')).toBe('no-store')
    }
  })

  test('that refuses is a problem document', async () => {
    const response = await server.request('nowhere')
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'urn:upload-panel:problem:unknown_route',
      title: 'Not Found',
      status: 404,
      code: 'unknown_route',
      detail: 'There is nothing here.',
      retryable: false,
    })
  })
})

describe('pages of other origins', () => {
  const preflight = (origin: string, to = server) =>
    to.request('storage/x', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'PUT' } })

  test('that are allowed may ask, send, and read the ETag', async () => {
    const { status, headers } = await preflight(ORIGIN)
    expect(status).toBe(204)
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
    expect(headers.get('access-control-allow-methods')).toContain('PUT')
    expect(headers.get('access-control-allow-headers')).toContain('upload-panel-protocol')
    expect(headers.get('access-control-max-age')).toBe('7200')
    const answer = await command({ ...json, origin: ORIGIN })
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(answer.headers.get('access-control-expose-headers')).toContain('etag')
  })

  test.each([
    'https://evil.example',
    'null',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://sub.app.example.com',
    'https://app.example.com/',
    'HTTPS://APP.EXAMPLE.COM',
  ])('that are not allowed may not: %s', async (origin) => {
    for (const { headers } of [await preflight(origin), await command({ ...json, origin })]) {
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('access-control-allow-credentials')).toBeNull()
    }
  })

  test('are told apart by caches, also where nobody asked', async () => {
    expect((await command(json)).headers.get('vary')).toContain('origin')
    expect((await command({ ...json, origin: 'https://evil.example' })).headers.get('vary')).toContain('origin')
  })

  test('may do nothing where none are named, and send no cookies unless that is said', async () => {
    const other = await temporaryDirectory()
    for (const [cors, allowed] of [
      [undefined, null],
      [{ origins: [ORIGIN] }, ORIGIN],
      [{ origins: '*' }, '*'],
    ] as const) {
      const sync = await startHarness(other.path, cors === undefined ? {} : { cors })
      const { headers } = await preflight(ORIGIN, sync)
      expect(headers.get('access-control-allow-origin')).toBe(allowed)
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      const withCookie = { ...json, cookie: 'session=1', origin: ORIGIN, 'sec-fetch-site': 'cross-site' }
      expect((await sync.request('queries/operations', { method: 'POST', headers: withCookie, body })).status).toBe(403)
      await sync.close()
    }
    await other.remove()
  })
})
