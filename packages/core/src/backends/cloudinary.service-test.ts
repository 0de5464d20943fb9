import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { signCloudinary } from '../../../../scripts/services/cloudinary.js'
import { startFaultyNetwork } from '../../../../scripts/services/faulty-network.js'
import { services } from '../../../../scripts/services/provided.js'
import { createUploader } from '../create-uploader.js'
import { fetchClient } from '../http/fetch-client.js'
import type { UploadItem } from '../item/item.js'
import type { TransferResult } from '../strategies/strategy.js'
import { sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { cloudinary, cloudinaryStrategy, type CloudinaryFields, type CloudinaryOptions } from './cloudinary.js'

const MIB = 2 ** 20

/** The MD5 of a file, which is what the stand-in tells of it. */
async function md5Of(file: Blob): Promise<string> {
  return createHash('md5')
    .update(new Uint8Array(await file.arrayBuffer()))
    .digest('hex')
}

strategyContract('cloudinary on a stand-in for Cloudinary', {
  strategy: cloudinaryStrategy,
  refusal: 'rejected',
  takesPages: false,
  forgetsWhole: true,
  // It takes no empty file.
  sizes: [1, 5 * MIB, 5 * MIB + 1, 12 * MIB],
  open(file) {
    const { url, cloudName, unsignedPreset } = services().cloudinary
    return {
      plan: {
        kind: 'cloudinary' as const,
        url: `${url}/v1_1/${cloudName}/auto/upload`,
        fields: { upload_preset: unsignedPreset },
        chunk_bytes: 5 * MIB,
      },
      answer: (request) => fetchClient().send(request),
      sha256: async ({ result }: TransferResult) =>
        (result as { readonly etag: string }).etag === (await md5Of(file)) ? sha256Of(file) : 'other bytes',
    }
  },
})

describe('cloudinary, to a stand-in for Cloudinary', () => {
  async function start(options: Partial<CloudinaryOptions>) {
    const { url, cloudName } = services().cloudinary
    const network = await startFaultyNetwork(() => url)
    const uploader = createUploader({
      backend: cloudinary({ cloudName, apiUrl: network.url, chunkBytes: 5 * MIB, ...options }),
      retry: { attempts: 3, baseMs: 10, capMs: 50 },
    })
    onTestFinished(async () => {
      await uploader.dispose()
      await network.close()
    })
    return {
      network,
      async upload(file: File): Promise<UploadItem | undefined> {
        const ended = new Promise<readonly UploadItem[]>((resolve) => uploader.on('batch-completed', resolve))
        uploader.add([file])
        return (await ended)[0]
      },
    }
  }
  const unsigned = () => ({ uploadPreset: services().cloudinary.unsignedPreset })
  const film = (size: number) => new File([randomBytes(size)], 'film.mov', { type: 'video/quicktime' })

  async function expectStored(item: UploadItem | undefined, file: File): Promise<void> {
    expect(item).toMatchObject({
      phase: 'completed',
      result: {
        etag: await md5Of(file),
        bytes: file.size,
        resource_type: 'video',
        secure_url: expect.stringContaining('https://') as string,
      },
    })
  }

  it('brings small files by one request, large ones in chunks', async () => {
    const { network, upload } = await start(unsigned())
    const [small, large] = [film(1000), film(12 * MIB)]
    await expectStored(await upload(small), small)
    expect(network.requests).toHaveLength(1)
    await expectStored(await upload(large), large)
    expect(network.requests).toHaveLength(4)
  })

  it('signs all fields, and the chunks of a file by one signature', async () => {
    const { apiKey, apiSecret } = services().cloudinary
    let calls = 0
    const { upload } = await start({
      apiKey,
      folder: 'films',
      fields: { tags: 'a,b' },
      sign(params: CloudinaryFields) {
        calls += 1
        return { signature: signCloudinary(texts(params), apiSecret) }
      },
    })
    const file = film(6 * MIB)
    const item = await upload(file)
    await expectStored(item, file)
    expect(item).toMatchObject({ result: { public_id: expect.stringMatching(/^films\//) as string, tags: ['a', 'b'] } })
    expect(calls).toBe(1)
  })

  it('signs again what is too old', async () => {
    const { apiKey, apiSecret } = services().cloudinary
    let calls = 0
    const { upload } = await start({
      sign(params: CloudinaryFields) {
        calls += 1
        const timestamp = Number(params['timestamp']) - (calls === 1 ? 3700 : 0)
        return { signature: signCloudinary({ ...texts(params), timestamp: String(timestamp) }, apiSecret), timestamp, api_key: apiKey }
      },
    })
    const file = film(1000)
    await expectStored(await upload(file), file)
    expect(calls).toBe(2)
  })

  it('tells what Cloudinary refuses, in its words', async () => {
    const { upload } = await start({ uploadPreset: 'nobody made it' })
    expect(await upload(film(1))).toMatchObject({ phase: 'failed', error: { message: 'Upload preset not found', code: 'rejected' } })
    const signed = await start({ uploadPreset: services().cloudinary.signedPreset })
    expect(await signed.upload(film(1))).toMatchObject({ error: { message: 'Upload preset must be whitelisted for unsigned uploads' } })
  })

  it('sends only the chunk again that was cut', async () => {
    const { network, upload } = await start(unsigned())
    void network.cutDuring(() => network.requests.filter(isPost).length === 2, 2 * MIB).then(() => network.mend())
    const file = film(12 * MIB)
    await expectStored(await upload(file), file)
    const bytes = network.requests.filter(isPost).map(({ sentBytes }) => Math.floor(sentBytes / MIB))
    expect(bytes).toEqual([5, expect.toSatisfy((cut: number) => cut < 5), 5, 2])
  })

  it.each([
    ['in the middle', 2, 4],
    // The stand-in forgets the chunks of a file that is whole, as Cloudinary may: the file begins anew.
    ['at the end', 3, 7],
  ])('survives a lost answer %s', async (_where, lost, requests) => {
    const { network, upload } = await start(unsigned())
    void network.loseAnswer(() => network.requests.filter(isPost).length === lost)
    const file = film(12 * MIB)
    await expectStored(await upload(file), file)
    expect(network.requests.filter(isPost)).toHaveLength(requests)
  })
})

const isPost = ({ method }: { readonly method: string }) => method === 'POST'

const texts = (params: CloudinaryFields): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))
