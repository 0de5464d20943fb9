import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploaderOptions } from '../options.js'
import type { FileToSend } from '../strategies/signed.js'
import { startEngine } from '../testing/engine.js'
import { createTestEnvironment, createTestFile, settle } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { putTo, type PutTarget } from './put-to.js'

const SECOND = 1000

/** An uploader whose files go where `sign` says; `asked` is for what, in order. */
function start(sign: (file: FileToSend, call: number) => ReturnType<Parameters<typeof putTo>[0]>, options: Partial<UploaderOptions> = {}) {
  const asked: FileToSend[] = []
  const backend = putTo((file) => {
    asked.push(file)
    return sign(file, asked.length)
  })
  return { ...startEngine({ backend, requestSlots: 4, ...options }), asked }
}
/** A network on which everybody answers. */
const ANSWERING = { environment: { fetch: async () => new Response() } }
const toItself = ({ name }: FileToSend) => `http://s.test/${name}`

describe('putTo', () => {
  it('costs one request a file, and asks for nothing else', async () => {
    const { world, add, phases, asked } = start(toItself)
    await add([2, 7, 0])
    expect(world.requests.map(({ method, url, body }) => [method, url, body.size])).toEqual([
      ['PUT', 'http://s.test/file-1', 2],
      ['PUT', 'http://s.test/file-2', 7],
      ['PUT', 'http://s.test/file-3', 0],
    ])
    for (const request of world.waiting()) request.respond(200)
    await settle()
    expect(phases()).toEqual(['completed', 'completed', 'completed'])
    expect([world.requests.length, asked.length]).toEqual([3, 3])
  })

  it('signs a thousand files when their turn is near, not when they are added', async () => {
    const { world, add, asked } = start(toItself)
    await add(Array.from({ length: 1000 }, () => 1))
    expect(world.waiting()).toHaveLength(4)
    expect(asked).toHaveLength(16)
    for (let done = 1; done <= 20; done += 1) {
      world.waiting()[0]?.respond(200)
      await settle()
      expect(asked).toHaveLength(16 + done)
    }
    expect(asked.map(({ name }) => name)).toEqual(asked.map((_, index) => `file-${index + 1}`))
  })

  it('fills a hundred slots where there are so many', async () => {
    const { world, add } = start(async (file) => toItself(file), { requestSlots: 100 })
    await add(Array.from({ length: 300 }, () => 1))
    expect(world.waiting()).toHaveLength(100)
  })

  it('asks first for what has to go first', async () => {
    const answers: (() => void)[] = []
    const { add, asked } = start((file) => new Promise((resolve) => answers.push(() => resolve(toItself(file)))))
    await add(Array.from({ length: 20 }, () => 1))
    await add([1], { priority: 1 })
    answers[0]?.()
    await settle()
    expect(asked.at(-1)?.name).toBe('file-21')
  })

  it('tells all that is known of the file', async () => {
    const { uploader, asked } = start(toItself)
    const file = createTestFile('a.png', 3, 'image/png')
    const [id] = uploader.add([{ file, relativePath: 'trip/a.png' }], { metadata: { album: 7 } })
    await settle()
    expect(asked).toEqual([
      {
        id,
        name: 'a.png',
        size: 3,
        type: 'image/png',
        relativePath: 'trip/a.png',
        metadata: { album: 7 },
        signal: expect.any(AbortSignal) as unknown,
      },
    ])
  })

  it('sends the method and headers of the answer, and its result becomes the item’s', async () => {
    const target: PutTarget = { url: '/blob?sig=1', method: 'POST', headers: { 'x-ms-blob-type': 'BlockBlob' }, result: { key: 'k' } }
    const { world, add, itemIn } = start(async () => target)
    const [id = ''] = await add([4])
    expect(world.requests[0]).toMatchObject({ method: 'POST', url: 'http://localhost/blob?sig=1', headers: target.headers })
    world.requests[0]?.respond(201)
    await settle()
    expect(itemIn(id, 'completed').result).toEqual({ key: 'k' })
  })

  it('asks again, with the slot in hand, for what expired in the queue', async () => {
    const { world, add, asked } = start(({ name }, call) => ({ url: `http://s.test/${name}?${call}`, expiresInS: 60 }), { requestSlots: 1 })
    await add([1, 1])
    expect(asked).toHaveLength(2)
    await world.clock.advance(51 * SECOND)
    world.waiting()[0]?.respond(200)
    await settle()
    expect(world.waiting().map(({ url }) => url)).toEqual(['http://s.test/file-2?3'])
  })

  it('asks again when storage refuses the address', async () => {
    const { world, add, item } = start(({ name }, call) => `http://s.test/${name}?${call}`)
    const [id = ''] = await add([1])
    world.waiting()[0]?.respond(403, {}, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>')
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', error: { message: 'Request has expired' } })
    await world.clock.advance(SECOND)
    expect(world.waiting().map(({ url }) => url)).toEqual(['http://s.test/file-1?2'])
  })

  it('asks later when it could not be told, without a failure of the other files', async () => {
    const { world, add, phases } = start(({ name }, call) => {
      if (call === 1) throw new TypeError('Failed to fetch')
      if (call === 2) throw new Error('The signing server is in trouble.')
      return `http://s.test/${name}`
    }, ANSWERING)
    await add([1, 1, 1])
    expect(phases()).toEqual(['waiting', 'waiting', 'uploading'])
    await world.clock.advance(SECOND)
    expect(phases()).toEqual(['uploading', 'uploading', 'uploading'])
  })

  it('waits while storage cannot be reached, without losing attempts, and asks it by an address without a signature', async () => {
    const probed: unknown[] = []
    let isReachable = false
    const fetch = async (input: unknown) => {
      probed.push(input)
      if (!isReachable) throw new TypeError('Failed to fetch')
      return new Response(null, { status: 403 })
    }
    const { world, add, item } = start(({ name }) => `http://s.test/${name}?signature=secret`, {
      environment: { fetch },
      retry: { attempts: 1 },
    })
    const [id = ''] = await add([1])
    world.waiting()[0]?.fail()
    await settle()
    await world.clock.advance(600 * SECOND)
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'offline' })
    expect(new Set(probed)).toEqual(new Set(['http://s.test/file-1']))
    isReachable = true
    await world.clock.advance(20 * SECOND)
    expect(item(id).phase).toBe('uploading')
  })

  it('gives up at once where the function says that there is no hope', async () => {
    const { add, itemIn, asked } = start(() => {
      throw new UploadError('rejected', 'Your plan has no room for videos.')
    })
    const [id = ''] = await add([1])
    expect(itemIn(id, 'failed').error.message).toBe('Your plan has no room for videos.')
    expect(asked).toHaveLength(1)
  })

  it('has stalled when nobody answers, and asks again', async () => {
    const { world, add, item, asked } = start(({ name }, call) => (call === 1 ? new Promise(() => {}) : `http://s.test/${name}`))
    const [id = ''] = await add([1])
    await world.clock.advance(29 * SECOND)
    expect(item(id).phase).toBe('ready')
    await world.clock.advance(SECOND)
    expect(item(id)).toMatchObject({ phase: 'waiting', error: { code: 'stalled', retryable: true } })
    expect(asked[0]?.signal.aborted).toBe(true)
    await world.clock.advance(SECOND)
    expect(world.waiting()).toHaveLength(1)
  })

  it('stops asking for a file that is cancelled, and asks for the next one', async () => {
    const { uploader, add, asked } = start(() => new Promise(() => {}))
    const ids = await add(Array.from({ length: 13 }, () => 1))
    expect(asked).toHaveLength(12)
    uploader.cancel(ids[0])
    await settle()
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, ...Array.from({ length: 12 }, () => false)])
  })

  it('leaves no timer behind', async () => {
    const { world, uploader, add } = start(() => new Promise(() => {}))
    await add([1, 1])
    await uploader.dispose()
    await settle()
    expect(world.clock.pending).toBe(0)
  })

  it('takes a page for no confirmation: the network’s own login may answer in storage’s place', async () => {
    const { world, add, itemIn } = start(toItself)
    const [id = ''] = await add([1])
    world.waiting()[0]?.respond(200, { 'content-type': 'text/html' }, '<html>Welcome to Hotel WLAN</html>')
    await settle()
    expect(itemIn(id, 'failed').error.code).toBe('bad_answer')
  })

  it.each<unknown>(['', 'javascript:alert(1)', 'data:,x', 'http://', undefined, 7, {}, null])(
    'fails where it is told %j',
    async (answer) => {
      const { add, itemIn } = start(() => answer as string)
      const [id = ''] = await add([1])
      expect(itemIn(id, 'failed').error).toMatchObject({ code: 'bad_answer', retryable: false })
    },
  )

  it('sends a failed file anew when it is tried again', async () => {
    const { uploader, world, add, phases } = start(toItself)
    const [id = ''] = await add([1])
    world.waiting()[0]?.respond(400)
    await settle()
    expect(phases()).toEqual(['failed'])
    uploader.retry(id)
    await settle()
    world.waiting()[0]?.respond(200)
    await settle()
    expect(phases()).toEqual(['completed'])
  })
})

const [strategy] = putTo(() => 'http://s.test/file')({ environment: createTestEnvironment(), strategies: [] }).strategies
if (strategy === undefined) throw new Error('putTo has no strategy.')
strategyContract('of putTo', {
  strategy,
  refusal: 'rejected',
  takesPages: false,
  open() {
    let stored = new Blob()
    return {
      plan: { kind: strategy.kind },
      async answer({ body, onProgress }) {
        if (!(body instanceof Blob) || body.type !== 'image/png') return answerOf(400)
        onProgress?.(body.size)
        stored = body
        return answerOf(200)
      },
      sha256: () => sha256Of(stored),
    }
  },
})
