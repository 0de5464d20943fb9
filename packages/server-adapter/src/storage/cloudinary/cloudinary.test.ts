import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { manualClock } from '../../testing/manual-clock.js'
import { newTarget } from '../../testing/object-storage-contract.js'
import { type CloudinaryFetch, signFields } from './api.js'
import { cloudinary, type CloudinaryOptions } from './cloudinary.js'

const account = { cloudName: 'demo', apiKey: '1234', apiSecret: 'abcd' }
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const asset = { public_id: 'op', resource_type: 'image', bytes: 5, secure_url: 'https://res.cloudinary.com/demo/image/upload/v1/op.png' }

async function open(fetch: CloudinaryFetch = () => Promise.reject(new Error('Not asked.')), options: Partial<CloudinaryOptions> = {}) {
  const storage = cloudinary({ ...account, fetch, ...options })
  await storage.open({ clock: manualClock(1_315_060_510_000), logger: silent, urlExpiresMs: 1 })
  return storage
}
const answering = (answer: () => Response) => open(async () => answer())

test('fields are signed as the documentation has it', () => {
  // https://cloudinary.com/documentation/authentication_signatures
  const fields = {
    public_id: 'sample_image',
    timestamp: 1_315_060_510,
    eager: 'w_400,h_300,c_pad|w_260,h_200,c_crop',
    file: 'not signed',
    api_key: '1',
  }
  expect(signFields(fields, 'abcd', 'sha1')).toBe('bfd09f95f331f558cbd1320e67aa8d488770583e')
})

describe('a plan', () => {
  test('names the operation in a signed public id and context, and lets nothing be replaced', async () => {
    const storage = await open(undefined, { folder: 'app', fields: { context: 'a=1', tags: 'x' }, chunkBytes: 6_000_000 })
    const target = newTarget(5)
    const plan = await storage.plan(target)
    const fields = {
      tags: 'x',
      public_id: `app/${target.operationId}`,
      context: `a=1|operation_id=${target.operationId}`,
      overwrite: 'false',
      timestamp: 1_315_060_510,
    }
    const text = `context=${fields.context}&overwrite=false&public_id=${fields.public_id}&tags=x&timestamp=1315060510abcd`
    expect(plan).toEqual({
      kind: 'cloudinary',
      url: 'https://api.cloudinary.com/v1_1/demo/auto/upload',
      chunk_bytes: 6_000_000,
      expires_in_s: 3600,
      fields: { ...fields, api_key: '1234', signature: createHash('sha256').update(text).digest('hex') },
    })
    expect(JSON.stringify(plan)).not.toContain('abcd"')
  })
  test('has fields of each file', async () => {
    const storage = await open(undefined, { fields: ({ type }) => ({ allowed_formats: type.slice(6), public_id: 'mine' }) })
    const target = newTarget(5, { type: 'image/png' })
    expect(await storage.plan(target)).toMatchObject({ fields: { allowed_formats: 'png', public_id: target.operationId } })
  })
})

describe('Cloudinary', () => {
  test('that is away, or says nothing that makes sense, is told in general words', async () => {
    const away = { status: 502, code: 'storage_unavailable', retryable: true }
    await expect((await open()).complete(newTarget(5))).rejects.toMatchObject(away)
    for (const answer of [
      () => new Response('secret', { status: 500 }),
      () => new Response('secret', { status: 401, headers: { 'x-cld-error': 'Invalid credentials' } }),
      () => new Response('<html>'),
      () => Response.json([]),
    ]) {
      const refused = (await answering(answer)).complete(newTarget(5))
      await expect(refused).rejects.toMatchObject(away)
      await expect(refused).rejects.not.toThrow('secret')
    }
  })
  test('that was asked too often is asked again later', async () => {
    for (const status of [420, 429])
      await expect((await answering(() => new Response(null, { status }))).read('op')).rejects.toMatchObject({
        code: 'storage_busy',
        retryable: true,
      })
  })
  test('that does not have a file is asked for each type of it, the likely one first', async () => {
    const asked: string[] = []
    const storage = await open(async (url) => {
      asked.push(new URL(url).pathname.split('/')[4] ?? '')
      return url.includes('prefix=') ? Response.json({ resources: [] }) : new Response(null, { status: 404 })
    })
    await expect(storage.complete(newTarget(5, { type: 'video/mp4' }))).rejects.toMatchObject({ code: 'bytes_missing' })
    expect(asked).toEqual(['video', 'image', 'raw'])
  })
})

test('an account is asked once for a completion, and again later', async () => {
  const clock = manualClock()
  let asked = 0
  const storage = cloudinary({ ...account, fetch: async () => ((asked += 1), Response.json(asset)) })
  await storage.open({ clock, logger: silent, urlExpiresMs: 1 })
  const target = newTarget(5, { type: 'image/png' })
  await storage.complete(target)
  await storage.read(target.operationId)
  await storage.describe?.(target.operationId)
  expect(asked).toBe(1)
  clock.advance(10_000)
  await storage.read(target.operationId)
  expect(asked).toBe(2)
})

describe('the content of an asset', () => {
  const content = async (answer: (range: string | null) => Response) => {
    const storage = await open(async (url, init) =>
      url === asset.secure_url ? answer(new Headers(init.headers).get('range')) : Response.json(asset),
    )
    const object = await storage.read('op')
    return new Response(object?.stream({ start: 1, end: 3 })).text()
  }
  test('is read in ranges', async () => {
    expect(await content((range) => new Response(range === 'bytes=1-2' ? 'bc' : 'no', { status: 206 }))).toBe('bc')
  })
  test('is cut where there are no ranges', async () => expect(await content(() => new Response('abcde'))).toBe('bc'))
  test('that is not there is an error', async () => {
    await expect(content(() => new Response(null, { status: 404 }))).rejects.toThrow('404')
  })
  test('is not asked for where there is none', async () => {
    const storage = await open(async () => Response.json({ ...asset, secure_url: 'ftp://x' }))
    expect(await storage.read('op')).toBeUndefined()
  })
})

test('what pages are told is the asset, without keys', async () => {
  const storage = await open(async () => Response.json({ ...asset, api_key: '1234', access_control: [] }))
  expect(await storage.describe?.('op')).toEqual(asset)
})

test.each([{ cloudName: '' }, { apiKey: '' }, { apiSecret: '' }, { chunkBytes: 5 }, { folder: '/a' }, { folder: 'a//b' }])(
  'options that cannot be meant are refused at once: %j',
  (options) => expect(() => cloudinary({ ...account, ...options })).toThrow(TypeError),
)
