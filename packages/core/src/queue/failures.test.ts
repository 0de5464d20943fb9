import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import { losesFirstPlan, startEngine, type Engine } from '../testing/engine.js'
import type { RealtimeFactory } from '../realtime/transport.js'
import { createTestEnvironment, settle } from '../testing/index.js'
import { createMemoryTransport } from '../testing/memory-transport.js'

const network = new UploadError('network', 'Cut.')
const unauthorised = new UploadError('auth', 'Sign in.', { status: 401 })

/** The longest wait of the backoff passes. */
const next = ({ world }: Engine) => world.clock.advance(30_000)

describe('a failure', () => {
  it('is tried again after a wait of full jitter, which doubles', async () => {
    const engine = startEngine()
    const { add, itemIn, world, waiting } = engine
    const [id = ''] = await add([4])
    for (const wait of [250, 500, 1000, 2000]) {
      waiting(id)[0]?.respond(500)
      await settle()
      expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'backoff', retryAt: world.clock.now() + wait, error: { code: 'server' } })
      await world.clock.advance(wait)
      itemIn(id, 'uploading')
    }
  })

  it('gives the item up after as many in a row as the options say', async () => {
    const engine = startEngine({ retry: { attempts: 3 } })
    const { add, itemIn, waiting, world } = engine
    const [id = ''] = await add([4])
    for (let failure = 1; failure <= 3; failure += 1) {
      waiting(id)[0]?.fail()
      await next(engine)
    }
    expect(itemIn(id, 'failed')).toMatchObject({ by: 'self', error: { code: 'network' } })
    expect(world.requests).toHaveLength(3)
    expect(world.clock.pending).toBe(0)
  })

  it('does not count against the item where bytes moved since the one before', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    const { add, item, waiting } = engine
    const [id = ''] = await add([6])
    for (let sent = 1; sent <= 5; sent += 1) {
      waiting(id)[0]?.progress(sent)
      waiting(id)[0]?.fail()
      await next(engine)
    }
    expect(item(id).phase).toBe('uploading')
    // Bytes that were sent before are no progress.
    waiting(id)[0]?.progress(3)
    waiting(id)[0]?.fail()
    await next(engine)
    expect(item(id).phase).toBe('failed')
  })

  it('waits as long as the storage asks', async () => {
    const { add, itemIn, world, waiting } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(503, { 'retry-after': '120' })
    await settle()
    // And a moment more, which is another one for each item: not all come back at once.
    expect(itemIn(id, 'waiting')).toMatchObject({ retryAt: world.clock.now() + 120_250, error: { code: 'throttled' } })
    await world.clock.advance(120_249)
    expect(world.requests).toHaveLength(1)
    await world.clock.advance(1)
    expect(world.requests).toHaveLength(2)
  })

  it('of many, who are all told the same time, is not repeated by all at that time', async () => {
    let drawn = 0
    const { add, itemIn, server, world } = startEngine({ environment: { random: () => (drawn += 1) / 100 } })
    const ids = await add([4, 4, 4, 4, 4, 4])
    server.failNext('complete', new UploadError('throttled', 'Later.', { status: 429, retryAfterMs: 30_000 }), ids.length)
    for (const request of world.waiting()) request.respond(200)
    await settle()
    const times = ids.map((id) => (itemIn(id, 'waiting').retryAt ?? 0) - world.clock.now())
    expect(new Set(times).size).toBe(ids.length)
    expect(Math.min(...times)).toBeGreaterThanOrEqual(30_000)
  })

  it('does not count where the storage says "later", however often', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    const [id = ''] = await engine.add([4])
    const fail = async (status: number) => {
      engine.waiting(id)[0]?.respond(status)
      await engine.world.clock.advance(120_000)
    }
    for (let storm = 0; storm < 5; storm += 1) await fail(429)
    await fail(500)
    expect(engine.item(id).phase).toBe('uploading')
    await fail(500)
    expect(engine.item(id).phase).toBe('failed')
  })

  it('that cannot get better ends the item at once', async () => {
    const { add, itemIn, waiting } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(400, {}, '<Error><Code>EntityTooLarge</Code><Message>Too large for this bucket</Message></Error>')
    await settle()
    expect(itemIn(id, 'failed')).toMatchObject({ by: 'self', error: { code: 'rejected', message: 'Too large for this bucket' } })
  })

  it('of one file in a call for plans leaves the others alone', async () => {
    const { add, item, itemIn } = startEngine(
      {},
      {
        change: ({ createUploads }) => ({
          async createUploads(request, signal) {
            const answer = await createUploads(request, signal)
            const [first, ...rest] = answer.operations
            const error = { code: 'quota', message: 'Your space is full.', retryable: false }
            return { ...answer, operations: [{ client_ref: first?.client_ref ?? '', error }, ...rest.slice(1)] }
          },
        }),
      },
    )
    const [refused = '', forgotten = '', fine = ''] = await add([4, 4, 4])
    expect(itemIn(refused, 'failed').error).toMatchObject({ code: 'rejected', remoteCode: 'quota', message: 'Your space is full.' })
    expect(itemIn(forgotten, 'waiting').error).toMatchObject({ code: 'bad_answer' })
    expect(item(fine).phase).toBe('uploading')
  })

  it('of a strategy that throws whatever it likes is an error like any other', async () => {
    const engine = startEngine({ strategies: [{ kind: 'put', upload: () => Promise.reject(new TypeError('oops')) }] })
    const [id = ''] = await engine.add([4])
    await settle()
    expect(engine.itemIn(id, 'failed').error).toMatchObject({ name: 'UploadError', message: 'oops', retryable: false })
  })

  it('of the server while plans are made burns one attempt each', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    const { server, add, itemIn } = engine
    server.failNext('createUploads', new UploadError('server', 'Broken.', { status: 500 }), 2)
    const [id = ''] = await add([4])
    expect(itemIn(id, 'waiting').reason).toBe('backoff')
    await next(engine)
    expect(itemIn(id, 'failed').error.code).toBe('server')
  })
})

describe('without a network', () => {
  it('items wait without burning attempts for as long as nothing answers, and go on when something does', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    const { add, calls, itemIn, item, server, waiting, world } = engine
    const [id = ''] = await add([4])
    server.down()
    waiting(id)[0]?.fail()
    await settle()
    expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'offline', error: { code: 'network' } })
    await world.clock.advance(3_600_000)
    expect(itemIn(id, 'waiting').reason).toBe('offline')
    expect(world.requests).toHaveLength(1)
    // Half of the longest wait, with a random number of 0.5.
    expect(calls('probe').length).toBeLessThanOrEqual(5 + 3_600_000 / 7500)

    server.up()
    await world.clock.advance(7500)
    waiting(id)[0]?.respond(200)
    await settle()
    expect(item(id).phase).toBe('processing')
    await world.clock.advance(2000)
    // The deadline of the processing, and the slow safety snapshot.
    expect(world.clock.pending).toBeLessThanOrEqual(2)
  })

  it('files that are added wait in the queue, and no call is made for them', async () => {
    const { add, calls, phases, server, waiting, world } = startEngine()
    const [first = ''] = await add([4])
    server.down()
    waiting(first)[0]?.fail()
    await settle()
    await add([4, 4])
    expect(phases()).toEqual(['waiting', 'queued', 'queued'])
    expect(calls('createUploads')).toHaveLength(1)
    server.up()
    await world.clock.advance(1000)
    expect(phases()).toEqual(['uploading', 'uploading', 'uploading'])
  })

  it('a probe decides, not what the browser believes', async () => {
    const { add, itemIn, server, waiting, world } = startEngine()
    const [behindVpn = ''] = await add([4])
    world.goOffline()
    waiting(behindVpn)[0]?.fail()
    await settle()
    expect(itemIn(behindVpn, 'waiting').reason).toBe('backoff')
    world.goOnline()
    await settle()
    server.down()
    waiting(behindVpn)[0]?.fail()
    await settle()
    expect(itemIn(behindVpn, 'waiting').reason).toBe('offline')
    world.goOnline()
    await settle()
    expect(itemIn(behindVpn, 'waiting').reason).toBe('offline')
    server.up()
    world.goOnline()
    await settle()
    itemIn(behindVpn, 'uploading')
  })

  it('a probe that never answers is a network that is not there, and holds up no pause', async () => {
    const { add, itemIn, uploader, waiting, world } = startEngine({}, { change: () => ({ probe: () => new Promise<never>(() => {}) }) })
    const [first = '', second = ''] = await add([4, 4])
    waiting(first)[0]?.fail()
    waiting(second)[0]?.fail()
    await settle()
    uploader.pause(second)
    await settle()
    expect(uploader.inspect().running).toBe(1)
    await world.clock.advance(30_000)
    expect(itemIn(first, 'waiting').reason).toBe('offline')
    expect(uploader.inspect().running).toBe(0)
  })

  it('cancels wait, too, and reach the server when it is back', async () => {
    const { add, calls, server, uploader, waiting, world } = startEngine()
    const ids = await add(Array.from({ length: 50 }, () => 4))
    server.down()
    waiting(ids[0] ?? '')[0]?.fail()
    await settle()
    uploader.cancel()
    await world.clock.advance(600_000)
    expect(calls('cancel')).toEqual([])
    server.up()
    await world.clock.advance(15_000)
    expect(server.words().every(({ status }) => status === 'cancelled')).toBe(true)
  })

  it('what the browser believes has to do where the backend has no probe', async () => {
    const { add, itemIn, waiting, world } = startEngine({}, { without: ['probe'] })
    const [id = ''] = await add([4])
    world.goOffline()
    waiting(id)[0]?.fail()
    await settle()
    expect(itemIn(id, 'waiting').reason).toBe('offline')
    world.goOnline()
    await settle()
    itemIn(id, 'uploading')
  })

  it('many that fail together ask once', async () => {
    const { add, calls, server, world } = startEngine()
    await add([4, 4, 4, 4, 4, 4])
    server.down()
    for (const request of world.waiting()) request.fail()
    await settle()
    expect(calls('probe')).toHaveLength(1)
  })

  it('an item that backs off for want of it goes on at once when it is back', async () => {
    const { add, item, waiting, world } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.fail()
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'backoff' })
    world.goOnline()
    await settle()
    expect(item(id).phase).toBe('uploading')
  })

  it('what a person paused stays paused when it is back', async () => {
    const { add, item, server, uploader, waiting, world } = startEngine()
    const [id = ''] = await add([4])
    server.down()
    waiting(id)[0]?.fail()
    await settle()
    uploader.pause(id)
    server.up()
    world.goOnline()
    await settle()
    expect(item(id)).toMatchObject({ phase: 'queued', paused: true })
  })

  it('a wait that ended while the page slept ends when it wakes', async () => {
    const { add, item, waiting, world } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(500)
    await settle()
    world.clock.set(world.clock.now() + 3_600_000)
    world.wake('visible')
    await settle()
    expect(item(id).phase).toBe('uploading')
  })
})

describe('without permission', () => {
  it('items wait for somebody to sign in, and go on with retry', async () => {
    const { add, itemIn, item, server, uploader, world } = startEngine()
    server.failNext('createUploads', unauthorised)
    const [id = ''] = await add([4])
    expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'auth', error: { message: 'Sign in.' } })
    await world.clock.advance(3_600_000)
    expect(itemIn(id, 'waiting').reason).toBe('auth')
    uploader.retry(id)
    await settle()
    expect(item(id).phase).toBe('uploading')
  })

  it.each([
    ['401', unauthorised],
    ['429', new UploadError('throttled', 'Slowly.', { status: 429, retryAfterMs: 1000 })],
    ['408', new UploadError('network', 'Too slow.', { status: 408 })],
  ])('to complete (%s), no byte is sent again', async (_status, error) => {
    const { add, item, server, uploader, world, calls } = startEngine()
    server.failNext('complete', error)
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    await settle()
    expect(item(id).phase).toBe('waiting')
    uploader.retry(id)
    await settle()
    expect(item(id).phase).toBe('processing')
    expect(world.requests).toHaveLength(1)
    expect(calls('complete')).toHaveLength(2)
  })

  it('of the storage, the plan is replaced by a fresh one', async () => {
    const engine = startEngine()
    const { add, item, waiting, calls, operation } = engine
    const [id = ''] = await add([4])
    const before = operation(id)
    waiting(id)[0]?.respond(403)
    await next(engine)
    expect(calls('createUploads')).toHaveLength(2)
    expect(operation(id)).toBe(before)
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
  })
})

describe('a lost acknowledgement', () => {
  it('of complete is asked for again without sending a byte', async () => {
    const engine = startEngine()
    const { add, item, server, world, calls, operation } = engine
    server.failNext('complete', network, 3)
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    for (let failure = 0; failure < 3; failure += 1) {
      await settle()
      await next(engine)
    }
    expect(item(id)).toMatchObject({ phase: 'processing' })
    expect(world.requests).toHaveLength(1)
    expect(calls('complete')).toHaveLength(4)
    server.say(operation(id), { status: 'completed' })
    expect(item(id).phase).toBe('completed')
  })

  it('of createUploads ends in the one operation that the server made', async () => {
    const engine = startEngine(
      {},
      {
        change: losesFirstPlan(network),
      },
    )
    const [id = ''] = await engine.add([4])
    await next(engine)
    expect(engine.item(id).phase).toBe('uploading')
    expect(engine.server.words()).toHaveLength(1)
  })

  it('of complete while paused sends nothing again after resuming', async () => {
    const { add, item, server, world, uploader } = startEngine()
    server.failNext('complete', network)
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    await settle()
    uploader.pause(id)
    uploader.resume(id)
    await settle()
    expect(item(id).phase).toBe('processing')
    expect(world.requests).toHaveLength(1)
  })
})

describe('retrying', () => {
  it('what the server failed to process starts the processing again, without a byte', async () => {
    const { add, item, server, world, uploader, operation, calls } = startEngine()
    const [id = ''] = await add([4])
    const before = operation(id)
    world.requests[0]?.respond(200)
    await settle()
    server.say(before, { status: 'failed', error: { code: 'transcoder', message: 'Crashed.', retryable: true } })
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'processing', attempt: 1, operationId: before })
    expect(calls('retry')).toEqual([`retry ${before}`])
    expect(world.requests).toHaveLength(1)
    server.say(before, { status: 'completed' })
    expect(item(id).phase).toBe('completed')
  })

  it('what an unversioned server fails again in the same words fails again', async () => {
    const { add, item, server, world, uploader, operation, transport } = startEngine({}, { isUnversioned: true })
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    const refusal = { status: 'failed', error: { code: 'transcoder', message: 'Crashed.', retryable: true } } as const
    server.say(operation(id), refusal)
    uploader.retry(id)
    await settle()
    expect(item(id).phase).toBe('processing')
    transport.disconnect()
    server.say(operation(id), refusal)
    transport.connect()
    await settle()
    expect(item(id).phase).toBe('failed')
  })

  it('what failed before its bytes arrived is a new attempt', async () => {
    const { add, item, server, uploader, operation, waiting } = startEngine()
    const [id = ''] = await add([4])
    const before = operation(id)
    waiting(id)[0]?.respond(400)
    await settle()
    expect(item(id).phase).toBe('failed')
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
    expect(operation(id)).not.toBe(before)
    expect(server.word(before).error?.code).toBe('superseded')
  })

  it('what was refused before there was an operation asks for a plan again', async () => {
    const { add, item, server, uploader, calls } = startEngine()
    server.failNext('createUploads', new UploadError('rejected', 'No.', { status: 422 }))
    const [id = ''] = await add([4])
    expect(item(id).phase).toBe('failed')
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
    expect(calls('retry')).toEqual([])
  })

  it('what the server has forgotten meanwhile is begun anew', async () => {
    const { add, item, server, uploader, operation, waiting } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(400)
    await settle()
    server.failNext('retry', new UploadError('rejected', 'This upload is not known.', { status: 404 }))
    uploader.retry(id)
    await settle()
    expect(item(id).phase).toBe('uploading')
    expect(server.word(operation(id)).status).toBe('pending')
  })

  it('a completion that was revoked asks for the file, which was let go', async () => {
    const { add, item, server, uploader, operation, itemIn } = startEngine()
    const [id = ''] = await add([4])
    server.say(operation(id), { status: 'completed' })
    server.say(operation(id), { status: 'failed', error: { code: 'virus', message: 'A virus.', retryable: false } })
    expect(itemIn(id, 'failed').by).toBe('server')
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'file' })
  })

  it('goes on when the answer to the retry itself was lost', async () => {
    const engine = startEngine()
    const { add, item, server, uploader, waiting, operation } = engine
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(400)
    await settle()
    server.failNext('retry', network, 2)
    uploader.retry(id)
    await settle()
    expect(item(id).phase).toBe('waiting')
    await next(engine)
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
    expect(server.words()).toHaveLength(2)
    expect(operation(id)).toBe('operation-2')
  })

  it('all of them at once leaves alone what goes well', async () => {
    const { add, item, server, uploader, operation, waiting, world } = startEngine()
    const [bad = '', good = ''] = await add([4, 4])
    waiting(bad)[0]?.respond(400)
    await settle()
    const requests = world.requests.length
    uploader.retry()
    await settle()
    expect(item(bad)).toMatchObject({ phase: 'uploading', attempt: 2 })
    expect(item(good)).toMatchObject({ phase: 'uploading', attempt: 1 })
    expect(world.requests).toHaveLength(requests + 1)
    server.say(operation(good), { status: 'completed' })
    expect(item(good).phase).toBe('completed')
  })

  it('begins with all its attempts again', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    const { add, item, uploader, waiting } = engine
    const [id = ''] = await add([4])
    for (let round = 0; round < 2; round += 1) {
      for (let failure = 0; failure < 2; failure += 1) {
        waiting(id)[0]?.respond(500)
        await next(engine)
      }
      expect(item(id).phase).toBe('failed')
      uploader.retry(id)
      await settle()
    }
    expect(item(id).phase).toBe('uploading')
  })
})

describe('a transport that throws where it should subscribe', () => {
  it('is reported, and stops no upload', async () => {
    const realtime: RealtimeFactory = () => ({
      ...createMemoryTransport().factory({ environment: createTestEnvironment() }),
      subscribe() {
        throw new Error('mine')
      },
    })
    const { add, phases, world } = startEngine({ realtime })
    await add([4, 4])
    expect(phases()).toEqual(['uploading', 'uploading'])
    expect(world.errors).toContainEqual(new Error('mine'))
  })
})

describe('listeners that throw', () => {
  it('stop neither the engine nor the other listeners', async () => {
    const { uploader, add, world, item, server, operation } = startEngine()
    const heard: string[] = []
    uploader.on('completed', () => {
      throw new Error('mine')
    })
    uploader.on('completed', () => heard.push('completed'))
    uploader.$summary.listen(() => {
      throw new Error('a view')
    })
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    server.say(operation(id), { status: 'completed' })
    world.paint()
    expect(item(id).phase).toBe('completed')
    expect(heard).toEqual(['completed'])
    expect(world.errors).toContainEqual(new Error('mine'))
  })
})
