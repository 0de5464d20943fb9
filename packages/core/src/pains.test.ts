import { describe, expect, it } from 'vitest'
import { httpBackend } from './backends/http-backend.js'
import { createUploader } from './create-uploader.js'
import { UploadError } from './errors.js'
import type { UploadItem } from './item/item.js'
import { createTestEnvironment, createTestFile, settle } from './testing/index.js'
import { startEngine, type Engine } from './testing/engine.js'
import { createSite } from './testing/site.js'

/*
 * What users of other uploaders suffered, each in one test: a promise that this engine keeps. The reports are public issues
 * (Uppy, tus-js-client, FilePond, Uploady, Mux upchunk, Vaadin, Fine Uploader and others, by repository and number).
 * What needs a real browser or a real storage is shown once more in e2e and in the tests against real servers.
 */

const network = new UploadError('network', 'Cut.')
/** Answers every request that waits, and those that follow, until nothing moves. */
async function storeAll({ world }: Pick<Engine, 'world'>): Promise<void> {
  for (let round = 0; round < 1000 && world.waiting().length > 0; round += 1) {
    for (const request of world.waiting()) {
      request.progress(request.body.size)
      request.respond(200, { etag: '"1"' })
    }
    await settle()
  }
}

describe('many files', () => {
  it('1 · ten thousand photos dropped at once do not freeze the page (uppy#4389, uppy#4679, filepond#918, web-components#10455)', () => {
    const { uploader, world } = startEngine({ autoStart: false })
    let listsTold = 0
    let summariesTold = 0
    uploader.$ids.listen(() => (listsTold += 1))
    uploader.$summary.listen(() => (summariesTold += 1))
    uploader.add(Array.from({ length: 10_000 }, (_, index) => createTestFile(`photo-${index}`, 1)))
    world.paint()
    // One change of the list and one of the totals, not ten thousand of each.
    expect([listsTold, summariesTold, uploader.$ids.get().length]).toEqual([1, 1, 10_000])
  })

  it('2 · sixteen hundred images do not time out in the browser’s own queue, where nothing can be seen of them (web-components#6698, uppy#1190)', async () => {
    const { add, world, phases } = startEngine()
    await add(Array.from({ length: 200 }, () => 1))
    // What the browser would only queue is not sent yet, and says so; and a request that has sent no byte has not stalled.
    expect(world.waiting().length).toBe(6)
    expect(phases().filter((phase) => phase === 'uploading').length).toBe(6)
    await world.clock.advance(600_000)
    expect(world.waiting().length).toBe(6)
    expect(phases()).not.toContain('waiting')
  })

  it('3 · the last of a thousand files is not refused because its address was signed an hour ago (uppy#3612, uppy#1724)', async () => {
    const engine = startEngine({ concurrency: 2 }, { expiresInS: 60 })
    const ids = await engine.add(Array.from({ length: 30 }, () => 4))
    const sentAt = new Map<string, number>()
    for (let round = 0; round < 60 && engine.world.waiting().length > 0; round += 1) {
      for (const request of engine.world.waiting()) {
        sentAt.set(request.url, engine.world.clock.now())
        request.respond(200)
      }
      // Every pair takes longer than half of what an address lives.
      await engine.world.clock.advance(35_000)
    }
    expect(ids.map((id) => engine.item(id).phase)).toEqual(ids.map(() => 'processing'))
    expect(engine.calls('createUploads').length).toBeGreaterThan(5)
  })

  it('4 · a hundred small files are not a hundred calls to the signer (uppy#3056, uppy#4187)', async () => {
    const engine = startEngine({ requestSlots: 100 })
    await engine.add(Array.from({ length: 100 }, () => 4))
    await storeAll(engine)
    expect(engine.calls('createUploads').length).toBeLessThanOrEqual(3)
  })

  it('4 · nor is a large file a call for each of its parts', async () => {
    const engine = startEngine()
    await engine.add([400])
    await storeAll(engine)
    expect(engine.calls('signParts').length).toBeLessThanOrEqual(3)
  })

  it('22 · the same file twice is two uploads, and neither breaks the other (uppy#754, uppy#843, uppy#4470)', async () => {
    const engine = startEngine()
    const file = createTestFile('a', 4)
    const [first = '', second = ''] = engine.uploader.add([file, file])
    await settle()
    engine.uploader.cancel(first)
    await storeAll(engine)
    expect([engine.item(first).phase, engine.item(second).phase]).toEqual(['cancelled', 'processing'])
  })

  it('23 · the files of a folder are uploaded in their order (uppy#5742, filepond#931)', async () => {
    const { uploader, server } = startEngine()
    uploader.add(['10', '9', '1'].map((name) => ({ file: createTestFile(name, 1), relativePath: `scans/${name}` })))
    await settle()
    expect(server.words().map(({ file }) => file?.name)).toEqual(['1', '9', '10'])
  })

  it('29 · files added while a batch runs are uploaded, too (uppy#2513, uppy#5397)', async () => {
    const engine = startEngine()
    const [first = ''] = await engine.add([4])
    expect(engine.item(first).phase).toBe('uploading')
    const [second = ''] = await engine.add([4])
    expect(engine.item(second).phase).toBe('uploading')
    await storeAll(engine)
    expect(engine.phases()).toEqual(['processing', 'processing'])
  })
})

describe('the signer', () => {
  it('5 · a call to the signer that fails once does not leave the upload at 0 % for ever (uppy#3190, uppy#4908)', async () => {
    const engine = startEngine()
    engine.server.failNext('createUploads', network)
    engine.server.failNext('signParts', network)
    const [id = ''] = await engine.add([20])
    for (let round = 0; round < 5; round += 1) {
      await engine.world.clock.advance(30_000)
      await storeAll(engine)
    }
    expect(engine.item(id).phase).toBe('processing')
  })

  it('5 · nor does one that never answers', async () => {
    const { uploader, world } = startUnanswered()
    const [id = ''] = uploader.add([createTestFile('a', 4)])
    await settle()
    // Half a minute for the call, and another one for the probe that asks whether anything answers.
    await world.clock.advance(60_000)
    expect(uploader.$item(id).get()).toMatchObject({ phase: 'waiting', reason: 'offline', error: { code: 'stalled' } })
  })

  it('16 · a token that expires in the middle is made fresh once, without the user (uppy#2675, uppy#3434, uppy#5042)', async () => {
    const tokens: string[] = []
    const { uploader } = startUnanswered(async (input, init) => {
      const token = new Headers(init?.headers).get('authorization') ?? ''
      if (!(input as string).endsWith('upload-jobs')) return new Response('{"operations":[],"cursor":"","more":false}')
      tokens.push(token)
      return Promise.resolve(new Response('{"code":"expired"}', { status: token === 'old' ? 401 : 500 }))
    })
    uploader.add([createTestFile('a', 4)])
    await settle()
    expect(tokens).toEqual(['old', 'fresh'])
  })

  /** As fetch does it: nothing comes, until the caller has had enough. */
  const neverAnswers: typeof fetch = (_input, init) =>
    new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError'))))

  /** An API that answers as the test says. */
  function startUnanswered(fetch = neverAnswers) {
    const world = createTestEnvironment()
    const uploader = createUploader({
      backend: httpBackend({ url: '/uploads', headers: ({ attempt }) => ({ authorization: attempt === 1 ? 'old' : 'fresh' }) }),
      environment: { ...world, fetch },
    })
    return { uploader, world }
  }
})

describe('large files', () => {
  it('6 · the parts of a file do not wait for one another (uppy#6547)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([40])
    expect(engine.waiting(id).length).toBe(6)
  })

  it('9 · an ETag that the bucket, or a virus scanner, hides does not fail the upload (uppy#1762, fine-uploader#1137)', async () => {
    const told: unknown[] = []
    const engine = startEngine(
      {},
      {
        change: ({ complete }) => ({
          complete(operationId, transfer, signal) {
            told.push(transfer.parts)
            return complete(operationId, transfer, signal)
          },
        }),
      },
    )
    const [id = ''] = await engine.add([10])
    const etags = [1, 2, 3].map((number) => ({ part_number: number, etag: `"${number}"` }))
    for (const [index, request] of engine.waiting(id).entries()) {
      engine.server.storePart(engine.operation(id), { part_number: index + 1, size: request.body.size, etag: `"${index + 1}"` })
      request.respond(200)
    }
    await settle()
    expect(told).toEqual([etags])
    expect(engine.item(id).phase).toBe('processing')
  })

  it('10 · what is removed is ended at the storage, what failed is kept for another try (uppy#2699, EvaporateJS#98)', async () => {
    const engine = startEngine({ retry: { attempts: 1 } })
    const [failed = '', removed = ''] = await engine.add([10, 10])
    const operation = engine.operation(removed)
    engine.uploader.remove(removed)
    const [stored, ...others] = engine.waiting(failed)
    engine.server.storePart(engine.operation(failed), { part_number: 1, size: 4, etag: '"1"' })
    stored?.respond(200, { etag: '"1"' })
    for (const request of others) request.respond(500)
    await settle()
    expect(engine.item(failed).phase).toBe('failed')
    expect(engine.calls('cancel')).toEqual([`cancel ${operation}`])
    engine.uploader.retry(failed)
    await settle()
    expect(engine.waiting(failed).map(({ url }) => url)).toEqual(others.map(({ url }) => url))
  })

  it('11 · a resumed upload shows nothing that the server does not confirm, and never 100 % of an empty object (uppy#4985, uppy#2900, uppy#4080)', async () => {
    const site = createSite()
    const first = await site.open()
    const [id = ''] = await first.add([new File(['x'.repeat(12)], 'large', { lastModified: 1 })])
    await first.pass()
    // Two of three parts have left the page; the storage kept none of them.
    for (const request of first.waiting()) request.progress(4)
    await first.pass()
    // Only progress is never written: the pause is, with what is shown at that moment.
    first.uploader.pause(id)
    await first.pass()
    await first.kill()
    const shown: number[] = []
    const note = (item: UploadItem) => shown.push('sentBytes' in item ? (item.sentBytes ?? 0) : 0)
    const second = await site.open({
      onOpen(uploader) {
        uploader.on('added', (items) => items.forEach(note))
        uploader.on('progressed', note)
      },
    })
    second.uploader.resume(id)
    await second.pass()
    expect(shown).toEqual([0])
    const item = second.item(id)
    expect(item.phase === 'uploading' ? item.sentBytes : 0).toBe(0)
    expect(second.waiting().length).toBe(3)
  })

  it('7 · progress does not jump back when a part is sent again, nor beyond 100 % (upchunk#30, uppy#1546, filesender#2004)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([12])
    const shown: number[] = []
    engine.uploader.on('progressed', ({ sentBytes }) => shown.push(sentBytes))
    for (const request of engine.waiting(id)) request.progress(3)
    for (const request of engine.waiting(id)) request.progress(400)
    engine.waiting(id)[0]?.fail()
    await settle()
    for (const request of engine.waiting(id)) request.respond(200)
    await engine.world.clock.advance(30_000)
    await storeAll(engine)
    expect(shown).toEqual([...shown].sort((a, b) => a - b))
    expect(Math.max(...shown)).toBe(12)
    expect(engine.item(id).phase).toBe('processing')
  })

  it('8 · the time left is not shown before it is known, and does not jump about (uppy#188, uppy#1836, uppy#3700)', async () => {
    const engine = startEngine({ multipartFromBytes: 1e9 })
    const [id = ''] = await engine.add([100_000])
    const request = engine.waiting(id)[0]
    const seconds: number[] = []
    for (let tick = 1; tick <= 60; tick += 1) {
      // A thousand bytes a second on average; every second tick brings three times as much as the other.
      request?.progress(tick * 500 + (tick % 2) * 250)
      const { secondsLeft } = engine.itemIn(id, 'uploading')
      // A second's worth tells nothing yet.
      if (tick <= 3) expect(secondsLeft).toBeUndefined()
      if (secondsLeft !== undefined) seconds.push(secondsLeft)
      await engine.world.clock.advance(500)
    }
    const jumps = seconds.slice(1).map((value, index) => Math.abs(value - (seconds[index] ?? value)) / value)
    expect(seconds.length).toBeGreaterThan(40)
    expect(Math.max(...jumps.slice(5))).toBeLessThan(0.25)
  })

  it('6 · what the signer wants sent along is sent along (uppy#6548)', async () => {
    const headers = { 'x-amz-tagging': 'class=archive' }
    const engine = startEngine(
      {},
      {
        change: ({ createUploads }) => ({
          async createUploads(request, signal) {
            const { operations, ...answer } = await createUploads(request, signal)
            return { ...answer, operations: operations.map((one) => ('plan' in one ? { ...one, plan: { ...one.plan, headers } } : one)) }
          },
        }),
      },
    )
    const [id = ''] = await engine.add([4])
    expect(engine.waiting(id)[0]?.headers).toEqual(headers)
  })
})

describe('tabs', () => {
  it('12 · ten thousand uploads leave nothing in localStorage (uppy#5644, tus-js-client#565, tus-js-client#807)', async () => {
    const written: string[] = []
    const storage = {
      getItem: () => null,
      setItem: (key: string) => written.push(key),
      removeItem() {},
      clear() {},
      key: () => null,
      length: 0,
    }
    const before = Object.getOwnPropertyDescriptor(globalThis, 'localStorage')
    Object.defineProperty(globalThis, 'localStorage', { configurable: true, value: storage })
    try {
      const site = createSite()
      const page = await site.open()
      await page.add([new File(['four'], 'a')])
      for (const request of page.waiting()) request.respond(200)
      await page.pass()
      for (const word of site.server.words()) site.server.say(word.operation_id, { status: 'completed' })
      await page.pass()
      expect(page.phases()).toEqual(['completed'])
      expect(written).toEqual([])
      // Nor where queues are kept, once an upload is confirmed.
      await page.kill()
      const again = await site.open()
      expect(again.uploader.items()).toEqual([])
    } finally {
      if (before === undefined) Reflect.deleteProperty(globalThis, 'localStorage')
      else Object.defineProperty(globalThis, 'localStorage', before)
    }
  })

  it('13 · two tabs do not fight for one upload (tus-js-client#37, tus-js-client#130, odysee-frontend#276)', async () => {
    const site = createSite()
    const first = await site.open()
    const second = await site.open()
    const [id = ''] = await first.add([new File(['four'], 'a')])
    for (const page of [first, second, first, second]) await page.pass()
    expect([first.waiting().length, second.waiting().length]).toEqual([1, 0])
    await first.kill()
    for (const page of [second, second]) await page.pass()
    expect(second.item(id).phase).toBe('uploading')
    expect(second.waiting().length).toBe(1)
  })
})

describe('the device', () => {
  it('17 · a file that was changed on disk is named as that, and asked for again, not sent eight times in vain (tus-js-client#255, ComfyUI_frontend#18293)', async () => {
    const engine = startEngine()
    const file = createTestFile('a', 4)
    const [id = ''] = engine.uploader.add([file])
    await settle()
    file.lose()
    engine.waiting(id)[0]?.fail()
    await settle()
    await settle()
    expect(engine.itemIn(id, 'waiting')).toMatchObject({ reason: 'file', error: { code: 'file_unreadable' } })
    await engine.world.clock.advance(600_000)
    expect(engine.world.requests.length).toBe(1)
    engine.uploader.replaceFile(id, createTestFile('a', 4))
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('18 · a phone that slept for an hour goes on when it wakes (uppy#1725, uppy#4141, resumable.js#488)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([4])
    engine.waiting(id)[0]?.fail()
    await settle()
    expect(engine.item(id).phase).toBe('waiting')
    // The clock went on, and no timer ran.
    engine.world.clock.set(engine.world.clock.now() + 3_600_000)
    engine.world.wake('visible')
    await settle()
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('19 · a browser that says "online" behind a dead network, or "offline" behind a good one, decides nothing (upchunk#157, upchunk#159)', async () => {
    const engine = startEngine()
    engine.world.goOffline()
    const [id = ''] = await engine.add([4])
    expect(engine.item(id).phase).toBe('uploading')
    engine.server.down()
    engine.world.goOnline()
    engine.waiting(id)[0]?.fail()
    await settle()
    expect(engine.itemIn(id, 'waiting').reason).toBe('offline')
    // An hour of that costs no attempt.
    await engine.world.clock.advance(3_600_000)
    engine.server.up()
    await engine.world.clock.advance(15_000)
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('19 · a network that flaps does not start a second upload beside the first (upchunk#161)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([4])
    for (let flap = 0; flap < 5; flap += 1) {
      engine.world.goOffline()
      engine.world.goOnline()
      await settle()
    }
    expect(engine.waiting(id).length).toBe(1)
    expect(engine.world.requests.length).toBe(1)
  })
})

describe('the server’s part', () => {
  it('20 · 100 % is not "done" while the server works, and an hour of that is no failure (uppy#1224, uppy#4743, uppy#5576, fine-uploader#404)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([4])
    await storeAll(engine)
    await engine.world.clock.advance(3_600_000)
    expect(engine.itemIn(id, 'processing').overdue).toBe(true)
    engine.server.say(engine.operation(id), { status: 'completed', result: { url: '/a' } })
    await settle()
    expect(engine.itemIn(id, 'completed').result).toEqual({ url: '/a' })
  })

  it('21 · success is told once, and it is told (uploadthing#1131, uppy#2298)', async () => {
    const engine = startEngine()
    const told: string[] = []
    engine.uploader.on('completed', ({ id }) => told.push(id))
    const [id = ''] = await engine.add([4])
    await storeAll(engine)
    engine.transport.disconnect()
    engine.server.say(engine.operation(id), { status: 'completed' })
    engine.transport.connect()
    await settle()
    engine.transport.deliver(engine.server.word(engine.operation(id)))
    engine.world.wake('visible')
    await engine.world.clock.advance(60_000)
    expect(told).toEqual([id])
  })

  it('24 · what is refused for good is not sent again and again (uppy#5460, gooey-gui#52)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([4])
    engine.waiting(id)[0]?.respond(413)
    await engine.world.clock.advance(600_000)
    expect(engine.item(id).phase).toBe('failed')
    expect(engine.world.requests.length).toBe(1)
  })

  it('30 · work that was cancelled does not go on at the server, and is not polled for ever (uppy#3155, uppy#3156, uppy#4184)', async () => {
    const engine = startEngine()
    const [id = ''] = await engine.add([4])
    await storeAll(engine)
    engine.transport.disconnect()
    engine.uploader.cancel(id)
    await settle()
    expect(engine.server.word(engine.operation(id)).status).toBe('cancelled')
    const calls = engine.calls('snapshot').length
    await engine.world.clock.advance(3_600_000)
    expect(engine.calls('snapshot').length - calls).toBeLessThanOrEqual(1)
  })
})

describe('slots', () => {
  it('25 · a cancel, a failure and a stall each give their slot back (uppy#2016, filepond#814, flow.js#244)', async () => {
    const engine = startEngine({ requestSlots: 2, retry: { attempts: 1 } })
    const ids = await engine.add([4, 4, 4, 4, 4])
    engine.uploader.cancel(ids[0])
    engine.waiting(ids[1] ?? '')[0]?.fail()
    await settle()
    expect(engine.waiting(ids[2] ?? '').length + engine.waiting(ids[3] ?? '').length).toBe(2)
    engine.uploader.remove(ids[2] ?? '')
    await settle()
    await storeAll(engine)
    expect(engine.item(ids[4] ?? '').phase).toBe('processing')
    expect(Object.values(engine.uploader.inspect().slots).map(({ used, waiting }) => used + waiting)).toEqual([0])
  })

  it('25 · pausing one upload does not start another one that is paused (uppy#1693)', async () => {
    const engine = startEngine({ requestSlots: 1 })
    const [first = '', second = '', third = ''] = await engine.add([4, 4, 4])
    engine.uploader.pause(second)
    engine.uploader.pause(first)
    await settle()
    expect([first, second, third].map((id) => engine.item(id).phase)).toEqual(['queued', 'ready', 'uploading'])
    engine.uploader.pause()
    await settle()
    expect(engine.world.waiting()).toEqual([])
    engine.uploader.resume()
    await settle()
    expect(engine.waiting(third).length).toBe(1)
    expect(engine.item(first).paused && engine.item(second).paused).toBe(true)
  })
})
