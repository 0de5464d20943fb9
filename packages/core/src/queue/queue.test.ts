import { describe, expect, it } from 'vitest'
import { newItem } from '../item/new-item.js'
import { createUploadStore, type UploadStore } from '../store/upload-store.js'
import { startEngine } from '../testing/engine.js'
import { createMemoryServer, createTestEnvironment, createTestFile, settle, type PendingRequest } from '../testing/index.js'
import { createSlots } from '../http/policy/slots.js'
import { createQueue } from './queue.js'

const sizes = (count: number, size = 4) => Array.from({ length: count }, () => size)
/** The operation that a request's bytes belong to. */
const operationOf = (request: PendingRequest | undefined) => new URL(request?.url ?? '').pathname.split('/')[1]

describe('the way of a file', () => {
  it('goes from queued to the server’s confirmation', async () => {
    const { add, item, operation, world, server } = startEngine()
    const [id = ''] = await add([4])
    expect(item(id)).toMatchObject({ phase: 'uploading', sentBytes: 0 })
    world.requests[0]?.progress(3)
    expect(item(id)).toMatchObject({ phase: 'uploading', sentBytes: 3 })
    world.requests[0]?.respond(200)
    await settle()
    expect(item(id).phase).toBe('processing')
    server.say(operation(id), { status: 'completed', progress: 100, result: { url: '/a' } })
    expect(item(id)).toMatchObject({ phase: 'completed', result: { url: '/a' } })
    expect(server.calls).toEqual(['createUploads 1', 'complete operation-1'])
  })

  it('is the same for a file without a byte', async () => {
    const { add, item, world, server, operation } = startEngine()
    const [id = ''] = await add([0])
    expect(world.requests[0]?.body.size).toBe(0)
    world.requests[0]?.respond(200)
    await settle()
    server.say(operation(id), { status: 'completed' })
    expect(item(id).phase).toBe('completed')
  })

  it('ends at once when the server knows the file complete while its bytes still go', async () => {
    const { add, item, world, server, operation } = startEngine()
    const [id = ''] = await add([4])
    server.say(operation(id), { status: 'completed', result: 'known' })
    expect(item(id)).toMatchObject({ phase: 'completed', result: 'known' })
    expect(world.requests[0]?.signal.aborted).toBe(true)
    await settle()
    expect(world.waiting()).toHaveLength(0)
    expect(server.calls).not.toContain(`complete ${operation(id)}`)
  })
})

describe('who goes next', () => {
  it('is never more requests than byte slots, nor more items than the concurrency', async () => {
    const { add, world, uploader, phases } = startEngine({ requestSlots: 3, concurrency: 5 })
    await add(sizes(40))
    let answered = 0
    while (world.waiting().length > 0) {
      expect(world.waiting().length).toBeLessThanOrEqual(3)
      expect(uploader.inspect().running).toBeLessThanOrEqual(5)
      world.waiting()[0]?.respond(200)
      answered += 1
      await settle()
    }
    expect(answered).toBe(40)
    expect(new Set(phases())).toEqual(new Set(['processing']))
    expect(uploader.inspect().slots['http://storage.test']).toEqual({ limit: 3, used: 0, waiting: 0 })
  })

  it('is four requests where storage shares the API’s origin, six elsewhere, and all of HTTP/2', async () => {
    for (const [protocol, limit] of [
      ['http/1.1', 6],
      ['', 6],
      ['h2', 100],
      ['h3', 100],
    ] as const) {
      const { add, uploader } = startEngine({ environment: { protocolOf: () => protocol } })
      await add(sizes(1))
      expect(uploader.inspect().slots['http://storage.test']?.limit).toBe(limit)
    }
    const { add, uploader } = startEngine({}, { change: () => ({ origin: 'http://storage.test' }) })
    await add(sizes(1))
    expect(uploader.inspect().slots['http://storage.test']?.limit).toBe(4)
  })

  it('is the order of the queue', async () => {
    const { add, world, operation } = startEngine({ requestSlots: 1 })
    const ids = await add(sizes(4))
    for (const id of ids) {
      expect(operationOf(world.waiting()[0])).toBe(operation(id))
      world.waiting()[0]?.respond(200)
      await settle()
    }
  })

  it('is the higher priority, also of what was added later', async () => {
    const { add, waiting, world } = startEngine({ requestSlots: 1, concurrency: 2 })
    await add(sizes(20))
    const [urgent = ''] = await add([4], { priority: 1 })
    // The one that goes and the one that waits for its slot are before it; then it takes the next slot.
    for (let done = 0; done < 2 && waiting(urgent).length === 0; done += 1) {
      world.waiting()[0]?.respond(200)
      await settle()
    }
    expect(waiting(urgent)).toHaveLength(1)
  })

  it.each(['move', 'setPriority'] as const)('follows %s, also for items that wait for a byte slot', async (how) => {
    const { add, uploader, world, waiting } = startEngine({ requestSlots: 1 })
    const ids = await add(sizes(10))
    const chosen = ids[7] ?? ''
    if (how === 'move') uploader.move(chosen, 0)
    else uploader.setPriority(chosen, 5)
    await settle()
    world.waiting()[0]?.respond(200)
    await settle()
    expect(waiting(chosen)).toHaveLength(1)
  })

  it('follows a lower priority too', async () => {
    const { add, uploader, world, waiting } = startEngine({ requestSlots: 1 })
    const [, second = '', third = ''] = await add(sizes(3))
    uploader.setPriority(second, -1)
    await settle()
    world.waiting()[0]?.respond(200)
    await settle()
    expect(waiting(third)).toHaveLength(1)
  })

  it('never loses an item that was moved again and again', async () => {
    const { add, uploader, world, phases } = startEngine({ requestSlots: 1, concurrency: 1 })
    const ids = await add(sizes(30))
    for (let move = 0; move < 200; move += 1) uploader.move(ids[10 + (move % 2)] ?? '', 1)
    for (let next = world.waiting()[0]; next !== undefined; next = world.waiting()[0]) {
      next.respond(200)
      await settle()
    }
    expect(phases().filter((phase) => phase === 'processing')).toHaveLength(30)
  })
})

describe('plans made ahead', () => {
  it('are asked for in calls of at most a hundred files, the first one small', async () => {
    const { add, calls } = startEngine({ concurrency: 300 })
    await add(sizes(450))
    const counts = calls('createUploads').map((call) => Number(call.split(' ')[1]))
    expect(counts[0]).toBe(12)
    expect(Math.max(...counts)).toBeLessThanOrEqual(100)
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(450)
  })

  it('are not made for the whole queue at once, and more are made when few are left', async () => {
    const { add, world, phases, server } = startEngine({ concurrency: 10, requestSlots: 10 })
    await add(sizes(1000))
    const planned = () => server.words().length
    const first = planned()
    expect(first).toBeLessThan(250)
    while (phases().includes('queued')) {
      const ready = phases().filter((phase) => phase === 'ready').length
      expect(ready).toBeLessThanOrEqual(210)
      world.waiting()[0]?.respond(200)
      await settle()
    }
    expect(planned()).toBe(1000)
  })

  it('that ended while the file waited in the queue are made anew', async () => {
    const { add, world, operation, calls, waiting, item } = startEngine({ requestSlots: 1 }, { expiresInS: 60 })
    const [, second = ''] = await add(sizes(2))
    const before = operation(second)
    await world.clock.advance(55_000)
    world.requests[0]?.respond(200)
    await settle()
    expect(calls('createUploads')).toEqual(['createUploads 2', 'createUploads 1'])
    expect(operation(second)).toBe(before)
    expect(waiting(second)).toHaveLength(1)
    expect(item(second).phase).toBe('uploading')
  })

  it('that live only seconds are used, not asked for for ever', async () => {
    const { add, calls, item } = startEngine({}, { expiresInS: 2 })
    const [id = ''] = await add([4])
    expect(item(id).phase).toBe('uploading')
    expect(calls('createUploads')).toHaveLength(1)
  })

  it('of a kind that nobody knows fail the item with that reason', async () => {
    const { add, itemIn } = startEngine({}, { change: () => ({ strategies: [] }) })
    const [id = ''] = await add([4])
    expect(itemIn(id, 'failed').error).toMatchObject({ code: 'unsupported_plan', retryable: false })
  })
})

describe('pausing', () => {
  it('an item stops its request at once, frees its slot, and resuming goes on with the same plan', async () => {
    const { add, uploader, item, world, waiting, calls } = startEngine({ requestSlots: 1 })
    const [first = '', second = ''] = await add(sizes(2))
    world.requests[0]?.progress(2)
    uploader.pause(first)
    expect(item(first)).toMatchObject({ phase: 'queued', paused: true, sentBytes: 2 })
    expect(world.requests[0]?.signal.aborted).toBe(true)
    await settle()
    expect(waiting(second)).toHaveLength(1)
    uploader.resume(first)
    waiting(second)[0]?.respond(200)
    await settle()
    expect(waiting(first)).toHaveLength(1)
    expect(calls('createUploads')).toHaveLength(1)
  })

  it.each(['queued', 'ready'] as const)('an item that is %s keeps it from going', async (phase) => {
    const { add, uploader, item, world } = startEngine({ requestSlots: 1, concurrency: 1 })
    const ids = await add(sizes(200))
    const id = ids.find((candidate) => item(candidate).phase === phase && candidate !== ids[0]) ?? ''
    expect(item(id).phase).toBe(phase)
    uploader.pause(id)
    while (world.waiting().length > 0) {
      world.waiting()[0]?.respond(200)
      await settle()
    }
    expect(item(id)).toMatchObject({ phase, paused: true })
    uploader.resume(id)
    await settle()
    expect(item(id).phase).toBe('uploading')
  })

  it('an item that is being prepared keeps the plan that arrives', async () => {
    const { uploader, item, itemIn, add, world } = startEngine()
    const adding = add([4])
    await Promise.resolve()
    const [id = ''] = uploader.$ids.get()
    itemIn(id, 'preparing')
    uploader.pause(id)
    await adding
    expect(item(id)).toMatchObject({ phase: 'ready', paused: true })
    expect(world.requests).toHaveLength(0)
    uploader.resume(id)
    await settle()
    expect(item(id).phase).toBe('uploading')
  })

  it('all holds everything: what goes, what waits for a slot, what is being prepared', async () => {
    const { add, uploader, world, phases } = startEngine({ requestSlots: 2 })
    await add(sizes(5))
    const late = add(sizes(5))
    await Promise.resolve()
    uploader.pause()
    await late
    await settle()
    expect(world.waiting()).toHaveLength(0)
    expect(world.requests).toHaveLength(2)
    expect(phases()).not.toContain('uploading')
    expect(uploader.$summary.get()).toMatchObject({ held: true, paused: 0 })
    await world.clock.advance(600_000)
    expect(world.requests).toHaveLength(2)

    uploader.resume()
    await settle()
    expect(world.waiting()).toHaveLength(2)
    while (world.waiting().length > 0) {
      world.waiting()[0]?.respond(200)
      await settle()
    }
    expect(new Set(phases())).toEqual(new Set(['processing']))
  })

  it('all and resuming all at the moment when an item gets its slot sends its bytes all the same', async () => {
    const { add, uploader, world, waiting } = startEngine({ requestSlots: 1 })
    const [first = '', second = ''] = await add([4, 4])
    waiting(first)[0]?.respond(429, { 'retry-after': '60' })
    await settle()
    uploader.cancel(first)
    await settle()
    // The page has slept; what it wakes to opens the gate, and the slot is the second one's.
    world.clock.set(world.clock.now() + 61_000)
    world.wake('visible')
    uploader.pause()
    uploader.resume()
    await settle()
    expect(waiting(second)).toHaveLength(1)
  })

  it('all and resuming all never resumes what a person paused', async () => {
    const { add, uploader, item } = startEngine()
    const [mine = '', other = ''] = await add(sizes(2))
    uploader.pause(mine)
    uploader.pause()
    uploader.resume()
    await settle()
    expect(item(mine)).toMatchObject({ phase: 'queued', paused: true })
    expect(item(other).phase).toBe('uploading')
  })

  it('one item inside a held queue, and resuming it, sends nothing', async () => {
    const { add, uploader, item, world } = startEngine()
    uploader.pause()
    const [id = ''] = await add([4])
    uploader.pause(id)
    uploader.resume(id)
    await settle()
    expect(item(id).phase).toBe('queued')
    expect(world.requests).toHaveLength(0)
  })

  it('an item that waits to try again has it wait until it is resumed, and then no longer', async () => {
    const { add, uploader, item, world, server, waiting } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(500)
    await settle()
    expect(item(id).phase).toBe('waiting')
    uploader.pause(id)
    await world.clock.advance(60_000)
    expect(item(id)).toMatchObject({ phase: 'queued', paused: true })
    expect(world.waiting()).toHaveLength(0)
    uploader.resume(id)
    await settle()
    expect(item(id).phase).toBe('uploading')
    expect(server.words()).toHaveLength(1)
  })
})

describe('starting by hand', () => {
  it('sends nothing, and asks for nothing, before start', async () => {
    const { add, uploader, world, server, phases } = startEngine({ autoStart: false })
    await add(sizes(3))
    await world.clock.advance(60_000)
    expect(phases()).toEqual(['queued', 'queued', 'queued'])
    expect(server.calls).toEqual([])
    uploader.start()
    await settle()
    expect(phases()).toEqual(['uploading', 'uploading', 'uploading'])
  })
})

/** How often the queue looks at or changes an item while this many files are uploaded, one request after the other. */
async function storeCallsFor(count: number): Promise<number> {
  const environment = createTestEnvironment()
  const server = createMemoryServer()
  const store = createUploadStore({ environment, onListened() {} })
  let calls = 0
  const counted = new Proxy(store, {
    get(target, name: keyof UploadStore) {
      if (name === 'items' || name === 'ids') throw new Error(`The queue walks over all items by ${name}().`)
      if (name !== 'onCommit') calls += 1
      return target[name]
    },
  })
  const queue = createQueue({
    environment,
    store: counted,
    backend: server.backend({ environment, strategies: [] }),
    strategies: server.backend({ environment, strategies: [] }).strategies,
    jobId: 'job',
    concurrency: 100,
    slots: createSlots(() => 6),
    wish: { multipartFromBytes: 8, partBytes: 'auto', checksum: 'auto' },
    retry: { attempts: 8, baseMs: 500, capMs: 30_000 },
    validators: [],
    prepareFile: undefined,
    onBeforeCreate() {},
    onAnswer() {},
    onKept() {},
    onBack() {},
  })
  const items = Array.from({ length: count }, (_, index) => {
    const file = createTestFile('a', 1)
    queue.register(`item-${index}`, file)
    return newItem({ id: `item-${index}`, file, addedAt: 0 })
  })
  store.add(items)
  await settle()
  let answered = 0
  while (answered < environment.requests.length) {
    for (const request of environment.requests.slice(answered)) request.respond(200)
    answered = environment.requests.length
    await settle()
  }
  expect(answered).toBe(count)
  queue.dispose()
  return calls
}

describe('ten thousand files', () => {
  it('are ten times the work of a thousand', async () => {
    const few = await storeCallsFor(1000)
    const many = await storeCallsFor(10_000)
    expect(many / few).toBeLessThan(11)
    expect(many / 10_000).toBeLessThan(60)
  })
})

describe('dispose', () => {
  it('ends everything: nothing in flight, no timers, nothing new', async () => {
    const { add, uploader, world, server, operation, phases } = startEngine({ requestSlots: 2 })
    const ids = await add(sizes(6))
    world.requests[0]?.respond(500)
    world.requests[1]?.respond(200)
    await settle()
    server.failNext('cancel', new Error('down') as never)
    uploader.cancel(ids[1])
    void add(sizes(2))
    await uploader.dispose()
    await settle()
    const calls = server.calls.length
    const requests = world.requests.length
    expect(world.waiting()).toHaveLength(0)
    expect(world.clock.pending).toBe(0)

    const before = phases()
    uploader.retry()
    uploader.pause(ids[3])
    uploader.resume()
    uploader.cancel(ids[3])
    server.say(operation(ids[2] ?? ''), { status: 'failed' })
    expect(uploader.add([new File([], 'late')])).toEqual([])
    world.wake('online')
    await world.clock.advance(3_600_000)
    await uploader.dispose()
    expect(world.requests).toHaveLength(requests)
    expect(server.calls).toHaveLength(calls)
    expect(world.clock.pending).toBe(0)
    expect(before).toHaveLength(8)
  })
})
