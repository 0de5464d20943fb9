import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { CreateMultipartUploadCommand, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startFaultyNetwork, type ProxiedRequest } from '../../../../scripts/services/faulty-network.js'
import { describeWithS3 } from '../../../../scripts/services/provided.js'
import { s3Client } from '../../../../scripts/services/s3-client.js'
import { startS3Gateway } from '../../../../scripts/services/s3-gateway.js'
import { createUploader } from '../create-uploader.js'
import { fetchClient } from '../http/fetch-client.js'
import type { HttpRequest } from '../http/http-client.js'
import type { UploadPhase } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import { asPage, createS3Backend, type S3Backend, type S3BackendOptions } from '../testing/s3-backend.js'
import { strategyContract } from '../testing/strategy-contract.js'
import type { MultipartPlan, PutPlan } from '../protocol/index.js'
import { multipart } from './multipart.js'
import { put } from './put.js'
import type { TransferResult } from './strategy.js'

const MIB = 2 ** 20
const PART = 5 * MIB
const HOUR_MS = 3_600_000
const PATIENCE = { timeout: 30_000, interval: 20 }

const fileOf = (size: number) => new File([new Uint8Array(randomBytes(size))], 'file.bin')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
/** Numbers of the parts that were sent, of all requests or of those that storage took. */
const partsOf = (requests: readonly ProxiedRequest[], isStored = false) =>
  requests.flatMap(({ method, path, status }) => {
    const number = new URL(path, 'http://s3').searchParams.get('partNumber')
    return method === 'PUT' && number !== null && (!isStored || status === 200) ? [Number(number)] : []
  })

describeWithS3('the contract on S3', (s3) => {
  const server = createS3Backend({ access: s3, bucket: s3.bucket })
  const { api } = server
  const { signal } = new AbortController()

  /** One file's way into S3, by a plan of the kind that is wanted. */
  async function open(kind: 'put' | 'multipart', { name, size, type }: File) {
    const { operations } = await api.createUploads({ files: [{ client_ref: randomUUID(), name, size, type, prefer: { kind } }] }, signal)
    const [created] = operations
    if (created === undefined || !('plan' in created)) throw new Error('S3 gave no plan.')
    const id = created.operation_id
    return {
      plan: created.plan,
      answer: (request: HttpRequest) => fetchClient().send(request),
      parts: { sign: (numbers: readonly number[]) => api.signParts(id, numbers, signal), list: () => api.listParts(id, signal) },
      async sha256(result: TransferResult) {
        await api.complete(id, result, signal)
        return sha256(await server.object(id))
      },
    }
  }

  strategyContract('put to S3', {
    strategy: put,
    refusal: 'rejected',
    takesPages: true,
    open: async (file) => {
      const { plan, ...storage } = await open('put', file)
      return { ...storage, plan: plan as PutPlan }
    },
  })
  strategyContract('multipart to S3', {
    strategy: multipart,
    refusal: 'rejected',
    takesPages: true,
    // Two parts: S3 takes none that is smaller than this but the last.
    sizes: [1, PART + 1],
    open: async (file) => {
      const { plan, ...storage } = await open('multipart', file)
      return { ...storage, plan: plan as MultipartPlan }
    },
  })
})

describeWithS3('uploads to S3', (s3) => {
  function start(options: Partial<S3BackendOptions> = {}, given: Partial<UploaderOptions> = {}) {
    const server = createS3Backend({ access: s3, bucket: s3.bucket, ...options })
    const uploader = createUploader({ backend: server.backend, worker: false, retry: { attempts: 3, baseMs: 10, capMs: 50 }, ...given })
    onTestFinished(async () => {
      await uploader.dispose()
      server.close()
    })
    return {
      server,
      uploader,
      add: (file: File) => uploader.add([file])[0] ?? '',
      until: (id: string, phase: UploadPhase) => vi.waitFor(() => expect(uploader.$item(id).get()).toMatchObject({ phase }), PATIENCE),
      item: (id: string) => uploader.$item(id).get(),
    }
  }
  /** What is sent, over a network that a test can break. */
  async function startBehind(target: () => string, given: Partial<UploaderOptions> = {}) {
    const network = await startFaultyNetwork(target)
    onTestFinished(() => network.close())
    return { network, ...start({ access: { ...s3, endpoint: network.url } }, given) }
  }
  const expectWhole = async (server: S3Backend, id: string, file: File) =>
    expect(sha256(await server.object(id))).toBe(sha256(new Uint8Array(await file.arrayBuffer())))

  it.each([
    ['by one PUT', 1, 0],
    ['by one PUT', PART, 0],
    ['in parts', PART + 1, 2],
    ['in parts', 3 * PART + 7, 4],
  ])('arrive whole %s (%i bytes)', async (_how, size, parts) => {
    const { server, add, until } = start()
    const file = fileOf(size)
    const id = add(file)
    await until(id, 'completed')
    await expectWhole(server, id, file)
    // Signed by one call, each part once: S3 completes only with all of them.
    expect(server.signed.flat()).toHaveLength(parts)
    expect(await server.pending()).toBe(0)
  })

  it('go on after the gateway was killed in the middle of a part, and send no part again that it has', async () => {
    const gateway = await startS3Gateway(s3)
    onTestFinished(() => gateway.stop())
    const { network, server, add, until } = await startBehind(() => gateway.endpoint, {
      requestSlots: 1,
      retry: { attempts: 8, baseMs: 50, capMs: 500 },
    })
    const file = fileOf(4 * PART + 3)
    const isThird = ({ path }: ProxiedRequest) => path.includes('partNumber=3')
    const middle = network.cutDuring(isThird, MIB)
    const id = add(file)
    await middle
    await gateway.kill()
    await gateway.restart()
    network.mend()
    await until(id, 'completed')
    await expectWhole(server, id, file)
    expect(partsOf(network.requests).filter((part) => part < 3)).toEqual([1, 2])
    expect(partsOf(network.requests, true).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
  })

  it('send no part again whose answer was lost', async () => {
    const { network, server, add, until } = await startBehind(() => s3.endpoint, { requestSlots: 1 })
    const file = fileOf(3 * PART)
    const lost = network.loseAnswer(({ path }) => path.includes('partNumber=2'))
    const id = add(file)
    await lost
    await until(id, 'completed')
    await expectWhole(server, id, file)
    expect(partsOf(network.requests)).toEqual([1, 2, 3])
  })

  it.each([
    ['as the server tells it', fetchClient()],
    ['as a page sees it: no answer, for the refusal has no CORS headers', asPage(fetchClient())],
  ])('whose URLs have expired are signed anew, once (%s)', async (_how, http) => {
    // Signed so long ago that storage takes them for expired; the page's clock was put back, and knows nothing of it.
    let isBack = false
    const clock = {
      now: () => Date.now() - (isBack ? HOUR_MS : 0),
      setTimeout: (run: () => void, ms: number) => cancelling(setTimeout(run, ms)),
    }
    const signedAt = (call: number) => {
      isBack = true
      return Date.now() - (call === 1 ? HOUR_MS : 0)
    }
    const { server, add, until } = start({ signedAt }, { requestSlots: 1, retry: { attempts: 1 }, environment: { http, clock } })
    const file = fileOf(PART + 1)
    const id = add(file)
    await until(id, 'completed')
    await expectWhole(server, id, file)
    expect(server.signed).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  it('complete where CORS hides the ETags: the storage’s list has them', async () => {
    const { server, add, until } = start({ bucket: s3.bucketHidingEtag }, { environment: { http: asPage(fetchClient()) } })
    const file = fileOf(2 * PART)
    const id = add(file)
    await until(id, 'completed')
    await expectWhole(server, id, file)
  })

  it('whose URLs are refused for ever end, and say so', async () => {
    const { network, add, until } = await startBehind(() => s3.endpoint)
    const {
      add: addForged,
      until: untilForged,
      item: itemForged,
      server,
    } = start({
      change: (url) => url.replace(/X-Amz-Signature=./, (text) => (text.endsWith('0') ? 'X-Amz-Signature=1' : 'X-Amz-Signature=0')),
    })
    for (const size of [9, PART + 1]) {
      const id = addForged(fileOf(size))
      await untilForged(id, 'failed')
      expect(itemForged(id)).toMatchObject({ error: { code: 'rejected', status: 403, remoteCode: 'SignatureDoesNotMatch' } })
    }
    // Three runs, each with one fresh set of URLs; then the file is given up.
    expect(server.signed.length).toBeLessThanOrEqual(3 + 3 * 4)
    // Others are not held up by it.
    const id = add(fileOf(9))
    await until(id, 'completed')
    expect(network.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  it('that storage has forgotten are begun anew, once', async () => {
    const { network, server, add, until } = await startBehind(() => s3.endpoint, { requestSlots: 1 })
    const file = fileOf(3 * PART)
    const release = network.hold(({ path }) => path.includes('partNumber=2'))
    const id = add(file)
    await vi.waitFor(() => expect(partsOf(network.requests)).toEqual([1, 2]), PATIENCE)
    await server.sweep()
    release()
    await until(id, 'completed')
    await expectWhole(server, id, file)
    expect(partsOf(network.requests)).toEqual([1, 2, 1, 2, 3])
  })

  it('that are removed are aborted at the storage; those that failed are kept there, and go on', async () => {
    const { network, server, uploader, add, until } = await startBehind(() => s3.endpoint, { requestSlots: 1, retry: { attempts: 1 } })
    const isSecond = ({ path }: ProxiedRequest) => path.includes('partNumber=2')
    const file = fileOf(2 * PART)
    network.answerOnce(isSecond, 400, { code: 'broken', detail: 'Broken.' })
    const failed = add(file)
    await until(failed, 'failed')
    expect(await server.pending()).toBe(1)
    uploader.retry(failed)
    await until(failed, 'completed')
    await expectWhole(server, failed, file)
    expect(partsOf(network.requests)).toEqual([1, 2, 2])

    const release = network.hold(isSecond)
    const removed = add(fileOf(2 * PART))
    await vi.waitFor(() => expect(partsOf(network.requests)).toHaveLength(5), PATIENCE)
    uploader.remove(removed)
    await vi.waitFor(async () => expect(await server.pending()).toBe(0), PATIENCE)
    release()
  })

  it('may be made with checksums; this storage does not look at them, and says nothing', async () => {
    const { server, add, until } = start({}, { checksum: 'crc32c' })
    const file = fileOf(2 * PART + 3)
    const id = add(file)
    await until(id, 'completed')
    await expectWhole(server, id, file)

    const client = s3Client(s3)
    onTestFinished(() => client.destroy())
    const upload = { Bucket: s3.bucket, Key: 'checksums' }
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...upload, ChecksumAlgorithm: 'CRC32C' }))
    const sendPart = async (part: object) => {
      const url = await getSignedUrl(client, new UploadPartCommand({ ...upload, UploadId, PartNumber: 1, ...part }), {
        unhoistableHeaders: new Set(['content-md5']),
      })
      const headers = 'ContentMD5' in part ? { 'content-md5': String(part.ContentMD5) } : {}
      return (await fetch(url, { method: 'PUT', body: 'other bytes', headers })).status
    }
    expect(await sendPart({ ChecksumCRC32C: 'AAAAAA==' })).toBe(200)
    // What it does verify is MD5, of which WebCrypto and S3 of today know nothing.
    expect(await sendPart({ ContentMD5: createHash('md5').update('bytes').digest('base64') })).toBe(400)
  })
})

const cancelling = (timer: ReturnType<typeof setTimeout>) => () => clearTimeout(timer)
