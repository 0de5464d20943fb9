import { describe, expect, it } from 'vitest'
import { crc32c, crc32cToBase64 } from '../checksum/crc32c.js'
import { UploadError } from '../errors.js'
import type { MultipartPlan, SignPartsAnswer, StoredPart } from '../protocol/index.js'
import { createTestFile, settle, type TestFile } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { createTransfer, type Transfer, type TransferOptions } from '../testing/transfer.js'
import { multipart } from './multipart.js'
import type { TransferContext } from './strategy.js'

/** A new one each time: URLs are kept as long as their plan. */
const newPlan = (change: Partial<MultipartPlan> = {}): MultipartPlan => ({
  kind: 'multipart',
  upload_id: 'upload',
  part_bytes: 4,
  expires_in_s: 60,
  ...change,
})
const CUT = new UploadError('network', 'Cut.')

/** What a promise rejects with. */
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const upload = (transfer: Transfer, size: number, plan = newPlan()) => multipart.upload(createTestFile('a', size), plan, transfer.context)
const partOf = (url: string | undefined) => Number(new URL(url ?? '').pathname.slice(1))
const parts = (transfer: Transfer) => transfer.requests.map(({ url }) => partOf(url))

async function answerAll({ waiting }: Transfer): Promise<void> {
  for (let index = 0; waiting().length > 0; index += 1) {
    const request = waiting()[0]
    request?.progress(request.body.size)
    request?.respond(200, { etag: `"${index}"` })
    await settle()
  }
}

/** Runs an upload whose requests are all answered. */
async function run(size: number, options: TransferOptions, plan = newPlan()) {
  const transfer = createTransfer(options)
  const done = upload(transfer, size, plan)
  await settle()
  await answerAll(transfer)
  return { transfer, result: await done }
}

strategyContract('multipart', {
  strategy: multipart,
  refusal: 'rejected',
  takesPages: true,
  open(file) {
    const stored = new Map<number, Blob>()
    return {
      plan: newPlan(),
      async answer({ url, body }) {
        stored.set(partOf(url), body as Blob)
        return answerOf(200, { etag: `"${partOf(url)}"` })
      },
      parts: {
        sign: async (numbers) => ({
          parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })),
          expires_in_s: 60,
        }),
        list: async () => [...stored].map(([number, { size }]) => ({ part_number: number, size })),
      },
      sha256: ({ parts: done = [] }) => sha256Of(new Blob(done.map(({ part_number }) => stored.get(part_number) ?? file))),
    }
  },
})

describe('a file in parts', () => {
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

  it('settles when its last request has, also when it is aborted', async () => {
    const transfer = createTransfer({ slots: 3 })
    let inFlight = 0
    const lingering: TransferContext = {
      ...transfer.context,
      async send(url, make, place) {
        inFlight += 1
        try {
          return await transfer.context.send(url, make, place)
        } finally {
          await Promise.resolve().then(() => Promise.resolve())
          inFlight -= 1
        }
      },
    }
    const reason = new Error('stopped')
    const ended = failureOf(multipart.upload(createTestFile('a', 40), newPlan(), lingering)).then((error) => ({ error, inFlight }))
    await settle()
    transfer.abort(reason)
    expect(await ended).toEqual({ error: reason, inFlight: 0 })
  })

  it('never sends a part again that storage refused for good', async () => {
    const transfer = createTransfer()
    const done = failureOf(upload(transfer, 4))
    await settle()
    transfer.waiting()[0]?.respond(400, {}, '<Error><Code>EntityTooLarge</Code><Message></Message></Error>')
    expect(await done).toMatchObject({ code: 'rejected', retryable: false, remoteCode: 'EntityTooLarge' })
    expect(transfer.requests).toHaveLength(1)
  })

  it('is refused where the plan makes more parts than storage takes', async () => {
    const transfer = createTransfer()
    expect(await failureOf(upload(transfer, 10_001, newPlan({ part_bytes: 1 })))).toMatchObject({ code: 'bad_answer', retryable: false })
    expect(transfer.signed).toEqual([])
  })

  it('that is complete already goes on to `complete`', async () => {
    const transfer = createTransfer({ slots: 2 })
    const done = upload(transfer, 40)
    await settle()
    for (const request of transfer.waiting())
      request.respond(409, {}, JSON.stringify({ status: 409, code: 'upload_complete', detail: 'Complete.' }))
    expect(await done).toEqual({})
    expect(transfer.requests).toHaveLength(2)
  })

  it('hands on what its source throws, as it is', async () => {
    const unreadable = new DOMException('gone', 'NotReadableError')
    const source = { name: 'a', size: 8, type: '', slice: () => Promise.reject(unreadable) }
    expect(await failureOf(multipart.upload(source, newPlan(), createTransfer().context))).toBe(unreadable)
  })

  it('is not completed with fewer bytes than its source promised', async () => {
    const transfer = createTransfer()
    const source = { name: 'a', size: 8, type: '', slice: (start: number) => new Blob([start === 0 ? 'four' : 'two']) }
    const done = failureOf(multipart.upload(source, newPlan(), transfer.context))
    await settle()
    await answerAll(transfer)
    expect(await done).toMatchObject({ code: 'file_unreadable' })
    expect(parts(transfer)).toEqual([1])
  })
})

describe('the ETags of parts', () => {
  it('are handed on as they came, with quotes and without, in order', async () => {
    const transfer = createTransfer({ slots: 2 })
    const done = upload(transfer, 8)
    await settle()
    const [first, second] = transfer.waiting()
    second?.respond(200, { etag: 'b' })
    first?.respond(200, { etag: '"a"' })
    expect(await done).toEqual({
      parts: [
        { part_number: 1, etag: '"a"' },
        { part_number: 2, etag: 'b' },
      ],
    })
  })

  const hidden = async (options: TransferOptions) => {
    const transfer = createTransfer(options)
    const done = upload(transfer, 12)
    // Looked at later than it comes.
    done.catch(() => {})
    await settle()
    const [first, ...others] = transfer.waiting()
    first?.respond(200, { etag: '"a"' })
    for (const request of others) request.respond(200)
    return done
  }

  it('come out of the storage’s list where CORS hides them', async () => {
    const stored = [1, 2, 3].map((number) => ({ part_number: number, size: 4, etag: `"listed ${number}"` }))
    expect((await hidden({ stored })).parts).toEqual([
      { part_number: 1, etag: '"a"' },
      { part_number: 2, etag: '"listed 2"' },
      { part_number: 3, etag: '"listed 3"' },
    ])
  })

  it('are left to the server where CORS hides them and nobody lists them', async () => {
    const without = { parts: [{ part_number: 1, etag: '"a"' }, { part_number: 2 }, { part_number: 3 }] }
    expect(await hidden({ stored: [] })).toEqual(without)
    expect(await hidden({ list: () => Promise.reject(new UploadError('rejected', 'No such route.', { status: 405 })) })).toEqual(without)
    expect(await failureOf(hidden({ list: () => Promise.reject(CUT) }))).toBe(CUT)
  })
})

describe('the URLs of parts', () => {
  it('are asked for in batches before they are needed, each once, by one call at a time', async () => {
    let calls = 0
    const sign = async (numbers: readonly number[]): Promise<SignPartsAnswer> => {
      calls += 1
      expect(calls).toBe(1)
      await Promise.resolve()
      calls -= 1
      return { parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })), expires_in_s: 3600 }
    }
    const transfer = createTransfer({ slots: 6, sign })
    const done = upload(transfer, 4 * 120)
    await settle()
    for (let sent = 0; sent < 120; sent += 1) {
      // Six are in flight, and those that follow them are signed already.
      expect(transfer.signed.flat().length).toBeGreaterThanOrEqual(Math.min(120, sent + 6 + 6))
      expect(transfer.waiting()).toHaveLength(Math.min(6, 120 - sent))
      transfer.waiting()[0]?.respond(200, { etag: '"1"' })
      await settle()
    }
    await done
    expect(transfer.signed.map((numbers) => numbers.length)).toEqual([50, 50, 20])
    expect(new Set(transfer.signed.flat()).size).toBe(120)
  })

  it('that came with the plan are used', async () => {
    const plan = newPlan({ parts: [1, 2].map((number) => ({ part_number: number, url: `http://s.test/${number}?plan` })) })
    const { transfer } = await run(8, {}, plan)
    expect(transfer.signed).toEqual([])
    expect(transfer.requests.map(({ url }) => url)).toEqual(['http://s.test/1?plan', 'http://s.test/2?plan'])
  })

  it('bring headers along that were signed with them', async () => {
    const sign = async (numbers: readonly number[]) => ({
      parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}`, headers: { 'x-amz-part': `${number}` } })),
      expires_in_s: 60,
    })
    const { transfer } = await run(8, { sign })
    expect(transfer.requests.map(({ headers }) => headers)).toEqual([{ 'x-amz-part': '1' }, { 'x-amz-part': '2' }])
  })

  it('are still good after a pause: nothing is signed twice', async () => {
    const plan = newPlan()
    const first = createTransfer({ slots: 2 })
    const paused = failureOf(upload(first, 24, plan))
    await settle()
    first.abort(new Error('paused'))
    await paused
    const { transfer } = await run(24, { checkpoint: first.saved.value }, plan)
    expect(first.signed).toEqual([[1, 2, 3, 4, 5, 6]])
    expect(transfer.signed).toEqual([])
    expect(parts(transfer)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('are asked for anew when they expired before their turn', async () => {
    const transfer = createTransfer({ slots: 1 })
    const done = upload(transfer, 8)
    await settle()
    await transfer.clock.advance(3_595_000)
    transfer.waiting()[0]?.respond(200, { etag: '"1"' })
    await settle()
    expect(transfer.signed).toEqual([[1, 2], [2]])
    await answerAll(transfer)
    await done
  })

  it('are not asked for for ever where they are over as soon as they come', async () => {
    const { transfer } = await run(8, {
      slots: 1,
      sign: async (numbers) => ({
        parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })),
        expires_in_s: 1e-9,
      }),
    })
    expect(transfer.signed.length).toBeLessThanOrEqual(8)
  })

  it('are signed once more where storage refuses with 403; a second time it is not the URL', async () => {
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

  it('of parts that are refused together are signed by one or two calls', async () => {
    const transfer = createTransfer({ slots: 6 })
    const done = upload(transfer, 4 * 6)
    await settle()
    for (const request of transfer.waiting()) request.respond(403)
    await settle()
    expect(
      transfer.signed
        .slice(1)
        .flat()
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6])
    expect(transfer.signed.length).toBeLessThanOrEqual(3)
    await answerAll(transfer)
    await done
  })

  describe('behind a network error, which is all that a page sees of a 403 without CORS headers', () => {
    const afterMs = async (ms: number, expires_in_s = 60) => {
      const transfer = createTransfer({
        slots: 1,
        sign: async (numbers, call) => ({
          parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}?${call}` })),
          expires_in_s,
        }),
      })
      const done = failureOf(upload(transfer, 4))
      await settle()
      transfer.clock.set(transfer.clock.now() + ms)
      transfer.waiting()[0]?.reject(CUT)
      await settle()
      return { transfer, done }
    }

    it('are signed once more where they may have expired', async () => {
      const { transfer, done } = await afterMs(31_000)
      expect(transfer.signed).toEqual([[1], [1]])
      expect(transfer.waiting()[0]?.url).toBe('http://s.test/1?2')
      transfer.waiting()[0]?.reject(CUT)
      expect(await done).toBe(CUT)
      expect(transfer.requests).toHaveLength(2)
    })

    it('are signed once more where the clock was put back by an hour', async () => {
      const { transfer, done } = await afterMs(-3_600_000)
      transfer.waiting()[0]?.respond(200, { etag: '"1"' })
      expect(await done).toBeUndefined()
    })

    it('are not where they are fresh; but the next try has a new one, whatever the clock says', async () => {
      const { transfer, done } = await afterMs(1000)
      expect(await done).toBe(CUT)
      expect(transfer.requests).toHaveLength(1)
      const plan = newPlan()
      const first = createTransfer({ slots: 1 })
      const failed = failureOf(upload(first, 8, plan))
      await settle()
      first.waiting()[0]?.reject(CUT)
      await failed
      expect((await run(8, { checkpoint: first.saved.value }, plan)).transfer.signed).toEqual([[1, 2]])
    })
  })

  it('that a signer does not give are told when a part needs one, not before, and asked for again by the next run', async () => {
    let isDown = false
    const sign = async (numbers: readonly number[]): Promise<SignPartsAnswer> => {
      if (isDown) throw CUT
      return { parts: numbers.map((number) => ({ part_number: number, url: `http://s.test/${number}` })), expires_in_s: 3600 }
    }
    const transfer = createTransfer({ slots: 2, sign })
    const done = failureOf(upload(transfer, 4 * 60))
    await settle()
    isDown = true
    for (let sent = 0; sent < 50; sent += 1) {
      transfer.waiting()[0]?.respond(200, { etag: '"1"' })
      await settle()
    }
    expect(await done).toBe(CUT)
    expect(transfer.requests).toHaveLength(50)
    // The call ahead of need, and one for each of the two that needed a URL: no storm.
    expect(transfer.signed.length).toBeLessThanOrEqual(4)
    expect((transfer.saved.value as { parts: unknown[] }).parts).toHaveLength(50)
  })

  it('that the server did not sign though it was asked are an error', async () => {
    const transfer = createTransfer({ sign: async () => ({ parts: [], expires_in_s: 60 }) })
    expect(await failureOf(upload(transfer, 20))).toMatchObject({ code: 'bad_answer', message: 'The server did not sign part 1.' })
  })
})

describe('what an earlier run left', () => {
  const left = (change: object = {}) => ({ uploadId: 'upload', partBytes: 4, parts: [], isRenewed: false, ...change })

  it('is never sent again, whatever the checkpoint believes: the storage’s own list decides', async () => {
    const transfer = createTransfer({
      checkpoint: left({ parts: [{ part_number: 2, size: 4 }] }),
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

  it('may be all there is to send', async () => {
    const { transfer, result } = await run(3, { checkpoint: left(), stored: [{ part_number: 1, size: 3, etag: '"1"' }] })
    expect(result).toEqual({ parts: [{ part_number: 1, etag: '"1"' }] })
    expect(transfer.requests).toHaveLength(0)
    expect(transfer.progress).toEqual([3])
  })

  it.each([
    ['of another upload', left({ uploadId: 'other' })],
    ['of another cut, where a part may have the right size and the wrong bytes', left({ partBytes: 2 })],
    ['that makes no sense', 'garbage'],
    ['that is absent', undefined],
  ])('does not count with a checkpoint %s', async (_what, checkpoint) => {
    const { transfer } = await run(8, { checkpoint, stored: [{ part_number: 1, size: 4 }] })
    expect(parts(transfer)).toEqual([1, 2])
  })
})

describe('an upload that storage does not know any more', () => {
  const gone = '<Error><Code>NoSuchUpload</Code><Message></Message></Error>'
  const fails = async (options: TransferOptions, plan: MultipartPlan) => {
    const transfer = createTransfer(options)
    const failed = failureOf(upload(transfer, 8, plan))
    await settle()
    for (const request of transfer.waiting()) request.respond(404, {}, gone)
    return { error: await failed, checkpoint: transfer.saved.value }
  }

  it('asks for a new plan, once; a second time something else is wrong', async () => {
    const first = await fails({}, newPlan())
    expect(first.error).toMatchObject({
      code: 'rejected',
      retryable: true,
      status: 404,
      remoteCode: 'NoSuchUpload',
      message: 'Storage does not know this upload any more. It is begun anew.',
    })
    const second = await fails({ checkpoint: first.checkpoint }, newPlan({ upload_id: 'another' }))
    expect(second.error).toMatchObject({ code: 'rejected', retryable: false, status: 404, message: expect.stringContaining('bucket') })
  })

  it('counts as lost anew after a part of the new one was stored', async () => {
    const { checkpoint } = await fails({}, newPlan())
    const { transfer } = await run(4, { checkpoint }, newPlan({ upload_id: 'another' }))
    const again = await fails({ checkpoint: transfer.saved.value }, newPlan({ upload_id: 'a third' }))
    expect(again.error).toMatchObject({ retryable: true })
  })

  it.each([
    ['the list', { list: () => Promise.reject(new UploadError('rejected', 'Unknown.', { status: 404 })) }],
    ['the signer', { sign: () => Promise.reject(new UploadError('rejected', 'Unknown.', { status: 404 })) }],
  ])('may be missed by %s', async (_who, options) => {
    const checkpoint = { uploadId: 'upload', partBytes: 4, parts: [], isRenewed: false }
    expect((await fails({ checkpoint, ...options }, newPlan())).error).toMatchObject({ code: 'rejected', retryable: true, status: 404 })
  })
})

describe('checksums', () => {
  const crcOf = (file: TestFile, start = 0, end = file.size) => crc32cToBase64(crc32c(file.content().subarray(start, end)))
  const plan = (change: Partial<MultipartPlan> = {}) => newPlan({ checksum: { algorithm: 'crc32c' }, ...change })
  const file = createTestFile('a', 10)
  const digests = [crcOf(file, 0, 4), crcOf(file, 4, 8), crcOf(file, 8, 10)]

  async function begin(options: TransferOptions, given = plan(), source: File = file) {
    const transfer = createTransfer(options)
    const done = multipart.upload(source, given, transfer.context)
    done.catch(() => {})
    await expect.poll(() => transfer.waiting().length, { interval: 1 }).toBeGreaterThan(0)
    return { transfer, done }
  }
  const finish = async (transfer: Transfer, isOver: () => boolean) => {
    while (!isOver()) {
      await answerAll(transfer)
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
  const end = async ({ transfer, done }: Awaited<ReturnType<typeof begin>>) => {
    let isOver = false
    const over = done.finally(() => (isOver = true))
    await finish(transfer, () => isOver)
    return over
  }

  it('of each part are told when its URL is asked for, and with `complete`, together with that of the whole', async () => {
    const started = await begin({ slots: 2 })
    const result = await end(started)
    expect(Object.assign({}, ...started.transfer.checksums)).toEqual({ 1: digests[0], 2: digests[1], 3: digests[2] })
    expect(result.parts?.map(({ checksum }) => checksum)).toEqual(digests)
    expect(result.checksum).toBe(`crc32c:${crcOf(file)}`)
  })

  it('are what a URL is signed for: one that was signed without is not used', async () => {
    const ahead = [1, 2, 3].map((number) => ({ part_number: number, url: `http://s.test/${number}?ahead` }))
    const started = await begin({ slots: 2 }, plan({ parts: ahead }))
    await end(started)
    expect(started.transfer.signed.flat().sort((a, b) => a - b)).toEqual([1, 2, 3])
    expect(started.transfer.requests.some(({ url }) => url.endsWith('ahead'))).toBe(false)
  })

  it('by SHA-256 are, of the whole, that of the digests of the parts', async () => {
    const result = await end(await begin({}, plan({ checksum: { algorithm: 'sha256' } })))
    expect(result.checksum).toMatch(/^sha256:[A-Za-z0-9+/]{43}=-3$/)
    expect(result.parts?.[0]?.checksum).toMatch(/^[A-Za-z0-9+/]{43}=$/)
    const one = await end(await begin({}, plan({ checksum: { algorithm: 'sha256' }, part_bytes: 10 })))
    expect(one.checksum).toBe(`sha256:${one.parts?.[0]?.checksum}`)
  })

  it('are not made where nobody asks', async () => {
    const { transfer, result } = await run(10, {})
    expect(transfer.checksums).toEqual([undefined])
    expect(result.checksum).toBeUndefined()
  })

  it('are made of parts that go next while others fly, and of no more: memory holds one', async () => {
    const large = createTestFile('large', 4 * 200)
    let open = 0
    let most = 0
    const slices: number[] = []
    const source = {
      name: 'large',
      size: large.size,
      type: '',
      slice(start: number, stop: number) {
        slices.push(start)
        const read = async () => {
          most = Math.max(most, (open += 1))
          const bytes = await large.slice(start, stop).arrayBuffer()
          open -= 1
          return bytes
        }
        const blob = () => Object.defineProperties(new Blob(), { size: { value: stop - start }, arrayBuffer: { value: read } })
        return Object.defineProperty(blob(), 'slice', { value: blob })
      },
    }
    const transfer = createTransfer({ slots: 3 })
    multipart.upload(source, plan(), transfer.context).catch(() => {})
    await expect.poll(() => transfer.waiting().length, { interval: 1 }).toBe(3)
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(most).toBe(1)
    // Three in flight, the next one, and twelve behind it; nothing of the other hundred and eighty.
    expect(new Set(slices).size).toBeLessThanOrEqual(3 + 1 + 12)
    transfer.abort(new Error('enough'))
  })

  it('that storage does not find in what arrived mean that the part is sent again', async () => {
    const started = await begin({ slots: 1 })
    const problem = JSON.stringify({ status: 400, code: 'checksum_mismatch', detail: 'Damaged.', retryable: true })
    started.transfer.waiting()[0]?.respond(400, {}, problem)
    await expect.poll(() => parts(started.transfer), { interval: 1 }).toEqual([1, 1])
    expect((await end(started)).checksum).toBe(`crc32c:${crcOf(file)}`)
  })

  it.each(['checksum_mismatch', 'BadDigest', 'XAmzContentChecksumMismatch'])(
    'that do not fit twice (%s) let the item wait and try again',
    async (code) => {
      const { transfer, done } = await begin({ slots: 1 })
      for (let time = 1; time <= 2; time += 1) {
        await expect.poll(() => transfer.waiting().length, { interval: 1 }).toBe(1)
        transfer.waiting()[0]?.respond(400, {}, `<Error><Code>${code}</Code><Message></Message></Error>`)
      }
      expect(await failureOf(done)).toMatchObject({ code: 'rejected', retryable: true, remoteCode: code })
      expect(parts(transfer)).toEqual([1, 1])
    },
  )

  it('that do not fit because the file changed are the file’s failure, not the network’s', async () => {
    let content: File = file
    const source = { name: 'a', size: 10, type: '', slice: (start: number, stop: number) => content.slice(start, stop) }
    const transfer = createTransfer({ slots: 1 })
    const done = failureOf(multipart.upload(source, plan(), transfer.context))
    await expect.poll(() => transfer.waiting().length, { interval: 1 }).toBe(1)
    content = createTestFile('changed', 10)
    transfer.waiting()[0]?.respond(400, {}, '<Error><Code>BadDigest</Code><Message></Message></Error>')
    expect(await done).toMatchObject({ code: 'file_unreadable' })
  })

  it('tell stored parts of another file, and are not made again of those that the checkpoint knows', async () => {
    const stored: StoredPart[] = [
      { part_number: 1, size: 4, etag: '"1"', checksum: digests[0] },
      { part_number: 2, size: 4, etag: '"2"', checksum: crcOf(createTestFile('other', 4)) },
      { part_number: 3, size: 2, etag: '"3"' },
    ]
    const read: number[] = []
    const source = {
      name: 'a',
      size: 10,
      type: '',
      slice(start: number, stop: number) {
        read.push(start)
        return file.slice(start, stop)
      },
    }
    const checkpoint = { uploadId: 'upload', partBytes: 4, parts: [{ part_number: 1, size: 4, checksum: digests[0] }], isRenewed: false }
    const transfer = createTransfer({ slots: 1, checkpoint, stored })
    const done = multipart.upload(source, plan(), transfer.context)
    await expect.poll(() => transfer.waiting().length, { interval: 1 }).toBe(1)
    expect(parts(transfer)).toEqual([2])
    const result = await end({ transfer, done })
    expect(result.checksum).toBe(`crc32c:${crcOf(file)}`)
    expect(read).not.toContain(0)
  })
})
