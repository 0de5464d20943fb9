import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { PersistenceFactory, PersistenceHost } from '../persistence/persistence.js'
import { startEngine } from '../testing/engine.js'
import { createTestFile, settle } from '../testing/index.js'

/*
 * Things that happen at the same moment, or inside one another.
 */

describe('a file that is looked at', () => {
  it.each(['retry', 'replaceFile'] as const)('is looked at again where a listener says %s as soon as it was refused', async (what) => {
    const refused: string[] = []
    const engine = startEngine({ restrictions: { validate: ({ name }) => (refused.push(name), refused.length === 1 ? 'No.' : null) } })
    engine.uploader.on('failed', ({ id }) =>
      what === 'retry' ? engine.uploader.retry(id) : engine.uploader.replaceFile(id, createTestFile('other', 3)),
    )
    const [id = ''] = await engine.add([4])
    expect(refused).toHaveLength(2)
    expect(engine.item(id).phase).toBe('uploading')
  })

  it('by validators and then by `prepare`, with many that end at once, goes on', async () => {
    const engine = startEngine({
      requestSlots: 100,
      restrictions: { validate: ({ size }) => (size === 4 ? null : Promise.resolve(null)) },
      prepare: (file) => file,
    })
    await engine.add(Array.from({ length: 60 }, (_, index) => 4 + (index % 3)))
    await settle()
    expect(new Set(engine.phases())).toEqual(new Set(['uploading']))
  })

  it('is asked for where it is not there: validators do not hold up an item of an earlier page', async () => {
    const earlier = startEngine()
    await earlier.add([4])
    const { uploader, world, item } = startEngine({
      backend: earlier.server.backend,
      jobId: earlier.uploader.jobId,
      restrictions: { validate: () => null },
    })
    uploader.$ids.listen(() => {})
    await world.clock.advance(1000)
    const [id = ''] = uploader.$ids.get()
    uploader.retry(id)
    await settle()
    expect(item(id)).toMatchObject({ phase: 'waiting', reason: 'file' })
    uploader.replaceFile(id, createTestFile('file-1', 4))
    await settle()
    expect(item(id).phase).toBe('uploading')
  })
})

describe('a strategy that neither answers nor looks at its signal', () => {
  it('keeps no place when its item is paused', async () => {
    const calls: string[] = []
    const engine = startEngine({
      concurrency: 1,
      strategies: [{ kind: 'put', upload: ({ name }) => (calls.push(name), new Promise(() => {})) }],
    })
    const [first = ''] = await engine.add([4, 4])
    engine.uploader.pause(first)
    await settle()
    expect(calls).toEqual(['file-1', 'file-2'])
    expect(engine.uploader.inspect().running).toBe(1)
  })
})

describe('a request whose headers, or address, the page never tells', () => {
  it('stalls, and leaves its slot to others', async () => {
    const engine = startEngine({
      requestSlots: 1,
      strategies: [
        { kind: 'put', upload: async (_source, _plan, { send }) => (await send('http://s.test/', () => new Promise(() => {})), {}) },
      ],
    })
    const [first = '', second = ''] = await engine.add([4, 4])
    expect(engine.phases()).toEqual(['uploading', 'ready'])
    await engine.world.clock.advance(45_000)
    expect(engine.itemIn(first, 'waiting').error.code).toBe('stalled')
    expect(engine.item(second).phase).toBe('uploading')
  })
})

describe('an answer that comes too late', () => {
  it('cancels nothing where another tab goes on with the item', async () => {
    let host: PersistenceHost | undefined
    const persistence: PersistenceFactory = (given) => ((host = given), { start() {}, forward: () => false, dispose() {} })
    const { uploader, item, calls } = startEngine({ persistence })
    const [id = ''] = uploader.add([createTestFile('a', 4)])
    await Promise.resolve()
    expect(item(id).phase).toBe('preparing')
    host?.mirror([{ ...item(id), mirrored: true }])
    await settle()
    expect(calls('createUploads')).toHaveLength(1)
    expect(calls('cancel')).toEqual([])
  })

  it('is of no use for a file that was replaced meanwhile', async () => {
    let answer = (): void => {}
    const { uploader, server, transport, item, world } = startEngine(
      {},
      {
        change: ({ createUploads }) => ({
          async createUploads(request, signal) {
            const plans = await createUploads(request, signal)
            if (server.words().length === 1) await new Promise<void>((resolve) => (answer = resolve))
            return plans
          },
        }),
      },
    )
    const [id = ''] = uploader.add([createTestFile('a', 4)])
    await settle()
    transport.deliver(server.say('operation-1', { status: 'failed' }))
    uploader.replaceFile(id, createTestFile('b', 7))
    await Promise.resolve()
    expect(item(id)).toMatchObject({ phase: 'preparing', attempt: 2 })
    answer()
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2, operationId: 'operation-2' })
    expect(world.waiting().map(({ url }) => url)).toEqual(['http://storage.test/operation-2'])
  })
})

describe('an answer to "retry" that comes too late', () => {
  it('says nothing of the file that has taken the place of the one it is about', async () => {
    let answer = (): void => {}
    const { uploader, server, transport, item, add, waiting } = startEngine(
      {},
      {
        change: ({ retry }) => ({
          async retry(id, signal) {
            const left = await retry(id, signal)
            await new Promise<void>((resolve) => (answer = resolve))
            return left
          },
        }),
      },
    )
    const [id = ''] = await add([4])
    waiting(id)[0]?.respond(200)
    await settle()
    transport.deliver(server.say('operation-1', { status: 'failed' }))
    uploader.retry(id)
    await settle()
    // It fails once more before the answer is there, and the user takes another file.
    transport.deliver(server.say('operation-1', { status: 'failed' }))
    uploader.replaceFile(id, createTestFile('b', 7))
    await Promise.resolve()
    answer()
    await settle()
    expect(item(id)).toMatchObject({ phase: 'uploading', attempt: 2, operationId: 'operation-2' })
  })
})

describe('hundreds of items', () => {
  /** All of them failed, and what they were left with is answered by hand. */
  async function failedItems(count: number) {
    const answers: (() => void)[] = []
    const engine = startEngine(
      { requestSlots: count, concurrency: count },
      {
        change: ({ retry }) => ({
          async retry(id, signal) {
            await new Promise<void>((resolve) => answers.push(resolve))
            return retry(id, signal)
          },
        }),
      },
    )
    const ids = await engine.add(Array.from({ length: count }, () => 4))
    for (const request of engine.world.waiting()) request.respond(400)
    await settle()
    return { ...engine, ids, answers }
  }

  it('that are retried ask the server a few at a time what is left of each', async () => {
    const { uploader, phases, answers } = await failedItems(300)
    uploader.retry()
    await settle()
    expect(answers).toHaveLength(4)
    for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) {
      answer()
      await settle()
      expect(answers.length).toBeLessThanOrEqual(4)
    }
    expect(new Set(phases())).toEqual(new Set(['uploading']))
  })

  it('that are retried and then cancelled ask no more', async () => {
    const { uploader, answers } = await failedItems(50)
    uploader.retry()
    await settle()
    uploader.cancel()
    for (const answer of answers) answer()
    await settle()
    expect(answers).toHaveLength(4)
  })
})

describe('a retry that the server answers late', () => {
  it('goes on although the word that the attempt before has failed came in between', async () => {
    let answer = () => {}
    const isAnswered = new Promise<void>((resolve) => {
      answer = resolve
    })
    const engine = startEngine({}, { change: ({ retry }) => ({ retry: (...call) => isAnswered.then(() => retry(...call)) }) })
    const [id = ''] = await engine.add([4])
    const first = engine.operation(id)
    engine.server.say(first, { status: 'failed' })
    engine.uploader.retry(id)
    await settle()
    engine.server.say(first, { status: 'failed', message: 'Failed, said once more.' })
    expect(engine.item(id).phase).toBe('failed')
    answer()
    await settle()
    expect(engine.item(id)).toMatchObject({ phase: 'uploading', attempt: 2 })
    expect(engine.operation(id)).not.toBe(first)
  })
})

describe('another file in the place of one whose next attempt the server has begun already', () => {
  it('is one attempt more, when the answer that told so was lost', async () => {
    const engine = startEngine(
      { retry: { attempts: 1 } },
      {
        change: ({ retry }) => ({
          async retry(...call) {
            await retry(...call)
            throw new UploadError('rejected', 'Lost on the way.', { status: 400 })
          },
        }),
      },
    )
    const [id = ''] = await engine.add([4])
    engine.server.say(engine.operation(id), { status: 'failed' })
    engine.uploader.retry(id)
    await settle()
    expect(engine.itemIn(id, 'failed').error.message).toBe('Lost on the way.')
    engine.uploader.replaceFile(id, createTestFile('other', 3))
    await settle()
    expect(engine.item(id)).toMatchObject({ phase: 'uploading', attempt: 3, name: 'other' })
    expect(engine.server.word(engine.operation(id)).file?.name).toBe('other')
  })

  it('fails with the reason of a server that takes no attempt at all, after a bounded number of them', async () => {
    const refusal = { code: 'idempotency_conflict', message: 'Another file.', retryable: false }
    const engine = startEngine(
      {},
      {
        change: () => ({
          createUploads: async ({ job_id = '', files }) => (
            asked.push(...files.map(({ attempt = 1 }) => attempt)),
            { job_id, operations: files.map(({ client_ref }) => ({ client_ref, error: refusal })) }
          ),
        }),
      },
    )
    const asked: number[] = []
    const [id = ''] = await engine.add([4])
    expect(engine.itemIn(id, 'failed').error.remoteCode).toBe('idempotency_conflict')
    expect(asked).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })
})
