import { createHash, randomBytes } from 'node:crypto'
import { createUploader, httpBackend, type Uploader } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ProcessingError } from './errors.js'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'
import type { ProcessHook } from './uploads/processing.js'
import { PATIENCE } from './testing/patience.js'

const MIB = 2 ** 20
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let server: Harness
let uploader: Uploader

beforeEach(async () => {
  directory = await temporaryDirectory()
})
afterEach(async () => {
  await uploader.dispose()
  await server.close()
  await directory.remove()
})

const start = async (process?: ProcessHook, port = 0) => {
  server = await startHarness(directory.path, process === undefined ? {} : { process }, port)
  return server
}
const connect = (options: Partial<Parameters<typeof createUploader>[0]> = {}) => {
  uploader = createUploader({
    backend: httpBackend({ url: server.url }),
    realtime: sse({ url: `${server.url}/events` }),
    retry: { baseMs: 20 },
    ...options,
  })
  return uploader
}
const file = (size: number, name: string) => new File([randomBytes(size)], name)
const hashOf = (bytes: ArrayBuffer) => createHash('sha256').update(Buffer.from(bytes)).digest('hex')
const phases = () => uploader.items().map(({ phase }) => phase)
const all = (phase: string) => vi.waitFor(() => expect(new Set(phases())).toEqual(new Set([phase])), PATIENCE)
const hash: ProcessHook = async (_, { file: stored }) => hashOf(await new Response(stored.stream()).arrayBuffer())

describe('the client of upload-panel and this server', { timeout: 30_000 }, () => {
  test('bring files of all sizes and names through, byte for byte, each confirmed', async () => {
    await start(hash)
    connect()
    const names = ['a', '../../b', '\u{1F4E6}', 'קובץ', 'n'.repeat(255), 'c d%2f']
    const sizes = [0, 1, 1000, 5 * MIB, 5 * MIB + 1, 12 * MIB]
    const files = sizes.map((size, index) => file(size, names[index] ?? ''))
    const ids = uploader.add(files)
    await all('completed')
    for (const [index, id] of ids.entries()) {
      const item = uploader.items().find((other) => other.id === id)
      expect(item).toMatchObject({ result: hashOf(await files[index]!.arrayBuffer()) })
      expect(hashOf(await new Response((await server.sync.readFile(item?.operationId ?? ''))?.stream()).arrayBuffer())).toBe(
        hashOf(await files[index]!.arrayBuffer()),
      )
    }
  })

  test('retry a refused file without sending its bytes again', async () => {
    let refuses = true
    await start(() => {
      if (refuses) throw new ProcessingError('not_today', 'Not today.', { retryable: true })
      return 'ok'
    })
    connect()
    uploader.add([file(1000, 'a')])
    await all('failed')
    expect(uploader.items()).toMatchObject([{ error: { message: 'Not today.', remoteCode: 'not_today' }, by: 'server' }])
    const operationId = uploader.items()[0]?.operationId
    refuses = false
    uploader.retry()
    await all('completed')
    expect(uploader.items()).toMatchObject([{ operationId, attempt: 1, result: 'ok' }])
  })

  test('end in the right state when the server is gone while it processes, and comes back', async () => {
    const begun = Promise.withResolvers<void>()
    const first = await start(() => {
      begun.resolve()
      return new Promise(() => {})
    })
    connect()
    uploader.add([file(1000, 'a'), file(6 * MIB, 'b'), file(0, 'c')])
    await begun.promise
    await first.crash()
    await start(hash, Number(new URL(first.url).port))
    await all('completed')
    expect(uploader.items()).toHaveLength(3)
  })

  test('agree on what was cancelled', async () => {
    await start((_, { signal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', reject)))
    connect()
    uploader.add([file(1000, 'a')])
    await all('processing')
    uploader.cancel()
    await all('cancelled')
    const operationId = uploader.items()[0]?.operationId ?? ''
    await vi.waitFor(async () => expect(await server.sync.manager.get(operationId)).toMatchObject({ status: 'cancelled' }), PATIENCE)
  })

  test('show a new page what its job has become', async () => {
    await start(hash)
    const { jobId } = connect()
    uploader.add([file(1000, 'a.txt')])
    await all('completed')
    await uploader.dispose()
    connect({ jobId })
    // An uploader that nobody looks at asks for nothing.
    const stopLooking = uploader.$ids.listen(() => {})
    await all('completed')
    stopLooking()
    expect(uploader.items()).toMatchObject([{ name: 'a.txt', size: 1000 }])
  })

  test('upload more files than one call plans', async () => {
    await start(() => 'ok')
    connect()
    uploader.add(Array.from({ length: 150 }, (_, index) => file(index % 50, `${index}`)))
    await all('completed')
    expect(uploader.items()).toHaveLength(150)
  })
})
