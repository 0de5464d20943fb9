import { randomUUID } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, it, onTestFinished } from 'vitest'
import { describeWithS3 } from '../../../../scripts/services/provided.js'
import { s3Client } from '../../../../scripts/services/s3-client.js'
import { createUploader } from '../create-uploader.js'
import { fetchClient } from '../http/fetch-client.js'
import { UploadError } from '../errors.js'
import { createTestEnvironment } from '../testing/index.js'
import { sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { putTo } from './put-to.js'

const HOUR_MS = 3_600_000

describeWithS3('putTo, to addresses that S3 presigned', (s3) => {
  const client = s3Client(s3)
  const sign = (Key: string, signedAt = Date.now()) =>
    getSignedUrl(client, new PutObjectCommand({ Bucket: s3.bucket, Key }), { expiresIn: 600, signingDate: new Date(signedAt) })

  async function object(Key: string) {
    const { Body, ContentType } = await client.send(new GetObjectCommand({ Bucket: s3.bucket, Key }))
    return { sha256: await sha256Of(new Blob([(await Body!.transformToByteArray()) as Uint8Array<ArrayBuffer>])), type: ContentType }
  }

  let target = ''
  const [strategy] = putTo(() => target)({ environment: createTestEnvironment(), strategies: [] }).strategies
  strategyContract('of putTo on S3', {
    strategy: strategy!,
    refusal: 'rejected',
    takesPages: false,
    async open() {
      const key = randomUUID()
      target = await sign(key)
      return { plan: { kind: 'put-to' }, answer: (request) => fetchClient().send(request), sha256: async () => (await object(key)).sha256 }
    },
  })

  function start(keyOf: (call: number) => Promise<{ readonly url: string; readonly key: string }>) {
    let calls = 0
    const uploader = createUploader({
      retry: { baseMs: 10, capMs: 50 },
      backend: putTo(async () => {
        const { url, key } = await keyOf((calls += 1))
        return { url, result: key }
      }),
    })
    onTestFinished(() => uploader.dispose())
    return {
      calls: () => calls,
      async upload(files: readonly File[]) {
        const ended = new Promise((resolve) => uploader.on('batch-completed', resolve))
        const ids = uploader.add(files)
        await ended
        return ids.map((id) => uploader.$item(id).get())
      },
    }
  }

  it('brings every byte and the type of many files, with one request each', async () => {
    const files = Array.from(
      { length: 40 },
      (_, index) => new File([new Uint8Array(index * 1000).fill(index)], `${index}.png`, { type: 'image/png' }),
    )
    const { upload, calls } = start(async () => {
      const key = randomUUID()
      return { key, url: await sign(key) }
    })
    for (const [index, item] of (await upload(files)).entries()) {
      if (item?.phase !== 'completed') throw new Error(`File ${index} is ${item?.phase}.`)
      expect(await object(item.result as string)).toEqual({ sha256: await sha256Of(files[index] as File), type: 'image/png' })
    }
    expect(calls()).toBe(40)
  })

  it('asks for another address when S3 finds the first one too old', async () => {
    const key = randomUUID()
    const { upload, calls } = start(async (call) => ({ key, url: await sign(key, Date.now() - (call === 1 ? HOUR_MS : 0)) }))
    const file = new File(['bytes'], 'a')
    expect(await upload([file])).toMatchObject([{ phase: 'completed', result: key }])
    expect((await object(key)).sha256).toBe(await sha256Of(file))
    expect(calls()).toBe(2)
  })

  it('gives up where S3 will never take it, and says why', async () => {
    const { upload } = start(async () => {
      throw new UploadError('rejected', 'There is no room for you.')
    })
    expect(await upload([new File(['bytes'], 'a')])).toMatchObject([{ phase: 'failed', error: { message: 'There is no room for you.' } }])
  })
})
