import { execFile } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import {
  AbortMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketLifecycleConfigurationCommand,
  ListMultipartUploadsCommand,
  PutBucketCorsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { MultipartPlan, PutPlan } from '@upload-panel/core/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { startFaultyNetwork } from '../../../../../scripts/services/faulty-network.js'
import { describeWithS3 } from '../../../../../scripts/services/provided.js'
import { type S3Access, s3Client } from '../../../../../scripts/services/s3-client.js'
import { systemClock } from '../../clock.js'
import { manualClock } from '../../testing/manual-clock.js'
import { newTarget, randomContent } from '../../testing/object-storage-contract.js'
import type { ObjectStorage, StorageTarget } from '../object-storage.js'
import { s3, type S3Options } from './s3.js'

const run = promisify(execFile)
const PART_BYTES = 5 * 2 ** 20
const DAY_MS = 86_400_000
const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** The `json` blocks of the recipe, in their order. */
async function recipe(): Promise<readonly [cors: object[], lifecycle: { Rules: object[] }, policy: { Statement: object[] }]> {
  const text = await readFile(new URL('../../../../../docs/recipes/s3-multipart.md', import.meta.url), 'utf8')
  const [cors, lifecycle, policy] = [...text.matchAll(/```json\n([^`]+)```/g)].map(([, json = '']) => JSON.parse(json))
  return [cors, lifecycle, policy]
}

describeWithS3('storage in a bucket', (access) => {
  const credentialsOf = ({ accessKeyId, secretAccessKey }: S3Access) => ({ accessKeyId, secretAccessKey })
  const client = () => {
    const made = s3Client(access)
    onTestFinished(() => made.destroy())
    return made
  }
  async function open(options: Partial<S3Options> = {}, { from = access, clock = systemClock } = {}): Promise<ObjectStorage> {
    const { endpoint, region, bucket } = { ...access, ...from }
    const storage = s3({
      bucket,
      endpoint,
      region,
      credentials: credentialsOf(from),
      forcePathStyle: true,
      prefix: randomUUID(),
      ...options,
    })
    await storage.open({ clock, logger: silent, urlExpiresMs: 3_600_000 })
    onTestFinished(() => storage.close())
    return storage
  }
  const put = async ({ url, headers = {} }: { url: string; headers?: Readonly<Record<string, string>> }, body: Uint8Array<ArrayBuffer>) =>
    (await fetch(url, { method: 'PUT', body, headers })).status
  const inParts = (size: number, partBytes = PART_BYTES) => newTarget(size, { kind: 'multipart', partBytes })
  const read = async (storage: ObjectStorage, { operationId }: StorageTarget) =>
    new Uint8Array(await new Response((await storage.read(operationId))?.stream()).arrayBuffer())
  const underWay = async (prefix: string, bucket = access.bucket) =>
    ((await client().send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix }))).Uploads ?? []).map(({ Key }) => Key)
  const sendAll = async (storage: ObjectStorage, target: StorageTarget, bytes: Uint8Array<ArrayBuffer>) => {
    const count = Math.ceil(target.size / target.partBytes)
    const { parts } = await storage.signParts(
      target,
      Array.from({ length: count }, (_, index) => index + 1),
    )
    for (const part of parts) {
      const start = (part.part_number - 1) * target.partBytes
      expect(await put(part, bytes.slice(start, start + target.partBytes))).toBe(200)
    }
  }
  const all = async (ids: AsyncIterable<string>) => {
    const found: string[] = []
    for await (const id of ids) found.push(id)
    return found
  }

  it('begins an upload once, whichever nodes of a server are asked at the same time', async () => {
    const prefix = randomUUID()
    const [first, second, third] = await Promise.all([open({ prefix }), open({ prefix }), open({ prefix })])
    const nodes = [first, second, third]
    const target = inParts(PART_BYTES + 1)
    const planAll = () => Promise.all(nodes.flatMap((node) => [node.plan(target), node.plan(target)]))
    await planAll()
    const plans = await planAll()
    expect(new Set(plans.map((plan) => (plan as MultipartPlan).upload_id)).size).toBe(1)
    const bytes = randomContent(target.size)
    await sendAll(second, target, bytes)
    await Promise.all(nodes.map((node) => node.complete(target)))
    expect(await read(third, target)).toEqual(bytes)
    expect(await underWay(prefix)).toEqual([])
  })

  it('lists more parts than S3 has on a page', { timeout: 180_000 }, async () => {
    const storage = await open()
    const target = inParts(1003, 1)
    await storage.plan(target)
    const { parts } = await storage.signParts(
      target,
      Array.from({ length: 1003 }, (_, index) => index + 1),
    )
    for (let at = 0; at < parts.length; at += 50) {
      await Promise.all(parts.slice(at, at + 50).map(async (part) => expect(await put(part, randomContent(1))).toBe(200)))
    }
    expect((await storage.listParts(target)).map(({ part_number }) => part_number)).toEqual(parts.map(({ part_number }) => part_number))
  })

  it('refuses an upload whose parts are smaller than S3 takes', async () => {
    const storage = await open()
    const target = inParts(4, 2)
    await storage.plan(target)
    await sendAll(storage, target, randomContent(4))
    await expect(storage.complete(target)).rejects.toMatchObject({ status: 409, code: 'bytes_wrong' })
  })

  it('knows that an upload is complete whose answer was lost', async () => {
    const network = await startFaultyNetwork(() => access.endpoint)
    onTestFinished(() => network.close())
    const prefix = randomUUID()
    const storage = await open({ prefix }, { from: { ...access, endpoint: network.url } })
    const target = inParts(3)
    const bytes = randomContent(3)
    await storage.plan(target)
    await sendAll(storage, target, bytes)
    const lost = network.loseAnswer(({ method, path }) => method === 'POST' && path.includes('uploadId='))
    await storage.complete(target)
    expect(await lost).toMatchObject({ status: 200 })
    expect(await read(storage, target)).toEqual(bytes)
  })

  it('begins anew what the bucket has swept away', async () => {
    const prefix = randomUUID()
    const storage = await open({ prefix })
    const target = inParts(3)
    const swept = (await storage.plan(target)) as MultipartPlan
    const Key = `${prefix}/${target.operationId}`
    await client().send(new AbortMultipartUploadCommand({ Bucket: access.bucket, Key, UploadId: swept.upload_id }))
    const [part] = (await storage.signParts(target, [1])).parts
    expect(await put(part!, randomContent(3))).toBe(404)
    expect(await storage.listParts(target)).toEqual([])
    await expect(storage.signParts(target, [1])).rejects.toMatchObject({ status: 404, code: 'upload_vanished' })
    const again = (await storage.plan(target)) as MultipartPlan
    expect(again.upload_id).not.toBe(swept.upload_id)
    await sendAll(storage, target, randomContent(3))
    await storage.complete(target)
  })

  it('keeps what is complete where a new plan was made by mistake', async () => {
    const prefix = randomUUID()
    const storage = await open({ prefix })
    const target = inParts(3)
    const bytes = randomContent(3)
    await storage.plan(target)
    await sendAll(storage, target, bytes)
    await storage.complete(target)
    // The word that it is complete was lost with a crash, and its client asked for its plan again.
    await storage.plan(target)
    await storage.complete(target)
    expect(await read(storage, target)).toEqual(bytes)
    expect(await underWay(prefix)).toEqual([])
  })

  it.each([0, 7])('sends %i bytes as one part where S3 takes no conditional writes, so that nothing replaces them', async (size) => {
    const storage = await open({ conditionalWrites: false })
    const target = newTarget(size)
    const bytes = randomContent(size)
    const plan = (await storage.plan(target)) as MultipartPlan
    expect(plan).toMatchObject({ kind: 'multipart', part_bytes: Math.max(1, size), parts: [{ part_number: 1 }] })
    expect(await put(plan.parts![0]!, bytes)).toBe(200)
    await storage.complete(target)
    expect(await put(plan.parts![0]!, randomContent(size))).toBe(404)
    expect(await read(storage, target)).toEqual(bytes)
  })

  it('reads the object that it found, and no other that came in its place', async () => {
    const prefix = randomUUID()
    const storage = await open({ prefix })
    const target = newTarget(5)
    await put((await storage.plan(target)) as PutPlan, randomContent(5))
    const found = await storage.read(target.operationId)
    await client().send(new PutObjectCommand({ Bucket: access.bucket, Key: `${prefix}/${target.operationId}`, Body: 'other' }))
    await expect(new Response(found?.stream()).arrayBuffer()).rejects.toThrow('not there any more')
  })

  it('finds orphans after a day, and of others in the bucket none', async () => {
    const prefix = randomUUID()
    const Bucket = access.bucket
    for (const Key of [`${prefix}-other/abc`, `${prefix}/deeper/abc`, `${prefix}/not an id`, 'abc']) {
      const { UploadId } = await client().send(new CreateMultipartUploadCommand({ Bucket, Key }))
      onTestFinished(async () => void (await client().send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))))
    }
    const clock = manualClock(Date.now())
    const storage = await open({ prefix }, { clock })
    const [one, two] = [inParts(3), inParts(3)]
    await storage.plan(one)
    await storage.plan(two)
    expect(await all(storage.unsealed())).toEqual([])
    clock.advance(DAY_MS + 60_000)
    expect((await all(storage.unsealed())).sort()).toEqual([one.operationId, two.operationId].sort())
    await storage.discard(one.operationId)
    expect(await all(storage.unsealed())).toEqual([two.operationId])
    expect(await underWay(prefix)).toHaveLength(4)
  })

  it('does not open with credentials that are wrong, and says so', async () => {
    const wrong = { ...access, secretAccessKey: 'wrong' }
    await expect(open({}, { from: wrong })).rejects.toThrow('the credentials are not valid here')
    await expect(open({ bucket: 'nowhere' })).rejects.toThrow('no such bucket')
  })

  it('works with the rules and the permissions of the recipe, and with no more', async () => {
    const [CORSRules, lifecycle, policy] = await recipe()
    const Bucket = `bucket-${randomUUID()}`
    const owner = client()
    await owner.send(new CreateBucketCommand({ Bucket }))
    await owner.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: CORSRules as never } }))
    await owner.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: lifecycle as never }))
    const { Rules } = await owner.send(new GetBucketLifecycleConfigurationCommand({ Bucket }))
    expect(Rules).toMatchObject([{ Status: 'Enabled', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }])

    const limited = { ...access, accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: randomBytes(20).toString('hex') }
    const keys = ['--access-key', limited.accessKeyId, '--secret-key', limited.secretAccessKey]
    const uid = `limited-${randomBytes(4).toString('hex')}`
    await run('radosgw-admin', [
      '--conf',
      access.configFile,
      '--no-mon-config',
      'user',
      'create',
      '--uid',
      uid,
      '--display-name',
      uid,
      ...keys,
    ])
    await expect(open({ bucket: Bucket, prefix: 'uploads' }, { from: limited })).rejects.toThrow('AccessDenied')
    const Statement = policy.Statement.map((one) => ({ ...one, Principal: { AWS: [`arn:aws:iam:::user/${uid}`] } }))
    const Policy = JSON.stringify({ ...policy, Statement }).replaceAll('my-bucket', Bucket)
    await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }))

    const storage = await open({ bucket: Bucket, prefix: 'uploads' }, { from: limited })
    const bytes = randomContent(PART_BYTES + 3)
    const [small, large] = [newTarget(10), inParts(bytes.length)]
    const plan = (await storage.plan(small)) as PutPlan
    expect(await put(plan, bytes.slice(0, 10))).toBe(200)
    await storage.plan(large)
    await sendAll(storage, large, bytes)
    expect(await storage.listParts(large)).toHaveLength(2)
    for (const target of [small, large]) {
      await storage.complete(target)
      expect(await read(storage, target)).toEqual(bytes.slice(0, target.size))
      await storage.discard(target.operationId)
      expect(await storage.read(target.operationId)).toBeUndefined()
    }
    const cancelled = inParts(3)
    await storage.plan(cancelled)
    await storage.discard(cancelled.operationId)
    expect(await all(storage.unsealed())).toEqual([])
    const elsewhere = await s3Client(limited)
      .send(new ListMultipartUploadsCommand({ Bucket: access.bucket }))
      .catch(({ name }) => String(name))
    expect(elsewhere).toBe('AccessDenied')
    await expect(
      open({ bucket: Bucket, prefix: 'others' }, { from: limited }).then((other) => other.plan(inParts(3))),
    ).rejects.toMatchObject({
      code: 'storage_unavailable',
    })

    // What a browser asks before it sends, with the headers that are signed, and what it may read afterwards.
    const page = { origin: 'https://app.example.com' }
    const asked = {
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,if-none-match,x-amz-checksum-crc32c',
    }
    const preflight = await fetch(plan.url, { method: 'OPTIONS', headers: { ...page, ...asked } })
    expect(preflight.status).toBe(200)
    expect(preflight.headers.get('access-control-allow-headers')).toContain('if-none-match')
    const again = newTarget(10)
    const fresh = (await storage.plan(again)) as PutPlan
    const sent = await fetch(fresh.url, { method: 'PUT', body: bytes.slice(0, 10), headers: { ...fresh.headers, ...page } })
    expect([sent.status, sent.headers.get('access-control-expose-headers')]).toEqual([200, 'ETag'])
  })
})
