import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { S3Client } from '@aws-sdk/client-s3'
import type { PutPlan } from '@upload-panel/core/protocol'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../../clock.js'
import type { Logger } from '../../logger.js'
import { newTarget } from '../../testing/object-storage-contract.js'
import { DEFAULT_LIMITS } from '../../limits.js'
import { planTransfer } from '../../uploads/plan-transfer.js'
import { countParts, type ObjectStorage } from '../object-storage.js'
import { s3, type S3Options } from './s3.js'

/** What S3 says in a bad moment, which a real one cannot be made to say. */
type Answer = readonly [status: number, code?: string | undefined, body?: string]

interface Played {
  readonly storage: ObjectStorage
  readonly log: string[]
  /** What was asked, such as `POST /bucket/uploads/id?uploads`. */
  readonly requests: string[]
}

const LIST = '<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>'
const listOf = (key: string) =>
  `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated><Upload><Key>${key}</Key><UploadId>u</UploadId><Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>`
const PARTS = '<ListPartsResult><Part><PartNumber>1</PartNumber><Size>5</Size><ETag>"e"</ETag></Part></ListPartsResult>'

/** Storage before an S3 that a test plays: `answer` says what it answers, an empty list of uploads by default. */
async function play(answer: (request: string) => Answer | undefined, options: Partial<S3Options> = {}, isOpened = true): Promise<Played> {
  const requests: string[] = []
  const log: string[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const asked = `${request.method} ${decodeURIComponent(request.url ?? '')}`
    requests.push(asked)
    request.resume()
    const [status, code, body] = answer(asked) ?? [200, undefined, LIST]
    const xml = code === undefined ? (body ?? '') : `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message/></Error>`
    response.writeHead(status, { 'content-type': 'application/xml' }).end(request.method === 'HEAD' ? undefined : xml)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    maxAttempts: 1,
  })
  onTestFinished(() => {
    client.destroy()
    server.close()
    server.closeAllConnections()
  })
  const told = (level: string) => (message: string) => void log.push(`${level}: ${message}`)
  const logger: Logger = { debug: told('debug'), info: told('info'), warn: told('warn'), error: told('error') }
  const storage = s3({ bucket: 'bucket', client, ...options })
  if (isOpened) await storage.open({ clock: systemClock, logger, urlExpiresMs: 60_000 })
  return { storage, log, requests }
}

const isComplete = (request: string) => request.startsWith('POST') && request.includes('uploadId=u')
const isCreate = (request: string) => request.startsWith('POST') && request.includes('uploads=')
const isPartsList = (request: string) => request.startsWith('GET') && request.includes('uploadId=u')
const inOnePart = newTarget(5, { kind: 'multipart', partBytes: 5 })

describe('storage in S3 that', () => {
  afterEach(() => void vi.unstubAllEnvs())

  test('asks to slow down is busy', async () => {
    for (const answer of [[503, 'SlowDown'], [429, 'TooManyRequests'], [503]] as const) {
      const { storage } = await play((request) => (isCreate(request) ? answer : undefined))
      await expect(storage.plan(inOnePart)).rejects.toMatchObject({ status: 503, code: 'storage_busy', retryable: true })
    }
  })

  test('refuses this server tells its operator what to do, and its clients nothing of it', async () => {
    const { storage, log } = await play((request) => (isCreate(request) ? [403, 'AccessDenied'] : undefined))
    const refusal = { status: 502, code: 'storage_unavailable', message: 'The storage of this server cannot be used at the moment.' }
    await expect(storage.plan(inOnePart)).rejects.toMatchObject(refusal)
    expect(log).toEqual([
      'error: S3 refused s3:PutObject on the bucket "bucket" (AccessDenied, 403): check that the policy of its credentials allows it, and that the bucket is the right one.',
    ])
  })

  test('has a fault is tried again by whoever asked', async () => {
    const { storage, log } = await play((request) => (isCreate(request) ? [500, 'InternalError'] : undefined))
    await expect(storage.plan(inOnePart)).rejects.toMatchObject({ status: 502, code: 'storage_unavailable', retryable: true })
    expect(log).toEqual(['warn: S3 did not answer s3:PutObject on the bucket "bucket".'])
  })

  test.each([
    ['AccessDenied', 403, 's3:ListBucketMultipartUploads'],
    ['NoSuchBucket', 404, 'there is no such bucket'],
    ['InvalidAccessKeyId', 403, 'the credentials are not valid here'],
    ['PermanentRedirect', 301, 'in another region'],
    ['RequestTimeTooSkewed', 403, 'the clock of this machine is wrong'],
  ])('says %s does not open, and says why', async (code, status, advice) => {
    await expect(play(() => [status, code])).rejects.toThrow(advice)
  })

  test('was not told where it is does not open, and says so', async () => {
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
    vi.stubEnv('AWS_REGION', undefined)
    const opening = s3({ bucket: 'bucket', credentials }).open({ clock: systemClock, logger: console, urlExpiresMs: 1 })
    await expect(opening).rejects.toThrow('Region is missing')
  })

  test('has no server opens all the same', async () => {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' }
    const storage = s3({ bucket: 'bucket', region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials, forcePathStyle: true })
    const log: string[] = []
    const warn = (message: string) => void log.push(message)
    await storage.open({ clock: systemClock, logger: { debug() {}, info() {}, warn, error: warn }, urlExpiresMs: 60_000 })
    await expect(storage.plan(inOnePart)).rejects.toMatchObject({ status: 502, code: 'storage_unavailable', retryable: true })
    expect(log).toEqual([
      'S3 cannot be reached for the bucket "bucket".',
      'S3 did not answer s3:ListBucketMultipartUploads on the bucket "bucket".',
    ])
    await storage.close()
  })

  test('has faults opens all the same, for it may be back in a moment', async () => {
    const { log } = await play(() => [500, 'InternalError'])
    expect(log).toEqual(['warn: S3 cannot be reached for the bucket "bucket".'])
  })

  test('answers `complete` with 200 and an error in the body has not completed', async () => {
    const { storage } = await play((request) => {
      if (isPartsList(request)) return [200, undefined, PARTS]
      if (isComplete(request)) return [200, 'InternalError']
      return request.startsWith('HEAD') ? [404] : [200, undefined, listOf(`uploads/${inOnePart.operationId}`)]
    })
    await expect(storage.complete(inOnePart)).rejects.toMatchObject({ status: 503, code: 'storage_busy', retryable: true })
  })

  test('was given a part again while it completed is asked again', async () => {
    const { storage } = await play((request) => {
      if (isPartsList(request)) return [200, undefined, PARTS]
      if (isComplete(request)) return [400, 'InvalidPart']
      return [200, undefined, listOf(`uploads/${inOnePart.operationId}`)]
    })
    await expect(storage.complete(inOnePart)).rejects.toMatchObject({ status: 409, code: 'bytes_missing', retryable: true })
  })

  test('does not know an upload any more signs no address for it', async () => {
    const { storage } = await play(() => undefined)
    await expect(storage.signParts(inOnePart, [1])).rejects.toMatchObject({ status: 404, code: 'upload_vanished', retryable: true })
  })

  test('is asked once which upload is an operation’s, and then not with every call for addresses', async () => {
    const { storage, requests } = await play(() => [200, undefined, listOf(`uploads/${inOnePart.operationId}`)])
    for (let call = 0; call < 3; call += 1) await storage.signParts(inOnePart, [1])
    // One when it opened.
    expect(requests).toHaveLength(2)
  })
})

describe('addresses for S3', () => {
  const signedHeadersOf = (url: string) => new URL(url).searchParams.get('X-Amz-SignedHeaders')?.split(';')

  test('bind the number of bytes, that nothing is there yet, and the checksum that was announced', async () => {
    const { storage } = await play(() => undefined)
    const plan = (await storage.plan(newTarget(5, { checksum: 'crc32c:yZRlqg==' }))) as PutPlan
    expect(signedHeadersOf(plan.url)).toEqual(['content-length', 'host', 'if-none-match', 'x-amz-checksum-crc32c'])
    expect(plan.headers).toEqual({ 'if-none-match': '*', 'x-amz-checksum-crc32c': 'yZRlqg==' })
    // That of an empty body, which newer clients sign by themselves.
    expect(plan.url).not.toMatch(/checksum-crc32=/i)
  })

  test('are made for the last part of the largest file that S3 takes', async () => {
    const size = 5 * 2 ** 40
    const target = newTarget(size, planTransfer({ size }, DEFAULT_LIMITS))
    expect(countParts(target)).toBeLessThanOrEqual(10_000)
    const { storage } = await play(() => [200, undefined, listOf(`uploads/${target.operationId}`)])
    const { parts } = await storage.signParts(target, [1, countParts(target)])
    expect(parts.map(({ url }) => signedHeadersOf(url))).toEqual([
      ['content-length', 'host'],
      ['content-length', 'host'],
    ])
    expect(new URL(parts[1]?.url ?? '').searchParams.get('partNumber')).toBe(String(countParts(target)))
  })

  test('are for the endpoint that clients reach', async () => {
    const { storage } = await play(() => undefined, { publicEndpoint: 'https://files.example.com' })
    expect(((await storage.plan(newTarget(5))) as PutPlan).url).toMatch(/^https:\/\/files\.example\.com\/bucket\/uploads\/[0-9a-f]{32}\?/)
  })

  test('are not made by a client that would sign the checksum of an empty body', async () => {
    const client = new S3Client({ region: 'us-east-1', credentials: { accessKeyId: 'key', secretAccessKey: 'secret' } })
    const { storage } = await play(() => undefined, { client }, false)
    const opening = storage.open({ clock: systemClock, logger: console, urlExpiresMs: 1 })
    await expect(opening).rejects.toThrow("requestChecksumCalculation: 'WHEN_REQUIRED'")
  })
})
