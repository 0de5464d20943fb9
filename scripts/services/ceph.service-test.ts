import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { request } from 'node:http'
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, it, onTestFinished } from 'vitest'
import { startFaultyNetwork } from './faulty-network.ts'
import { describeWithS3 } from './provided.ts'
import { type S3Access, s3Client } from './s3-client.ts'
import { startS3Gateway } from './s3-gateway.ts'

const PART_BYTES = 5 * 1024 * 1024
const part = (size = PART_BYTES) => randomBytes(size)
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

describeWithS3('Ceph’s S3 gateway', (s3) => {
  /** A multipart upload, and what its signer and its uploader do. */
  async function startUpload(access: S3Access = s3, Bucket = s3.bucket) {
    const client = s3Client(access)
    onTestFinished(() => client.destroy())
    const Key = randomUUID()
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))
    const upload = { Bucket, Key, UploadId }
    return {
      client,
      upload,
      sign: (PartNumber: number, expiresIn = 600) => getSignedUrl(client, new UploadPartCommand({ ...upload, PartNumber }), { expiresIn }),
      list: async () => ((await client.send(new ListPartsCommand(upload))).Parts ?? []).map(({ PartNumber, ETag }) => [PartNumber, ETag]),
      complete: (parts: readonly Uint8Array[]) => {
        const Parts = parts.map((bytes, index) => ({ PartNumber: index + 1, ETag: `"${md5(bytes)}"` }))
        return client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
      },
    }
  }

  const put = (url: string, body: Uint8Array<ArrayBuffer>, headers: Readonly<Record<string, string>> = {}) =>
    fetch(url, { method: 'PUT', body, headers })

  it('takes presigned parts and answers each with its MD5, which any origin may read', async () => {
    const { sign } = await startUpload()
    const bytes = part()
    const { status, headers } = await put(await sign(1), bytes, { origin: 'https://app.example' })
    expect({ status, etag: headers.get('etag'), exposed: headers.get('access-control-expose-headers') }).toEqual({
      status: 200,
      etag: `"${md5(bytes)}"`,
      exposed: 'ETag',
    })
    expect(headers.get('access-control-allow-origin')).toMatch(/^(\*|https:\/\/app\.example)$/)
  })

  it('hides the ETag from other origins in the bucket that is made for it', async () => {
    const { sign } = await startUpload(s3, s3.bucketHidingEtag)
    const { headers } = await put(await sign(1), part(), { origin: 'https://app.example' })
    expect(headers.get('access-control-allow-origin')).not.toBeNull()
    expect(headers.get('access-control-expose-headers')).toBeNull()
  })

  it('lets a browser ask first', async () => {
    const { sign } = await startUpload()
    const { status, headers } = await fetch(await sign(1), {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' },
    })
    expect(status).toBe(200)
    expect(headers.get('access-control-allow-methods')).toContain('PUT')
    expect(headers.get('access-control-allow-headers')).toContain('content-type')
  })

  it('refuses a signature for another part, an address that has expired, and an upload that it does not know', async () => {
    const { sign, upload, client } = await startUpload()
    const otherPart = (await sign(1)).replace('partNumber=1', 'partNumber=2')
    const expired = await getSignedUrl(client, new UploadPartCommand({ ...upload, PartNumber: 1 }), {
      expiresIn: 1,
      signingDate: new Date(Date.now() - 60_000),
    })
    const unknown = await getSignedUrl(client, new UploadPartCommand({ ...upload, UploadId: '2~unknown', PartNumber: 1 }))
    const answers = await Promise.all([otherPart, expired, unknown].map((url) => put(url, part(1))))
    const codes = await Promise.all(answers.map(async (answer) => [answer.status, /<Code>(.+)<\/Code>/.exec(await answer.text())?.[1]]))
    expect(codes).toEqual([
      [403, 'SignatureDoesNotMatch'],
      [403, 'AccessDenied'],
      [404, 'NoSuchUpload'],
    ])
  })

  it('lists the parts that it has, and makes one object of them', async () => {
    const { sign, list, complete, client, upload } = await startUpload()
    const parts = [part(), part(3)]
    for (const [index, bytes] of parts.entries()) await put(await sign(index + 1), bytes)
    expect(await list()).toEqual(parts.map((bytes, index) => [index + 1, `"${md5(bytes)}"`]))
    await complete(parts)
    const { Body } = await client.send(new GetObjectCommand(upload))
    expect(md5((await Body?.transformToByteArray()) ?? new Uint8Array())).toBe(md5(Buffer.concat(parts)))
  })

  it('answers through a network that fails, when the addresses are signed for that network', async () => {
    const network = await startFaultyNetwork(() => s3.endpoint)
    onTestFinished(() => network.close())
    const { sign, list } = await startUpload({ ...s3, endpoint: network.url })
    const bytes = part()
    const isPart = ({ method }: { readonly method: string }) => method === 'PUT'

    const broken = network.cutDuring(isPart, 1024 * 1024)
    await expect(put(await sign(1), bytes)).rejects.toThrow('fetch failed')
    await broken
    network.mend()
    expect(await list()).toEqual([])

    const lost = network.loseAnswer(isPart)
    await expect(put(await sign(1), bytes)).rejects.toThrow('fetch failed')
    expect(await lost).toMatchObject({ status: 200, sentBytes: PART_BYTES })
    expect(await list()).toEqual([[1, `"${md5(bytes)}"`]])
  })

  it('that is killed in the middle of a part still has the parts before, and goes on after a restart', async () => {
    const gateway = await startS3Gateway(s3)
    onTestFinished(() => gateway.stop())
    const { sign, list, complete, client, upload } = await startUpload({ ...s3, endpoint: gateway.endpoint })
    const parts = [part(), part()] as const
    await put(await sign(1), parts[0])

    const second = await sign(2)
    const cut = new Promise((resolve) => {
      const half = request(second, { method: 'PUT', headers: { 'content-length': PART_BYTES } })
      half.on('error', resolve)
      half.write(parts[1].subarray(0, PART_BYTES / 2), () => void gateway.kill())
    })
    expect(await cut).toMatchObject({ code: 'ECONNRESET' })
    await gateway.restart()
    expect(await list()).toEqual([[1, `"${md5(parts[0])}"`]])
    expect((await put(await sign(2), parts[1])).status).toBe(200)
    await complete(parts)
    expect(await client.send(new HeadObjectCommand(upload))).toMatchObject({ ContentLength: 2 * PART_BYTES })
  })
})
