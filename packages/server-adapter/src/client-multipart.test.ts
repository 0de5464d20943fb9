import { createHash, randomBytes } from 'node:crypto'
import { appendFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createUploader, httpBackend, type UploaderOptions, type UploadItem } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Harness, startHarnessOfTest } from './testing/harness.js'
import { PATIENCE } from './testing/patience.js'

/** The real client against the real server: what becomes of a file's parts. */
const PART = 1000

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const bytesOf = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))
type Http = NonNullable<NonNullable<UploaderOptions['environment']>['http']>
type Answer = Awaited<ReturnType<Http['send']>>

describe('a file in parts', () => {
  let server: Harness

  beforeEach(async () => {
    server = await startHarnessOfTest({ limits: { minPartBytes: PART } })
  })

  /** `answer` may answer in place of the server: it is given the number of the part, and what sends it. */
  function start(answer: (part: number, send: () => Promise<Answer>) => Promise<Answer>) {
    const sent: number[] = []
    const http: Http = {
      send({ url, body, signal }) {
        const part = Number(new URL(url).searchParams.get('part'))
        sent.push(part)
        return answer(part, async () => {
          const response = await fetch(url, { method: 'PUT', body: body as Blob, signal })
          return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text: await response.text() }
        })
      },
    }
    const uploader = createUploader({
      backend: httpBackend({ url: server.url }),
      realtime: sse({ url: `${server.url}/events` }),
      multipartFromBytes: 2 * PART,
      partBytes: PART,
      requestSlots: 1,
      retry: { attempts: 2, baseMs: 10, capMs: 20 },
      environment: { http },
    })
    onTestFinished(() => uploader.dispose())
    const item = (id: string) => uploader.$item(id).get()
    return {
      uploader,
      sent,
      add: (bytes: Uint8Array<ArrayBuffer>) => uploader.add([new File([bytes], 'a.bin')])[0] ?? '',
      until: (id: string, phase: UploadItem['phase']) => vi.waitFor(() => expect(item(id)?.phase).toBe(phase), PATIENCE),
      async stored(id: string) {
        const file = await server.sync.readFile(item(id)?.operationId ?? '')
        return sha256(new Uint8Array(await new Response(file?.stream()).arrayBuffer()))
      },
    }
  }
  const refusal = (status: number): Promise<Answer> => Promise.resolve({ status, header: () => undefined, text: '' })
  const never = (): Promise<Answer> => new Promise(() => {})
  /** Uploads that take up room without being complete. */
  const pending = () => readdir(join(server.directory, 'files', 'uploads'))

  test('that is removed leaves nothing on the server', async () => {
    const { uploader, sent, add } = start((part, send) => (part === 2 ? never() : send()))
    const id = add(bytesOf(4 * PART))
    await vi.waitFor(() => expect(sent).toEqual([1, 2]), PATIENCE)
    expect(await pending()).toHaveLength(1)
    uploader.remove(id)
    await vi.waitFor(async () => expect(await pending()).toEqual([]), PATIENCE)
  })

  test('that failed keeps its parts on the server, and goes on from there when it is tried again', async () => {
    let isBroken = true
    const { uploader, sent, add, until, stored } = start((part, send) => (part === 3 && isBroken ? refusal(400) : send()))
    const bytes = bytesOf(4 * PART)
    const id = add(bytes)
    await until(id, 'failed')
    expect(sent).toEqual([1, 2, 3])
    const [operation = ''] = await pending()
    const listed = await (await server.request(`queries/uploads/${operation}/parts`)).json()
    expect(listed).toMatchObject({ parts: [{ part_number: 1 }, { part_number: 2 }] })
    isBroken = false
    uploader.retry(id)
    await until(id, 'completed')
    expect(await stored(id)).toBe(sha256(bytes))
    expect(sent).toEqual([1, 2, 3, 3, 4])
  })

  test('of which the server has lost a part when it is to be completed sends that part again, and no other', async () => {
    let isLost = false
    const bytes = bytesOf(4 * PART)
    const { sent, add, until, stored } = start(async (part, send) => {
      const answer = await send()
      if (part === 4 && !isLost) {
        isLost = true
        const [operation = ''] = await pending()
        // As a crash leaves it: the part was begun again, and did not come to its end.
        await appendFile(join(server.directory, 'files', 'uploads', operation, 'parts'), '\nbegin 2\n')
      }
      return answer
    })
    const id = add(bytes)
    await until(id, 'completed')
    expect(await stored(id)).toBe(sha256(bytes))
    expect(sent).toEqual([1, 2, 3, 4, 2])
  })

  test('whose `complete` arrived, and whose pages did not hear of it, is completed with the next part that is refused as too late', async () => {
    let isLate = true
    const bytes = bytesOf(3 * PART)
    const { sent, add, until, stored } = start(async (part, send) => {
      const answer = await send()
      if (part < 3 || !isLate) return answer
      // All parts are there. Another page of the same user completes the upload before this one has heard of its last part.
      isLate = false
      const [operation = ''] = await pending()
      await server.complete(operation)
      return send()
    })
    const id = add(bytes)
    await until(id, 'completed')
    expect(await stored(id)).toBe(sha256(bytes))
    expect(sent).toEqual([1, 2, 3])
  })
})
