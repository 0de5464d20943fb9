import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { buffer as readAll } from 'node:stream/consumers'
import { createUploader, httpBackend, type UploaderOptions } from '@upload-panel/core'
import { sse } from '@upload-panel/core/sse'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type FaultyNetwork, type ProxiedRequest, startFaultyNetwork } from '../../../scripts/services/faulty-network.js'
import { describeWithS3 } from '../../../scripts/services/provided.js'
import { s3, type S3Options } from './storage/s3/s3.js'
import { type Harness, startHarness, temporaryDirectory } from './testing/harness.js'
import { manualClock } from './testing/manual-clock.js'
import type { SyncServerOptions } from './options.js'
import type { ProcessHook } from './uploads/processing.js'

/** The real client, the real server, and a bucket: bytes go straight from one to the other. */
const PART = 5 * 2 ** 20
const PATIENCE = { timeout: 30_000, interval: 20 }
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const hash: ProcessHook = async (_operation, { file }) => ({ sha256: sha256(await readAll(file.stream())) })
const bytesOf = (size: number) => new Uint8Array(randomBytes(size))
const partOf = ({ method, path }: ProxiedRequest) =>
  method === 'PUT' ? Number(new URL(path, 'http://s3').searchParams.get('partNumber')) : Number.NaN
const isPart = (number: number) => (request: ProxiedRequest) => partOf(request) === number
const isCompletion = ({ method, path }: ProxiedRequest) => method === 'POST' && path.includes('uploadId=')
/** Waits until a request is under way of which the network takes no byte. */
const begins = (network: FaultyNetwork, match: (request: ProxiedRequest) => boolean) =>
  vi.waitFor(() => expect(network.requests.some(match)).toBe(true), PATIENCE)

describeWithS3('the client, the server and S3', (access) => {
  interface Scene {
    readonly directory: string
    readonly prefix: string
    readonly network: FaultyNetwork
    serve(options?: Partial<SyncServerOptions>, port?: number): Promise<Harness>
  }

  /** A bucket behind a network that fails when it is told to, and servers that use it. */
  async function open(options: Partial<S3Options> = {}): Promise<Scene> {
    const directory = await temporaryDirectory()
    onTestFinished(directory.remove)
    const network = await startFaultyNetwork(() => access.endpoint)
    onTestFinished(() => network.close())
    const prefix = randomUUID()
    const { region, bucket, accessKeyId, secretAccessKey } = access
    const credentials = { accessKeyId, secretAccessKey }
    return {
      directory: directory.path,
      prefix,
      network,
      async serve(more = {}, port) {
        const storage = s3({ bucket, prefix, region, endpoint: network.url, credentials, forcePathStyle: true, ...options })
        const server = await startHarness(directory.path, { storage, process: hash, ...more }, port)
        onTestFinished(() => server.close())
        return server
      },
    }
  }

  function upload(server: Harness, bytes: Uint8Array<ArrayBuffer>, options: Partial<UploaderOptions> = {}) {
    const uploader = createUploader({
      backend: httpBackend({ url: server.url }),
      realtime: sse({ url: `${server.url}/events` }),
      worker: false,
      retry: { attempts: 6, baseMs: 20, capMs: 200 },
      ...options,
    })
    onTestFinished(() => uploader.dispose())
    const [id = ''] = uploader.add([new File([bytes], 'a.bin', { type: 'image/png' })])
    const item = () => uploader.$item(id).get()
    return {
      uploader,
      id,
      item,
      async arrives() {
        await vi.waitFor(() => expect(item()?.phase).toMatch(/completed|failed/), PATIENCE)
        expect(item()).toMatchObject({ phase: 'completed', result: { sha256: sha256(bytes) } })
      },
    }
  }

  it.each([0, 1, PART, PART + 1, 3 * PART + 7])('%i bytes arrive, and are what the hook reads', async (size) => {
    const { serve, network } = await open()
    await upload(await serve(), bytesOf(size)).arrives()
    const expected = size > PART ? Math.ceil(size / PART) : 1
    expect(network.requests.filter(({ method }) => method === 'PUT')).toHaveLength(expected)
  })

  it('is paused and goes on, without a part sent twice', async () => {
    const { serve, network } = await open()
    const { uploader, id, item, arrives } = upload(await serve(), bytesOf(4 * PART), { requestSlots: 1 })
    const release = network.hold(isPart(3))
    await begins(network, isPart(3))
    uploader.pause(id)
    await vi.waitFor(() => expect(item()?.phase).not.toBe('uploading'), PATIENCE)
    release()
    uploader.resume(id)
    await arrives()
    const stored = network.requests.filter(({ status }) => status === 200).map(partOf)
    expect(stored.filter((part) => part > 0)).toEqual([1, 2, 3, 4])
  })

  it('whose server is killed and starts again goes on where it was', async () => {
    const { serve, network } = await open()
    const first = await serve()
    const { port } = new URL(first.url)
    const { arrives } = upload(first, bytesOf(3 * PART), { requestSlots: 1 })
    const release = network.hold(isPart(2))
    await begins(network, isPart(2))
    await first.crash()
    await serve({}, Number(port))
    release()
    await arrives()
    const stored = network.requests.filter(({ status }) => status === 200).map(partOf)
    expect(stored.filter((part) => part > 0)).toEqual([1, 2, 3])
  })

  it('whose addresses have expired for S3 is signed anew', async () => {
    // The server's clock is an hour late, and then is set.
    const clock = manualClock(Date.now() - 3_600_000)
    const { serve, network } = await open()
    const server = await serve({ clock, limits: { urlExpiresMs: 600_000 } })
    const { arrives } = upload(server, bytesOf(PART + 1), { requestSlots: 1 })
    await vi.waitFor(() => expect(network.requests.some(({ method, status }) => method === 'PUT' && status === 403)).toBe(true), PATIENCE)
    clock.advance(3_600_000)
    await arrives()
  })

  it('whose completion S3 answered to nobody is complete', async () => {
    const { serve, network } = await open()
    const lost = network.loseAnswer(isCompletion)
    const { arrives } = upload(await serve(), bytesOf(PART + 1))
    await arrives()
    expect(await lost).toMatchObject({ status: 200 })
  })

  it('is completed once S3 can be reached again', async () => {
    const { serve, network } = await open()
    const { arrives, item } = upload(await serve(), bytesOf(PART + 1), { requestSlots: 1 })
    const cut = network.cutDuring(isCompletion, 1)
    await cut
    expect(item()?.phase).not.toBe('completed')
    network.mend()
    await arrives()
  })

  it.each(['crc32c', 'sha256'] as const)('is verified by %s, though this storage does not look at it', async (checksum) => {
    const { serve } = await open({ checksum })
    const server = await serve()
    const asked = upload(server, bytesOf(2 * PART + 5))
    const wished = upload(server, bytesOf(100), { checksum })
    await Promise.all([asked.arrives(), wished.arrives()])
    expect([asked.item()?.phase, wished.item()?.phase]).toEqual(['completed', 'completed'])
  })

  it('that is removed leaves nothing in the bucket', async () => {
    const { serve, network } = await open()
    const server = await serve()
    const { uploader, id, item } = upload(server, bytesOf(3 * PART), { requestSlots: 1 })
    const release = network.hold(isPart(2))
    await begins(network, isPart(2))
    const operationId = item()?.operationId ?? ''
    uploader.remove(id)
    await vi.waitFor(async () => expect((await server.sync.manager.get(operationId))?.status).toBe('cancelled'), PATIENCE)
    await vi.waitFor(
      () => expect(network.requests.filter(({ method }) => method === 'DELETE').map(({ status }) => status)).toEqual([204, 204]),
      PATIENCE,
    )
    release()
    expect(await (await server.request(`queries/uploads/${operationId}/parts`)).json()).toEqual({ parts: [] })
  })
})
