import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createUploader } from '../create-uploader.js'
import type { UploadPhase } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import { jobProgress } from '../protocol/index.js'
import { startExistingApi, type ExistingApi } from '../testing/existing-api.js'
import { createMemoryTransport, createTestEnvironment, createTestFile } from '../testing/index.js'
import { createUploadStore } from '../store/upload-store.js'
import { newItem } from '../item/new-item.js'
import type { Uploader } from '../uploader.js'
import { restBackend, type RestBackendOptions } from './rest.js'

/** Far more than any of this takes. */
const PATIENCE = { timeout: 15_000, interval: 5 }

let api: ExistingApi
const uploaders: Uploader[] = []
beforeEach(async () => {
  api = await startExistingApi()
})
afterEach(async () => {
  for (const uploader of uploaders.splice(0)) await uploader.dispose()
  await api.stop()
})

interface Photo {
  readonly photoId: number
  readonly uploadUrl?: string
  readonly uploadId: string
  readonly partSize: number
  readonly error?: string
}

const mapping = (): RestBackendOptions => ({
  url: api.url,
  headers: { authorization: 'Bearer token' },
  create: {
    path: () => 'jobs',
    body: ({ files }) => ({ photos: files.map(({ name, size }) => ({ name, size })) }),
    read: ({ jobId, photos }: { readonly jobId: string; readonly photos: readonly Photo[] }) =>
      photos.map(({ photoId, uploadUrl, uploadId, partSize, error }) => {
        if (error !== undefined) return { error }
        return {
          id: photoId,
          jobId,
          plan:
            uploadUrl === undefined ? { kind: 'multipart', upload_id: uploadId, part_bytes: partSize } : { kind: 'put', url: uploadUrl },
        }
      }),
  },
  signParts: {
    path: ({ id }) => `photos/${id}/urls`,
    body: ({ partNumbers, plan }) => ({ numbers: partNumbers, plan }),
    read: ({ urls }: { readonly urls: readonly { readonly number: number; readonly url: string }[] }) => ({
      parts: urls.map(({ number, url }) => ({ part_number: number, url })),
    }),
  },
  listParts: {
    path: ({ id }) => `photos/${id}/parts`,
    read: ({ parts }: { readonly parts: readonly { readonly number: number; readonly size: number; readonly eTag: string }[] }) =>
      parts.map(({ number, size, eTag }) => ({ part_number: number, size, etag: eTag })),
  },
  complete: {
    path: ({ id }) => `photos/${id}/complete`,
    body: ({ parts, jobId }) => ({ jobId, parts: parts?.map(({ part_number, etag }) => ({ number: part_number, eTag: etag })) }),
    read: () => undefined,
  },
  cancel: { method: 'DELETE', path: ({ id }) => `photos/${id}`, read: () => undefined },
  job: {
    path: ({ jobId }) => `jobs/${jobId}`,
    read: ({ photos }: { readonly photos: readonly unknown[] }) => photos,
  },
  decode: jobProgress,
})

function start(more: Partial<RestBackendOptions> = {}, options: Partial<UploaderOptions> = {}): Uploader {
  const uploader = createUploader({ backend: restBackend({ ...mapping(), ...more }), multipartFromBytes: 2000, ...options })
  uploaders.push(uploader)
  return uploader
}

const fileOf = (size: number, name = 'a.jpg') => new File([new Uint8Array(size).map((_, index) => index)], name)
const once = (uploader: Uploader, id: string, phase: UploadPhase) =>
  vi.waitFor(() => {
    const item = uploader.$item(id).get()
    expect(item?.phase).toBe(phase)
    return item
  }, PATIENCE)
const callsOf = (path: RegExp) => api.calls.filter((call) => path.test(`${call.method} ${call.path}`))

describe('an API that is there already', () => {
  test('gets small files in one request, large ones in parts of its own size, and says by its job when they are done', async () => {
    const uploader = start()
    const [small = '', large = ''] = uploader.add([fileOf(10), fileOf(3500, 'b.jpg')])
    await once(uploader, small, 'processing')
    await once(uploader, large, 'processing')
    for (const [upload, size] of [
      ['1', 10],
      ['2', 3500],
    ] as const)
      expect(api.bytes(upload).equals(Buffer.from(await fileOf(size).arrayBuffer()))).toBe(true)
    expect(callsOf(/complete/).map(({ body }) => body)).toEqual(
      expect.arrayContaining([
        { jobId: 'job-1' },
        { jobId: 'job-1', parts: [1, 2, 3, 4].map((number) => ({ number, eTag: `"${number}"` })) },
      ]),
    )
    expect(callsOf(/urls/)[0]?.body).toMatchObject({ plan: { upload_id: 's3-2', part_bytes: 1000 } })
    api.finish('1')
    api.finish('2', 'It is not a photo.')
    await once(uploader, small, 'completed')
    expect(await once(uploader, large, 'failed')).toMatchObject({
      error: { code: 'remote_error', message: 'It is not a photo.', retryable: true },
    })
  })

  test('hears nothing of our protocol, and its own headers', async () => {
    const uploader = start()
    const [id = ''] = uploader.add([fileOf(10)])
    await once(uploader, id, 'processing')
    for (const { headers } of api.calls) {
      expect(headers).toMatchObject({ authorization: 'Bearer token' })
      expect(headers).not.toHaveProperty('upload-panel-protocol')
    }
  })

  test('refuses one file, and takes the others', async () => {
    const uploader = start()
    const [refused = '', taken = ''] = uploader.add([fileOf(1, 'a.exe'), fileOf(1)])
    expect(await once(uploader, refused, 'failed')).toMatchObject({ error: { code: 'rejected', message: 'Programs are not taken.' } })
    await once(uploader, taken, 'processing')
  })

  test('is asked for one upload a call, where it makes no more', async () => {
    const uploader = start({ filesPerCall: 1 })
    const ids = uploader.add([fileOf(1), fileOf(2), fileOf(3)])
    for (const id of ids) await once(uploader, id, 'processing')
    expect(callsOf(/POST .*jobs/)).toHaveLength(3)
    for (const id of api.uploads()) api.finish(id)
    for (const id of ids) await once(uploader, id, 'completed')
  })

  test('is followed by its own realtime messages, on the topic of its own job', async () => {
    const transport = createMemoryTransport({ decode: jobProgress })
    transport.connect()
    const uploader = start({}, { realtime: transport.factory })
    const [id = ''] = uploader.add([fileOf(10)])
    await once(uploader, id, 'processing')
    expect(transport.topics).toEqual([{ kind: 'job', id: 'job-1' }])
    transport.deliver({ jobId: 'job-1', photoId: 1, status: 'PROCESSING', progressPercent: 60 })
    expect(uploader.$item(id).get()?.server).toMatchObject({ progress: 60 })
    transport.deliver({ jobId: 'job-1', photoId: 1, status: 'COMPLETED', result: { url: '/1.jpg' } })
    expect(uploader.$item(id).get()).toMatchObject({ phase: 'completed', result: { url: '/1.jpg' } })
    expect(transport.topics).toEqual([])
  })

  test('that does nothing with the bytes is done with the last of them', async () => {
    const { job: _, ...without } = mapping()
    const uploader = createUploader({ backend: restBackend(without) })
    uploaders.push(uploader)
    const [id = ''] = uploader.add([fileOf(10)])
    expect(await once(uploader, id, 'completed')).not.toHaveProperty('server')
  })

  test('is told of what is cancelled', async () => {
    const uploader = start()
    const [id = ''] = uploader.add([fileOf(10)])
    await once(uploader, id, 'processing')
    uploader.cancel(id)
    await vi.waitFor(() => expect(callsOf(/DELETE \/api\/photos\/1/)).toHaveLength(1), PATIENCE)
    expect(uploader.$item(id).get()?.phase).toBe('cancelled')
  })

  test.each<readonly [string, RestBackendOptions['create']['read']]>([
    ['throws', (answer) => (answer as { none: { deep: [] } }).none.deep],
    ['answers no list', () => undefined as never],
  ])('of which the mapping %s fails the file, with the reason', async (_what, read) => {
    const uploader = start({ create: { ...mapping().create, read } }, { retry: { attempts: 1 } })
    const [id = ''] = uploader.add([fileOf(10)])
    expect(await once(uploader, id, 'failed')).toMatchObject({ error: { code: 'bad_answer' } })
  })

  test('that plans what nobody can do fails that file alone', async () => {
    const uploader = start({
      create: {
        ...mapping().create,
        read: () => [
          { id: 1, plan: { kind: 'pigeon' } },
          { id: 2, plan: { kind: 'put', url: '/storage/2/1' } },
        ],
      },
    })
    const [pigeon = ''] = uploader.add([fileOf(10), fileOf(11)])
    expect(await once(uploader, pigeon, 'failed')).toMatchObject({ error: { message: expect.stringContaining('pigeon') } })
  })

  test('is told how far the bytes are, in one call for all', async () => {
    const world = createTestEnvironment()
    const sent: unknown[] = []
    const store = createUploadStore({ environment: world, onListened() {} })
    const progress: RestBackendOptions['progress'] = {
      path: () => 'progress',
      body: ({ uploads }) => uploads,
      read: () => undefined,
    }
    const backend = restBackend({ ...mapping(), progress })({
      environment: {
        ...world,
        async fetch(_url, init) {
          sent.push(JSON.parse(typeof init?.body === 'string' ? init.body : ''))
          return new Response(null, { status: 204 })
        },
      },
      strategies: [],
    })
    const session = backend.connectSync?.({
      environment: world,
      store,
      transport: createMemoryTransport().factory({ environment: world }),
      jobId: 'own',
      snapshot: backend.snapshot,
      processingDeadlineMs: 1e9,
      isRestored: false,
      onRestored() {},
      onDropped() {},
      onWarning() {},
    })
    for (const id of ['a', 'b']) {
      store.add([newItem({ id, file: createTestFile(id, 4), addedAt: 0 })])
      store.dispatch(id, { type: 'started' })
      store.dispatch(id, { type: 'planned', operationId: `photo-${id}` })
      store.dispatch(id, { type: 'slotTaken' })
      store.dispatch(id, { type: 'progressed', sentBytes: 3 })
    }
    await world.clock.advance(5000)
    expect(sent).toEqual([
      [
        { id: 'photo-a', jobId: '', sentBytes: 3 },
        { id: 'photo-b', jobId: '', sentBytes: 3 },
      ],
    ])
    session?.dispose()
    expect(world.clock.pending).toBe(0)
  })
})
