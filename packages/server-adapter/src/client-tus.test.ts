import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { buffer as readAll } from 'node:stream/consumers'
import { createUploader, httpBackend, UploadError, type UploaderOptions } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { tusStrategy } from '@upload-panel/core/tus'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SyncServerOptions } from './options.js'
import { tus } from './storage/tus/tus.js'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'
import type { ProcessHook } from './uploads/processing.js'

/** The real client, whose tus-js-client speaks to the `@tus/server` that the real server has mounted. */
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hash: ProcessHook = async (_operation, { file }) => ({ sha256: sha256(await readAll(file.stream())) })
const bytesOf = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))
const MIB = 2 ** 20
type Http = NonNullable<NonNullable<UploaderOptions['environment']>['http']>
type Send = Parameters<Http['send']>[0]
type Answer = Awaited<ReturnType<Http['send']>>

describe('the client and a server that speaks tus', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>
  let server: Harness
  const serve = (options: Partial<SyncServerOptions> = {}, port?: number) =>
    startHarness(directory.path, { storage: tus({ directory: join(directory.path, 'tus') }), process: hash, ...options }, port)

  beforeEach(async () => {
    directory = await temporaryDirectory()
    server = await serve()
  })
  afterEach(async () => {
    await server.close()
    await directory.remove()
  })

  /** `answer` may answer in place of the server, or break what it sends. */
  function start(bytes: Uint8Array<ArrayBuffer>, answer: (request: Send, send: (body?: Blob) => Promise<Answer>) => Promise<Answer>) {
    const sent: string[] = []
    const http: Http = {
      send(request) {
        const { method, url, headers = {}, signal } = request
        const given = request.body instanceof Blob ? request.body : undefined
        sent.push(`${method} ${headers['Upload-Offset'] ?? ''}+${given?.size ?? 0}`)
        return answer(request, async (body = given) => {
          const response = await fetch(url, { method, headers, signal, ...(body !== undefined && { body }) })
          return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text: await response.text() }
        })
      },
    }
    const uploader = createUploader({
      backend: httpBackend({ url: server.url }),
      realtime: sse({ url: `${server.url}/events` }),
      strategies: [tusStrategy()],
      retry: { attempts: 6, baseMs: 10, capMs: 50 },
      environment: { http },
    })
    onTestFinished(() => uploader.dispose())
    const [id = ''] = uploader.add([new File([bytes], '../a.bin')])
    const item = () => uploader.$item(id).get()
    return {
      uploader,
      id,
      item,
      sent,
      async arrives() {
        await vi.waitFor(() => expect(item()?.phase).toMatch(/completed|failed/), PATIENCE)
        expect(item()).toMatchObject({ phase: 'completed', result: { sha256: sha256(bytes) } })
      },
    }
  }
  const isBytes = ({ method }: Send) => method === 'PATCH'

  test.each([0, 1, 2 * MIB, 2 * MIB + 1, 5 * MIB])('%i bytes arrive, and are what the hook reads', async (size) => {
    const { arrives, sent } = start(bytesOf(size), (_request, send) => send())
    await arrives()
    // What is small goes along with the creation; nobody asks what the server can do, for its plan says so.
    expect(sent).toHaveLength(size > 0 && size <= 2 * MIB ? 1 : size === 0 ? 1 : 2)
  })

  test('a line that is cut goes on with the byte where it was', async () => {
    const bytes = bytesOf(6 * MIB)
    let cuts = 0
    const { arrives, sent } = start(bytes, async (request, send) => {
      if (!isBytes(request) || cuts === 2 || !(request.body instanceof Blob)) return send()
      cuts += 1
      // So much reaches the server, and no answer comes back.
      await send(request.body.slice(0, MIB))
      throw new UploadError('network', 'The line was cut.', { retryable: true })
    })
    await arrives()
    expect(sent.filter((one) => one.startsWith('PATCH'))).toEqual([
      `PATCH 0+${6 * MIB}`,
      `PATCH ${MIB}+${5 * MIB}`,
      `PATCH ${2 * MIB}+${4 * MIB}`,
    ])
  })

  test('a server that is killed and starts again goes on, also with an upload that was paused', async () => {
    const bytes = bytesOf(4 * MIB)
    const held = Promise.withResolvers<void>()
    let isFirst = true
    const { uploader, id, item, arrives, sent } = start(bytes, async (request, send) => {
      if (!isBytes(request) || !isFirst || !(request.body instanceof Blob)) return send()
      isFirst = false
      await send(request.body.slice(0, 3 * MIB))
      held.resolve()
      return new Promise((_resolve, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)))
    })
    await held.promise
    uploader.pause(id)
    await vi.waitFor(() => expect(item()?.phase).not.toBe('uploading'), PATIENCE)
    const { port } = new URL(server.url)
    await server.crash()
    server = await serve({}, Number(port))
    uploader.resume(id)
    await arrives()
    expect(sent.at(-1)).toBe(`PATCH ${3 * MIB}+${MIB}`)
  })

  test('other pages see how far it is', async () => {
    const events = await server.events('all=1')
    const { arrives } = start(bytesOf(3 * MIB), (_request, send) => send())
    await arrives()
    const seen = await events.until(({ performance_data }) => Number(performance_data?.['sent_bytes'] ?? 0) > 0)
    expect(seen).toMatchObject({ status: 'pending', stage: 'uploading', performance_data: { total_bytes: 3 * MIB } })
  })

  test('an answer to the creation that was lost loses nothing', async () => {
    let isLost = false
    const { arrives } = start(bytesOf(1000), async (_request, send) => {
      const answer = await send()
      if (isLost) return answer
      isLost = true
      expect(answer.status).toBe(201)
      throw new UploadError('network', 'The line was cut.', { retryable: true })
    })
    await arrives()
  })

  test('another request that moved the upload on is no failure', async () => {
    const bytes = bytesOf(3 * MIB)
    let isMoved = false
    const { arrives, sent } = start(bytes, async (request, send) => {
      if (isBytes(request) && !isMoved && request.body instanceof Blob) {
        isMoved = true
        await send(request.body.slice(0, MIB))
        // At an offset that is not the server's any more.
        return send()
      }
      return send()
    })
    await arrives()
    expect(sent.at(-1)).toBe(`PATCH ${MIB}+${2 * MIB}`)
  })

  test('what is removed leaves nothing on the server', async () => {
    const held = Promise.withResolvers<void>()
    const { uploader, id, item } = start(bytesOf(3 * MIB), async (request, send) => {
      if (!isBytes(request) || !(request.body instanceof Blob)) return send()
      await send(request.body.slice(0, MIB))
      held.resolve()
      return new Promise((_resolve, reject) => request.signal?.addEventListener('abort', () => reject(request.signal?.reason)))
    })
    await held.promise
    const operationId = item()?.operationId ?? ''
    uploader.remove(id)
    await vi.waitFor(async () => expect((await server.sync.manager.get(operationId))?.status).toBe('cancelled'), PATIENCE)
    const parts = await (await server.request(`queries/uploads/${operationId}/parts`)).json()
    expect(parts).toEqual({ parts: [] })
  })
})
