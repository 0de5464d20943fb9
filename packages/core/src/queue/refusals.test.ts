import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import { startEngine, type Engine } from '../testing/engine.js'
import { settle } from '../testing/index.js'

const network = new UploadError('network', 'Cut.')

/** The longest wait of the backoff passes. */
const next = ({ world }: Engine) => world.clock.advance(30_000)
const partOf = (url: string) => Number(new URL(url).pathname.split('/')[2])

/** Answers every request until nothing more comes. */
async function refuseAll(engine: Engine, id: string, status: number): Promise<void> {
  while (engine.item(id).phase !== 'failed') {
    for (const request of engine.waiting(id)) {
      request.progress(request.body.size)
      request.respond(status)
    }
    await next(engine)
  }
}

describe('a storage that refuses', () => {
  it.each([
    ['one request', 4],
    ['parts', 20],
  ])('for ever with 403 ends the upload by %s, after a bounded number of requests and plans', async (_how, size) => {
    const engine = startEngine({ requestSlots: 2, retry: { attempts: 3 } })
    const [id = ''] = await engine.add([size])
    await refuseAll(engine, id, 403)
    expect(engine.itemIn(id, 'failed')).toMatchObject({ by: 'self', error: { code: 'rejected', status: 403 } })
    // The first bytes that move count as progress; then it is three in a row.
    expect(engine.calls('createUploads').length).toBeLessThanOrEqual(4)
    expect(engine.world.requests.length).toBeLessThanOrEqual(4 * 2 * 2)
    expect(engine.world.clock.pending).toBe(0)
  })

  it('without letting a page read it is asked with a fresh URL where the one that it has may be over', async () => {
    const engine = startEngine({}, { expiresInS: 60 })
    const [id = ''] = await engine.add([4])
    await engine.world.clock.advance(31_000)
    engine.waiting(id)[0]?.fail()
    await next(engine)
    expect(engine.calls('createUploads')).toHaveLength(2)
    expect(engine.item(id)).toMatchObject({ phase: 'uploading', attempt: 1 })
  })

  it('is not suspected where the plan is fresh: the same one is used again', async () => {
    const engine = startEngine({}, { expiresInS: 3600 })
    const [id = ''] = await engine.add([4])
    engine.waiting(id)[0]?.fail()
    await next(engine)
    expect(engine.calls('createUploads')).toHaveLength(1)
    expect(engine.waiting(id)).toHaveLength(1)
  })
})

describe('a signer', () => {
  it('that does not answer stalls no upload for good: it is asked again, as storage would be', async () => {
    const engine = startEngine({ requestSlots: 2, retry: { attempts: 3 } })
    engine.server.failNext('signParts', new UploadError('stalled', 'The server did not answer in time.'), 2)
    const [id = ''] = await engine.add([20])
    expect(engine.itemIn(id, 'waiting')).toMatchObject({ reason: 'backoff', error: { code: 'stalled' } })
    await next(engine)
    expect(engine.waiting(id)).toHaveLength(2)
    expect(engine.calls('signParts')).toHaveLength(3)
  })

  it('that is away for good ends the upload when its attempts are over, and no slot is left behind', async () => {
    const engine = startEngine({ retry: { attempts: 2 } })
    engine.server.failNext('signParts', network, Infinity)
    const [id = ''] = await engine.add([20])
    await next(engine)
    expect(engine.itemIn(id, 'failed').error.code).toBe('network')
    expect(Object.values(engine.uploader.inspect().slots).every(({ used, waiting }) => used + waiting === 0)).toBe(true)
  })
})

describe('`complete`', () => {
  it('that finds parts lost has them sent again, and no others', async () => {
    let isLost = true
    const engine = startEngine(
      { requestSlots: 3 },
      {
        change: ({ complete }) => ({
          complete(id, transfer, signal) {
            if (!isLost) return complete(id, transfer, signal)
            isLost = false
            return Promise.reject(
              new UploadError('rejected', 'Part 2 has not arrived.', { status: 409, remoteCode: 'bytes_missing', retryable: true }),
            )
          },
        }),
      },
    )
    const [id = ''] = await engine.add([12])
    for (const request of engine.waiting(id)) {
      const number = partOf(request.url)
      if (number !== 2) engine.server.storePart(engine.operation(id), { part_number: number, size: request.body.size, etag: `"${number}"` })
      request.respond(200, { etag: `"${number}"` })
    }
    await settle()
    expect(engine.itemIn(id, 'waiting').error.remoteCode).toBe('bytes_missing')
    await next(engine)
    expect(engine.waiting(id).map(({ url }) => partOf(url))).toEqual([2])
    engine.waiting(id)[0]?.respond(200, { etag: '"2"' })
    await settle()
    expect(engine.item(id).phase).toBe('processing')
    expect(engine.world.requests).toHaveLength(4)
  })
})

describe('a file', () => {
  it('that is paused and goes on while it is hashed is sent whole, each part once', async () => {
    const engine = startEngine(
      { requestSlots: 2 },
      {
        change: ({ createUploads }) => ({
          async createUploads(request, signal) {
            const answer = await createUploads(request, signal)
            const operations = answer.operations.map((one) =>
              'plan' in one ? { ...one, plan: { ...one.plan, checksum: { algorithm: 'crc32c' } } } : one,
            )
            return { ...answer, operations }
          },
        }),
      },
    )
    const [id = ''] = await engine.add([30])
    for (let pauses = 0; pauses < 5; pauses += 1) {
      engine.uploader.pause(id)
      await Promise.resolve()
      engine.uploader.resume(id)
      for (let turns = 0; turns < pauses * 7; turns += 1) await Promise.resolve()
    }
    const sent: number[] = []
    while (engine.item(id).phase !== 'processing') {
      await new Promise((resolve) => setTimeout(resolve))
      for (const request of engine.waiting(id)) {
        sent.push(partOf(request.url))
        engine.server.storePart(engine.operation(id), { part_number: partOf(request.url), size: request.body.size, etag: '"a"' })
        request.respond(200, { etag: '"a"' })
      }
      await settle()
    }
    expect(sent.sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect(engine.world.errors).toEqual([])
  })

  it('that changed while it was sent says so, and waits to be chosen again', async () => {
    const changed = new UploadError('file_unreadable', 'The file changed while it was sent. Choose it again to go on.')
    const engine = startEngine({ strategies: [{ kind: 'put', upload: () => Promise.reject(changed) }] })
    const [id = ''] = await engine.add([4])
    await settle()
    expect(engine.itemIn(id, 'waiting')).toMatchObject({ reason: 'file', error: { message: changed.message } })
  })
})
