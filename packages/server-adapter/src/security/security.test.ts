import fc from 'fast-check'
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
  server = await startHarness(directory.path, { cors: { origins: [ORIGIN] }, logger })
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
  })
})

describe('a command', () => {
  test.each([undefined, 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp'])(
    'of the content type %s is refused',
    async (type) => {
      const response = await server.request('commands/upload-jobs', {
        method: 'POST',
        body: Buffer.from(body),
        ...(type !== undefined && { headers: { 'content-type': type } }),
      })
      expect(await codeOf(response)).toEqual([415, 'json_required'])
    },
  )

  test('of JSON with a character set is taken', async () => {
    expect((await command({ 'content-type': 'application/JSON; charset=utf-8' })).status).toBe(200)
  })

  test.each(['{', 'null', '[]', '"x"', '1'])('whose body is %s is refused', async (text) => {
    expect(await codeOf(await server.request('queries/operations', { method: 'POST', headers: json, body: text }))).toEqual([
      400,
      'invalid_json',
    ])
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
    ]) {
      expect(await codeOf(await command({ ...cookie, ...headers }))).toEqual([403, 'cross_site'])
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
  test('that are allowed may ask, send, and read the ETag', async () => {
    const preflight = await server.request('storage/x', {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'PUT' },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PUT')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('upload-panel-protocol')
    const answer = await command({ ...json, origin: ORIGIN })
    expect(answer.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(answer.headers.get('access-control-expose-headers')).toContain('etag')
    expect(answer.headers.get('vary')).toContain('origin')
  })

  test('that are not allowed may not', async () => {
    const preflight = await server.request('storage/x', { method: 'OPTIONS', headers: { origin: 'https://evil.example' } })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('whatever is sent', () => {
  const routes = [
    'commands/upload-jobs',
    'commands/uploads/:id/parts',
    'commands/uploads/:id/complete',
    'commands/uploads/:id/cancel',
    'commands/uploads/:id/retry',
    'commands/upload/progress',
    'queries/operations',
  ]
  const id = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom('..', '%00', '%', '\uD800', '__proto__'))
  const file = fc.record(
    {
      client_ref: fc.anything(),
      attempt: fc.oneof(fc.integer(), fc.anything()),
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.anything()),
      size: fc.oneof(fc.maxSafeNat(), fc.double(), fc.anything()),
      type: fc.oneof(fc.string(), fc.anything()),
      relative_path: fc.anything(),
      metadata: fc.anything(),
      checksum: fc.anything(),
      prefer: fc.oneof(fc.record({ kind: fc.constantFrom('put', 'multipart', 'x'), part_bytes: fc.anything() }), fc.anything()),
    },
    { requiredKeys: [] },
  )
  const content = fc.oneof(
    fc.record(
      {
        job_id: fc.oneof(id, fc.anything()),
        files: fc.oneof(fc.array(fc.oneof(file, fc.anything()), { maxLength: 5 }), fc.anything()),
        part_numbers: fc.oneof(fc.array(fc.anything()), fc.anything()),
        parts: fc.oneof(fc.array(fc.anything()), fc.anything()),
        uploads: fc.oneof(fc.array(fc.record({ operation_id: id, sent_bytes: fc.anything() })), fc.anything()),
        ids: fc.oneof(fc.array(id), fc.anything()),
        all: fc.anything(),
        cursor: fc.oneof(id, fc.anything()),
      },
      { requiredKeys: [] },
    ),
    fc.anything(),
  )
  const noBigInts = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value)
  const write = (value: unknown) => {
    try {
      return JSON.stringify(value, noBigInts) ?? ''
    } catch {
      return ''
    }
  }

  test('as JSON is answered without a fault of the server', async () => {
    const { operation_id } = await server.create()
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), fc.oneof(id, fc.constant(operation_id)), content, async (route, given, value) => {
        const path = route.replace(':id', () => encodeURIComponent(given.toWellFormed()))
        const response = await server.request(path, { method: 'POST', headers: json, body: write(value) })
        await response.arrayBuffer()
        expect(response.status).toBeLessThan(500)
      }),
      { numRuns: 400 },
    )
    expect(errors).toEqual([])
  })

  test('as a path or a query is answered without a fault of the server', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('storage/', 'queries/uploads/', 'queries/upload-jobs/', 'events?', 'queries/health?', ''),
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD'),
        async (prefix, rest, method) => {
          const controller = new AbortController()
          const response = await server.request(`${prefix}${rest.toWellFormed()}`, { method, signal: controller.signal })
          controller.abort()
          expect(response.status).toBeLessThan(500)
        },
      ),
      { numRuns: 400 },
    )
    expect(errors).toEqual([])
  })
})
