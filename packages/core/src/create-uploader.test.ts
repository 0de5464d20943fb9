import { describe, expect, it } from 'vitest'
import { createUploader } from './create-uploader.js'
import type { UploadError } from './errors.js'
import type { UploaderOptions } from './options.js'
import { startEngine, type Engine } from './testing/engine.js'
import { createMemoryServer, createTestEnvironment, createTestFile, settle } from './testing/index.js'
import type { UploaderEvents } from './uploader.js'

const NAMES = [
  'added',
  'rejected',
  'started',
  'transferred',
  'processing',
  'completed',
  'failed',
  'revoked',
  'cancelled',
  'removed',
  'batch-completed',
  'message-dropped',
  'warning',
] as const satisfies readonly (keyof UploaderEvents)[]

/** Writes down the names of all events but progress, in order. */
function listen({ uploader }: Engine): string[] {
  const heard: string[] = []
  for (const name of NAMES) uploader.on(name, () => heard.push(name))
  return heard
}

describe('events', () => {
  it('tell the way of a file once each, in order', async () => {
    const engine = startEngine()
    const heard = listen(engine)
    const [id = ''] = await engine.add([4])
    engine.world.requests[0]?.progress(2)
    engine.world.requests[0]?.respond(200)
    await settle()
    engine.server.say(engine.operation(id), { progress: 50 })
    engine.server.say(engine.operation(id), { status: 'completed', progress: 100 })
    engine.server.say(engine.operation(id), { status: 'failed' })
    engine.uploader.remove(id)
    expect(heard).toEqual(['added', 'started', 'transferred', 'processing', 'completed', 'batch-completed', 'revoked', 'removed'])
  })

  it('tell the state at the moment of the change', async () => {
    const engine = startEngine()
    const sent: unknown[] = []
    engine.uploader.on('progressed', (item) => sent.push(item.sentBytes))
    await engine.add([4])
    engine.world.requests[0]?.progress(1)
    engine.world.requests[0]?.progress(3)
    expect(sent).toEqual([1, 3])
  })

  it('tell of every change of an item, with the item as it was', async () => {
    const engine = startEngine({ autoStart: false })
    const heard: string[] = []
    engine.uploader.on('changed', (item, before) => heard.push(`${before.phase} ${before.priority} to ${item.phase} ${item.priority}`))
    const [id = ''] = await engine.add([4])
    engine.uploader.pause(id)
    engine.uploader.setPriority(id, 2)
    engine.uploader.setPriority(id, 2)
    engine.uploader.cancel(id)
    engine.uploader.remove(id)
    expect(heard).toEqual(['queued 0 to queued 0', 'queued 0 to queued 2', 'queued 2 to cancelled 2'])
  })

  it('carry what the phase has: the server’s result, or why it failed', async () => {
    const engine = startEngine()
    const heard: unknown[] = []
    engine.uploader.on('completed', (item) => heard.push(item.result))
    engine.uploader.on('failed', (item) => heard.push(item.error.message))
    const [confirmed = '', refused = ''] = await engine.add([4, 4])
    for (const request of engine.world.requests) request.respond(200)
    await settle()
    engine.server.say(engine.operation(confirmed), { status: 'completed', result: { url: '/a' } })
    engine.server.say(engine.operation(refused), {
      status: 'failed',
      error: { code: 'virus', message: 'It has a virus.', retryable: false },
    })
    expect(heard).toEqual([{ url: '/a' }, 'It has a virus.'])
  })

  it('tell a start once, however often the run is interrupted', async () => {
    const engine = startEngine()
    const heard = listen(engine)
    const [id = ''] = await engine.add([4])
    engine.uploader.pause(id)
    engine.uploader.resume(id)
    await settle()
    engine.waiting(id)[0]?.respond(500)
    await engine.world.clock.advance(30_000)
    expect(engine.item(id).phase).toBe('uploading')
    expect(heard).toEqual(['added', 'started'])
  })

  it('tell a start again for another attempt', async () => {
    const engine = startEngine()
    const heard = listen(engine)
    const [id = ''] = await engine.add([4])
    engine.waiting(id)[0]?.respond(400)
    await settle()
    engine.uploader.retry(id)
    await settle()
    expect(heard).toEqual(['added', 'started', 'failed', 'batch-completed', 'started'])
  })

  it('tell of what is cancelled, and of messages that were dropped', async () => {
    const engine = startEngine()
    const heard = listen(engine)
    const [id = ''] = await engine.add([4])
    engine.transport.deliver('<html>')
    engine.uploader.cancel(id)
    expect(heard).toEqual(['added', 'started', 'message-dropped', 'cancelled', 'batch-completed'])
    expect(engine.uploader.inspect().droppedMessages).toBe(1)
    expect(engine.uploader.inspect()).not.toHaveProperty('dropReasons')
  })

  it('say in debug mode why messages were dropped, and of thousands only a few times', async () => {
    const notes: unknown[][] = []
    const engine = startEngine({ debug: true, environment: { debug: (...note) => notes.push([...note]) } })
    await engine.add([4])
    for (let index = 0; index < 1000; index += 1) engine.transport.deliver('<html>')
    engine.transport.deliver('[]')
    expect(engine.uploader.inspect()).toMatchObject({ droppedMessages: 1001, dropReasons: { 'not JSON': 1000, 'not an object': 1 } })
    expect(notes.map(([text]) => text)).toEqual(expect.arrayContaining(['message dropped (1000):']))
    expect(notes.length).toBeLessThan(10)
  })

  it('tell of a batch when the last of its files has ended, and again after a retry', async () => {
    const engine = startEngine()
    const batches: string[][] = []
    engine.uploader.on('batch-completed', (items) => batches.push(items.map(({ phase }) => phase)))
    const first = await engine.add([4, 4])
    const [other = ''] = await engine.add([4])
    engine.server.say(engine.operation(first[0] ?? ''), { status: 'completed' })
    expect(batches).toEqual([])
    engine.server.say(engine.operation(first[1] ?? ''), { status: 'failed' })
    expect(batches).toEqual([['completed', 'failed']])
    engine.uploader.retry(first[1])
    await settle()
    engine.server.say(engine.operation(first[1] ?? ''), { status: 'completed' })
    expect(batches).toEqual([
      ['completed', 'failed'],
      ['completed', 'completed'],
    ])
    engine.uploader.cancel(other)
    expect(batches).toHaveLength(3)
  })

  it('end for a listener that unsubscribed', async () => {
    const engine = startEngine()
    let heard = 0
    const forget = engine.uploader.on('added', () => (heard += 1))
    await engine.add([1])
    forget()
    forget()
    await engine.add([1])
    expect(heard).toBe(1)
  })
})

describe('adding files', () => {
  it('shows them at once, before anything was asked of anyone', () => {
    const { uploader, server } = startEngine()
    const seen: (readonly string[])[] = []
    uploader.$ids.listen((ids) => seen.push(ids))
    const ids = uploader.add([createTestFile('a', 1), createTestFile('b', 2)])
    expect(seen).toEqual([ids])
    expect(uploader.$summary.get()).toMatchObject({ total: 2, queued: 2, totalBytes: 3 })
    expect(server.calls).toEqual([])
  })

  it('takes lists that are no arrays, and the paths of folders', () => {
    const { uploader } = startEngine()
    const file = createTestFile('c.txt', 1)
    const fromFolder = Object.defineProperty(createTestFile('d.txt', 1), 'webkitRelativePath', { value: 'folder/d.txt' })
    const [a = '', b = '', c = ''] = [
      ...uploader.add({ length: 1, 0: file } as ArrayLike<File>),
      ...uploader.add(new Set([{ file, relativePath: 'x/c.txt' }])),
      ...uploader.add([fromFolder]),
    ]
    expect([a, b, c].map((id) => uploader.$item(id).get()?.relativePath)).toEqual([undefined, 'x/c.txt', 'folder/d.txt'])
  })

  it('keeps the same file added twice apart', () => {
    const { uploader } = startEngine()
    const file = createTestFile('a', 1)
    expect(new Set(uploader.add([file, file])).size).toBe(2)
  })

  it('tells what the restrictions refuse, and queues the rest', () => {
    const { uploader, server } = startEngine({ restrictions: { maxBytes: 10, minBytes: 1, maxFiles: 3, types: ['image/*', '.pdf'] } })
    const rejected: [string, UploadError['code']][] = []
    uploader.on('rejected', (files) =>
      rejected.push(...files.map(({ file, error }) => [file.name, error.code] as [string, UploadError['code']])),
    )
    uploader.add([
      createTestFile('large.pdf', 11),
      createTestFile('empty.pdf', 0),
      createTestFile('film.mp4', 5, 'video/mp4'),
      createTestFile('a.pdf', 5),
      createTestFile('b', 5, 'image/png'),
    ])
    uploader.add([createTestFile('c.pdf', 5), createTestFile('d.pdf', 5)])
    expect(rejected).toEqual([
      ['large.pdf', 'file_too_large'],
      ['empty.pdf', 'file_too_small'],
      ['film.mp4', 'file_type'],
      ['d.pdf', 'too_many_files'],
    ])
    expect(uploader.items().map(({ name }) => name)).toEqual(['a.pdf', 'b', 'c.pdf'])
    expect(server.calls).toEqual([])
  })

  it('counts ended files no more against the restrictions', async () => {
    const engine = startEngine({ restrictions: { maxFiles: 1 } })
    const [id = ''] = await engine.add([4])
    expect(await engine.add([4])).toEqual([])
    engine.server.say(engine.operation(id), { status: 'completed' })
    expect(await engine.add([4])).toHaveLength(1)
  })

  it('sends priority and metadata along', async () => {
    const files: unknown[] = []
    const { add, item } = startEngine(
      {},
      {
        change: ({ createUploads }) => ({
          createUploads(request, signal) {
            files.push(...request.files)
            return createUploads(request, signal)
          },
        }),
      },
    )
    const [id = ''] = await add([9], { priority: 2, metadata: { album: 7 } })
    expect(item(id)).toMatchObject({ priority: 2, metadata: { album: 7 } })
    expect(files).toMatchObject([{ client_ref: id, attempt: 1, size: 9, metadata: { album: 7 }, prefer: { kind: 'multipart' } }])
  })
})

describe('an unknown id', () => {
  it.each(['pause', 'resume', 'cancel', 'retry', 'remove', 'move', 'setPriority', 'replaceFile'] as const)(
    'given to %s changes nothing, and says so in debug mode',
    async (call) => {
      const notes: (readonly unknown[])[] = []
      const { uploader, add, phases } = startEngine({ debug: true, environment: { debug: (...note) => notes.push(note) } })
      await add([4])
      const calls = {
        pause: () => uploader.pause('nobody'),
        resume: () => uploader.resume('nobody'),
        cancel: () => uploader.cancel('nobody'),
        retry: () => uploader.retry('nobody'),
        remove: () => uploader.remove('nobody'),
        move: () => uploader.move('nobody', 0),
        setPriority: () => uploader.setPriority('nobody', 1),
        replaceFile: () => uploader.replaceFile('nobody', createTestFile('a', 1)),
      }
      calls[call]()
      expect(phases()).toEqual(['uploading'])
      expect(notes).toEqual([[`${call}: there is no item with the id`, 'nobody']])
    },
  )

  it('has no item and no file', () => {
    const { uploader } = startEngine()
    expect(uploader.$item('nobody').get()).toBeUndefined()
    expect(uploader.file('nobody')).toBeUndefined()
  })
})

describe('options', () => {
  it.each<[string, Partial<UploaderOptions>]>([
    ['concurrency', { concurrency: 0 }],
    ['concurrency', { concurrency: 1.5 }],
    ['requestSlots', { requestSlots: -1 }],
    ['partBytes', { partBytes: Number.NaN }],
    ['checksum', { checksum: 'md5' as 'crc32c' }],
    ['multipartFromBytes', { multipartFromBytes: -1 }],
    ['retry.attempts', { retry: { attempts: 0 } }],
    ['retry.baseMs', { retry: { baseMs: Number.NaN } }],
    ['retry.capMs', { retry: { capMs: -1 } }],
    ['processingDeadlineMs', { processingDeadlineMs: -5 }],
    ['jobId', { jobId: '' }],
    ['jobId', { jobId: 'x'.repeat(201) }],
    ['backend', { backend: undefined as never }],
  ])('that cannot be meant are refused with a sentence (%s)', (name, options) => {
    const make = () => createUploader({ backend: createMemoryServer().backend, environment: createTestEnvironment(), ...options })
    expect(make).toThrow(expect.objectContaining({ name: 'UploadError', code: 'validation', message: expect.stringContaining(name) }))
  })

  it('may be endless where that makes sense', async () => {
    const { add, world, server, operation, item } = startEngine({ processingDeadlineMs: Infinity, multipartFromBytes: Infinity })
    const [id = ''] = await add([1000])
    expect(world.requests[0]?.body.size).toBe(1000)
    world.requests[0]?.respond(200)
    await world.clock.advance(24 * 3_600_000)
    expect(item(id)).toMatchObject({ phase: 'processing', overdue: false })
    server.say(operation(id), { status: 'completed' })
    expect(item(id).phase).toBe('completed')
  })

  it('given as strategies replace those of the backend', async () => {
    const { add, item, world } = startEngine({
      strategies: [
        {
          kind: 'put',
          async upload(source, _plan, { onProgress }) {
            onProgress(source.size)
            return {}
          },
        },
      ],
    })
    const [id = ''] = await add([4])
    expect(world.requests).toHaveLength(0)
    expect(item(id).phase).toBe('processing')
  })
})

describe('a backend without a server stage', () => {
  it('completes items when their bytes are in storage, and has no connection', async () => {
    const server = createMemoryServer()
    const { add, item, uploader, world } = startEngine({
      backend(context) {
        const { connectSync: _, ...backend } = server.backend(context)
        return { ...backend, complete: async () => undefined }
      },
    })
    const [id = ''] = await add([4])
    world.requests[0]?.respond(200)
    await settle()
    expect(item(id).phase).toBe('completed')
    expect(uploader.$connection.get()).toMatchObject({ status: 'disconnected', transport: 'none' })
    expect(world.clock.pending).toBe(0)
  })
})
