import { describe, expect, it } from 'vitest'
import { startEngine, type Engine } from '../testing/engine.js'
import { settle, type PendingRequest } from '../testing/index.js'

const partOf = ({ url }: PendingRequest) => Number(new URL(url).pathname.split('/')[2])
const parts = (requests: readonly PendingRequest[]) => requests.map(partOf)

/** Storage takes the bytes of a request; the client may not hear of it. */
function store({ server, operation }: Engine, id: string, request: PendingRequest | undefined, isHeard = true): void {
  if (request === undefined) throw new Error('There is no such request.')
  server.storePart(operation(id), { part_number: partOf(request), size: request.body.size })
  if (isHeard) request.respond(200)
  else request.fail()
}

describe('a file in parts', () => {
  it('shares the byte slots with other files, those before it first', async () => {
    const engine = startEngine({ requestSlots: 4 })
    const [large = '', small = ''] = await engine.add([12, 4])
    expect(parts(engine.waiting(large))).toEqual([1, 2, 3])
    expect(engine.waiting(small)).toHaveLength(1)
  })

  it.each([
    ['a concurrency of one', { concurrency: 1, requestSlots: 3 }, [3, 1, 3]],
    ['one slot', { requestSlots: 1 }, [1, 1, 1]],
  ] as const)('goes through with %s, between others', async (_what, options, most) => {
    const engine = startEngine(options)
    const ids = await engine.add([20, 4, 12])
    const atOnce = ids.map(() => 0)
    for (let requests = engine.world.waiting(); requests.length > 0; requests = engine.world.waiting()) {
      for (const [index, id] of ids.entries()) atOnce[index] = Math.max(atOnce[index] ?? 0, engine.waiting(id).length)
      requests[0]?.respond(200, { etag: '"1"' })
      await settle()
    }
    expect(engine.phases()).toEqual(['processing', 'processing', 'processing'])
    expect(atOnce).toEqual(most)
  })

  it('that is cut in the middle of a part sends that part again, and no other', async () => {
    const engine = startEngine({ requestSlots: 2 })
    const [id = ''] = await engine.add([18])
    const [first, second] = engine.waiting(id)
    store(engine, id, first)
    second?.progress(3)
    await settle()
    second?.fail()
    store(engine, id, engine.waiting(id)[0])
    await settle()
    expect(engine.itemIn(id, 'waiting')).toMatchObject({ reason: 'backoff', sentBytes: 8 })
    const before = engine.world.requests.length
    await engine.world.clock.advance(30_000)
    for (let request = engine.waiting(id)[0]; request !== undefined; request = engine.waiting(id)[0]) {
      store(engine, id, request)
      await settle()
    }
    expect(parts(engine.world.requests.slice(before))).toEqual([2, 4, 5])
    expect(engine.item(id).phase).toBe('processing')
    expect(engine.server.words()).toHaveLength(1)
  })

  it('whose answer was lost does not send that part again', async () => {
    const engine = startEngine({ requestSlots: 1 })
    const [id = ''] = await engine.add([12])
    store(engine, id, engine.waiting(id)[0], false)
    await settle()
    await engine.world.clock.advance(30_000)
    expect(parts(engine.waiting(id))).toEqual([2])
  })

  it('waits while its storage asks for rest, and then sends what is missing before it is called complete', async () => {
    const engine = startEngine({ requestSlots: 2 })
    const [id = ''] = await engine.add([18])
    engine.waiting(id)[0]?.respond(429, { 'retry-after': '60' })
    engine.waiting(id)[1]?.respond(429, { 'retry-after': '60' })
    await settle()
    // Asked for now, while the storage's gate is closed.
    engine.uploader.pause(id)
    engine.uploader.resume(id)
    await settle()
    expect(engine.calls('complete')).toEqual([])
    await engine.world.clock.advance(60_000)
    for (let request = engine.waiting(id)[0]; request !== undefined; request = engine.waiting(id)[0]) {
      store(engine, id, request)
      await settle()
    }
    expect(parts(engine.world.requests)).toEqual([1, 2, 1, 2, 3, 4, 5])
    expect(engine.item(id).phase).toBe('processing')
  })

  it('whose other parts waited out the time of rest does not wait for it once more', async () => {
    const engine = startEngine({ requestSlots: 4 })
    const ids = await engine.add([4, 4, 20])
    const id = ids[2] ?? ''
    expect(parts(engine.waiting(id))).toEqual([1, 2])
    const [first, second] = engine.waiting(id)
    first?.respond(429, { 'retry-after': '60' })
    store(engine, id, second)
    for (const small of ids.slice(0, 2)) engine.waiting(small)[0]?.respond(200)
    await engine.world.clock.advance(60_000)
    for (let request = engine.waiting(id)[0]; engine.item(id).phase === 'uploading'; request = engine.waiting(id)[0]) {
      store(engine, id, request)
      await settle()
    }
    const { retryAt = 0 } = engine.itemIn(id, 'waiting')
    expect(retryAt - engine.world.clock.now()).toBeLessThan(1000)
  })

  it('that was paused goes on with the parts that are missing, and its bar does not go back', async () => {
    const engine = startEngine({ requestSlots: 1 })
    const [id = ''] = await engine.add([12])
    store(engine, id, engine.waiting(id)[0])
    await settle()
    engine.waiting(id)[0]?.progress(2)
    engine.uploader.pause(id)
    await settle()
    expect(engine.item(id)).toMatchObject({ phase: 'queued', sentBytes: 6 })
    engine.uploader.resume(id)
    await settle()
    expect(engine.item(id)).toMatchObject({ phase: 'uploading', sentBytes: 6 })
    expect(parts(engine.waiting(id))).toEqual([2])
  })

  it('that is refused twice with 403 gets a fresh plan, and keeps its parts', async () => {
    const engine = startEngine({ requestSlots: 1 })
    const [id = ''] = await engine.add([12])
    store(engine, id, engine.waiting(id)[0])
    await settle()
    engine.waiting(id)[0]?.respond(403)
    await settle()
    engine.waiting(id)[0]?.respond(403)
    await engine.world.clock.advance(30_000)
    expect(engine.calls('createUploads')).toHaveLength(2)
    expect(parts(engine.waiting(id))).toEqual([2])
  })
})
