import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { signCloudinary } from './cloudinary.ts'
import { services } from './provided.ts'

const MB = 1024 * 1024
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')
const nowS = () => Math.floor(Date.now() / 1000)

async function post(
  bytes: Uint8Array<ArrayBuffer>,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
  kind = 'auto',
) {
  const { url, cloudName } = services().cloudinary
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  body.append('file', new File([bytes], 'photo.jpg', { type: 'image/jpeg' }))
  const response = await fetch(`${url}/v1_1/${cloudName}/${kind}/upload`, { method: 'POST', body, headers })
  return { status: response.status, error: response.headers.get('x-cld-error'), body: await response.json() }
}

const unsigned = () => ({ upload_preset: services().cloudinary.unsignedPreset })
const chunk = (bytes: Uint8Array<ArrayBuffer>, first: number, total: number, id: string) =>
  post(bytes, unsigned(), { 'x-unique-upload-id': id, 'content-range': `bytes ${first}-${first + bytes.length - 1}/${total}` })

describe('the Cloudinary stand-in', () => {
  it('takes an unsigned upload', async () => {
    const bytes = randomBytes(1000)
    const { status, body } = await post(bytes, { ...unsigned(), folder: 'animals', tags: 'a,b' })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      public_id: expect.stringMatching(/^animals\/\w+$/),
      secure_url: expect.stringMatching(/^https:\/\/res\.cloudinary\.com\/stand-in\/image\/upload\/v\d+\/animals\/\w+\.jpg$/),
      resource_type: 'image',
      bytes: 1000,
      etag: md5(bytes),
      tags: ['a', 'b'],
      original_filename: 'photo',
    })
  })

  it.each([
    ['no preset', () => ({}), 'Upload preset must be specified when using unsigned upload'],
    ['an unknown preset', () => ({ upload_preset: 'other' }), 'Upload preset not found'],
    [
      'a preset for signed uploads',
      () => ({ upload_preset: services().cloudinary.signedPreset }),
      'Upload preset must be whitelisted for unsigned uploads',
    ],
    [
      'a parameter that needs a signature',
      () => ({ ...unsigned(), overwrite: 'true' }),
      /^Overwrite parameter is not allowed when using unsi/,
    ],
  ])('refuses an unsigned upload with %s', async (_what, fields, message) => {
    const { status, error, body } = await post(randomBytes(1), fields())
    expect({ status, body }).toEqual({ status: 400, body: { error: { message: expect.stringMatching(message) } } })
    expect(error).toBe(body.error.message)
  })

  it.each(['sha1', 'sha256'] as const)('takes an upload signed by %s', async (algorithm) => {
    const { apiKey, apiSecret } = services().cloudinary
    const fields = { timestamp: String(nowS()), public_id: randomUUID(), overwrite: 'true' }
    const signature = signCloudinary(fields, apiSecret, algorithm)
    expect(await post(randomBytes(1), { ...fields, signature, api_key: apiKey })).toMatchObject({
      status: 200,
      body: { public_id: fields.public_id },
    })
  })

  it('signs as the documentation’s example does', () => {
    const fields = { timestamp: '1315060510', public_id: 'sample_image' }
    expect(signCloudinary(fields, 'abcd')).toBe('b4ad47fb4e25c7bf5f92a20089f9db59bc302313')
  })

  it('refuses a wrong signature with the string to sign, and one of more than an hour ago', async () => {
    const { apiKey, apiSecret } = services().cloudinary
    const fields = { timestamp: String(nowS()), public_id: 'a', tags: 'b', api_key: apiKey }
    expect(await post(randomBytes(1), { ...fields, signature: 'no' })).toMatchObject({
      status: 401,
      body: { error: { message: `Invalid Signature no. String to sign - 'public_id=a&tags=b&timestamp=${fields.timestamp}'.` } },
    })
    const old = { ...fields, timestamp: String(nowS() - 3700) }
    expect(await post(randomBytes(1), { ...old, signature: signCloudinary(old, apiSecret) })).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringMatching(/^Stale request/) } },
    })
  })

  it('makes one file of chunks that came in one after another, or together between the first and the last', async () => {
    const bytes = randomBytes(16 * MB)
    const id = randomUUID()
    const send = (first: number, end: number) => chunk(bytes.subarray(first, end), first, bytes.length, id)
    expect(await send(0, 5 * MB)).toMatchObject({ status: 200, body: { done: false, bytes: 5 * MB } })
    const middle = await Promise.all([send(10 * MB, 15 * MB), send(5 * MB, 10 * MB)])
    expect(middle.map(({ body }) => body.done)).toEqual([false, false])
    expect(await send(15 * MB, 16 * MB)).toMatchObject({ status: 200, body: { done: true, bytes: 16 * MB, etag: md5(bytes) } })
  })

  it('refuses small chunks, a last chunk that comes too early, and a range that is not that of the bytes', async () => {
    const bytes = randomBytes(5 * MB)
    const id = randomUUID()
    expect((await chunk(bytes.subarray(1), 0, 20 * MB, id)).body.error.message).toBe('All parts except EOF-chunk must be larger than 5mb')
    expect((await chunk(bytes, 0, 11 * MB, id)).status).toBe(200)
    expect((await chunk(bytes.subarray(0, MB), 10 * MB, 11 * MB, id)).status).toBe(400)
    expect((await post(bytes, unsigned(), { 'x-unique-upload-id': id, 'content-range': 'bytes 0-9/20' })).status).toBe(400)
  })

  it('allows any origin, and no request headers but its own', async () => {
    const { url, cloudName } = services().cloudinary
    const { headers } = await fetch(`${url}/v1_1/${cloudName}/auto/upload`, {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example' },
    })
    expect(headers.get('access-control-allow-origin')).toBe('https://app.example')
    expect(headers.get('access-control-allow-headers')).toMatch(/Content-Range.*X-Unique-Upload-Id/)
    expect(headers.get('access-control-allow-headers')).not.toMatch(/Authorization/i)
  })
})
