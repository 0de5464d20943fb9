import { createHash } from 'node:crypto'
import { combineCrc32c, crc32c, crc32cToBase64 } from '@upload-panel/core/checksum'
import type { CreateUploadFile, MultipartPlan, PutPlan, SignPartsAnswer } from '@upload-panel/core/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { type Harness, startHarnessOfTest } from '../testing/harness.js'
import { disk } from './disk.js'

const PART = 64 * 1024
const bytesOf = (length: number, seed = 1) => Uint8Array.from({ length }, (_, index) => (index * 31 + seed) % 251)

/** The digest of bytes, as the wire has it. */
const digest = {
  crc32c: (bytes: Uint8Array) => crc32cToBase64(crc32c(bytes)),
  sha256: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64'),
}
type Algorithm = keyof typeof digest
const ALGORITHMS: readonly Algorithm[] = ['crc32c', 'sha256']

describe('checksums of what is stored on a disk', () => {
  let server: Harness

  beforeEach(async () => {
    server = await startHarnessOfTest({ limits: { minPartBytes: PART } })
  })

  const bytes = bytesOf(2 * PART + 9)
  const parts = [bytes.subarray(0, PART), bytes.subarray(PART, 2 * PART), bytes.subarray(2 * PART)]
  const put = (url: string, body: Uint8Array) => server.request(url, { method: 'PUT', body: body.slice() })
  const problemOf = async (response: Response) => ({ ...((await response.json()) as object), status: response.status })
  const codeOf = async (response: Response) => {
    const { status, code } = (await response.json()) as { status?: number; code?: string }
    return [status ?? response.status, code]
  }
  const prefer = (checksum: Algorithm | 'none', kind: 'put' | 'multipart' = 'multipart'): Partial<CreateUploadFile> => ({
    size: bytes.length,
    prefer: { kind, part_bytes: PART, checksum },
  })
  const list = async (id: string) => ((await (await server.request(`queries/uploads/${id}/parts`)).json()) as { parts: object[] }).parts
  const complete = (id: string, claimed: object) => server.post(`commands/uploads/${id}/complete`, claimed)
  const stored = async (id: string) => new Uint8Array(await new Response((await server.sync.readFile(id))?.stream()).arrayBuffer())

  async function sign(id: string, checksums: Readonly<Record<number, string>>): Promise<readonly string[]> {
    const answer = await server.post(`commands/uploads/${id}/parts`, { part_numbers: Object.keys(checksums).map(Number), checksums })
    expect(answer.status).toBe(200)
    return ((await answer.json()) as SignPartsAnswer).parts.map(({ url }) => url)
  }

  /** An upload all of whose parts have arrived, with the checksums of their bytes. */
  async function sent(algorithm: Algorithm): Promise<string> {
    const { operation_id: id } = await server.create(prefer(algorithm))
    const urls = await sign(id, Object.fromEntries(parts.map((part, index) => [index + 1, digest[algorithm](part)])))
    for (const [index, url] of urls.entries()) expect((await put(url, parts[index] as Uint8Array)).status).toBe(200)
    return id
  }

  test.each(ALGORITHMS)('are asked for where the client wishes it, and bind the URL of each part (%s)', async (algorithm) => {
    const { operation_id: id, plan } = await server.create(prefer(algorithm))
    expect(plan).toMatchObject({ kind: 'multipart', checksum: { algorithm } })
    expect((plan as MultipartPlan).parts).toBeUndefined()
    const [url = ''] = await sign(id, { 2: digest[algorithm](parts[1] as Uint8Array) })

    const damaged = (parts[1] as Uint8Array).slice()
    damaged[100] = 255 - (damaged[100] as number)
    expect(await problemOf(await put(url, damaged))).toMatchObject({ status: 400, code: 'checksum_mismatch', retryable: true })
    expect(await list(id)).toEqual([])

    expect((await put(url, parts[1] as Uint8Array)).status).toBe(200)
    expect(await list(id)).toMatchObject([{ part_number: 2, size: PART, checksum: digest[algorithm](parts[1] as Uint8Array) }])
    // Neither another checksum nor none can be put into a URL.
    expect(await codeOf(await put(url.replace(/checksum=[^&]+/, 'checksum=crc32c%3AAAAAAA%3D%3D'), damaged))).toEqual([403, 'url_invalid'])
    expect(await codeOf(await put(url.replace(/&checksum=[^&]+/, ''), damaged))).toEqual([403, 'url_invalid'])
  })

  test('must come with the call that asks for URLs', async () => {
    const { operation_id: id } = await server.create(prefer('crc32c'))
    const ask = (body: object) => server.post(`commands/uploads/${id}/parts`, { part_numbers: [1, 2], ...body })
    const all = { 1: digest.crc32c(bytes), 2: digest.crc32c(bytes) }
    for (const checksums of [undefined, null, 'x', [], { 1: all[1] }, { ...all, 2: digest.sha256(bytes) }, { ...all, 2: 7 }]) {
      expect(await codeOf(await ask({ checksums }))).toEqual([422, 'invalid_part'])
    }
    expect((await ask({ checksums: all })).status).toBe(200)
  })

  test('of the whole, CRC-32C, follows from the parts; storage compares it with what `complete` tells', async () => {
    const wrong = await sent('crc32c')
    expect(await problemOf(await complete(wrong, { checksum: `crc32c:${digest.crc32c(bytesOf(9))}` }))).toMatchObject({
      status: 409,
      code: 'bytes_wrong',
      retryable: true,
    })
    // Which part is wrong nobody knows: all are sent again.
    expect(await list(wrong)).toEqual([])

    const right = await sent('crc32c')
    const claimed = parts.map((part, index) => ({ part_number: index + 1, checksum: digest.crc32c(part) }))
    const whole = crc32cToBase64(combineCrc32c(parts.map((part) => ({ crc: crc32c(part), size: part.length }))))
    expect(whole).toBe(digest.crc32c(bytes))
    expect((await complete(right, { parts: claimed, checksum: `crc32c:${whole}` })).status).toBe(200)
    expect(await stored(right)).toEqual(bytes)
  })

  test('of the whole, SHA-256, are that of the digests of the parts, or of all bytes', async () => {
    const composite = createHash('sha256')
    for (const part of parts) composite.update(createHash('sha256').update(part).digest())
    const ofParts = composite.digest('base64')
    for (const checksum of [`sha256:${ofParts}`, `sha256:${ofParts}-2`, `sha256:${digest.sha256(bytes)}-3`]) {
      expect(await codeOf(await complete(await sent('sha256'), { checksum }))).toEqual([409, 'bytes_wrong'])
    }
    for (const checksum of [`sha256:${ofParts}-3`, `sha256:${digest.sha256(bytes)}`]) {
      expect((await complete(await sent('sha256'), { checksum })).status).toBe(200)
    }
  })

  test('of a part that `complete` tells must be those of the part that is there', async () => {
    const id = await sent('crc32c')
    const claim = (checksum: string) => complete(id, { parts: [{ part_number: 1, checksum }] })
    expect(await codeOf(await claim(digest.crc32c(bytes)))).toEqual([409, 'bytes_wrong'])
    expect((await claim(digest.crc32c(parts[0] as Uint8Array))).status).toBe(200)
  })

  test('that make no sense are refused', async () => {
    const id = await sent('crc32c')
    for (const claimed of [{ checksum: 'md5:x' }, { checksum: 7 }, { parts: [{ part_number: 1, checksum: 7 }] }]) {
      expect(await codeOf(await complete(id, claimed))).toEqual([422, 'invalid_part'])
    }
  })

  test.each(ALGORITHMS)('that are announced bind the URL of a file that comes in one request (%s)', async (algorithm) => {
    const checksum = `${algorithm}:${digest[algorithm](bytes)}`
    const { operation_id: id, plan } = await server.create({ ...prefer(algorithm, 'put'), checksum })
    expect(plan).not.toHaveProperty('checksum')
    const { url } = plan as PutPlan
    expect(await codeOf(await put(url, bytesOf(bytes.length, 7)))).toEqual([400, 'checksum_mismatch'])
    expect((await put(url, bytes)).status).toBe(200)
    await server.complete(id)
    expect(await stored(id)).toEqual(bytes)
  })

  test.each(ALGORITHMS)('that are not announced are told with `complete` of a file that comes in one request (%s)', async (algorithm) => {
    const { operation_id: id, plan } = await server.create(prefer(algorithm, 'put'))
    expect(plan).toMatchObject({ kind: 'put', checksum: { algorithm } })
    const { url } = plan as PutPlan
    await put(url, bytesOf(bytes.length, 7))
    const claimed = { checksum: `${algorithm}:${digest[algorithm](bytes)}` }
    expect(await codeOf(await complete(id, claimed))).toEqual([409, 'bytes_wrong'])
    expect(await codeOf(await complete(id, claimed))).toEqual([409, 'bytes_missing'])
    await put(url, bytes)
    expect((await complete(id, claimed)).status).toBe(200)
  })

  test('are asked for by the storage where the client has no wish, and not where it will not make any', async () => {
    await server.close()
    server = await startHarnessOfTest(
      {
        storage: disk({ directory: `${server.directory}/files`, checksum: 'crc32c' }),
        limits: { minPartBytes: PART },
      },
      server.directory,
    )
    const planOf = async (file: Partial<CreateUploadFile>) => (await server.create(file)).plan
    expect(await planOf({ size: 9 })).toMatchObject({ checksum: { algorithm: 'crc32c' } })
    expect(await planOf(prefer('sha256'))).toMatchObject({ checksum: { algorithm: 'sha256' } })
    expect(await planOf(prefer('none'))).not.toHaveProperty('checksum')
    // Browsers hash by SHA-256 what they hold in memory.
    const large = { size: 2 ** 30, prefer: { kind: 'put', checksum: 'sha256' } } as const
    expect(await planOf(large)).toMatchObject({ checksum: { algorithm: 'crc32c' } })
  })
})
