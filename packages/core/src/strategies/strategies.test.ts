import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { MultipartPlan, PutPlan } from '../protocol/index.js'
import { createTestFile, settle } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { createTransfer, type Transfer } from '../testing/transfer.js'
import { multipart } from './multipart.js'
import { put } from './put.js'

const PUT: PutPlan = { kind: 'put', url: 'http://s.test/file', method: 'PUT', headers: { 'content-type': 'image/png' }, expires_in_s: 60 }
const MULTIPART: MultipartPlan = { kind: 'multipart', upload_id: 'upload', part_bytes: 4, expires_in_s: 60 }

async function answerAll({ waiting }: Transfer, bytes: (index: number) => number = () => 0): Promise<void> {
  for (let index = 0; waiting().length > 0; index += 1) {
    const request = waiting()[0]
    request?.progress(bytes(index) || request.body.size)
    request?.respond(200, { etag: `"${index}"` })
    await settle()
  }
}

/** What a promise rejects with. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

strategyContract('put', {
  strategy: put,
  refusal: 'rejected',
  takesPages: true,
  open() {
    let stored = new Blob()
    return {
      plan: PUT,
      async answer({ body, onProgress }) {
        if (!(body instanceof Blob)) return answerOf(400)
        onProgress?.(body.size)
        stored = body
        return answerOf(200)
      },
      sha256: () => sha256Of(stored),
    }
  },
})

strategyContract('multipart', {
  strategy: multipart,
  refusal: 'rejected',
  takesPages: true,
  open() {
    const stored = new Map<number, Blob>()
    return {
      plan: MULTIPART,
      async answer({ url, body, onProgress }) {
        if (!(body instanceof Blob)) return answerOf(400)
        onProgress?.(Math.floor(body.size / 2))
        onProgress?.(body.size)
        stored.set(Number(new URL(url).pathname.slice(1)), body)
        return answerOf(200, { etag: `"${url}"` })
      },
      parts: {
        sign: async (numbers) => ({
          parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })),
          expires_in_s: 60,
        }),
        list: async () => [...stored].map(([number, { size }]) => ({ part_number: number, size })),
      },
      sha256: ({ parts = [] }) => sha256Of(new Blob(parts.map(({ part_number: number }) => stored.get(number) ?? new Blob()))),
    }
  },
})

describe('put', () => {
  it('sends the plan’s method, address and headers', async () => {
    const transfer = createTransfer()
    void put.upload(createTestFile('a', 4), PUT, transfer.context)
    await settle()
    expect(transfer.requests[0]).toMatchObject({ method: 'PUT', url: PUT.url, headers: PUT.headers })
  })
})

describe('multipart', () => {
  const upload = (transfer: Transfer, size: number, plan: MultipartPlan = MULTIPART) =>
    multipart.upload(createTestFile('a', size), plan, transfer.context)
  const partOf = (url: string | undefined) => Number(new URL(url ?? '').pathname.slice(1))
  const parts = (transfer: Transfer) => transfer.requests.map(({ url }) => partOf(url))

  it('sends as many parts at once as there are slots, in order, the last one as long as the rest', async () => {
    const transfer = createTransfer({ slots: 3 })
    const done = upload(transfer, 18)
    await settle()
    expect(transfer.waiting().map(({ url, body, place }) => [partOf(url), body.size, place])).toEqual([
      [1, 4, 1],
      [2, 4, 2],
      [3, 4, 3],
    ])
    await answerAll(transfer)
    await done
    expect(transfer.requests.map(({ body }) => body.size)).toEqual([4, 4, 4, 4, 2])
  })

  it('hands on the tags of its parts, in order, and leaves out those that CORS hides', async () => {
    const transfer = createTransfer({ slots: 3 })
    const done = upload(transfer, 12)
    await settle()
    const [first, second, third] = transfer.waiting()
    third?.respond(200, { etag: '"c"' })
    second?.respond(200)
    first?.respond(200, { etag: '"a"' })
    expect(await done).toEqual({ parts: [{ part_number: 1, etag: '"a"' }, { part_number: 2 }, { part_number: 3, etag: '"c"' }] })
  })

  it('asks for URLs in batches, ahead of need, one call at a time', async () => {
    const transfer = createTransfer({ slots: 6 })
    const done = upload(transfer, 4 * 120)
    await settle()
    expect(transfer.signed).toEqual([Array.from({ length: 50 }, (_, index) => index + 1)])
    await answerAll(transfer)
    await done
    expect(transfer.signed.map((numbers) => numbers.length)).toEqual([50, 50, 20])
  })

  it('uses URLs that came with the plan', async () => {
    const transfer = createTransfer()
    const plan = { ...MULTIPART, parts: [1, 2].map((number) => ({ part_number: number, url: `http://s.test/${number}?plan` })) }
    const done = upload(transfer, 8, plan)
    await settle()
    await answerAll(transfer)
    await done
    expect(transfer.signed).toEqual([])
    expect(transfer.requests.map(({ url }) => url)).toEqual(['http://s.test/1?plan', 'http://s.test/2?plan'])
  })

  it('asks anew for URLs that expired before their turn', async () => {
    const transfer = createTransfer({ slots: 1 })
    const done = upload(transfer, 8)
    await settle()
    await transfer.clock.advance(3_595_000)
    transfer.waiting()[0]?.respond(200)
    await settle()
    expect(transfer.signed).toEqual([[1, 2], [2]])
    await answerAll(transfer)
    await done
  })

  it('does not ask for ever where URLs are over as soon as they come', async () => {
    const transfer = createTransfer({
      slots: 1,
      sign: async (numbers) => ({
        parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })),
        expires_in_s: 1e-9,
      }),
    })
    const done = upload(transfer, 8)
    await settle()
    await answerAll(transfer)
    await done
    expect(transfer.signed.length).toBeLessThanOrEqual(6)
  })

  it('signs a part once more that storage refuses with 403; a second time it is not the URL', async () => {
    const transfer = createTransfer({ slots: 1 })
    const done = failureOf(upload(transfer, 4))
    await settle()
    transfer.waiting()[0]?.respond(403)
    await settle()
    expect(transfer.signed).toEqual([[1], [1]])
    expect(transfer.waiting()[0]?.url).toBe('http://s.test/1?2')
    transfer.waiting()[0]?.respond(403)
    expect(await done).toMatchObject({ code: 'rejected', retryable: true, status: 403 })
    expect(transfer.requests).toHaveLength(2)
  })

  it('lets parts in flight arrive when one fails, and starts no more', async () => {
    const transfer = createTransfer({ slots: 3 })
    const done = failureOf(upload(transfer, 40))
    await settle()
    const [first, second, third] = transfer.waiting()
    second?.respond(500)
    await settle()
    first?.respond(200, { etag: '"1"' })
    third?.respond(200, { etag: '"3"' })
    expect(await done).toMatchObject({ code: 'server' })
    expect(transfer.requests).toHaveLength(3)
    expect(transfer.saved.value).toMatchObject({ uploadId: 'upload', parts: [{ part_number: 1 }, { part_number: 3 }] })
  })

  it('never sends a stored part again, whatever its checkpoint believes: the storage’s own list decides', async () => {
    const transfer = createTransfer({
      checkpoint: { uploadId: 'upload', parts: [{ part_number: 2, size: 4 }] },
      // Part 3 was stored although its answer was lost; part 2 was not; part 4 was cut short.
      stored: [
        { part_number: 1, size: 4, etag: '"1"' },
        { part_number: 3, size: 4, etag: '"3"' },
        { part_number: 4, size: 1, etag: '"4"' },
        { part_number: 99, size: 4 },
      ],
    })
    const done = upload(transfer, 18)
    await settle()
    expect(transfer.progress[0]).toBe(8)
    await answerAll(transfer)
    expect((await done).parts?.map((part) => part.etag)).toEqual(['"1"', '"0"', '"3"', '"1"', '"2"'])
    expect(parts(transfer)).toEqual([2, 4, 5])
    expect(transfer.signed).toEqual([[2, 4, 5]])
  })

  it('sends nothing where storage has all', async () => {
    const transfer = createTransfer({ checkpoint: { uploadId: 'upload', parts: [] }, stored: [{ part_number: 1, size: 3, etag: '"1"' }] })
    expect(await upload(transfer, 3)).toEqual({ parts: [{ part_number: 1, etag: '"1"' }] })
    expect(transfer.requests).toHaveLength(0)
    expect(transfer.progress).toEqual([3])
  })

  it.each([
    ['of another upload', { uploadId: 'other', parts: [] }],
    ['that makes no sense', 'garbage'],
    ['that is absent', undefined],
  ])('begins anew with a checkpoint %s', async (_what, checkpoint) => {
    const transfer = createTransfer({ checkpoint, stored: [{ part_number: 1, size: 4 }] })
    const done = upload(transfer, 8)
    await settle()
    await answerAll(transfer)
    await done
    expect(parts(transfer)).toEqual([1, 2])
  })

  it('fails when signing fails, and goes on from its checkpoint the next time', async () => {
    const error = new UploadError('network', 'Cut.')
    const transfer = createTransfer({ sign: () => Promise.reject(error) })
    await expect(upload(transfer, 20)).rejects.toBe(error)
    expect(transfer.signed).toHaveLength(1)
    expect(transfer.saved.value).toEqual({ uploadId: 'upload', parts: [] })
  })

  it('fails where the server did not sign what it was asked for', async () => {
    const transfer = createTransfer({ sign: async () => ({ parts: [], expires_in_s: 60 }) })
    await expect(upload(transfer, 20)).rejects.toMatchObject({ code: 'bad_answer', message: 'The server did not sign part 1.' })
  })

  it('refuses a plan of more parts than storage takes', async () => {
    const transfer = createTransfer()
    await expect(upload(transfer, 10_001, { ...MULTIPART, part_bytes: 1 })).rejects.toMatchObject({ code: 'bad_answer' })
    expect(transfer.signed).toEqual([])
  })

  it('hands on what its source throws, as it is', async () => {
    const transfer = createTransfer()
    const unreadable = new DOMException('gone', 'NotReadableError')
    const source = { name: 'a', size: 8, type: '', slice: () => Promise.reject(unreadable) }
    await expect(multipart.upload(source, MULTIPART, transfer.context)).rejects.toBe(unreadable)
  })
})
