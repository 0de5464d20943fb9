import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { TusPlan } from '@upload-panel/core/protocol'
import { Metadata, Upload } from '@tus/server'
import { FileStore } from '@tus/file-store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarness, temporaryDirectory } from '../../testing/harness.js'
import { type ManualClock, manualClock } from '../../testing/manual-clock.js'
import { slowPut } from '../../testing/slow-put.js'
import { createLocker } from './locker.js'
import { tus, type TusDataStore } from './tus.js'

const bytesOf = (size: number) => new Uint8Array(randomBytes(size))
const CHUNK = 'application/offset+octet-stream'

test('storage that speaks tus is one node’s alone, unless its locks are shared', () => {
  expect(tus({ directory: 'files' }).isShared).toBe(false)
  expect(tus({ directory: 'files', locker: createLocker(manualClock()) }).isShared).toBe(true)
})

describe('storage that speaks tus', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let clock: ManualClock
  let server: Harness
  const start = () =>
    startHarness(directory.path, {
      clock,
      storage: tus({ directory: join(directory.path, 'tus') }),
      cors: { origins: ['https://app.example.com'] },
      logger: { debug() {}, info() {}, warn() {}, error() {} },
    })

  beforeEach(async () => {
    directory = await temporaryDirectory()
    clock = manualClock()
    server = await start()
  })
  afterEach(async () => {
    await server.close()
    await directory.remove()
  })

  async function planned(size: number, more: object = {}) {
    const { operation_id, plan } = await server.create({ size, ...more })
    return { id: operation_id, plan: plan as unknown as TusPlan }
  }
  const send = (path: string, method: string, headers: Readonly<Record<string, string>> = {}, body?: Uint8Array<ArrayBuffer>) =>
    server.request(path, { method, headers: { 'tus-resumable': '1.0.0', ...headers }, ...(body !== undefined && { body }) })
  const create = ({ metadata = {} }: TusPlan, size: number, body?: Uint8Array<ArrayBuffer>) =>
    send(
      'tus',
      'POST',
      { 'upload-length': String(size), 'upload-metadata': Metadata.stringify({ ...metadata }), ...(body && { 'content-type': CHUNK }) },
      body,
    )
  const patch = (path: string, offset: number, body: Uint8Array<ArrayBuffer>) =>
    send(path, 'PATCH', { 'upload-offset': String(offset), 'content-type': CHUNK }, body)
  const offsetOf = async (path: string) => (await send(path, 'HEAD')).headers.get('upload-offset')
  const wordOf = (id: string) => server.sync.manager.get(id)
  const stored = async (id: string) => new Uint8Array(await new Response((await server.sync.readFile(id))?.stream()).arrayBuffer())
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code?: string }).code]
  const files = async () => (await readdir(join(directory.path, 'tus', 'files'))).filter((name) => !name.endsWith('.json'))
  async function begun(bytes: Uint8Array<ArrayBuffer>, first = 0) {
    const { id, plan } = await planned(bytes.length)
    const location = (await create(plan, bytes.length)).headers.get('location') ?? ''
    if (first > 0) expect((await patch(location, 0, bytes.slice(0, first))).status).toBe(204)
    return { id, plan, location }
  }

  test('plans tus, whatever the client prefers', async () => {
    const { plan } = await planned(5, { prefer: { kind: 'multipart', part_bytes: 1, checksum: 'crc32c' } })
    expect(plan).toMatchObject({
      kind: 'tus',
      endpoint: 'tus',
      extensions: ['creation', 'creation-with-upload', 'termination'],
      expires_in_s: 3600,
    })
    expect(plan).not.toHaveProperty('checksum')
  })

  test('takes bytes in requests one after the other, and completes with the last one', async () => {
    const bytes = bytesOf(1000)
    const { id, location } = await begun(bytes, 400)
    expect(location).toMatch(/^tus\/[0-9a-f]{64}$/)
    expect(await offsetOf(location)).toBe('400')
    expect(await wordOf(id)).toMatchObject({
      status: 'pending',
      stage: 'uploading',
      performance_data: { sent_bytes: 400, total_bytes: 1000 },
    })
    expect((await patch(location, 400, bytes.slice(400))).status).toBe(204)
    expect(await wordOf(id)).toMatchObject({ status: 'completed' })
    expect(await stored(id)).toEqual(bytes)
  })

  test.each([0, 1, 70_000])('takes %i bytes along with the creation', async (size) => {
    const bytes = bytesOf(size)
    const { id, plan } = await planned(size)
    expect((await create(plan, size, bytes)).status).toBe(201)
    expect(await wordOf(id)).toMatchObject({ status: 'completed' })
    expect(await stored(id)).toEqual(bytes)
  })

  test('reads a range', async () => {
    const bytes = bytesOf(50)
    const { id, plan } = await planned(50)
    await create(plan, 50, bytes)
    const file = await server.sync.readFile(id)
    const range = async (start: number, end: number) => new Uint8Array(await new Response(file?.stream({ start, end })).arrayBuffer())
    expect(await range(10, 20)).toEqual(bytes.slice(10, 20))
    expect(await range(7, 7)).toEqual(new Uint8Array())
  })

  test('creates an upload only with the permission of its plan, for that operation and that size', async () => {
    const { plan } = await planned(5)
    const { metadata = {} } = plan
    const other = await planned(6)
    const changed = (more: Readonly<Record<string, string>>) => create({ ...plan, metadata: { ...metadata, ...more } }, 5)
    expect(await codeOf(await changed({ operation_id: other.id }))).toEqual([403, 'url_invalid'])
    expect(await codeOf(await changed({ permission: '' }))).toEqual([403, 'url_invalid'])
    expect(await codeOf(await changed({ permission: (metadata['permission'] ?? '').replace('size=5', 'size=9') }))).toEqual([
      403,
      'url_invalid',
    ])
    expect(await codeOf(await create({ ...plan, metadata: {} }, 5))).toEqual([403, 'url_invalid'])
    expect(await codeOf(await create(plan, 6))).toEqual([413, 'too_many_bytes'])
    expect(await codeOf(await create(plan, 4))).toEqual([400, 'too_few_bytes'])
    expect(
      await codeOf(await send('tus', 'POST', { 'upload-defer-length': '1', 'upload-metadata': Metadata.stringify(metadata) })),
    ).toEqual([400, 'too_few_bytes'])
    clock.advance(3_600_000)
    expect(await codeOf(await create(plan, 5))).toEqual([403, 'url_expired'])
    expect(await files()).toEqual([])
  })

  test.each([
    { 'upload-metadata': 'operation_id' },
    { 'upload-metadata': ',,,' },
    { 'upload-metadata': 'operation_id !!!,permission ???' },
    { 'upload-metadata': `permission ${'A'.repeat(4000)}` },
    { 'upload-length': '-1' },
    { 'upload-length': '1e3' },
    { 'upload-length': '99999999999999999999' },
    { 'upload-concat': 'final;/files/a /files/b' },
    { 'tus-resumable': '9.9.9' },
    { 'content-type': 'text/html' },
    { 'x-http-method-override': 'GET' },
  ])('makes nothing of a creation with %j', async (headers: Readonly<Record<string, string>>) => {
    const answer = await send('tus', 'POST', { 'upload-length': '5', ...headers })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(await answer.text()).not.toContain(directory.path)
    expect(await files()).toEqual([])
  })

  test.each([
    {},
    { 'upload-offset': 'x' },
    { 'upload-offset': '-1' },
    { 'upload-offset': '0' },
    { 'upload-offset': '0', 'content-type': 'text/plain' },
    { 'upload-offset': '0', 'content-type': CHUNK, 'upload-length': '99' },
  ])('takes no bytes with %j', async (headers: Readonly<Record<string, string>>) => {
    const { location } = await begun(bytesOf(10))
    const answer = await send(location, 'PATCH', headers, bytesOf(5))
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(await offsetOf(location)).toBe('0')
  })

  test('keeps of what a client calls its file nothing but the operation, and names no file after it', async () => {
    const { id, plan } = await planned(5)
    const names = { filename: '../../x', filetype: 'text/html', 'a/b': '../c' }
    await create({ ...plan, metadata: { ...plan.metadata, ...names } }, 5)
    const [name = ''] = await files()
    expect(name).toMatch(/^[0-9a-f]{64}$/)
    const kept = JSON.parse(await readFile(join(directory.path, 'tus', 'files', `${name}.json`), 'utf8'))
    expect(kept.metadata).toEqual({ operation_id: id })
  })

  test.each(['..%2f..%2fsecret', 'secret', 'a%00b', 'x'.repeat(300), '0'.repeat(64)])('knows no upload tus/%s', async (path) => {
    for (const method of ['HEAD', 'PATCH', 'DELETE']) {
      const { status } = await send(`tus/${path}`, method, method === 'PATCH' ? { 'upload-offset': '0', 'content-type': CHUNK } : {})
      expect([404, 410]).toContain(status)
    }
    expect((await server.request(`tus/${path}`)).status).toBe(404)
  })

  test('refuses bytes for another place, and more than were announced', async () => {
    const bytes = bytesOf(10)
    const { id, location } = await begun(bytes, 4)
    expect((await patch(location, 0, bytes)).status).toBe(409)
    expect((await patch(location, 6, bytes.slice(6))).status).toBe(409)
    expect((await patch(location, 4, bytesOf(7))).status).toBe(413)
    expect((await wordOf(id))?.status).toBe('pending')
  })

  test('keeps what came before its sender went away', async () => {
    const bytes = bytesOf(10)
    const { id, location } = await begun(bytes)
    const headers = { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': CHUNK, 'content-length': 10 }
    const slow = slowPut(`${server.url}/${location}`, headers, 'PATCH')
    await slow.write(bytes.slice(0, 6))
    await slow.cut()
    // The lock is had when the other request has let go of it.
    const at = Number(await offsetOf(location))
    expect(at).toBeLessThanOrEqual(6)
    expect((await patch(location, at, bytes.slice(at))).status).toBe(204)
    expect(await stored(id)).toEqual(bytes)
  })

  /** A request that has brought some bytes, and goes on for as long as the test likes. */
  async function writing(location: string, bytes: Uint8Array<ArrayBuffer>) {
    const headers = { 'tus-resumable': '1.0.0', 'upload-offset': '0', 'content-type': CHUNK, 'content-length': 10 }
    const slow = slowPut(`${server.url}/${location}`, headers, 'PATCH')
    await slow.write(bytes)
    await expect.poll(async () => (await stat(join(directory.path, 'tus', 'files', location.slice('tus/'.length)))).size).toBe(bytes.length)
    return slow
  }

  test('stops whoever still writes to an upload that is begun anew', async () => {
    const bytes = bytesOf(10)
    const { id, plan, location } = await begun(bytes)
    const slow = await writing(location, bytesOf(6))
    await create(plan, 10)
    expect(await slow.answer).toEqual({ status: 410, code: 'upload_gone' })
    expect((await patch(location, 0, bytes)).status).toBe(204)
    expect(await stored(id)).toEqual(bytes)
  })

  test('stops whoever still writes to an upload that is cancelled', async () => {
    const { id, location } = await begun(bytesOf(10))
    const slow = await writing(location, bytesOf(6))
    await server.post(`commands/uploads/${id}/cancel`, {})
    expect(await slow.answer).toEqual({ status: 410, code: 'upload_gone' })
    expect(await files()).toEqual([])
  })

  test('does not complete before the last byte', async () => {
    const { id } = await begun(bytesOf(10), 9)
    expect(await codeOf(await server.post(`commands/uploads/${id}/complete`, {}))).toEqual([409, 'bytes_missing'])
  })

  test('goes on after a restart', async () => {
    const bytes = bytesOf(1000)
    const { id, location } = await begun(bytes, 300)
    await server.crash()
    server = await start()
    expect(await offsetOf(location)).toBe('300')
    await patch(location, 300, bytes.slice(300))
    expect(await stored(id)).toEqual(bytes)
  })

  test('begins anew where its sender has lost the address', async () => {
    const bytes = bytesOf(10)
    const { id, plan, location } = await begun(bytesOf(10), 5)
    expect((await create(plan, 10)).headers.get('location')).toBe(location)
    expect(await offsetOf(location)).toBe('0')
    await patch(location, 0, bytes)
    expect(await stored(id)).toEqual(bytes)
  })

  test('answers a creation again whose answer was lost, and writes to nothing that is complete', async () => {
    const bytes = bytesOf(10)
    const { id, plan } = await planned(10)
    const first = await create(plan, 10, bytes)
    const again = await create(plan, 10, bytesOf(10))
    expect([again.status, again.headers.get('location'), again.headers.get('upload-offset')]).toEqual([
      201,
      first.headers.get('location'),
      '10',
    ])
    expect((await patch(again.headers.get('location') ?? '', 10, bytesOf(1))).status).toBe(413)
    expect((await send(again.headers.get('location') ?? '', 'DELETE')).status).toBe(400)
    expect(await stored(id)).toEqual(bytes)
    expect((await wordOf(id))?.status).toBe('completed')
  })

  test('cancels the operation with its upload, and the upload with its operation', async () => {
    const one = await begun(bytesOf(10), 5)
    expect((await send(one.location, 'DELETE')).status).toBe(204)
    expect((await wordOf(one.id))?.status).toBe('cancelled')
    const two = await begun(bytesOf(10), 5)
    await server.post(`commands/uploads/${two.id}/cancel`, {})
    expect([404, 410]).toContain((await patch(two.location, 5, bytesOf(5))).status)
    expect(await codeOf(await create(two.plan, 10))).toEqual([410, 'upload_gone'])
    expect(await files()).toEqual([])
  })

  test('goes on with the same upload when it is tried again', async () => {
    const { id } = await begun(bytesOf(10), 5)
    const answer = await (await server.post(`commands/uploads/${id}/retry`, {})).json()
    expect(answer).toMatchObject({ operation_id: id, attempt: 1, plan: { kind: 'tus' } })
  })

  test('lets go of what nobody comes back to', async () => {
    const { id } = await begun(bytesOf(10), 5)
    for (let hour = 0; hour < 30; hour += 1) {
      clock.advance(3_600_000)
      await new Promise((resolve) => setImmediate(resolve))
    }
    await expect.poll(async () => (await wordOf(id))?.error?.code).toBe('upload_expired')
    await expect.poll(files).toEqual([])
  })

  test('finds what a crash has left', async () => {
    const { id } = await begun(bytesOf(10), 5)
    const storage = tus({ directory: join(directory.path, 'tus') })
    await storage.open({ clock, logger: console, urlExpiresMs: 1000 })
    const found: string[] = []
    for await (const operationId of storage.unsealed()) found.push(operationId)
    expect(found).toEqual([id])
  })

  test('verifies the checksum that was announced', async () => {
    const { id, plan } = await planned(3, { checksum: 'crc32c:AAAAAA==' })
    await create(plan, 3, bytesOf(3))
    expect(await codeOf(await server.post(`commands/uploads/${id}/complete`, {}))).toEqual([409, 'bytes_missing'])
    expect(await files()).toEqual([])
  })

  test('tells pages of allowed origins what it can do', async () => {
    const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'PATCH' }
    const preflight = await server.request('tus', { method: 'OPTIONS', headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('tus-extension')).toContain('creation-with-upload')
    expect(preflight.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('upload-offset')
    const other = await server.request('tus', { method: 'OPTIONS', headers: { ...headers, origin: 'https://evil.example' } })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
    const { plan } = await planned(3)
    const { metadata = {} } = plan
    const created = await send('tus', 'POST', {
      origin: 'https://app.example.com',
      'upload-length': '3',
      'upload-metadata': Metadata.stringify(metadata),
    })
    expect(created.headers.get('access-control-expose-headers')).toContain('location')
  })
})

describe('a datastore that is no folder', () => {
  test('is read through, also a range', async () => {
    const directory = await temporaryDirectory()
    const files = new FileStore({ directory: directory.path })
    const hidden = async (id: string) => {
      const { size = 0, offset, metadata = {} } = await files.getUpload(id)
      return new Upload({ id, size, offset, metadata })
    }
    const datastore: TusDataStore = Object.assign(Object.create(files), { getUpload: hidden })
    const server = await startHarness(directory.path, { storage: tus({ datastore, secret: 'a secret' }) })
    const bytes = bytesOf(200_000)
    const { operation_id, plan } = await server.create({ size: bytes.length })
    const metadata = Metadata.stringify({ ...(plan as unknown as TusPlan).metadata })
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': String(bytes.length), 'upload-metadata': metadata, 'content-type': CHUNK }
    expect((await server.request('tus', { method: 'POST', headers, body: bytes })).status).toBe(201)
    const file = await server.sync.readFile(operation_id)
    expect(file?.path).toBeUndefined()
    const range = async (given?: { start?: number; end?: number }) => new Uint8Array(await new Response(file?.stream(given)).arrayBuffer())
    expect(await range()).toEqual(bytes)
    expect(await range({ start: 65_000, end: 140_000 })).toEqual(bytes.slice(65_000, 140_000))
    expect(await range({ end: 0 })).toEqual(new Uint8Array())
    await server.close()
    await directory.remove()
  })
})

describe('a datastore that keeps nothing of a body that breaks', () => {
  test('is given what came before its sender went away', async () => {
    const directory = await temporaryDirectory()
    const files = new FileStore({ directory: directory.path })
    const came = Promise.withResolvers<void>()
    async function write(body: Readable, id: string, offset: number): Promise<number> {
      const chunks: Uint8Array[] = []
      for await (const chunk of body as AsyncIterable<Uint8Array>) {
        chunks.push(chunk)
        came.resolve()
      }
      return files.write(Readable.from(chunks), id, offset)
    }
    const datastore: TusDataStore = Object.assign(Object.create(files), { write })
    const server = await startHarness(directory.path, { storage: tus({ datastore, secret: 'a secret' }) })
    const { plan } = await server.create({ size: 10 })
    const metadata = Metadata.stringify({ ...(plan as unknown as TusPlan).metadata })
    const tusHeaders = { 'tus-resumable': '1.0.0' }
    const created = await server.request('tus', {
      method: 'POST',
      headers: { ...tusHeaders, 'upload-length': '10', 'upload-metadata': metadata },
    })
    const location = created.headers.get('location') ?? ''
    const headers = { ...tusHeaders, 'upload-offset': '0', 'content-type': CHUNK, 'content-length': 10 }
    const slow = slowPut(`${server.url}/${location}`, headers, 'PATCH')
    await slow.write(bytesOf(6))
    await came.promise
    await slow.cut()
    const offset = async () => (await server.request(location, { method: 'HEAD', headers: tusHeaders })).headers.get('upload-offset')
    await expect.poll(offset).toBe('6')
    await server.close()
    await directory.remove()
  })
})

describe('storage that speaks tus needs', () => {
  test('either a directory or a datastore, which needs a secret', () => {
    expect(() => tus({})).toThrow(TypeError)
    expect(() => tus({ directory: 'x', datastore: new FileStore({ directory: '/tmp' }), secret: 's' })).toThrow(TypeError)
    expect(() => tus({ datastore: new FileStore({ directory: '/tmp' }) })).toThrow('secret')
  })
})
