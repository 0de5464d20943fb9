import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import { losesFirstPlan, startEngine } from '../testing/engine.js'
import { createTestFile, settle } from '../testing/index.js'

const network = new UploadError('network', 'Cut.')

describe('cancelling an item', () => {
  it('that is queued needs no word to the server', async () => {
    const { add, uploader, item, server } = startEngine({ autoStart: false })
    const [id = ''] = await add([4])
    uploader.cancel(id)
    uploader.start()
    await settle()
    expect(item(id).phase).toBe('cancelled')
    expect(server.calls).toEqual([])
  })

  it('whose plan is being made cancels it on the server when the plan comes', async () => {
    const { add, uploader, item, server, world } = startEngine()
    const adding = add([4])
    await Promise.resolve()
    const [id = ''] = uploader.$ids.get()
    expect(item(id).phase).toBe('preparing')
    uploader.cancel(id)
    await adding
    expect(item(id).phase).toBe('cancelled')
    expect(server.word('operation-1').status).toBe('cancelled')
    expect(world.requests).toHaveLength(0)
  })

  it('that waits for a byte slot gives up its place', async () => {
    const { add, uploader, server, operation, waiting, world } = startEngine({ requestSlots: 1 })
    const [, second = '', third = ''] = await add([4, 4, 4])
    uploader.cancel(second)
    world.requests[0]?.respond(200)
    await settle()
    expect(waiting(third)).toHaveLength(1)
    expect(server.word(operation(second)).status).toBe('cancelled')
  })

  it('that uploads ends its request at once, frees the slot, and tells the server', async () => {
    const { add, uploader, item, server, operation, waiting, world } = startEngine({ requestSlots: 1 })
    const [first = '', second = ''] = await add([4, 4])
    uploader.cancel(first)
    expect(item(first).phase).toBe('cancelled')
    expect(world.requests[0]?.signal.aborted).toBe(true)
    await settle()
    expect(waiting(second)).toHaveLength(1)
    expect(server.word(operation(first)).status).toBe('cancelled')
  })

  it('that the server works on tells the server', async () => {
    const { add, uploader, item, server, operation, world } = startEngine()
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    uploader.cancel(id)
    await settle()
    expect(item(id).phase).toBe('cancelled')
    expect(server.word(operation(id)).status).toBe('cancelled')
  })

  it('too late shows it completed, and says that the cancel came too late', async () => {
    const { add, uploader, item, server, operation, world, transport } = startEngine()
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    transport.disconnect()
    server.say(operation(id), { status: 'completed', result: 'done' })
    uploader.cancel(id)
    expect(item(id).phase).toBe('cancelled')
    await settle()
    expect(item(id)).toMatchObject({ phase: 'completed', cancelTooLate: true, result: 'done' })
  })

  it('whose operation is learned of only later tells the server then', async () => {
    const { add, uploader, item, server, transport } = startEngine(
      {},
      {
        onWord() {},
        change: losesFirstPlan(network),
      },
    )
    const [id = ''] = await add([4])
    expect(item(id).phase).toBe('waiting')
    uploader.cancel(id)
    transport.deliver(server.word('operation-1'))
    await settle()
    expect(item(id).phase).toBe('cancelled')
    expect(server.word('operation-1').status).toBe('cancelled')
  })

  it('while the server cannot be reached is repeated until it is told', async () => {
    const { add, uploader, server, operation, world } = startEngine()
    const [id = ''] = await add([4])
    server.failNext('cancel', network, 3)
    uploader.cancel(id)
    await world.clock.advance(60_000)
    expect(server.word(operation(id)).status).toBe('cancelled')
    expect(world.clock.pending).toBe(0)
  })

  it('that waits to try again stops the waiting', async () => {
    const { add, uploader, item, world, waiting } = startEngine()
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(500)
    await settle()
    uploader.cancel(id)
    await world.clock.advance(60_000)
    expect(item(id).phase).toBe('cancelled')
    expect(world.requests).toHaveLength(1)
  })

  it('that has ended does nothing', async () => {
    const { add, uploader, item, server, operation, calls } = startEngine()
    const [id = ''] = await add([4])
    server.say(operation(id), { status: 'completed' })
    uploader.cancel(id)
    await settle()
    expect(item(id).phase).toBe('completed')
    expect(calls('cancel')).toEqual([])
  })

  it('is possible for all at once', async () => {
    const { add, uploader, phases, server, world } = startEngine({ requestSlots: 2 })
    await add(Array.from({ length: 300 }, () => 4))
    uploader.cancel()
    await settle()
    expect(new Set(phases())).toEqual(new Set(['cancelled']))
    expect(new Set(server.words().map(({ status }) => status))).toEqual(new Set(['cancelled']))
    expect(world.waiting()).toHaveLength(0)
    expect(uploader.inspect()).toMatchObject({ running: 0, slots: { 'http://storage.test': { used: 0, waiting: 0 } } })
  })
})

describe('removing', () => {
  it('an item ends its request, frees its slot, lets go of its file, and cancels it on the server', async () => {
    const { add, uploader, server, operation, waiting, world } = startEngine({ requestSlots: 1 })
    const [first = '', second = ''] = await add([4, 4])
    const firstOperation = operation(first)
    uploader.remove(first)
    expect(uploader.file(first)).toBeUndefined()
    expect(uploader.$ids.get()).toEqual([second])
    expect(world.requests[0]?.signal.aborted).toBe(true)
    await settle()
    expect(waiting(second)).toHaveLength(1)
    expect(server.word(firstOperation).status).toBe('cancelled')
  })

  it('an item whose plan is being made cancels it on the server when the plan comes', async () => {
    const { add, uploader, server } = startEngine()
    const adding = add([4])
    await Promise.resolve()
    uploader.remove(uploader.$ids.get()[0] ?? '')
    await adding
    expect(server.word('operation-1').status).toBe('cancelled')
  })

  it('a completed item leaves the server’s copy alone', async () => {
    const { add, uploader, server, operation } = startEngine()
    const [id = ''] = await add([4])
    const before = operation(id)
    server.say(before, { status: 'completed' })
    uploader.remove(id)
    await settle()
    expect(server.word(before).status).toBe('completed')
  })

  it('clears what is completed, what failed, or everything', async () => {
    const { add, uploader, server, operation } = startEngine({ requestSlots: 1 })
    const [done = '', bad = '', going = ''] = await add([4, 4, 4])
    server.say(operation(done), { status: 'completed' })
    server.say(operation(bad), { status: 'failed' })
    uploader.clear('completed')
    expect(uploader.$ids.get()).toEqual([bad, going])
    uploader.clear('failed')
    expect(uploader.$ids.get()).toEqual([going])
    uploader.clear('all')
    expect(uploader.$ids.get()).toEqual([])
    await settle()
    expect(uploader.inspect()).toMatchObject({ items: 0, running: 0 })
  })

  it('lets the files of completed items go', async () => {
    const { add, uploader, server, operation } = startEngine()
    const [id = ''] = await add([4])
    expect(uploader.file(id)).toBeDefined()
    server.say(operation(id), { status: 'completed' })
    expect(uploader.file(id)).toBeUndefined()
  })
})

describe('replacing a file', () => {
  it('that cannot be read any more goes on with the one that was chosen', async () => {
    const { uploader, world, itemIn, item, waiting, calls } = startEngine()
    const lost = createTestFile('film.mp4', 4)
    const [id = ''] = uploader.add([lost])
    await settle()
    lost.lose()
    // A file that was deleted while it was sent looks like a network that broke.
    world.requests[0]?.fail()
    await settle()
    expect(itemIn(id, 'waiting')).toMatchObject({ reason: 'file', error: { code: 'file_unreadable' } })
    await world.clock.advance(3_600_000)
    expect(world.requests).toHaveLength(1)

    const found = createTestFile('film.mp4', 4)
    uploader.replaceFile(id, found)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
    expect(waiting(id)).toHaveLength(1)
    expect(uploader.file(id)).toBe(found)
    expect(calls('createUploads').length).toBeLessThanOrEqual(2)
  })

  it('by another one is a new attempt, and the old operation is cancelled', async () => {
    const { uploader, world, item, operation, server } = startEngine()
    const lost = createTestFile('film.mp4', 4)
    const [id = ''] = uploader.add([lost])
    await settle()
    const before = operation(id)
    lost.lose()
    world.requests[0]?.fail()
    await settle()
    uploader.replaceFile(id, createTestFile('other.mp4', 7))
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2, name: 'other.mp4', size: 7 })
    expect(operation(id)).not.toBe(before)
    expect(server.word(before).status).toBe('cancelled')
    expect(world.waiting()[0]?.body.size).toBe(7)
  })

  it('while the item uploads changes nothing', async () => {
    const { add, uploader, item } = startEngine()
    const [id = ''] = await add([4])
    const before = uploader.file(id)
    uploader.replaceFile(id, createTestFile('other', 9))
    expect(uploader.file(id)).toBe(before)
    expect(item(id)).toMatchObject({ phase: 'uploading', size: 4 })
  })

  it('of an item that the server gave up asks the server what is left to do', async () => {
    const { uploader, server, operation, item, calls } = startEngine()
    const [id = ''] = uploader.add([createTestFile('a', 4)])
    await settle()
    const before = operation(id)
    server.say(before, { status: 'failed', error: { code: 'upload_expired', message: 'Too late.', retryable: true } })
    uploader.replaceFile(id, createTestFile('a', 4))
    await settle()
    expect(calls('retry')).toEqual([`retry ${before}`])
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
  })
})
