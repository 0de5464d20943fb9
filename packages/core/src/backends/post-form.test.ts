import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { UploaderOptions } from '../options.js'
import { followUploads, type FollowOptions } from '../realtime/follow.js'
import { startEngine } from '../testing/engine.js'
import { createMemoryTransport, settle, type MemoryTransport, type PendingRequest } from '../testing/index.js'
import { postForm, type PostFormOptions } from './post-form.js'

const SECOND = 1000

function start(options: Partial<PostFormOptions> = {}, more: Partial<UploaderOptions> = {}) {
  return startEngine({ backend: postForm({ url: '/upload', ...options }), requestSlots: 4, ...more })
}

/** What a form holds besides the file. */
const fields = (request: PendingRequest | undefined) =>
  request?.form?.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))

describe('postForm', () => {
  it('costs one request a file, whose answer is the result', async () => {
    const { world, add, itemIn } = start()
    const [id = ''] = await add([4])
    expect(world.requests).toMatchObject([{ method: 'POST', url: 'http://localhost/upload', form: [['file', { size: 4 }, 'file-1']] }])
    world.requests[0]?.respond(200, {}, '{"uploadId":"nobody follows","url":"/a"}')
    await settle()
    expect(itemIn(id, 'completed').result).toEqual({ uploadId: 'nobody follows', url: '/a' })
    expect(world.requests).toHaveLength(1)
  })

  it('takes fields, the same for all files or asked for each, before the file', async () => {
    const fixed = start({ field: 'avatar', fields: { csrf: 't', none: undefined, size: 4 } })
    await fixed.add([4])
    expect(fixed.world.requests[0]?.form?.map(([name]) => name)).toEqual(['csrf', 'size', 'avatar'])
    expect(fields(fixed.world.requests[0])).toEqual([
      ['csrf', 't'],
      ['size', '4'],
    ])
    const asked = start({ fields: async ({ name, metadata }) => ({ title: name, album: String(metadata['album']) }) })
    await asked.add([4], { metadata: { album: 7 } })
    expect(fields(asked.world.requests[0])).toEqual([
      ['title', 'file-1'],
      ['album', '7'],
    ])
  })

  it('asks for headers with the byte slot in hand, and once more when they were too old', async () => {
    const asked: unknown[] = []
    const headers = (call: unknown) => {
      asked.push(call)
      return { authorization: `token ${asked.length}` }
    }
    const { world, add, phases } = start({ headers }, { requestSlots: 1 })
    await add([4, 4])
    expect(asked).toEqual([{ origin: 'http://localhost', attempt: 1 }])
    world.waiting()[0]?.respond(401)
    await settle()
    // Its place was free for the next one meanwhile.
    world.waiting()[0]?.respond(200)
    await settle()
    expect(asked).toMatchObject([{ attempt: 1 }, { attempt: 1 }, { attempt: 2 }])
    expect(world.waiting()[0]).toMatchObject({ headers: { authorization: 'token 3' } })
    world.waiting()[0]?.respond(200)
    await settle()
    expect(phases()).toEqual(['completed', 'completed'])
  })

  it('takes cookies along to another origin where it is told so', async () => {
    const { world, add } = start({ url: 'https://api.test/upload', credentials: 'include' })
    await add([4])
    expect(world.requests).toMatchObject([{ url: 'https://api.test/upload', credentials: 'include' }])
  })

  it('waits for the user where nobody is signed in any more', async () => {
    const { world, add, item } = start()
    const [id = ''] = await add([4])
    world.waiting()[0]?.respond(401, {}, '{"message":"Unauthenticated."}')
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'auth', error: { message: 'Unauthenticated.' } })
    expect(world.requests).toHaveLength(1)
  })

  it('hears from a hook of the user what the answer means', async () => {
    const { world, add, itemIn } = start({
      response({ status, json, header }) {
        if ((json as { ok: boolean }).ok) return { result: [status, header('location')] }
        throw new Error('The disk of the server is full.')
      },
    })
    const [taken = '', refused = ''] = await add([4, 4])
    world.requests[0]?.respond(201, { location: '/a' }, '{"ok":true}')
    world.requests[1]?.respond(200, {}, '{"ok":false}')
    await settle()
    expect(itemIn(taken, 'completed').result).toEqual([201, '/a'])
    expect(itemIn(refused, 'failed').error.message).toBe('The disk of the server is full.')
  })

  it('takes a page where the hook says so: many a form is answered with one', async () => {
    const { world, add, phases } = start({ response: () => ({}) })
    await add([4])
    world.requests[0]?.respond(200, { 'content-type': 'text/html' }, '<!doctype html>Thank you')
    await settle()
    expect(phases()).toEqual(['completed'])
  })

  it('has no word to wait for without `follow`: realtime beside it cannot be meant', () => {
    const memory = createMemoryTransport()
    expect(() => start({}, { realtime: memory.factory })).toThrow('followUploads')
  })

  it.each(['http://', 'http://a b'])('refuses the address %j', (url) => {
    expect(() => start({ url })).toThrow('is not a URL')
  })

  it('may be made where no page is, which is where nothing is sent', () => {
    expect(() => start({}, { environment: { baseUrl: undefined } })).not.toThrow()
  })
})

describe('postForm that follows its uploads', () => {
  const STAMP = '2026-01-01T00:00:00.000Z'
  const word = (id: string, status: string, more: object = {}) => ({
    operation_id: id,
    operation_type: 'upload',
    status,
    progress: 0,
    timestamp: STAMP,
    ...more,
  })

  function follow(options: FollowOptions = {}, memory: MemoryTransport = createMemoryTransport()) {
    const engine = start({ follow: followUploads(options) }, { realtime: memory.factory })
    memory.connect()
    const answer = async (text: string) => {
      for (const request of engine.world.waiting()) request.respond(200, {}, text)
      await settle()
    }
    return { ...engine, memory, answer }
  }

  it('is processing under the id of the answer until realtime says that it is done', async () => {
    const { add, answer, memory, item, itemIn } = follow()
    const [id = ''] = await add([4])
    await answer('{"uploadId":"u1"}')
    expect(item(id)).toMatchObject({ phase: 'processing', operationId: 'u1' })
    memory.deliver(word('u1', 'in_progress', { progress: 40, stage: 'compressing' }))
    expect(item(id).server).toMatchObject({ progress: 40, stage: 'compressing' })
    memory.deliver(word('u1', 'completed', { result: { url: '/a' } }))
    expect(itemIn(id, 'completed').result).toEqual({ url: '/a' })
  })

  it('has a room for each upload, and leaves it at the end, on a failure and on cancel', async () => {
    const { uploader, world, add, memory } = follow()
    const ids = await add([4, 4, 4, 4])
    expect(memory.topics).toEqual([])
    for (const [index, request] of world.waiting().entries()) request.respond(200, {}, `{"uploadId":"u${index}"}`)
    await settle()
    const rooms = () => memory.topics.map((topic) => (topic.kind === 'operation' ? topic.id : topic.kind))
    expect(rooms()).toEqual(['u0', 'u1', 'u2', 'u3'])
    memory.deliver(word('u0', 'completed'))
    memory.deliver(word('u1', 'failed'))
    uploader.cancel(ids[2])
    await settle()
    expect(rooms()).toEqual(['u3'])
    await uploader.dispose()
    expect(rooms()).toEqual([])
  })

  it.each(['OK', '', '{}', '{"uploadId":null}', '{"uploadId":""}'])('is finished where the answer %j names nothing', async (text) => {
    const { add, answer, phases } = follow()
    await add([4])
    await answer(text)
    expect(phases()).toEqual(['completed'])
  })

  it('follows a number, as databases count', async () => {
    const { add, answer, item } = follow()
    const [id = ''] = await add([4])
    await answer('{"uploadId":42}')
    expect(item(id)).toMatchObject({ phase: 'processing', operationId: '42' })
  })

  it.each(['a\\nb', 'x'.repeat(201)])('cannot follow what is named %j, which is an error only where it is followed', async (name) => {
    const { add, answer, itemIn } = follow()
    const [id = ''] = await add([4])
    await answer(`{"uploadId":"${name}"}`)
    expect(itemIn(id, 'failed').error.code).toBe('bad_answer')
    const finished = start()
    const [other = ''] = await finished.add([4])
    finished.world.requests[0]?.respond(200, {}, `{"uploadId":"${name}"}`)
    await settle()
    expect(finished.item(other).phase).toBe('completed')
  })

  it('hears a word that came before the answer', async () => {
    const { add, answer, phases } = follow({ status: async (ids) => ids.map((id) => word(id, 'completed')) })
    await add([4])
    await answer('{"uploadId":"u1"}')
    expect(phases()).toEqual(['completed'])
  })

  it('asks how uploads stand when it has reconnected, and each that others may have lied about', async () => {
    const asked: (readonly string[])[] = []
    let status = 'in_progress'
    const { world, add, answer, memory, item, phases } = follow(
      {
        async status(ids) {
          asked.push(ids)
          return [...ids.map((id) => word(id, status)), { nonsense: true }]
        },
      },
      createMemoryTransport({ authoritative: false }),
    )
    const [id = ''] = await add([4])
    await answer('{"uploadId":"u1"}')
    expect(asked).toEqual([['u1']])
    memory.deliver(word('u1', 'completed'))
    await world.clock.advance(SECOND)
    expect(phases()).toEqual(['processing'])
    expect(asked.length).toBeGreaterThan(1)
    expect(item(id).server?.status).toBe('in_progress')
    memory.disconnect()
    status = 'completed'
    memory.connect()
    await world.clock.advance(SECOND)
    expect(phases()).toEqual(['completed'])
    const calls = asked.length
    await world.clock.advance(120 * SECOND)
    expect(asked).toHaveLength(calls)
  })

  it('asks while realtime is down', async () => {
    let status = 'in_progress'
    const { world, add, answer, memory, phases } = follow({ status: async (ids) => ids.map((id) => word(id, status)) })
    await add([4])
    await answer('{"uploadId":"u1"}')
    memory.disconnect()
    status = 'completed'
    await world.clock.advance(2 * SECOND)
    expect(phases()).toEqual(['completed'])
  })

  it('sends the file again when the server failed: nothing of it is left there', async () => {
    const { uploader, world, add, answer, memory, item, phases } = follow()
    const [id = ''] = await add([4])
    await answer('{"uploadId":"u1"}')
    memory.deliver(word('u1', 'failed', { error: { code: 'codec', message: 'Unknown codec.', retryable: true } }))
    expect(item(id)).toMatchObject({ phase: 'failed', error: { message: 'Unknown codec.' } })
    uploader.retry(id)
    await settle()
    expect(world.requests).toHaveLength(2)
    await answer('{"uploadId":"u2"}')
    memory.deliver(word('u1', 'completed'))
    expect(item(id)).toMatchObject({ phase: 'processing', operationId: 'u2' })
    memory.deliver(word('u2', 'completed'))
    expect(phases()).toEqual(['completed'])
  })

  it('tells what went wrong with asking, and asks again', async () => {
    let calls = 0
    const { uploader, world, add, answer, phases } = follow({
      async status(ids) {
        calls += 1
        if (calls === 1) throw new UploadError('server', 'The database is away.')
        return ids.map((id) => word(id, 'completed'))
      },
    })
    const warnings: string[] = []
    uploader.on('warning', ({ message }) => warnings.push(message))
    await add([4])
    await answer('{"uploadId":"u1"}')
    expect(warnings).toEqual(['The database is away.'])
    await world.clock.advance(2 * SECOND)
    expect(phases()).toEqual(['completed'])
  })
})
