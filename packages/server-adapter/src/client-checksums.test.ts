import { createHash, randomBytes } from 'node:crypto'
import { createUploader, httpBackend, type UploaderOptions } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { disk } from './storage/disk.js'
import { type Harness, startHarnessOfTest } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'

/** The real client against the real server: what damaged bytes come to. */
const PART = 1000
const ALGORITHMS = ['crc32c', 'sha256'] as const

const bytesOf = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Sent {
  /** Number of the part, from the URL. */
  readonly part: string | null
  readonly status: number
}

/** A network that turns one bit around in the first request for a part, and notes what storage answered to each. */
function damagingNetwork(part: string | undefined) {
  const sent: Sent[] = []
  let isDone = part === undefined
  const http: NonNullable<NonNullable<UploaderOptions['environment']>['http']> = {
    async send({ method, url, headers, body, signal }) {
      const number = new URL(url).searchParams.get('part')
      const bytes = new Uint8Array(await (body as Blob).arrayBuffer())
      if (!isDone && number === part) {
        isDone = true
        bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
      }
      const response = await fetch(url, { method, body: bytes, signal, ...(headers !== undefined && { headers }) })
      sent.push({ part: number, status: response.status })
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text: await response.text() }
    },
  }
  return { http, sent }
}

describe('a client that makes checksums', () => {
  let server: Harness

  beforeEach(async () => {
    server = await startHarnessOfTest({ limits: { minPartBytes: PART } })
  })

  async function upload(bytes: Uint8Array<ArrayBuffer>, part: string | undefined, options: Partial<UploaderOptions> = {}) {
    const { http, sent } = damagingNetwork(part)
    const uploader = createUploader({
      backend: httpBackend({ url: server.url }),
      realtime: sse({ url: `${server.url}/events` }),
      multipartFromBytes: 2 * PART,
      partBytes: PART,
      requestSlots: 1,
      retry: { attempts: 3, baseMs: 10, capMs: 20 },
      environment: { http },
      ...options,
    })
    onTestFinished(() => uploader.dispose())
    const [id = ''] = uploader.add([new File([bytes], 'a.bin')])
    await vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe('completed'), PATIENCE)
    const stored = await server.sync.readFile(uploader.$item(id).get()?.operationId ?? '')
    return { sent, sha256: sha256(new Uint8Array(await new Response(stored?.stream()).arrayBuffer())) }
  }

  test.each(ALGORITHMS)('brings files of every size whole into storage (%s)', async (checksum) => {
    for (const size of [0, 1, 2 * PART, 2 * PART + 1, 30 * PART - 1]) {
      const bytes = bytesOf(size)
      expect((await upload(bytes, undefined, { checksum })).sha256).toBe(sha256(bytes))
    }
  })

  test.each(ALGORITHMS)('sends a part again that was damaged on its way, and no other (%s)', async (checksum) => {
    const bytes = bytesOf(5 * PART)
    const { sent, sha256: stored } = await upload(bytes, '3', { checksum })
    expect(stored).toBe(sha256(bytes))
    expect(sent).toEqual([
      { part: '1', status: 200 },
      { part: '2', status: 200 },
      { part: '3', status: 400 },
      { part: '3', status: 200 },
      { part: '4', status: 200 },
      { part: '5', status: 200 },
    ])
  })

  test.each(ALGORITHMS)('sends a small file again that was damaged on its way (%s)', async (checksum) => {
    const bytes = bytesOf(PART)
    const { sent, sha256: stored } = await upload(bytes, '1', { checksum })
    expect(stored).toBe(sha256(bytes))
    expect(sent.map(({ status }) => status)).toEqual([400, 200])
  })

  test('makes them because the server asks, too; what is told too late for the request is found by `complete`', async () => {
    await server.close()
    server = await startHarnessOfTest(
      {
        storage: disk({ directory: `${server.directory}/files`, checksum: 'crc32c' }),
        limits: { minPartBytes: PART },
      },
      server.directory,
    )
    const large = bytesOf(3 * PART)
    expect(await upload(large, '2')).toMatchObject({ sha256: sha256(large), sent: [{}, { part: '2', status: 400 }, {}, {}] })
    const small = bytesOf(PART)
    expect(await upload(small, '1')).toMatchObject({ sha256: sha256(small), sent: [{ status: 200 }, { status: 200 }] })
  })

  test('has no say where it will not make any: then nobody notices', async () => {
    const bytes = bytesOf(3 * PART)
    const { sha256: stored } = await upload(bytes, '2', { checksum: false })
    expect(stored).not.toBe(sha256(bytes))
  })
})
