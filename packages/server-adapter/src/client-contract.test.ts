import { createHash, randomBytes } from 'node:crypto'
import { buffer as readAll } from 'node:stream/consumers'
import { createUploader, httpBackend, type UploadError, type UploadItem, type Uploader, type UploaderOptions } from '@upload-panel/core'
import { polling } from '@upload-panel/core/polling'
import { sse } from '@upload-panel/core/sse'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ProcessingError } from './errors.js'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'
import type { ProcessHook } from './uploads/processing.js'

/** The real client against the real server, over the real protocol. */
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hash: ProcessHook = async (_operation, { file }) => ({ sha256: sha256(await readAll(file.stream())) })
const PART = 1000

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
let uploaders: Uploader[]

beforeEach(async () => {
  directory = await temporaryDirectory()
  uploaders = []
})
afterEach(async () => {
  for (const uploader of uploaders) await uploader.dispose()
  await server.close()
  await directory.remove()
})

async function start(process: ProcessHook = hash, more: Parameters<typeof startHarness>[1] = {}): Promise<void> {
  server = await startHarness(directory.path, { process, limits: { minPartBytes: PART }, ...more })
}

function client(options: Partial<UploaderOptions> & { readonly token?: (attempt: number) => string } = {}): Uploader {
  const { token, ...rest } = options
  const headers = token && (({ attempt }: { readonly attempt: number }) => ({ authorization: `Bearer ${token(attempt)}` }))
  const uploader = createUploader({
    backend: httpBackend({ url: server.url, ...(headers && { headers }) }),
    realtime: sse({ url: `${server.url}/events`, ...(headers && { headers }) }),
    multipartFromBytes: 2 * PART,
    partBytes: PART,
    ...rest,
  })
  uploaders.push(uploader)
  return uploader
}

const fileOf = (bytes: Uint8Array<ArrayBuffer>, name = 'a.bin') => new File([bytes], name)
const bytesOf = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))
const itemOf = (uploader: Uploader, id: string): UploadItem | undefined => uploader.$item(id).get()
/** The item, once it is in a phase. */
const once = (uploader: Uploader, id: string, phase: UploadItem['phase']) =>
  vi.waitFor(() => {
    const item = itemOf(uploader, id)
    expect(item?.phase).toBe(phase)
    return item
  }, PATIENCE)

describe('the client and the server', () => {
  test.each([0, 1, 2 * PART, 2 * PART + 1, 7 * PART - 1])(
    'bring %i bytes whole into storage and to the page’s confirmation',
    async (size) => {
      await start()
      const uploader = client()
      const bytes = bytesOf(size)
      const [id = ''] = uploader.add([fileOf(bytes)])
      expect(await once(uploader, id, 'completed')).toMatchObject({ result: { sha256: sha256(bytes) } })
    },
  )

  test('need one request for a small file, besides what plans fifty of them', async () => {
    await start()
    const requests: string[] = []
    const { fetch: send } = globalThis
    vi.stubGlobal('fetch', (input: string, init?: RequestInit) => {
      requests.push(`${init?.method ?? 'GET'} ${new URL(input).pathname.split('/').slice(0, 3).join('/')}`)
      return send(input, init)
    })
    try {
      const uploader = client()
      const ids = uploader.add(Array.from({ length: 60 }, () => fileOf(bytesOf(10))))
      for (const id of ids) await once(uploader, id, 'completed')
    } finally {
      vi.unstubAllGlobals()
    }
    const count = (prefix: string) => requests.filter((request) => request.startsWith(prefix)).length
    expect(count('PUT')).toBe(60)
    expect(count('POST /commands')).toBeLessThanOrEqual(2)
  })

  test('do so for two hundred files at once, with names of all kinds', async () => {
    await start()
    const uploader = client()
    const names = ['שלום.txt', '../../etc/passwd', '😀.png', `${'a'.repeat(255)}`, 'a/b\\c', '%2e%2e']
    const files = Array.from({ length: 200 }, (_, index) => fileOf(bytesOf(index), names[index % names.length]))
    const ids = uploader.add(files)
    await vi.waitFor(() => expect(uploader.$summary.get().completed).toBe(200), PATIENCE)
    expect(itemOf(uploader, ids[0] ?? '')?.name).toBe('שלום.txt')
  })

  test('agree without realtime', async () => {
    await start()
    const uploader = client({ realtime: polling() })
    const [id = ''] = uploader.add([fileOf(bytesOf(10))])
    expect(await once(uploader, id, 'completed')).toMatchObject({ attempt: 1 })
  })

  test('start the processing again on retry, without the bytes', async () => {
    let isBroken = true
    await start(async (operation, context) => {
      if (isBroken) throw new ProcessingError('transcoder', 'The transcoder crashed.', { retryable: true })
      return hash(operation, context)
    })
    const uploader = client()
    const [id = ''] = uploader.add([fileOf(bytesOf(10))])
    const failed = await once(uploader, id, 'failed')
    expect(failed).toMatchObject({
      by: 'server',
      error: { code: 'remote_error', remoteCode: 'transcoder', message: 'The transcoder crashed.' },
    })
    isBroken = false
    const transferred: string[] = []
    uploader.on('started', (item) => transferred.push(item.id))
    uploader.retry(id)
    expect(await once(uploader, id, 'completed')).toMatchObject({ attempt: 1, operationId: failed?.operationId })
    expect(transferred).toEqual([])
  })

  test('cancel what is being processed', async () => {
    await start(
      (_operation, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    )
    const uploader = client()
    const [id = ''] = uploader.add([fileOf(bytesOf(10))])
    await once(uploader, id, 'processing')
    uploader.cancel(id)
    await vi.waitFor(async () => {
      const answer = await server.post('queries/operations', { ids: [itemOf(uploader, id)?.operationId] })
      expect(await answer.json()).toMatchObject({ operations: [{ status: 'cancelled' }] })
    }, PATIENCE)
  })

  test('send a file in another attempt after it was given up before its bytes arrived', async () => {
    await start()
    let isBroken = true
    const { fetch: realFetch } = globalThis
    const uploader = client({
      retry: { attempts: 1 },
      environment: {
        http: {
          async send({ method, url, body, signal }) {
            if (isBroken) return { status: 400, header: () => undefined, text: '' }
            const response = await realFetch(url, { method, body: body as Blob, signal })
            return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text: await response.text() }
          },
        },
      },
    })
    const bytes = bytesOf(10)
    const [id = ''] = uploader.add([fileOf(bytes)])
    const failed = await once(uploader, id, 'failed')
    isBroken = false
    uploader.retry(id)
    const done = await once(uploader, id, 'completed')
    expect(done).toMatchObject({ attempt: 2, result: { sha256: sha256(bytes) } })
    expect(done?.operationId).not.toBe(failed?.operationId)
  })

  test('come back together after the server was killed while it worked', async () => {
    let finish = () => {}
    await start(async (operation, context) => {
      await new Promise<void>((resolve) => (finish = resolve))
      return hash(operation, context)
    })
    const port = Number(new URL(server.url).port)
    const uploader = client({ environment: { random: () => 0 } })
    const bytes = bytesOf(10)
    const [id = ''] = uploader.add([fileOf(bytes)])
    await once(uploader, id, 'processing')
    await server.crash()
    finish()
    server = await startHarness(directory.path, { process: hash }, port)
    expect(await once(uploader, id, 'completed')).toMatchObject({ result: { sha256: sha256(bytes) } })
  })

  test('bring a job back on another page', async () => {
    await start()
    const first = client()
    const [id = ''] = first.add([fileOf(bytesOf(10), 'kept.bin')])
    await once(first, id, 'completed')
    await first.dispose()
    const second = client({ jobId: first.jobId })
    second.on('added', () => {})
    await vi.waitFor(() => expect(second.items()).toMatchObject([{ id, name: 'kept.bin', size: 10, phase: 'completed' }]), PATIENCE)
  })

  test('ask for fresh headers once where a token has expired, and else have the item wait for somebody to sign in', async () => {
    let valid = 'new'
    await start(hash, {
      authorize: ({ request }) => (request.headers.get('authorization') === `Bearer ${valid}` ? { subject: 'me' } : null),
    })
    let token = (attempt: number): string => (attempt === 1 ? 'old' : 'new')
    const uploader = client({ token: (attempt) => token(attempt) })
    const [id = ''] = uploader.add([fileOf(bytesOf(10))])
    await once(uploader, id, 'completed')

    valid = 'newer'
    const [late = ''] = uploader.add([fileOf(bytesOf(10))])
    const waiting = await once(uploader, late, 'waiting')
    expect(waiting).toMatchObject({ reason: 'auth', error: { code: 'auth', status: 401 } satisfies Partial<UploadError> })
    token = () => 'newer'
    uploader.retry(late)
    await once(uploader, late, 'completed')
  })
})
