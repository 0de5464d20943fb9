import { randomUUID } from 'node:crypto'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  PutBucketNotificationConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { describeWithS3 } from '../../../../scripts/services/provided.js'
import { s3Client } from '../../../../scripts/services/s3-client.js'
import type { SyncServerOptions } from '../options.js'
import { s3 } from '../storage/s3/s3.js'
import { startHarness, temporaryDirectory } from '../testing/harness.js'
import { SAMPLES, songWithPicture } from '../testing/sample-files.js'
import { s3Webhook } from './s3.js'

const TOKEN = 'top secret, with/slashes+and spaces'
const PATIENCE = { timeout: 20_000, interval: 20 }

describeWithS3('real Ceph, with bytes that go straight to it', (access) => {
  const credentials = { accessKeyId: access.accessKeyId, secretAccessKey: access.secretAccessKey }

  function bucketClient(): S3Client {
    const client = s3Client(access)
    onTestFinished(() => client.destroy())
    return client
  }

  /** A server before a bucket of its own. */
  async function serve(options: Partial<SyncServerOptions> = {}) {
    const Bucket = `uploads-${randomUUID()}`
    const client = bucketClient()
    await client.send(new CreateBucketCommand({ Bucket }))
    const directory = await temporaryDirectory()
    const { endpoint, region } = access
    const server = await startHarness(directory.path, {
      storage: s3({ bucket: Bucket, endpoint, region, credentials, forcePathStyle: true }),
      webhooks: { s3: s3Webhook({ token: TOKEN, bucket: Bucket }) },
      ...options,
    })
    onTestFinished(async () => {
      await server.close()
      await directory.remove()
    })
    const word = (id: string) => server.sync.manager.get(id)
    return { server, client, Bucket, word }
  }

  /** Has Ceph send what happens in a bucket, with a password. */
  async function notify(client: S3Client, Bucket: string, url: string, password: string): Promise<void> {
    const sns = new SNSClient({ endpoint: access.endpoint, region: access.region, credentials })
    // Ceph takes passwords over TLS only, which a proxy before it says to have.
    sns.middlewareStack.add(
      (next) => (args) => {
        const { request } = args
        if (typeof request === 'object' && request !== null && 'headers' in request)
          Object.assign(request.headers as object, { 'x-forwarded-proto': 'https' })
        return next(args)
      },
      { step: 'build' },
    )
    const target = new URL(`${url}/webhooks/s3`)
    target.username = 'ceph'
    target.password = encodeURIComponent(password)
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: Bucket, Attributes: { 'push-endpoint': target.href } }))
    sns.destroy()
    const TopicConfigurations = [{ Id: 'uploads', TopicArn, Events: ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const] }]
    await client.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { TopicConfigurations } }))
  }

  describe('that tells by webhooks', () => {
    it('completes a file whose client is gone, and takes back one whose object is deleted', async () => {
      const { server, client, Bucket, word } = await serve()
      await notify(client, Bucket, server.url, TOKEN)
      const { operation_id } = await server.create({ size: 3 })
      expect((await word(operation_id))?.status).toBe('pending')

      const small = await server.create({ size: 3 })
      await server.send(small, new Uint8Array([1, 2, 3]))
      await vi.waitFor(async () => expect((await word(small.operation_id))?.status).toBe('completed'), PATIENCE)
      // Nothing has come of this one.
      expect((await word(operation_id))?.status).toBe('pending')

      await client.send(new DeleteObjectCommand({ Bucket, Key: `uploads/${small.operation_id}` }))
      await vi.waitFor(
        async () => expect(await word(small.operation_id)).toMatchObject({ status: 'failed', error: { code: 'bytes_lost' } }),
        PATIENCE,
      )
    })

    it('changes nothing when the client completes the file itself, and does not make it wait', async () => {
      const { server, client, Bucket, word } = await serve()
      await notify(client, Bucket, server.url, TOKEN)
      const planned = await server.create({ size: 6 * 2 ** 20, prefer: { kind: 'multipart' } })
      await server.send(planned, new Uint8Array(6 * 2 ** 20))
      const { version } = await server.complete(planned.operation_id)
      const answer = await server.request('webhooks/s3', {
        method: 'PUT',
        body: JSON.stringify({ operation_id: planned.operation_id }),
        headers: { 'content-type': 'application/json' },
      })
      expect(await answer.json()).toMatchObject({ update: { status: 'completed', version } })
      expect((await word(planned.operation_id))?.version).toBe(version)
    })

    it('with another password is not heard', async () => {
      const refusals: unknown[] = []
      const webhook = s3Webhook({ token: TOKEN })
      const receive: typeof webhook.receive = async (request) => {
        try {
          return await webhook.receive(request)
        } catch (error) {
          refusals.push(error)
          throw error
        }
      }
      const { server, client, Bucket, word } = await serve({ webhooks: { s3: { receive } } })
      await notify(client, Bucket, server.url, 'wrong')
      const planned = await server.create({ size: 3 })
      // Ceph sends its webhook before it answers the bytes.
      await server.send(planned, new Uint8Array([1, 2, 3]))
      expect(refusals).toMatchObject([{ code: 'signature_invalid' }])
      expect((await word(planned.operation_id))?.status).toBe('pending')
    })
  })

  describe('are looked into before they are processed', () => {
    it('and refused, and deleted, where they are not what is taken', async () => {
      const { server, client, Bucket, word } = await serve({ accept: { types: ['image/*', '.mp3'] } })
      const html = new Uint8Array(SAMPLES['text/html'] ?? [])
      const planned = await server.create({ name: 'a.png', type: 'image/png', size: html.length })
      await server.send(planned, html)
      expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'failed', error: { code: 'file_type' } })
      expect(await word(planned.operation_id)).toMatchObject({ status: 'failed' })
      await expect(client.send(new HeadObjectCommand({ Bucket, Key: `uploads/${planned.operation_id}` }))).rejects.toMatchObject({
        name: 'NotFound',
      })
    })

    it('in places, where what says so lies far behind the beginning', async () => {
      const { server } = await serve({ accept: { types: ['.mp3'] } })
      const song = new Uint8Array(songWithPicture(6_000_000))
      const planned = await server.create({ name: 'a.mp3', type: '', size: song.length })
      await server.send(planned, song)
      expect(await server.complete(planned.operation_id)).toMatchObject({ status: 'completed', file: { type: 'audio/mpeg' } })
    })
  })
})
