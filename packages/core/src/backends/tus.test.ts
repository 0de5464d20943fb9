import { describe, expect, it } from 'vitest'
import type { UploaderOptions } from '../options.js'
import { startEngine } from '../testing/engine.js'
import { followUploads } from '../realtime/follow.js'
import { createMemoryTransport, createTestEnvironment, createTestFile, settle } from '../testing/index.js'
import { createSite } from '../testing/site.js'
import { tus, tusStrategy, type TusOptions } from './tus.js'

const ENDPOINT = 'https://tus.test/files/'
const MIB = 2 ** 20

/** An uploader over a tus server that does what the test says. */
function start(options: Partial<TusOptions> = {}, uploaderOptions: Partial<UploaderOptions> = {}) {
  const engine = startEngine({ backend: tus({ endpoint: ENDPOINT, extensions: [], ...options }), requestSlots: 1, ...uploaderOptions })
  return {
    ...engine,
    /** Answers the one request that waits. */
    async answer(status: number, headers: Readonly<Record<string, string>> = {}) {
      const [request, ...more] = engine.world.waiting()
      if (request === undefined || more.length > 0) throw new Error(`${engine.world.waiting().length} requests wait.`)
      request.respond(status, headers)
      await settle()
    },
    sent: () => engine.world.requests.map(({ method, url }) => `${method} ${url}`),
    last: () => engine.world.requests.at(-1),
  }
}
const created = { location: '1' }
/** The endpoint can be reached. */
const reachable = { environment: { fetch: () => Promise.resolve(new Response()) } }
const at = (offset: number, length = 10) => ({ 'upload-offset': `${offset}`, 'upload-length': `${length}` })

describe('tus', () => {
  it('completes a file with the address of its upload, and asks no other server', async () => {
    const { add, answer, itemIn, sent } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(204, at(10))
    expect(itemIn(id, 'completed').result).toEqual({ url: `${ENDPOINT}1` })
    expect(sent()).toEqual([`POST ${ENDPOINT}`, `PATCH ${ENDPOINT}1`])
  })

  it('asks a server that it does not know once, and then sends small files by one request each, one byte slot being enough', async () => {
    const { add, answer, phases, sent, last } = start({ extensions: undefined as never })
    await add([10, 10, 0, 10])
    await answer(204, { 'tus-extension': 'creation,creation-with-upload' })
    for (let done = 0; done < 4; done += 1) await answer(201, { location: `${done}`, 'upload-offset': `${last()?.body.size}` })
    expect(phases()).toEqual(['completed', 'completed', 'completed', 'completed'])
    expect(sent()).toEqual([`OPTIONS ${ENDPOINT}`, ...Array(4).fill(`POST ${ENDPOINT}`)])
  })

  it('tells the server what is known of the file', async () => {
    const { uploader, last } = start()
    const file = createTestFile('ä.png', 10, 'image/png')
    uploader.add([{ file, relativePath: 'trip/ä.png' }], {
      metadata: { album: 7, 'two words': 'no place', list: [1], filename: 'not mine' },
    })
    await settle()
    const words = last()
      ?.headers?.['Upload-Metadata']?.split(',')
      .map((word) => word.split(' '))
    expect(words?.map(([name, value = '']) => [name, Buffer.from(value, 'base64').toString()])).toEqual([
      ['album', '7'],
      ['filename', 'ä.png'],
      ['filetype', 'image/png'],
      ['relativePath', 'trip/ä.png'],
    ])
  })

  it('tells it what the page wants told, and refuses names that the protocol has no place for', async () => {
    const { add, last } = start({ metadata: ({ name, size }) => ({ bucketName: 'b', objectName: `${name}-${size}` }) })
    await add([10])
    expect(last()?.headers?.['Upload-Metadata']).toBe('bucketName Yg==,objectName ZmlsZS0xLTEw')
    const wrong = start({ metadata: () => ({ 'object name': 'x' }) })
    const [id = ''] = await wrong.add([10])
    expect(wrong.itemIn(id, 'failed').error).toMatchObject({ code: 'validation', message: expect.stringContaining('object name') })
  })

  it('sends pieces as large as the server takes them', async () => {
    const { add, answer, last } = start({ chunkBytes: 6 })
    await add([10])
    await answer(201, created)
    expect(last()?.body.size).toBe(6)
    await answer(204, at(6))
    expect(last()?.body.size).toBe(4)
  })

  it('is not displaced by a strategy for the plans of a server', async () => {
    const { add, sent } = start({}, { strategies: [tusStrategy()] })
    await add([1])
    expect(sent()).toEqual([`POST ${ENDPOINT}`])
  })

  it('refuses an address that is none', () => {
    expect(() => start({ endpoint: 'https://' })).toThrow('is not a URL')
  })

  it('may be made while a page is rendered on a server, whose own address is not known', () => {
    const environment = { ...createTestEnvironment(), baseUrl: undefined }
    expect(tus({ endpoint: '/files' })({ environment, strategies: [] }).strategies).toHaveLength(1)
  })

  it('takes an address that is relative to the page', async () => {
    const { add, sent } = start({ endpoint: '/files' })
    await add([1])
    expect(sent()).toEqual(['POST http://localhost/files'])
  })
})

describe('a pause, a cut, a reload', () => {
  it('pauses without a request, and goes on where the server has got to', async () => {
    const { uploader, add, answer, item, world, last } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    world.waiting()[0]?.progress(7)
    uploader.pause(id)
    await settle()
    expect(world.waiting()).toHaveLength(0)
    uploader.resume(id)
    await settle()
    expect(last()).toMatchObject({ method: 'HEAD', url: `${ENDPOINT}1` })
    await answer(200, at(5))
    expect(last()).toMatchObject({ method: 'PATCH', headers: { 'Upload-Offset': '5' } })
    expect(item(id)).toMatchObject({ phase: 'uploading', sentBytes: 7 })
    await answer(204, at(10))
    expect(item(id).phase).toBe('completed')
  })

  it.each([409, 423])('waits and asks again where another holds the upload (%i), and never begins a second one', async (status) => {
    const { add, answer, itemIn, world, sent } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(status)
    expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'backoff', error: { code: 'server', status } })
    await world.clock.advance(30_000)
    expect(sent()).toEqual([`POST ${ENDPOINT}`, `PATCH ${ENDPOINT}1`, `HEAD ${ENDPOINT}1`])
  })

  it('begins a second one where the first has expired', async () => {
    const { add, answer, item, world, sent } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(410)
    await world.clock.advance(30_000)
    await answer(410)
    await answer(201, { location: '2' })
    await answer(204, at(10))
    expect(item(id)).toMatchObject({ phase: 'completed', attempt: 1, result: { url: `${ENDPOINT}2` } })
    expect(sent().slice(2)).toEqual([`HEAD ${ENDPOINT}1`, `POST ${ENDPOINT}`, `PATCH ${ENDPOINT}2`])
  })

  it('waits for a server that is gone, and burns no attempt on it', async () => {
    let isUp = false
    const { add, answer, itemIn, world, last } = start(
      {},
      {
        retry: { attempts: 2 },
        environment: { fetch: () => (isUp ? Promise.resolve(new Response()) : Promise.reject(new TypeError('refused'))) },
      },
    )
    const [id = ''] = await add([10])
    await answer(201, created)
    world.waiting()[0]?.fail()
    await settle()
    expect(itemIn(id, 'waiting').reason).toBe('offline')
    await world.clock.advance(3_600_000)
    expect(itemIn(id, 'waiting').reason).toBe('offline')
    isUp = true
    await world.clock.advance(15_000)
    expect(last()?.method).toBe('HEAD')
    await answer(200, at(0))
    await answer(204, at(10))
    itemIn(id, 'completed')
  })

  it('does not wait for ever for an answer, and gives its slot back', async () => {
    const { uploader, add, answer, itemIn, world } = start({}, reachable)
    const [id = ''] = await add([10])
    await world.clock.advance(45_000)
    expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'backoff', error: { code: 'stalled' } })
    expect(Object.values(uploader.inspect().slots)).toMatchObject([{ used: 0 }])
    await world.clock.advance(30_000)
    await answer(201, created)
    // What has bytes is watched by whoever sends them.
    await world.clock.advance(3_600_000)
    expect(world.waiting()).toMatchObject([{ method: 'PATCH' }])
  })

  it('gives a server time to put the pieces of a file together', async () => {
    const { add, answer, itemIn, world } = start({ parallel: 2, extensions: ['concatenation'] }, { requestSlots: 2 })
    const [id = ''] = await add([10 * MIB])
    for (const request of world.waiting()) request.respond(201, { location: 'piece' })
    await settle()
    for (const request of world.waiting()) request.respond(204, at(request.body.size))
    await settle()
    await world.clock.advance(600_000)
    await answer(201, { location: 'whole' })
    expect(itemIn(id, 'completed').result).toEqual({ url: `${ENDPOINT}whole` })
  })

  it('asks for a sign-in that has expired, and goes on after it', async () => {
    const attempts: number[] = []
    const { uploader, add, answer, itemIn, last } = start({ headers: ({ attempt }) => ({ authorization: `${attempts.push(attempt)}` }) })
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(401)
    await answer(401)
    expect(itemIn(id, 'waiting').reason).toBe('auth')
    expect(attempts).toEqual([1, 1, 2])
    uploader.retry(id)
    await settle()
    expect(last()).toMatchObject({ method: 'HEAD', url: `${ENDPOINT}1`, headers: { authorization: '4' } })
  })
})

describe('a page that is loaded again', () => {
  const uploader = { backend: tus({ endpoint: ENDPOINT, extensions: [] }) }
  const file = () => new File(['0123456789'], 'a.txt')

  async function leave(site: ReturnType<typeof createSite>): Promise<string> {
    const page = await site.open({ uploader, isFollowed: false })
    const [id = ''] = await page.add([file()])
    await page.pass()
    page.waiting()[0]?.respond(201, created)
    await page.pass()
    page.waiting()[0]?.progress(7)
    await page.pass()
    await page.kill()
    return id
  }

  it('goes on with its upload, and shows no progress before the server has confirmed it', async () => {
    const site = createSite()
    const id = await leave(site)
    const page = await site.open({ uploader, isFollowed: false })
    expect(page.waiting()).toMatchObject([{ method: 'HEAD', url: `${ENDPOINT}1` }])
    expect(page.item(id)).toMatchObject({ phase: 'uploading', sentBytes: 0, attempt: 1 })
    page.waiting()[0]?.respond(200, at(5))
    await page.pass()
    expect(page.item(id)).toMatchObject({ phase: 'uploading', sentBytes: 5 })
    expect(page.waiting()).toMatchObject([{ method: 'PATCH', headers: { 'Upload-Offset': '5' } }])
    expect(await page.waiting()[0]?.body.text()).toBe('56789')
    page.waiting()[0]?.respond(204, at(10))
    await page.pass()
    expect(page.item(id)).toMatchObject({ phase: 'completed', result: { url: `${ENDPOINT}1` } })
  })

  it('deletes what is cancelled there before it has gone on', async () => {
    const site = createSite()
    const id = await leave(site)
    const page = await site.open({ uploader: { ...uploader, autoStart: false }, isFollowed: false })
    page.uploader.cancel(id)
    await page.pass()
    expect(page.waiting()).toMatchObject([{ method: 'DELETE', url: `${ENDPOINT}1` }])
  })
})

describe('a cancel', () => {
  it('stops the bytes and deletes the upload on the server', async () => {
    const { uploader, add, answer, item, world } = start({ headers: { authorization: 'a' } })
    const [id = ''] = await add([10])
    await answer(201, created)
    uploader.cancel(id)
    await settle()
    expect(world.waiting()).toMatchObject([
      { method: 'DELETE', url: `${ENDPOINT}1`, headers: { authorization: 'a', 'Tus-Resumable': '1.0.0' } },
    ])
    await answer(204)
    expect(item(id).phase).toBe('cancelled')
    await world.clock.advance(3_600_000)
    expect(world.waiting()).toHaveLength(0)
  })

  it.each([
    ['pieces', { urls: [`${ENDPOINT}1`, null, `${ENDPOINT}3`] }, [`DELETE ${ENDPOINT}1`, `DELETE ${ENDPOINT}3`]],
    ['what is nowhere yet', { urls: [null] }, []],
  ])('deletes %s', async (_, checkpoint, expected) => {
    const { world } = start()
    const backend = tus({ endpoint: ENDPOINT })({ environment: world, strategies: [] })
    const done = backend.cancel('a.1', new AbortController().signal, checkpoint)
    for (let index = 0; index < expected.length; index += 1) {
      await settle()
      world.waiting()[0]?.respond(204)
    }
    await done
    expect(world.requests.map(({ method, url }) => `${method} ${url}`)).toEqual(expected)
  })

  it('before the first answer has nothing to delete', async () => {
    const { uploader, add, world } = start()
    const [id = ''] = await add([10])
    uploader.cancel(id)
    await settle()
    expect(world.waiting()).toHaveLength(0)
  })

  it.each([404, 410, 403, 405, 501])('takes %i for done: there is nothing to delete, or nobody who can', async (status) => {
    const { uploader, add, answer, world, sent } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    uploader.remove(id)
    await settle()
    await answer(status)
    await world.clock.advance(3_600_000)
    expect(sent()).toEqual([`POST ${ENDPOINT}`, `PATCH ${ENDPOINT}1`, `DELETE ${ENDPOINT}1`])
  })

  it.each([423, 500, 429])('is told again after %i', async (status) => {
    const { uploader, add, answer, world } = start({}, reachable)
    const [id = ''] = await add([10])
    await answer(201, created)
    uploader.cancel(id)
    await settle()
    await answer(status)
    await world.clock.advance(60_000)
    expect(world.waiting()).toMatchObject([{ method: 'DELETE' }])
  })

  it('is told again where nobody answers', async () => {
    const { uploader, add, answer, world } = start({}, reachable)
    const [id = ''] = await add([10])
    await answer(201, created)
    uploader.cancel(id)
    await settle()
    await world.clock.advance(30_000)
    expect(world.requests.at(-1)?.isSettled).toBe(true)
    await world.clock.advance(60_000)
    expect(world.waiting()).toMatchObject([{ method: 'DELETE' }])
  })

  it('brings no token to another origin', async () => {
    const { uploader, add, answer, last } = start({ headers: { authorization: 'secret' } })
    const [id = ''] = await add([10])
    await answer(201, { location: 'https://elsewhere.test/1' })
    uploader.cancel(id)
    await settle()
    expect(last()).toMatchObject({ method: 'DELETE', url: 'https://elsewhere.test/1', headers: { 'Tus-Resumable': '1.0.0' } })
    expect(last()?.headers).not.toHaveProperty('authorization')
  })

  it('of a file that another one replaces deletes what there is of the first, and nothing of the second', async () => {
    const { uploader, add, answer, sent, world } = start()
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(413)
    uploader.replaceFile(id, createTestFile('other', 5))
    await settle()
    for (const request of world.waiting()) request.respond(request.method === 'POST' ? 201 : 204, { location: '2' })
    await settle()
    expect(sent().slice(2).sort()).toEqual([`DELETE ${ENDPOINT}1`, `PATCH ${ENDPOINT}2`, `POST ${ENDPOINT}`])
  })
})

describe('tus that follows its uploads', () => {
  function follow(options: Partial<TusOptions> = {}) {
    const memory = createMemoryTransport()
    memory.connect()
    return { memory, ...start({ follow: followUploads(), ...options }, { realtime: memory.factory }) }
  }

  it.each([
    [{}, '1'],
    [{ uploadId: (url: string) => `id of ${url}` }, `id of ${ENDPOINT}1`],
  ])('processes until the server says that it is done', async (options, operation_id) => {
    const { memory, add, answer, item, itemIn } = follow(options)
    const [id = ''] = await add([10])
    await answer(201, created)
    await answer(204, at(10))
    expect(item(id)).toMatchObject({ phase: 'processing', operationId: operation_id })
    memory.deliver({
      operation_id,
      operation_type: 'upload',
      status: 'completed',
      progress: 100,
      timestamp: '2026-01-01T00:00:00Z',
      result: { asset: 7 },
    })
    await settle()
    expect(itemIn(id, 'completed').result).toEqual({ asset: 7 })
  })
})

it('a server of one’s own may plan uploads to tus', async () => {
  const plan = { kind: 'tus', endpoint: `${ENDPOINT}`, upload_url: `${ENDPOINT}9`, headers: { token: 't' }, expires_in_s: 60 }
  const engine = startEngine(
    { strategies: [tusStrategy()] },
    {
      change: ({ createUploads }) => ({
        async createUploads(request, signal) {
          const answer = await createUploads(request, signal)
          return {
            ...answer,
            operations: answer.operations.map((operation) => ('error' in operation ? operation : { ...operation, plan })),
          }
        },
      }),
    },
  )
  const [id = ''] = await engine.add([3 * MIB])
  const [request] = engine.world.waiting()
  expect(request).toMatchObject({ method: 'HEAD', url: `${ENDPOINT}9`, headers: { token: 't' } })
  request?.respond(403)
  await settle()
  // Its permission is too old: another plan is asked for.
  expect(engine.itemIn(id, 'waiting').error).toMatchObject({ code: 'rejected', retryable: true })
  await engine.world.clock.advance(30_000)
  expect(engine.calls('createUploads')).toHaveLength(2)
})
