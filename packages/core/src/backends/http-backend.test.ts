import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { createUploader } from '../create-uploader.js'
import type { Environment } from '../environment.js'
import type { CreateUploadsRequest } from '../protocol/index.js'
import { createTestEnvironment } from '../testing/index.js'
import { httpBackend, type HttpBackendOptions } from './http-backend.js'

interface Call {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
}

const ends: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

/** A real server that answers as the test says. */
async function setUp(answer: (call: Call, response: ServerResponse) => void, options: Partial<HttpBackendOptions> = {}) {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const text = new TextDecoder().decode(Buffer.concat(chunks))
      const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body: text && JSON.parse(text) }
      calls.push(call)
      answer(call, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const world = createTestEnvironment()
  const environment: Environment = {
    ...world,
    fetch: (input: RequestInfo | URL, init?: RequestInit) => fetch(input, init),
    baseUrl: `${origin}/page/`,
  }
  const backend = httpBackend({ url: '/api/uploads', ...options })({ environment, strategies: [] })
  return { backend, calls, origin, clock: world.clock, server, world, environment }
}

const json = (response: ServerResponse, body: unknown, status = 200) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const signal = new AbortController().signal
const update = {
  operation_id: 'op',
  operation_type: 'upload',
  status: 'in_progress',
  progress: 0,
  timestamp: '2026-01-01T00:00:00Z',
  version: 3,
}
const plan = { kind: 'put', url: 'objects/op?signature=x', method: 'PUT', headers: {}, expires_in_s: 60 }
const file = { client_ref: 'a', name: 'a.png', size: 4, type: 'image/png' }

describe('the HTTP backend', () => {
  it('speaks the protocol’s routes', async () => {
    const { backend, calls, origin } = await setUp(({ path }, response) => {
      if (path.endsWith('upload-jobs')) {
        return json(response, { job_id: 'job', operations: [{ operation_id: 'op', client_ref: 'a', version: 1, plan }] })
      }
      if (path.startsWith('/api/uploads/queries/uploads')) return json(response, { parts: [{ part_number: 1, size: 4, etag: '"a"' }] })
      if (path.endsWith('/parts')) return json(response, { parts: [{ part_number: 2, url: 'objects/op/2' }], expires_in_s: 60 })
      if (path.endsWith('/operations')) return json(response, { operations: [update], cursor: 'c', more: false })
      return json(response, { update })
    })
    expect(backend.origin).toBe(origin)
    expect(await backend.createUploads({ job_id: 'job', files: [file] }, signal)).toEqual({
      job_id: 'job',
      operations: [
        { operation_id: 'op', client_ref: 'a', version: 1, plan: { ...plan, url: `${origin}/api/uploads/objects/op?signature=x` } },
      ],
    })
    expect(await backend.signParts('a b', [2], signal)).toEqual({
      parts: [{ part_number: 2, url: `${origin}/api/uploads/objects/op/2` }],
      expires_in_s: 60,
    })
    expect(await backend.listParts('op', signal)).toEqual([{ part_number: 1, size: 4, etag: '"a"' }])
    expect(await backend.complete('op', { parts: [{ part_number: 1, etag: '"a"' }] }, signal)).toEqual(update)
    expect(await backend.cancel('op', signal)).toEqual(update)
    expect(await backend.retry('op', signal)).toEqual({ update })
    expect(await backend.snapshot({ job_id: 'job', cursor: 'b' }, signal)).toEqual({ operations: [update], cursor: 'c', more: false })
    expect(calls.map(({ method, path, body }) => [method, path.replace('/api/uploads', ''), body])).toEqual([
      ['POST', '/commands/upload-jobs', { job_id: 'job', files: [file] }],
      ['POST', '/commands/uploads/a%20b/parts', { part_numbers: [2] }],
      ['GET', '/queries/uploads/op/parts', ''],
      ['POST', '/commands/uploads/op/complete', { parts: [{ part_number: 1, etag: '"a"' }] }],
      ['POST', '/commands/uploads/op/cancel', {}],
      ['POST', '/commands/uploads/op/retry', {}],
      ['POST', '/queries/operations', { job_id: 'job', cursor: 'b' }],
    ])
    for (const { method, headers } of calls) {
      expect(headers['upload-panel-protocol']).toBe('1')
      expect(headers['content-type']).toBe(method === 'POST' ? 'application/json' : undefined)
    }
  })

  it('tells the checksums of parts and of the whole, and hands on the headers that were signed with them', async () => {
    const part = { part_number: 2, url: 'objects/op/2', headers: { 'x-amz-checksum-crc32c': 'yZRlqg==' } }
    const { backend, calls, origin } = await setUp(({ path }, response) =>
      json(response, path.endsWith('parts') ? { parts: [part], expires_in_s: 60 } : { update }),
    )
    expect(await backend.signParts('op', [2], signal, { 2: 'yZRlqg==' })).toMatchObject({
      parts: [{ part_number: 2, url: `${origin}/api/uploads/objects/op/2`, headers: part.headers }],
    })
    const transfer = { parts: [{ part_number: 2, etag: '"a"', checksum: 'yZRlqg==' }], checksum: 'crc32c:yZRlqg==' }
    await backend.complete('op', transfer, signal)
    expect(calls.map(({ body }) => body)).toEqual([{ part_numbers: [2], checksums: { 2: 'yZRlqg==' } }, transfer])
  })

  it('asks for no word that came with the answer to the bytes', async () => {
    const { backend, calls } = await setUp((_call, response) => json(response, { update }))
    expect(await backend.complete('op', { result: { update } }, signal)).toEqual(update)
    expect(calls).toEqual([])
    // What storage says in its own words does not count.
    await backend.complete('op', { result: { ok: true } }, signal)
    expect(calls.map(({ path }) => path)).toEqual(['/api/uploads/commands/uploads/op/complete'])
  })

  it('tells the server how far the bytes are, and takes its silence for an answer', async () => {
    const { calls, world, environment } = await setUp(({ path, body }, response) => {
      if (path.endsWith('progress')) return response.writeHead(204).end()
      if (!path.endsWith('upload-jobs')) return json(response, { operations: [], cursor: '', more: false })
      const { job_id, files } = body as CreateUploadsRequest
      const plan = { kind: 'put', url: 'bytes', method: 'PUT', headers: {}, expires_in_s: 900 }
      return json(response, { job_id, operations: [{ operation_id: 'op', client_ref: files[0]?.client_ref, version: 1, plan }] })
    })
    const uploader = createUploader({ backend: httpBackend({ url: '/api/uploads' }), environment })
    uploader.add([new File(['0123456789'], 'a')])
    await expect.poll(() => world.waiting().length).toBe(1)
    const reports = () => calls.filter(({ path }) => path === '/api/uploads/commands/upload/progress').map(({ body }) => body)
    for (const sent of [4, 7]) {
      world.waiting()[0]?.progress(sent)
      await world.clock.advance(5000)
      await expect.poll(reports).toContainEqual({ uploads: [{ operation_id: 'op', sent_bytes: sent }] })
    }
    await uploader.dispose()
  })

  it('leaves addresses of another origin as they are', async () => {
    const url = 'https://bucket.s3.test/key?X-Amz-Signature=1'
    const { backend } = await setUp((_call, response) =>
      json(response, { operation_id: 'op-2', attempt: 2, version: 1, plan: { ...plan, url } }),
    )
    expect(await backend.retry('op', signal)).toMatchObject({ attempt: 2, plan: { url } })
  })

  it('keeps plans apart: one that it cannot follow does not stop the others', async () => {
    const { backend } = await setUp((_call, response) =>
      json(response, {
        job_id: 'job',
        operations: [
          { operation_id: 'op-1', client_ref: 'a', version: 1, plan: { kind: 'carrier-pigeon' } },
          { operation_id: 'op-2', client_ref: 'b', version: 1, plan: { ...plan, url: 'http://' } },
          { client_ref: 'c', error: { code: 'quota', message: 'Full.\u0000', retryable: false } },
          { operation_id: 'op-4', client_ref: 'd', version: 1, plan },
        ],
      }),
    )
    const { operations } = await backend.createUploads({ files: [file] }, signal)
    expect(operations).toMatchObject([
      { client_ref: 'a', error: { code: 'unusable_plan', retryable: false } },
      { client_ref: 'b', error: { code: 'unusable_plan' } },
      { client_ref: 'c', error: { code: 'quota', message: 'Full.' } },
      { operation_id: 'op-4', client_ref: 'd' },
    ])
  })

  it('leaves out of a snapshot what it cannot read, and keeps the rest', async () => {
    const { backend } = await setUp((_call, response) => json(response, { operations: [{ odd: 1 }, update], cursor: 'c', more: false }))
    expect((await backend.snapshot({ all: true }, signal)).operations).toEqual([update])
  })

  it.each<[string, unknown]>([
    ['a page', '<html>Sign in</html>'],
    ['a list', []],
    ['no operations', { job_id: 'job' }],
    ['operations that are no list', { job_id: 'job', operations: {} }],
    ['an operation without a file of ours', { job_id: 'job', operations: [{ operation_id: 'op', version: 1, plan }] }],
    ['an operation without an id', { job_id: 'job', operations: [{ client_ref: 'a', version: 1, plan }] }],
    ['no job', { operations: [] }],
  ])('says that an answer makes no sense: %s', async (_what, body) => {
    const { backend } = await setUp((_call, response) =>
      typeof body === 'string' ? response.writeHead(200, { 'content-type': 'text/html' }).end(body) : json(response, body),
    )
    await expect(backend.createUploads({ files: [file] }, signal)).rejects.toMatchObject({
      name: 'UploadError',
      code: 'bad_answer',
      retryable: false,
    })
  })

  it('tells each kind of malformed answer', async () => {
    const { backend } = await setUp((_call, response) => json(response, { update: 1, parts: [{}], operations: 1 }))
    for (const call of [
      () => backend.signParts('op', [1], signal),
      () => backend.listParts('op', signal),
      () => backend.complete('op', {}, signal),
      () => backend.cancel('op', signal),
      () => backend.retry('op', signal),
      () => backend.snapshot({ all: true }, signal),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'bad_answer' })
    }
  })

  it('tells the server’s refusals as errors', async () => {
    const { backend } = await setUp((_call, response) =>
      response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"code":"invalid_name","detail":"No slashes."}'),
    )
    await expect(backend.cancel('op', signal)).rejects.toMatchObject({
      code: 'rejected',
      remoteCode: 'invalid_name',
      message: 'No slashes.',
    })
  })

  it('asks for headers once more when the server answers 401, and only once', async () => {
    const asked: unknown[] = []
    const { backend, calls, origin } = await setUp(
      ({ headers }, response) => (headers.authorization === 'token-2' ? json(response, { update }) : response.writeHead(401).end()),
      {
        headers: async (call) => {
          asked.push(call)
          return { authorization: `token-${call.attempt}` }
        },
      },
    )
    expect(await backend.cancel('op', signal)).toEqual(update)
    expect(asked).toEqual([
      { origin, attempt: 1 },
      { origin, attempt: 2 },
    ])
    expect(calls).toHaveLength(2)

    const refused = await setUp((_call, response) => response.writeHead(401).end(), { headers: () => ({}) })
    await expect(refused.backend.cancel('op', signal)).rejects.toMatchObject({ code: 'auth', status: 401 })
    expect(refused.calls).toHaveLength(2)
  })

  it('does not ask twice with headers that cannot change', async () => {
    const { backend, calls } = await setUp((_call, response) => response.writeHead(401).end(), { headers: { authorization: 'fixed' } })
    await expect(backend.cancel('op', signal)).rejects.toMatchObject({ code: 'auth' })
    expect(calls).toHaveLength(1)
  })

  it('takes a token that cannot be had for what it is', async () => {
    const { backend, calls } = await setUp((_call, response) => json(response, { update }), {
      headers: () => Promise.reject(new Error('signed out')),
    })
    await expect(backend.cancel('op', signal)).rejects.toMatchObject({ code: 'auth', cause: new Error('signed out') })
    expect(calls).toHaveLength(0)
  })

  it('tells a server that is there although the hook for headers finds no network', async () => {
    const headers = () => Promise.reject(new TypeError('Failed to fetch'))
    const { backend, calls } = await setUp((_call, response) => json(response, {}, 403), { headers })
    await expect(backend.createUploads({ files: [file] }, signal)).rejects.toMatchObject({ code: 'network', retryable: true })
    await expect(backend.probe?.(signal)).resolves.toBeUndefined()
    expect(calls.map(({ path }) => path)).toEqual(['/api/uploads/queries/health'])
  })

  it('does not take what cannot be written as JSON for a network that failed', async () => {
    const { backend, calls } = await setUp((_call, response) => json(response, {}))
    const metadata = { size: 4n }
    await expect(backend.createUploads({ files: [{ ...file, metadata }] }, signal)).rejects.toMatchObject({
      code: 'validation',
      retryable: false,
    })
    expect(calls).toEqual([])
  })

  it('gives up a hook for headers that never answers', async () => {
    let asked = () => {}
    const isAsked = new Promise<void>((resolve) => (asked = resolve))
    const { backend, clock, calls } = await setUp(() => {}, {
      headers() {
        asked()
        return new Promise(() => {})
      },
    })
    const failure = backend.cancel('op', signal).catch((error: unknown) => error)
    await isAsked
    await clock.advance(30_000)
    expect(await failure).toMatchObject({ code: 'stalled' })
    expect(calls).toHaveLength(0)
  })

  it('gives up a server that does not answer within thirty seconds', async () => {
    let arrived = () => {}
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const { backend, clock } = await setUp(() => arrived())
    const failure = backend.cancel('op', signal).catch((error: unknown) => error)
    await isThere
    await clock.advance(30_000)
    expect(await failure).toMatchObject({ code: 'stalled', retryable: true })
    expect(clock.pending).toBe(0)
  })

  it('takes an answer that is cut off for a network’s failure', async () => {
    const { backend } = await setUp((_call, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"upd')
      response.destroy()
    })
    await expect(backend.cancel('op', signal)).rejects.toMatchObject({ code: 'network', retryable: true })
  })

  it('takes a server that is not there for a network’s failure', async () => {
    const { backend, server } = await setUp(() => {})
    server.close()
    await once(server, 'close')
    ends.length = 0
    await expect(backend.cancel('op', signal)).rejects.toMatchObject({ code: 'network' })
  })

  it('ends with its signal, and leaves no timer', async () => {
    let arrived = () => {}
    const isThere = new Promise<void>((resolve) => (arrived = resolve))
    const { backend, clock } = await setUp(() => arrived())
    const controller = new AbortController()
    const reason = new Error('stopped')
    const failure = backend.cancel('op', controller.signal).catch((error: unknown) => error)
    await isThere
    controller.abort(reason)
    expect(await failure).toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('says at once that its address is no address', () => {
    const environment = { ...createTestEnvironment(), baseUrl: undefined }
    expect(() => httpBackend({ url: 'uploads' })({ environment, strategies: [] })).toThrow('Outside a page it has to be absolute.')
    expect(httpBackend({ url: '/uploads' })({ environment, strategies: [] }).origin).toBeUndefined()
  })
})
