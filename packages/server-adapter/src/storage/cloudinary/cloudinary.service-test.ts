import { randomBytes } from 'node:crypto'
import { createUploader, httpBackend } from '@upload-panel/core'
import { cloudinaryStrategy } from '@upload-panel/core/cloudinary'
import { sse } from '@upload-panel/core/sse'
import type { CloudinaryPlan } from '@upload-panel/core/protocol'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { services } from '../../../../../scripts/services/provided.js'
import type { SyncServerOptions } from '../../options.js'
import { type Harness, startHarness, temporaryDirectory } from '../../testing/harness.js'
import { SAMPLES } from '../../testing/sample-files.js'
import { cloudinaryWebhook } from '../../webhooks/cloudinary.js'
import type { CloudinaryFetch } from './api.js'
import { cloudinary, type CloudinaryOptions } from './cloudinary.js'

const PATIENCE = { timeout: 20_000, interval: 5 }
const bytesOf = (size: number): Uint8Array<ArrayBuffer> => new Uint8Array(randomBytes(size))

describe('cloudinary as storage, on a stand-in for Cloudinary', () => {
  async function serve(storage: Partial<CloudinaryOptions> = {}, options: Partial<SyncServerOptions> = {}) {
    const { url, cloudName, apiKey, apiSecret } = services().cloudinary
    // Its assets are delivered by the stand-in, whatever they are called.
    const fetchThere: CloudinaryFetch = (address, init) => fetch(address.replace('https://res.cloudinary.com', url), init)
    const place = cloudinary({ cloudName, apiKey, apiSecret, apiUrl: url, fetch: fetchThere, folder: 'app/uploads', ...storage })
    const directory = await temporaryDirectory()
    const server = await startHarness(directory.path, {
      storage: place,
      webhooks: { cloudinary: cloudinaryWebhook({ apiSecret }) },
      ...options,
    })
    onTestFinished(async () => {
      await server.close()
      await directory.remove()
    })
    return { server, storage: place }
  }

  function upload(server: Harness, file: File) {
    const uploader = createUploader({
      backend: httpBackend({ url: server.url }),
      realtime: sse({ url: `${server.url}/events` }),
      strategies: [cloudinaryStrategy],
    })
    onTestFinished(() => uploader.dispose())
    const [id = ''] = uploader.add([file])
    return {
      item: () => uploader.$item(id).get(),
      until: (phase: string) => vi.waitFor(() => expect(uploader.$item(id).get()?.phase).toBe(phase), PATIENCE),
    }
  }

  async function send(plan: CloudinaryPlan, bytes: Uint8Array<ArrayBuffer>, name = 'a.png', type = 'image/png'): Promise<Response> {
    const body = new FormData()
    for (const [field, value] of Object.entries(plan.fields)) body.append(field, String(value))
    body.append('file', new File([bytes], name, { type }))
    return fetch(plan.url, { method: 'POST', body })
  }
  const planOf = async (server: Harness, file: object) => {
    const { operation_id, plan } = await server.create(file)
    return { operation_id, plan: plan as unknown as CloudinaryPlan }
  }

  it.each([
    ['a small file', 1000, {}],
    ['one in chunks', 11 * 2 ** 20, { chunkBytes: 5 * 2 ** 20 }],
    ['one signed with SHA-1', 1000, { algorithm: 'sha1' as const }],
    ['one that is neither image nor video', 1000, {}],
  ])('takes %s from the real client, and confirms it with its asset', async (what, size, options) => {
    const { server } = await serve(options)
    const isRaw = what.includes('neither')
    const { item, until } = upload(server, new File([bytesOf(size)], isRaw ? 'a.bin' : 'a.png', { type: isRaw ? '' : 'image/png' }))
    await until('completed')
    const id = item()?.server?.operationId ?? ''
    expect(item()).toMatchObject({
      result: { public_id: expect.stringContaining(`app/uploads/${id}`), bytes: size, secure_url: expect.stringContaining('https://') },
    })
  })

  it('has a file processed with its bytes, and looked into before', async () => {
    let read: unknown
    const { server } = await serve(
      {},
      {
        accept: { types: ['image/*'] },
        process: async ({ file }, { file: object }) => {
          read = [file?.type, await new Response(object.stream()).bytes()]
          return { mine: true }
        },
      },
    )
    const png = new Uint8Array(SAMPLES['image/png'] ?? [])
    const good = upload(server, new File([png], 'a.png', { type: 'image/png' }))
    await good.until('completed')
    expect(good.item()).toMatchObject({ result: { mine: true } })
    expect(read).toEqual(['image/png', png])
    const bad = upload(server, new File([new Uint8Array(SAMPLES['text/html'] ?? [])], 'b.png', { type: 'image/png' }))
    await bad.until('failed')
    expect(bad.item()).toMatchObject({ error: { remoteCode: 'file_type' } })
  })

  it.each([
    ['without a look at it', {}],
    ['after a look at it', { accept: { types: ['image/*'] } }],
  ])('completes by its notification what no client completes, %s', async (_how, options) => {
    // The address of the server is not known before it is there.
    let notification_url = ''
    const { server } = await serve({ fields: () => ({ notification_url, context: 'album=1' }) }, options)
    notification_url = `${server.url}/webhooks/cloudinary`
    const png = new Uint8Array(SAMPLES['image/png'] ?? [])
    const { operation_id, plan } = await planOf(server, { name: 'a.png', type: 'image/png', size: png.length })
    expect((await send(plan, png)).status).toBe(200)
    await vi.waitFor(
      async () =>
        expect(await server.sync.manager.get(operation_id)).toMatchObject({
          status: 'completed',
          result: { public_id: `app/uploads/${operation_id}` },
        }),
      PATIENCE,
    )
  })

  it('does not complete by a notification what it has to look into and refuses', async () => {
    let notification_url = ''
    const { server } = await serve({ fields: () => ({ notification_url }) }, { accept: { types: ['image/*'] } })
    notification_url = `${server.url}/webhooks/cloudinary`
    const html = new Uint8Array(SAMPLES['text/html'] ?? [])
    const { operation_id, plan } = await planOf(server, { name: 'a.png', type: 'image/png', size: html.length })
    expect((await send(plan, html)).status).toBe(200)
    await vi.waitFor(
      async () => expect(await server.sync.manager.get(operation_id)).toMatchObject({ status: 'failed', error: { code: 'file_type' } }),
      PATIENCE,
    )
    expect(await server.sync.readFile(operation_id)).toBeUndefined()
  })

  it('refuses what is not there, and fields that were changed', async () => {
    const { server } = await serve()
    const { operation_id, plan } = await planOf(server, { name: 'a.png', type: 'image/png', size: 3 })
    const early = await server.post(`commands/uploads/${operation_id}/complete`, {})
    expect(early.status).toBe(409)
    expect((await send({ ...plan, fields: { ...plan.fields, public_id: 'mine' } }, bytesOf(3))).status).toBe(401)
  })

  it.each([
    ['a.png', 'image/png'],
    ['a.mp4', 'video/mp4'],
    ['a.bin', ''],
  ])('keeps what came first of %s, and deletes what was cancelled', async (name, type) => {
    const { server, storage } = await serve()
    const kept = await planOf(server, { name, type, size: 3 })
    expect((await send(kept.plan, new Uint8Array([1, 2, 3]), name, type)).status).toBe(200)
    expect(await (await send(kept.plan, new Uint8Array([4, 5, 6]), name, type)).json()).toMatchObject({ existing: true })
    await server.complete(kept.operation_id)
    const object = await server.sync.readFile(kept.operation_id)
    expect(await new Response(object?.stream({ start: 1, end: 3 })).bytes()).toEqual(new Uint8Array([2, 3]))

    const cancelled = await planOf(server, { name, type, size: 3 })
    expect((await send(cancelled.plan, new Uint8Array([1, 2, 3]), name, type)).status).toBe(200)
    expect(await storage.read(cancelled.operation_id)).toBeDefined()
    await server.post(`commands/uploads/${cancelled.operation_id}/cancel`, {})
    expect(await storage.read(cancelled.operation_id)).toBeUndefined()
    expect(await storage.read(kept.operation_id)).toBeDefined()
  })
})
