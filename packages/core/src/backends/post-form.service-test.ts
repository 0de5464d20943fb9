import { createHmac, randomUUID } from 'node:crypto'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FaultyNetwork, startFaultyNetwork } from '../../../../scripts/services/faulty-network.js'
import type { TakenForm } from '../../../../scripts/services/form.js'
import { sendJson, serveHttp } from '../../../../scripts/services/http-service.js'
import { readForm } from '../../../../scripts/services/multipart.js'
import { describeWithS3, services } from '../../../../scripts/services/provided.js'
import { s3Client } from '../../../../scripts/services/s3-client.js'
import { createUploader } from '../create-uploader.js'
import { fetchClient } from '../http/fetch-client.js'
import type { UploadItem } from '../item/item.js'
import type { UploaderOptions } from '../options.js'
import { followUploads } from '../realtime/follow.js'
import { sse } from '../realtime/sse.js'
import { form } from '../strategies/form.js'
import { sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { postForm, type PostFormOptions } from './post-form.js'

strategyContract('form on a real endpoint', {
  strategy: form,
  refusal: 'auth',
  takesPages: false,
  sizes: [0, 1, 1000, 2_000_000],
  open: () => ({
    plan: { kind: 'form' as const, url: `${services().form.url}/uploads`, fields: { a: 'b' } },
    answer: (request) => fetchClient().send(request),
    sha256: async ({ result }) => (result as TakenForm).files[0]?.sha256 ?? 'no file',
  }),
})

describeWithS3('S3, by a POST policy', (s3) => {
  strategyContract('form on S3', {
    strategy: form,
    refusal: 'rejected',
    takesPages: false,
    open() {
      const key = randomUUID()
      return {
        plan: { kind: 'form' as const, url: `${s3.endpoint}/${s3.bucket}`, fields: postPolicy(key), expires_in_s: 600 },
        answer: (request) => fetchClient().send(request),
        async sha256() {
          const { Body } = await s3Client(s3).send(new GetObjectCommand({ Bucket: s3.bucket, Key: key }))
          return sha256Of(new Blob([(await Body!.transformToByteArray()) as Uint8Array<ArrayBuffer>]))
        },
      }
    },
  })

  /** The fields of a form that S3 takes, signed by AWS4-HMAC-SHA256. */
  function postPolicy(key: string): Readonly<Record<string, string>> {
    const now = new Date().toISOString().replace(/[-:]|\.\d+/g, '')
    const scope = [now.slice(0, 8), s3.region, 's3', 'aws4_request']
    const fields = {
      key,
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': [s3.accessKeyId, ...scope].join('/'),
      'x-amz-date': now,
    }
    const conditions = [{ bucket: s3.bucket }, ...Object.entries(fields).map(([name, value]) => ({ [name]: value }))]
    const policy = Buffer.from(JSON.stringify({ expiration: new Date(Date.now() + 600_000).toISOString(), conditions })).toString('base64')
    const hmac = (secret: string | Buffer, text: string) => createHmac('sha256', secret).update(text).digest()
    const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${s3.secretAccessKey}`)
    return { ...fields, policy, 'x-amz-signature': hmac(signingKey, policy).toString('hex') }
  }
})

describe('postForm', () => {
  function start(url: string, options: Partial<PostFormOptions> = {}, more: Partial<UploaderOptions> = {}) {
    const uploader = createUploader({ backend: postForm({ url, ...options }), retry: { attempts: 4, baseMs: 10, capMs: 50 }, ...more })
    onTestFinished(() => uploader.dispose())
    return {
      uploader,
      async upload(...files: readonly File[]): Promise<readonly UploadItem[]> {
        const ended = new Promise<readonly UploadItem[]>((resolve) => uploader.on('batch-completed', resolve))
        uploader.add(files)
        return ended
      },
    }
  }
  const at = (path: string) => services().form.url + path

  it('brings fields, name, type and every byte as a browser’s own form does, with %22 for a quote', async () => {
    const { upload } = start(at('/uploads'), { field: 'avatar', fields: ({ size }) => ({ 'a"b': 'é\r\n', size }) })
    const file = new File(['<svg/>'], 'naïve "שלום".svg', { type: 'image/svg+xml' })
    const [item] = await upload(file)
    expect(item).toMatchObject({
      phase: 'completed',
      result: {
        fields: [
          ['a%22b', 'é\r\n'],
          ['size', '6'],
        ],
        files: [{ field: 'avatar', name: 'naïve %22שלום%22.svg', type: 'image/svg+xml', size: 6, sha256: await sha256Of(file) }],
      },
    })
  })

  it('takes an answer without an id for the end', async () => {
    expect(await start(at('/plain')).upload(new File(['a'], 'a'))).toMatchObject([{ phase: 'completed', result: { ok: true } }])
  })

  it('does not take a login page for the end', async () => {
    expect(await start(at('/html')).upload(new File(['a'], 'a'))).toMatchObject([{ phase: 'failed', error: { code: 'bad_answer' } }])
  })

  it('comes back when the endpoint wants rest', async () => {
    const url = at(`/throttled?key=${randomUUID()}&times=2&retry-after=0`)
    expect(await start(url).upload(new File(['a'], 'a'))).toMatchObject([{ phase: 'completed' }])
  })

  it('follows what the server does with the file, by the id in its answer, until it is done', async () => {
    const word = (change: object) =>
      `event: sync-status\nid: 1\ndata: ${JSON.stringify({
        operation_id: 'video-1',
        operation_type: 'upload',
        progress: 0,
        timestamp: new Date().toISOString(),
        ...change,
      })}\n\n`
    const server = await serveHttp(async (request, response) => {
      if (request.method === 'POST') {
        await readForm(request)
        return sendJson(response, 202, { uploadId: 'video-1' })
      }
      const isFollowed = new URL(request.url ?? '', 'http://server').searchParams.get('operation_id') === 'video-1'
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      if (isFollowed) response.write(word({ status: 'in_progress', progress: 40, stage: 'compressing' }))
      if (isFollowed) response.write(word({ status: 'completed', progress: 100, version: 2, result: { url: '/video-1' } }))
    })
    onTestFinished(() => server.stop())
    const { uploader, upload } = start(
      `${server.url}/upload`,
      { follow: followUploads() },
      { realtime: sse({ url: `${server.url}/events` }) },
    )
    const phases: string[] = []
    uploader.on('processing', ({ phase, operationId }) => phases.push(`${phase} ${operationId}`))
    expect(await upload(new File(['film'], 'film.mov'))).toMatchObject([{ phase: 'completed', result: { url: '/video-1' } }])
    expect(phases).toEqual(['processing video-1'])
  })

  describe('over a network that fails', () => {
    async function network(): Promise<FaultyNetwork> {
      const faulty = await startFaultyNetwork(() => services().form.url)
      onTestFinished(() => faulty.close())
      return faulty
    }
    const isPost = ({ method }: { readonly method: string }) => method === 'POST'

    it('sends the file again when it was cut in the middle', async () => {
      const faulty = await network()
      const { upload } = start(`${faulty.url}/uploads`)
      const file = new File([new Uint8Array(3_000_000).fill(7)], 'a')
      void faulty.cutDuring(isPost, 1_000_000).then(() => faulty.mend())
      const [item] = await upload(file)
      expect(item).toMatchObject({ phase: 'completed', result: { files: [{ sha256: await sha256Of(file) }] } })
      expect(faulty.requests.filter(isPost)).toHaveLength(2)
    })

    it('sends it again when the answer was lost: nobody else knows whether it is there', async () => {
      const faulty = await network()
      const { upload } = start(`${faulty.url}/uploads`)
      void faulty.loseAnswer(isPost)
      expect(await upload(new File(['a'], 'a'))).toMatchObject([{ phase: 'completed' }])
      expect(faulty.requests.filter(isPost).map(({ status }) => status)).toEqual([201, 201])
    })
  })
})
