import { createHash } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MultipartPlan, PutPlan } from '@upload-panel/core/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { consoleLogger } from '../logger.js'
import { type Harness, partBegins, temporaryDirectory, startHarnessOfTest } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { slowPut } from '../testing/slow-put.js'
import { disk } from './disk.js'

const KIB = 1024
const PART = 64 * KIB
const bytesOf = (length: number, seed = 1) => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const etagOf = (bytes: Uint8Array) => sha256(bytes).slice(0, 32)

describe('storage on a disk', () => {
  let clock: ManualClock
  let server: Harness

  beforeEach(async () => {
    clock = manualClock()
    server = await startHarnessOfTest({ clock, limits: { minPartBytes: PART } })
  })

  const put = (url: string, body: Uint8Array, init: RequestInit = {}) => server.request(url, { method: 'PUT', body: body.slice(), ...init })
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as { code: string }).code]
  const multipart = (size: number) => server.create({ size, prefer: { kind: 'multipart', part_bytes: PART } })
  const storedBytes = async (operationId: string) =>
    new Uint8Array(await new Response((await server.sync.readFile(operationId))?.stream()).arrayBuffer())
  const parts = async (operationId: string) => (await server.request(`queries/uploads/${operationId}/parts`)).json()
  const hasBegun = (operationId: string) => partBegins(server.directory, operationId)
  const filesOnDisk = async () =>
    (await readdir(join(server.directory, 'files'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && entry.name !== 'secret')
      .map((entry) => entry.name)

  test.each([0, 1, PART - 1, PART, PART + 1, 3 * PART + 7])('keeps %i bytes as they were sent', async (size) => {
    const bytes = bytesOf(size)
    const planned = await server.create({ size })
    await server.send(planned, bytes)
    await server.complete(planned.operation_id)
    expect(sha256(await storedBytes(planned.operation_id))).toBe(sha256(bytes))
  })

  test('keeps parts that came in any order', async () => {
    const bytes = bytesOf(3 * PART + 7)
    const { operation_id, plan } = await multipart(bytes.length)
    const { parts: signed = [] } = plan as MultipartPlan
    expect(signed).toHaveLength(4)
    await Promise.all(
      [...signed].reverse().map(async ({ part_number, url }) => {
        const answer = await put(url, bytes.slice((part_number - 1) * PART, part_number * PART))
        expect(answer.headers.get('etag')).toBe(`"${etagOf(bytes.slice((part_number - 1) * PART, part_number * PART))}"`)
      }),
    )
    await server.complete(operation_id)
    expect(await storedBytes(operation_id)).toEqual(bytes)
  })

  test('gives addresses that are relative to the mount, so that hosts and proxies do not matter', async () => {
    expect(((await server.create()).plan as PutPlan).url).toMatch(/^storage\/[0-9a-f]{32}\?/)
  })

  test('lists the parts that have arrived, with size and ETag', async () => {
    const { operation_id, plan } = await multipart(2 * PART)
    expect(await parts(operation_id)).toEqual({ parts: [] })
    await put((plan as MultipartPlan).parts![1]!.url, bytesOf(PART))
    expect(await parts(operation_id)).toEqual({ parts: [{ part_number: 2, size: PART, etag: etagOf(bytesOf(PART)) }] })
  })

  test('signs more parts on demand, and refuses numbers that the upload does not have', async () => {
    const { operation_id } = await multipart(12 * PART)
    const answer = await server.post(`commands/uploads/${operation_id}/parts`, { part_numbers: [11, 12] })
    const { parts: signed, expires_in_s } = (await answer.json()) as { parts: { part_number: number; url: string }[]; expires_in_s: number }
    expect(signed.map(({ part_number }) => part_number)).toEqual([11, 12])
    expect(expires_in_s).toBe(3600)
    expect((await put(signed[1]!.url, bytesOf(PART))).status).toBe(200)
    for (const part_numbers of [[0], [13], [1.5], ['1'], [], null]) {
      expect(await codeOf(await server.post(`commands/uploads/${operation_id}/parts`, { part_numbers }))).toEqual([422, 'invalid_part'])
    }
  })

  test('refuses more bytes than were announced, said in the header or not', async () => {
    const { plan } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    expect(await codeOf(await put(url, bytesOf(11)))).toEqual([413, 'too_many_bytes'])
    const slow = slowPut(`${server.url}/${url}`)
    await slow.write(bytesOf(6))
    await slow.write(bytesOf(6))
    expect(await slow.answer).toEqual({ status: 413, code: 'too_many_bytes' })
  })

  test('refuses fewer bytes than were announced, said in the header or not', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    expect(await codeOf(await put(url, bytesOf(9)))).toEqual([400, 'too_few_bytes'])
    const slow = slowPut(`${server.url}/${url}`)
    await slow.write(bytesOf(9))
    expect(await slow.end()).toEqual({ status: 400, code: 'too_few_bytes' })
    expect(await codeOf(await server.post(`commands/uploads/${operation_id}/complete`, {}))).toEqual([409, 'bytes_missing'])
  })

  test('has nothing of a part whose sender went away in the middle', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    const slow = slowPut(`${server.url}/${url}`, { 'content-length': 10 })
    await slow.write(bytesOf(5))
    await hasBegun(operation_id)
    await slow.cut()
    expect(await parts(operation_id)).toEqual({ parts: [] })
    expect((await put(url, bytesOf(10))).status).toBe(200)
    await server.complete(operation_id)
    expect(await storedBytes(operation_id)).toEqual(bytesOf(10))
  })

  test('takes the same part again from the start when its sender gave an earlier request up', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    const halfOpen = slowPut(`${server.url}/${url}`, { 'content-length': 10 })
    await halfOpen.write(bytesOf(5, 7))
    await hasBegun(operation_id)
    expect((await put(url, bytesOf(10))).status).toBe(200)
    await halfOpen.cut()
    await server.complete(operation_id)
    expect(await storedBytes(operation_id)).toEqual(bytesOf(10))
  })

  test('does not count a whole part any more once it is being sent again', async () => {
    const { operation_id, plan } = await server.create({ size: 10, prefer: { kind: 'multipart' } })
    const { url } = (plan as MultipartPlan).parts![0]!
    await put(url, bytesOf(10))
    const again = slowPut(`${server.url}/${url}`)
    await again.write(bytesOf(5))
    expect(await again.end()).toMatchObject({ status: 400 })
    expect(await parts(operation_id)).toEqual({ parts: [] })
  })

  test('refuses a forged address, whatever was changed', async () => {
    const { plan } = await server.create({ size: 10 })
    const { operation_id: otherId } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    const forged = [
      url.replace('part=1', 'part=2'),
      url.replace('size=10', 'size=11'),
      url.replace('offset=0', 'offset=5'),
      url.replace(/expires=\d+/, 'expires=9999999999'),
      url.replace(/storage\/[0-9a-f]+/, `storage/${otherId}`),
      url.replace(/signature=(.)/, (_, first) => `signature=${first === 'A' ? 'B' : 'A'}`),
      url.replace(/&signature=.*/, ''),
      url.replace(/\?.*/, ''),
    ]
    for (const address of forged) expect(await codeOf(await put(address, bytesOf(10)))).toEqual([403, 'url_invalid'])
  })

  test('refuses an address that has expired', async () => {
    const { plan } = await server.create({ size: 10 })
    clock.advance(3_600_000)
    expect(await codeOf(await put((plan as PutPlan).url, bytesOf(10)))).toEqual([403, 'url_expired'])
  })

  test('refuses a signed address after complete', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    await put((plan as PutPlan).url, bytesOf(10))
    await server.complete(operation_id)
    expect(await codeOf(await put((plan as PutPlan).url, bytesOf(10, 9)))).toEqual([409, 'upload_complete'])
    expect(await storedBytes(operation_id)).toEqual(bytesOf(10))
  })

  test('refuses a signed address after cancel, also one that is in use', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const { url } = plan as PutPlan
    const slow = slowPut(`${server.url}/${url}`)
    await slow.write(bytesOf(5))
    await hasBegun(operation_id)
    await server.post(`commands/uploads/${operation_id}/cancel`, {})
    expect(await slow.answer).toEqual({ status: 410, code: 'upload_gone' })
    expect(await codeOf(await put(url, bytesOf(10)))).toEqual([410, 'upload_gone'])
    expect(await filesOnDisk()).toEqual([])
  })

  test('does not complete while a part is missing, and says which', async () => {
    const { operation_id, plan } = await multipart(2 * PART)
    await put((plan as MultipartPlan).parts![0]!.url, bytesOf(PART))
    const answer = await server.post(`commands/uploads/${operation_id}/complete`, {})
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'bytes_missing', detail: 'Part 2 of this upload has not arrived.' })
  })

  test('does not complete while a part is still arriving', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const slow = slowPut(`${server.url}/${(plan as PutPlan).url}`)
    await slow.write(bytesOf(5))
    await hasBegun(operation_id)
    expect(await codeOf(await server.post(`commands/uploads/${operation_id}/complete`, {}))).toEqual([409, 'bytes_missing'])
    await slow.write(bytesOf(5))
    expect((await slow.end()).status).toBe(200)
    await server.complete(operation_id)
  })

  test('completes only with the ETags that it gave out, where the client names some', async () => {
    const { operation_id, plan } = await server.create({ size: 10, prefer: { kind: 'multipart' } })
    const { url } = (plan as MultipartPlan).parts![0]!
    const etag = (await put(url, bytesOf(10))).headers.get('etag')
    const complete = (claimed: unknown) =>
      server.post(`commands/uploads/${operation_id}/complete`, { parts: [{ part_number: 1, etag: claimed }] })
    expect(await codeOf(await complete('"other"'))).toEqual([409, 'bytes_wrong'])
    expect((await complete(etag)).status).toBe(200)
  })

  test('completes only with the checksum that the client announced', async () => {
    const bytes = bytesOf(2 * PART)
    const prefer = { kind: 'multipart', part_bytes: PART } as const
    const wrong = await server.create({ size: bytes.length, checksum: `sha256:${sha256(bytesOf(1))}`, prefer })
    await server.send(wrong, bytes)
    expect(await codeOf(await server.post(`commands/uploads/${wrong.operation_id}/complete`, {}))).toEqual([409, 'bytes_wrong'])
    const right = await server.create({ size: bytes.length, checksum: `sha256:${sha256(bytes)}`, prefer })
    await server.send(right, bytes)
    expect(await server.complete(right.operation_id)).toMatchObject({ status: 'completed' })
  })

  test.each(['../../../etc/passwd', '..\\..\\x', 'a\u0000b', '\u{1F4A9}', 'שלום\u202Egnp.exe', 'n'.repeat(255), '', '.', 'CON', 'a/b'])(
    'takes the name %j as data only: no file is called after it',
    async (name) => {
      const { operation_id, plan } = await server.create({ size: 3, name, relative_path: `../${name}` })
      await put((plan as PutPlan).url, bytesOf(3))
      await server.complete(operation_id)
      expect(await filesOnDisk()).toEqual([operation_id])
      expect((await server.sync.readFile(operation_id))?.path).toBe(
        join(server.directory, 'files', 'objects', operation_id.slice(0, 2), operation_id),
      )
    },
  )

  test.each(['..%2f..%2fsecret', '%2e%2e', '..', 'secret', 'a%00b', '%ff', 'x'.repeat(300)])(
    'refuses the path storage/%s',
    async (path) => {
      const response = await put(`storage/${path}?part=1&offset=0&size=1&expires=99999999999&signature=x`, bytesOf(1))
      expect([403, 404]).toContain(response.status)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
    },
  )

  test('keeps its secret to itself, and its addresses valid across a restart', async () => {
    const { operation_id, plan } = await server.create({ size: 10 })
    const secret = join(server.directory, 'files', 'secret')
    expect((await stat(secret)).mode & 0o777).toBe(0o600)
    await server.close()
    server = await startHarnessOfTest({ clock }, server.directory)
    expect((await put((plan as PutPlan).url, bytesOf(10))).status).toBe(200)
    expect(await server.complete(operation_id)).toMatchObject({ status: 'completed' })
  })

  test('does not start with a damaged secret, and says what to do', async () => {
    const other = await temporaryDirectory()
    await writeFile(join(other.path, 'secret'), 'short')
    const storage = disk({ directory: other.path })
    await expect(storage.open({ clock, logger: consoleLogger, urlExpiresMs: 1 })).rejects.toThrow('Delete it')
    await other.remove()
  })

  test('seals again what a crash left half-sealed', async () => {
    const bytes = bytesOf(10)
    const { operation_id, plan } = await server.create({ size: 10 })
    await put((plan as PutPlan).url, bytes)
    const storage = disk({ directory: join(server.directory, 'files') })
    await storage.open({ clock, logger: consoleLogger, urlExpiresMs: 1000 })
    const target = { operationId: operation_id, size: 10, type: '', kind: 'put', partBytes: 10 } as const
    await storage.complete(target)
    await storage.complete(target)
    // The crash came before the record knew of it.
    expect(await server.complete(operation_id)).toMatchObject({ status: 'completed' })
    expect(await filesOnDisk()).toEqual([operation_id])
  })

  test('keeps a ledger that a torn line does not spoil', async () => {
    const { operation_id, plan } = await multipart(2 * PART)
    const [first, second] = (plan as MultipartPlan).parts!
    await put(first!.url, bytesOf(PART))
    const ledger = join(server.directory, 'files', 'uploads', operation_id, 'parts')
    await writeFile(ledger, `${await readFile(ledger, 'utf8')}\nend 2 655`)
    expect(await parts(operation_id)).toMatchObject({ parts: [{ part_number: 1 }] })
    await put(second!.url, bytesOf(PART))
    expect(await parts(operation_id)).toMatchObject({ parts: [{ part_number: 1 }, { part_number: 2 }] })
  })

  test('reads a range of an object', async () => {
    const planned = await server.create({ size: 10 })
    await server.send(planned, bytesOf(10))
    await server.complete(planned.operation_id)
    const file = await server.sync.readFile(planned.operation_id)
    const range = async (start: number, end: number) => new Uint8Array(await new Response(file?.stream({ start, end })).arrayBuffer())
    expect(await range(2, 5)).toEqual(bytesOf(10).slice(2, 5))
    expect(await range(4, 4)).toEqual(new Uint8Array())
  })
})
