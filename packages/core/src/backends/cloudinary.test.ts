import { describe, expect, it } from 'vitest'
import type { UploaderOptions } from '../options.js'
import { startEngine } from '../testing/engine.js'
import { settle, type PendingRequest } from '../testing/index.js'
import { cloudinary, type CloudinaryFields, type CloudinaryOptions, type CloudinarySignature } from './cloudinary.js'

const MINUTE = 60_000
const MIB = 2 ** 20

function start(options: Partial<CloudinaryOptions>, more: Partial<UploaderOptions> = {}) {
  return startEngine({ backend: cloudinary({ cloudName: 'demo', ...options }), ...more })
}

const fields = (request: PendingRequest | undefined) =>
  Object.fromEntries(request?.form?.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])) ?? [])
const ok = (request: PendingRequest | undefined, json: object = { public_id: 'p', secure_url: 'https://res.cloudinary.test/p' }) =>
  request?.respond(200, {}, JSON.stringify(json))

describe('cloudinary, unsigned', () => {
  it('sends a file by its preset in one request, and hands on what Cloudinary says of it', async () => {
    const { world, add, itemIn } = start({ uploadPreset: 'web', folder: 'pets', fields: { tags: 'a,b' } })
    const [id = ''] = await add([4])
    expect(world.requests[0]).toMatchObject({ method: 'POST', url: 'https://api.cloudinary.com/v1_1/demo/auto/upload' })
    expect(fields(world.requests[0])).toEqual({ upload_preset: 'web', folder: 'pets', tags: 'a,b' })
    ok(world.requests[0])
    await settle()
    expect(itemIn(id, 'completed').result).toEqual({ public_id: 'p', secure_url: 'https://res.cloudinary.test/p' })
    expect(world.requests).toHaveLength(1)
  })

  it('may go to another region, cloud and resource type, with fields for each file', async () => {
    const { world, add } = start({
      cloudName: 'a/b',
      uploadPreset: 'web',
      apiUrl: 'https://api-eu.cloudinary.com/',
      resourceType: 'video',
      fields: async ({ name }) => ({ context: `alt=${name}` }),
    })
    await add([4])
    expect(world.requests[0]?.url).toBe('https://api-eu.cloudinary.com/v1_1/a%2Fb/video/upload')
    expect(fields(world.requests[0])).toEqual({ upload_preset: 'web', context: 'alt=file-1' })
  })

  it('goes on after a pause, and after a cut, where Cloudinary stopped', async () => {
    const { uploader, world, add, item } = start(
      { uploadPreset: 'web', chunkBytes: 5 * MIB },
      { environment: { fetch: async () => new Response() } },
    )
    const [id = ''] = await add([12 * MIB])
    const range = () => world.waiting().map(({ headers }) => headers?.['content-range'])
    ok(world.waiting()[0], { done: false })
    await settle()
    uploader.pause(id)
    await settle()
    expect(world.waiting()).toHaveLength(0)
    uploader.resume(id)
    await settle()
    expect(range()).toEqual([`bytes ${5 * MIB}-${10 * MIB - 1}/${12 * MIB}`])
    expect(item(id)).toMatchObject({ phase: 'uploading', sentBytes: 5 * MIB })
    ok(world.waiting()[0], { done: false })
    await settle()
    world.waiting()[0]?.fail()
    await settle()
    await world.clock.advance(MINUTE)
    expect(range()).toEqual([`bytes ${10 * MIB}-${12 * MIB - 1}/${12 * MIB}`])
  })

  it.each([
    [{}, 'needs an unsigned uploadPreset, or sign'],
    [{ uploadPreset: 'web', chunkBytes: 5 * MIB - 1 }, 'chunkBytes must be'],
    [{ uploadPreset: 'web', chunkBytes: NaN }, 'chunkBytes must be'],
  ])('cannot be meant with %j', (options, message) => {
    expect(() => cloudinary({ cloudName: 'demo', ...options })).toThrow(message)
  })
})

describe('cloudinary, signed', () => {
  function signed(answer: (params: CloudinaryFields, call: number) => CloudinarySignature, options: Partial<CloudinaryOptions> = {}) {
    const asked: CloudinaryFields[] = []
    const engine = start({
      sign: async (params) => {
        asked.push(params)
        return answer(params, asked.length)
      },
      ...options,
    })
    return { ...engine, asked }
  }

  it('has the server sign all that is sent, and sends what it signed', async () => {
    const { world, add, asked } = signed(() => ({ signature: 's', timestamp: 7, api_key: 'k', public_id: 'chosen by the server' }), {
      uploadPreset: 'signed',
      apiKey: 'of the page',
      fields: { public_id: 'mine' },
    })
    await add([4])
    expect(asked).toStrictEqual([{ upload_preset: 'signed', public_id: 'mine', timestamp: Math.floor(world.clock.now() / 1000) }])
    expect(fields(world.requests[0])).toEqual({
      upload_preset: 'signed',
      public_id: 'chosen by the server',
      timestamp: '7',
      api_key: 'k',
      signature: 's',
    })
  })

  it('takes a server that only signs', async () => {
    const { world, add } = signed(() => ({ signature: 's' }), { apiKey: 'k' })
    await add([4])
    expect(fields(world.requests[0])).toEqual({
      timestamp: String(Math.floor(world.clock.now() / 1000)),
      api_key: 'k',
      signature: 's',
    })
  })

  it('signs a file once, and its chunks again when the hour is over', async () => {
    const { world, add, asked } = signed((_params, call) => ({ signature: `s${call}` }), { chunkBytes: 5 * MIB })
    await add([15 * MIB])
    ok(world.waiting()[0], { done: false })
    await settle()
    expect(asked).toHaveLength(1)
    await world.clock.advance(60 * MINUTE)
    ok(world.waiting()[0], { done: false })
    await settle()
    expect(asked).toHaveLength(2)
    expect(fields(world.waiting()[0])).toMatchObject({ signature: 's2' })
    expect(world.waiting()[0]?.headers).toMatchObject({ 'content-range': `bytes ${10 * MIB}-${15 * MIB - 1}/${15 * MIB}` })
  })

  it('signs anew what Cloudinary finds too old', async () => {
    const { world, add, asked, phases } = signed((_params, call) => ({ signature: `s${call}` }))
    await add([4])
    world.waiting()[0]?.respond(400, {}, '{"error":{"message":"Stale request - reported time is more than 1 hour ago"}}')
    await settle()
    await world.clock.advance(MINUTE)
    expect(asked).toHaveLength(2)
    ok(world.waiting()[0])
    await settle()
    expect(phases()).toEqual(['completed'])
  })

  it.each([undefined, null, 's', {}, { signature: 7 }])('fails where the server answers %j', async (answer) => {
    const { add, itemIn } = signed(() => answer as unknown as CloudinarySignature)
    const [id = ''] = await add([4])
    expect(itemIn(id, 'failed').error).toMatchObject({ code: 'bad_answer', retryable: false })
  })
})

describe('a rate limit of Cloudinary', () => {
  it('holds back all files until it is over, and burns no attempt', async () => {
    const { world, add, phases } = start({ uploadPreset: 'web' }, { requestSlots: 2, retry: { attempts: 1 } })
    await add([4, 4, 4])
    for (const request of world.waiting()) request.respond(420, { 'retry-after': '30' }, '{"error":{"message":"Rate limited"}}')
    await settle()
    expect(world.waiting()).toHaveLength(0)
    await world.clock.advance(29_000)
    expect(world.waiting()).toHaveLength(0)
    for (let minute = 0; minute < 5 && phases().some((phase) => phase !== 'completed'); minute += 1) {
      await world.clock.advance(MINUTE)
      for (const request of world.waiting()) ok(request)
      await settle()
    }
    expect(phases()).toEqual(['completed', 'completed', 'completed'])
  })
})
