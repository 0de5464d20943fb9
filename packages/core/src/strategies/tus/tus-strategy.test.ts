import { describe, expect, test } from 'vitest'
import { UploadError } from '../../errors.js'
import { apiError, storageError } from '../../http/policy/classify.js'
import type { HeadersOption } from '../../http/policy/headers.js'
import type { TusPlan } from '../../protocol/index.js'
import { settle } from '../../testing/manual-clock.js'
import { createTransfer, type Transfer, type TransferOptions } from '../../testing/transfer.js'
import { createTusStrategy } from './tus-strategy.js'

const ENDPOINT = 'https://tus.test/files/'
const UPLOAD = 'https://tus.test/files/1'
const MIB = 2 ** 20

interface RunOptions extends TransferOptions {
  readonly size?: number
  readonly plan?: Partial<TusPlan>
  readonly headers?: HeadersOption
  readonly strategy?: ReturnType<typeof createTusStrategy>
}

/** An upload that has begun. Says nothing of itself what the server can do, unless the plan does. */
async function start({ size = 10, plan = {}, headers, strategy, ...options }: RunOptions = {}) {
  const transfer = createTransfer(options)
  const tus = strategy ?? createTusStrategy({ refusal: apiError, ...(headers !== undefined && { headers }) })
  const file = new File([new Uint8Array(size)], 'a.bin')
  let outcome: unknown
  const done = tus.upload(file, { kind: 'tus', endpoint: ENDPOINT, extensions: [], ...plan }, transfer.context)
  void done.then(
    (result) => (outcome = { result }),
    (error: unknown) => (outcome = error),
  )
  await settle()
  return { ...transfer, outcome: () => outcome }
}

/** The request that waits, which must be the only one. */
function only({ waiting }: Pick<Transfer, 'waiting'>) {
  const [request, ...more] = waiting()
  if (request === undefined || more.length > 0) throw new Error(`${more.length + (request ? 1 : 0)} requests wait.`)
  return request
}

/** Answers the one request that waits. */
async function answer(run: Pick<Transfer, 'waiting'>, ...args: Parameters<ReturnType<typeof only>['respond']>): Promise<void> {
  only(run).respond(...args)
  await settle()
}

const created = { location: '/files/1' }
const at = (offset: number, length?: number) => ({
  'upload-offset': String(offset),
  ...(length !== undefined && { 'upload-length': String(length) }),
})
const resumed = { checkpoint: { urls: [UPLOAD] } }

describe('a new upload', () => {
  test('is created, then gets its bytes', async () => {
    const run = await start({ plan: { metadata: { filename: 'ä b.bin', empty: '' } } })
    expect(only(run)).toMatchObject({ method: 'POST', url: ENDPOINT, headers: { 'Tus-Resumable': '1.0.0', 'Upload-Length': '10' } })
    expect(only(run).headers?.['Upload-Metadata']).toBe('filename w6QgYi5iaW4=,empty ')
    await answer(run, 201, created)
    expect(only(run)).toMatchObject({ method: 'PATCH', url: UPLOAD, headers: { 'Upload-Offset': '0' } })
    expect(only(run).headers?.['Content-Type']).toBe('application/offset+octet-stream')
    expect(only(run).body.size).toBe(10)
    only(run).progress(4)
    await answer(run, 204, at(10))
    expect(run.outcome()).toEqual({ result: { result: { url: UPLOAD } } })
    expect(run.progress).toEqual([0, 4, 10])
  })

  test('leaves its address as soon as it is known, before a byte has left', async () => {
    const run = await start()
    await answer(run, 201, created)
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
    expect(only(run).method).toBe('PATCH')
  })

  test('without bytes is done when it is created', async () => {
    const run = await start({ size: 0, plan: { extensions: ['creation-with-upload'] } })
    expect(only(run).headers).not.toHaveProperty('Content-Type')
    await answer(run, 201, created)
    expect(run.outcome()).toEqual({ result: { result: { url: UPLOAD } } })
  })

  test('goes chunk by chunk where the plan says so', async () => {
    const run = await start({ plan: { chunk_bytes: 4 } })
    await answer(run, 201, created)
    for (const [start, size] of [
      [0, 4],
      [4, 4],
      [8, 2],
    ] as const) {
      expect(only(run).headers?.['Upload-Offset']).toBe(String(start))
      expect(only(run).body.size).toBe(size)
      await answer(run, 204, at(start + size))
    }
    expect(run.outcome()).toMatchObject({ result: {} })
  })

  test('goes on where the server took only a part of a request', async () => {
    const run = await start()
    await answer(run, 201, created)
    await answer(run, 204, at(3))
    expect(only(run)).toMatchObject({ method: 'PATCH', headers: { 'Upload-Offset': '3' } })
    expect(only(run).body.size).toBe(7)
  })
})

describe('an upload that an earlier run began', () => {
  test('shows no progress before the server has confirmed it', async () => {
    const run = await start(resumed)
    expect(only(run)).toMatchObject({ method: 'HEAD', url: UPLOAD })
    expect(run.progress).toEqual([])
    await answer(run, 200, at(6, 10))
    expect(run.progress).toEqual([6])
  })

  test('sends only what the server does not have', async () => {
    const run = await start(resumed)
    await answer(run, 200, at(6, 10))
    expect(only(run)).toMatchObject({ method: 'PATCH', url: UPLOAD, headers: { 'Upload-Offset': '6' } })
    expect(only(run).body.size).toBe(4)
    await answer(run, 204, at(10))
    expect(run.outcome()).toMatchObject({ result: { result: { url: UPLOAD } } })
  })

  test('is done at once where the server has all of it', async () => {
    const run = await start(resumed)
    await answer(run, 200, at(10, 10))
    expect(run.outcome()).toMatchObject({ result: { result: { url: UPLOAD } } })
    expect(run.progress).toEqual([10])
  })

  test.each([404, 410, 403])('that is gone (%i) begins anew, and its old address is kept until there is a new one', async (status) => {
    const run = await start(resumed)
    await answer(run, status)
    expect(only(run)).toMatchObject({ method: 'POST', url: ENDPOINT })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
    await answer(run, 201, { location: '/files/2' })
    expect(run.saved.value).toEqual({ urls: ['https://tus.test/files/2'] })
    await answer(run, 204, at(10))
    expect(run.outcome()).toMatchObject({ result: { result: { url: 'https://tus.test/files/2' } } })
  })

  test('that was never of this file begins anew', async () => {
    const run = await start(resumed)
    await answer(run, 200, at(6, 11))
    expect(only(run)).toMatchObject({ method: 'POST' })
  })

  test.each([
    [401, 'auth'],
    [409, 'server'],
    [423, 'server'],
    [429, 'throttled'],
    [500, 'server'],
    [503, 'server'],
  ])('is never begun anew because of %i', async (status, code) => {
    const run = await start(resumed)
    await answer(run, status)
    expect(run.outcome()).toMatchObject({ code, status })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
    expect(run.requests).toHaveLength(1)
  })

  test.each([
    ['nothing', {}],
    ['no length', at(4)],
    ['what is no number', { 'upload-offset': '-1', 'upload-length': '10' }],
  ])('is asked for again where the answer says %s', async (_, headers) => {
    const run = await start(resumed)
    await answer(run, 200, headers, '<!doctype html>')
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: true })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
  })

  test.each([null, 'text', {}, { urls: [] }, { urls: [5] }, { urls: ['not a URL'] }, { uploadId: 'u', parts: [] }])(
    'that left %j begins anew',
    async (checkpoint) => {
      expect(only(await start({ checkpoint }))).toMatchObject({ method: 'POST' })
    },
  )
})

describe('an upload that the server created', () => {
  const plan = { upload_url: UPLOAD }

  test('is asked how far it is, and never created', async () => {
    const run = await start({ plan })
    expect(only(run)).toMatchObject({ method: 'HEAD', url: UPLOAD })
    await answer(run, 200, at(0, 10))
    await answer(run, 204, at(10))
    expect(run.outcome()).toMatchObject({ result: { result: { url: UPLOAD } } })
    expect(run.saved.value).toBeUndefined()
  })

  test.each([404, 410])('is not replaced by one of which the server knows nothing (%i)', async (status) => {
    const run = await start({ plan })
    await answer(run, status)
    expect(run.outcome()).toMatchObject({ code: 'rejected', status })
    expect(run.requests).toHaveLength(1)
  })

  test('for another file is refused', async () => {
    const run = await start({ plan })
    await answer(run, 200, at(0, 11))
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: false })
  })
})

describe('offsets', () => {
  async function appending(options: RunOptions = {}) {
    const run = await start({ ...resumed, ...options })
    await answer(run, 200, at(2, 10))
    return run
  }

  test('beyond what was sent are an error, after which nothing that the server said of this upload is believed', async () => {
    const run = await appending({ plan: { chunk_bytes: 4 } })
    await answer(run, 204, at(7))
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: false })
    expect(run.saved.value).toEqual({ urls: [null] })
  })

  test.each([2, 0])('that do not move on (%i) are an error, and the server is asked again', async (offset) => {
    const run = await appending()
    await answer(run, 204, at(offset))
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: true })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
  })

  test('that are hidden are an error', async () => {
    const run = await appending()
    await answer(run, 204)
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', message: expect.stringContaining('Upload-Offset') })
  })

  test.each([
    [409, 'server', true],
    [416, 'server', true],
    [423, 'server', true],
    [460, 'server', true],
    [412, 'rejected', false],
    [413, 'rejected', false],
    [501, 'server', true],
  ] as const)('and a refusal of bytes with %i is %s', async (status, code, retryable) => {
    const run = await appending()
    await answer(run, status, { 'retry-after': '3' })
    expect(run.outcome()).toMatchObject({ name: 'UploadError', code, status, retryable, ...(retryable && { retryAfterMs: 3000 }) })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
  })

  test.each([404, 410])('are of no use where the upload is gone in the middle of it (%i): the next run begins anew', async (status) => {
    const run = await appending()
    await answer(run, status)
    expect(run.outcome()).toMatchObject({ code: 'server', retryable: true })
    expect(only(await start({ checkpoint: run.saved.value }))).toMatchObject({ method: 'HEAD' })
    const given = await start({ plan: { upload_url: UPLOAD } })
    await answer(given, 200, at(2, 10))
    await answer(given, status)
    expect(given.outcome()).toMatchObject({ code: 'rejected', status })
  })

  test('and a lock that the server gave to another request is no fault of the file', async () => {
    const run = await appending()
    await answer(run, 400, {}, 'Request aborted due to lock acquired')
    expect(run.outcome()).toMatchObject({ code: 'server', retryable: true })
  })
})

describe('the creation', () => {
  test.each([
    ['1', UPLOAD],
    ['/files/1', UPLOAD],
    [UPLOAD, UPLOAD],
    ['//storage.test/1', 'https://storage.test/1'],
    ['/a b/../ü', 'https://tus.test/%C3%BC'],
  ])('may name the upload %j', async (location, url) => {
    const run = await start()
    await answer(run, 201, { location })
    expect(only(run)).toMatchObject({ method: 'PATCH', url })
  })

  test.each(['javascript:alert(1)', 'http://tus.test/1', 'blob:https://tus.test/1', 'https://'])(
    'must not name it %j',
    async (location) => {
      const run = await start()
      await answer(run, 201, { location })
      expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: false })
      expect(run.saved.value).toBeUndefined()
    },
  )

  test('that is answered with a page says so', async () => {
    const run = await start()
    await answer(run, 200, { 'content-type': 'text/html; charset=utf-8' }, '<!doctype html>')
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', message: expect.stringContaining('a page'), retryable: false })
  })

  test('without an address says what the server has to do', async () => {
    const run = await start()
    await answer(run, 201)
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', message: expect.stringContaining('Location') })
  })

  test('brings the bytes along where the server can take them', async () => {
    const run = await start({ plan: { extensions: ['creation', 'creation-with-upload'] } })
    expect(only(run)).toMatchObject({ method: 'POST', headers: { 'Content-Type': 'application/offset+octet-stream' } })
    expect(only(run).body.size).toBe(10)
    only(run).progress(5)
    await answer(run, 201, { ...created, ...at(10) })
    expect(run.outcome()).toMatchObject({ result: { result: { url: UPLOAD } } })
    expect(run.saved.value).toEqual({ urls: [UPLOAD] })
    expect(run.requests).toHaveLength(1)
    expect(run.progress).toEqual([0, 5, 10])
  })

  test.each([
    [409, 'rejected'],
    [412, 'rejected'],
    [413, 'rejected'],
    [423, 'server'],
    [403, 'auth'],
  ])('that is refused with %i is %s', async (status, code) => {
    const run = await start()
    await answer(run, status)
    expect(run.outcome()).toMatchObject({ code, status, retryable: code === 'server' })
  })

  test('goes on with the bytes that the server left aside', async () => {
    for (const headers of [created, { ...created, ...at(4) }]) {
      const run = await start({ plan: { extensions: ['creation-with-upload'] } })
      await answer(run, 201, headers)
      expect(only(run)).toMatchObject({ method: 'PATCH', headers: { 'Upload-Offset': String(Number('upload-offset' in headers) * 4) } })
    }
  })

  test('that took the whole file and does not say where it is, is done all the same', async () => {
    const run = await start({ plan: { extensions: ['creation-with-upload'] } })
    await answer(run, 200, at(10))
    expect(run.outcome()).toEqual({ result: {} })
  })

  test('that claims more than it was sent is an error', async () => {
    const run = await start({ plan: { extensions: ['creation-with-upload'] } })
    await answer(run, 201, { ...created, ...at(11) })
    expect(run.outcome()).toMatchObject({ code: 'bad_answer', retryable: false })
  })

  test('takes no bytes along whose loss would cost much: only its answer tells where they are', async () => {
    const run = await start({ size: 2 * MIB + 1, plan: { extensions: ['creation-with-upload'] } })
    expect(only(run).body.size).toBe(0)
    await answer(run, 201, created)
    expect(only(run).body.size).toBe(2 * MIB + 1)
  })
})

describe('what the server can do', () => {
  const unknown = { plan: { extensions: undefined } } as unknown as RunOptions

  test('is asked once, however many uploads begin', async () => {
    const strategy = createTusStrategy({ refusal: apiError })
    const first = await start({ ...unknown, strategy })
    const second = await start({ ...unknown, strategy })
    expect(only(first)).toMatchObject({ method: 'OPTIONS', url: ENDPOINT })
    expect(second.requests).toHaveLength(0)
    await answer(first, 204, { 'tus-extension': 'creation, creation-with-upload' })
    expect(only(first).body.size).toBe(10)
    expect(only(second).body.size).toBe(10)
    expect(only(await start({ ...unknown, strategy })).method).toBe('POST')
  })

  test('is not asked where it does not matter', async () => {
    for (const options of [{ size: 0 }, { size: 3 * MIB }, resumed]) {
      expect(only(await start({ ...unknown, ...options })).method).not.toBe('OPTIONS')
    }
  })

  test('is asked by the next one where the first was stopped', async () => {
    const strategy = createTusStrategy({ refusal: apiError })
    const first = await start({ ...unknown, strategy })
    const second = await start({ ...unknown, strategy })
    first.abort(new Error('stopped'))
    await settle()
    expect(only(second).method).toBe('OPTIONS')
  })

  test('is still asked after those who asked were stopped: that says nothing of the server', async () => {
    const strategy = createTusStrategy({ refusal: apiError })
    for (const reason of ['first', 'second', 'third']) {
      const run = await start({ ...unknown, strategy })
      expect(only(run).method).toBe('OPTIONS')
      run.abort(new Error(reason))
      await settle()
    }
  })

  test('does not hold an upload up where nobody answers, and is not asked for ever', async () => {
    const strategy = createTusStrategy({ refusal: apiError })
    for (const status of [500, 405]) {
      const run = await start({ ...unknown, strategy })
      await answer(run, status)
      expect(only(run)).toMatchObject({ method: 'POST' })
      expect(only(run).body.size).toBe(0)
    }
    expect(only(await start({ ...unknown, strategy })).method).toBe('POST')
  })
})

describe('pieces in parallel', () => {
  const plan = { parallel: 4, extensions: ['concatenation'] }
  const size = 21 * MIB

  test('are refused where the server cannot put them together', async () => {
    const run = await start({ size, slots: 4, plan: { parallel: 4, extensions: ['creation', 'termination'] } })
    expect(only(run)).toMatchObject({ method: 'POST', headers: { 'Upload-Length': String(size) } })
  })

  test('are put together in their order, under the name of the file', async () => {
    const run = await start({ size, slots: 4, plan: { ...plan, metadata: { filename: 'ä' } } })
    const creations = run.waiting()
    expect(creations.map(({ headers }) => headers?.['Upload-Concat'])).toEqual(Array(4).fill('partial'))
    expect(creations.every(({ headers }) => headers?.['Upload-Metadata'] === undefined)).toBe(true)
    for (const [index, creation] of [...creations.entries()].reverse()) creation.respond(201, { location: `piece-${index}` })
    await settle()
    expect(run.saved.value).toEqual({ urls: [0, 1, 2, 3].map((index) => `${ENDPOINT}piece-${index}`) })
    for (const patch of run.waiting()) patch.respond(204, at(patch.body.size))
    await settle()
    expect(only(run)).toMatchObject({ method: 'POST', url: ENDPOINT })
    expect(only(run).body.size).toBe(0)
    expect(only(run).headers).toEqual({
      'Tus-Resumable': '1.0.0',
      'Upload-Concat': `final;${[0, 1, 2, 3].map((index) => `${ENDPOINT}piece-${index}`).join(' ')}`,
      'Upload-Metadata': 'filename w6Q=',
    })
    await answer(run, 201, { location: 'whole' })
    expect(run.outcome()).toEqual({ result: { result: { url: `${ENDPOINT}whole` } } })
    expect(run.progress.at(-1)).toBe(size)
  })

  test('are no more than there are slots, and none is small', async () => {
    expect((await start({ size, slots: 2, plan })).waiting()).toHaveLength(2)
    expect((await start({ size: 11 * MIB, slots: 4, plan })).waiting()).toHaveLength(2)
    expect((await start({ size: 9 * MIB, slots: 4, plan })).waiting()).toHaveLength(1)
  })

  test('are no more than a checkpoint holds', async () => {
    const strategy = createTusStrategy({ refusal: apiError, minPieceBytes: 1 })
    const run = await start({ size: 1000, slots: 500, plan: { ...plan, parallel: 500 }, strategy })
    expect(run.waiting()).toHaveLength(100)
  })

  test('go on one by one: what one has lost the others do not send again', async () => {
    const run = await start({ size, slots: 2, plan, checkpoint: { urls: [UPLOAD, null, 'https://tus.test/files/3'] } })
    expect(run.waiting().map(({ method }) => method)).toEqual(['HEAD', 'POST', 'HEAD'])
    const [first, , third] = run.waiting()
    first?.respond(200, at(7 * MIB, 7 * MIB))
    third?.respond(404)
    await settle()
    expect(run.waiting().map(({ method }) => method)).toEqual(['POST', 'POST'])
    expect(run.progress).toEqual([7 * MIB])
  })

  test('end together: one that failed lets those under way arrive, and begins nothing new', async () => {
    const run = await start({ size, slots: 3, plan: { ...plan, chunk_bytes: MIB } })
    for (const [index, creation] of run.waiting().entries()) creation.respond(201, { location: `${index}` })
    await settle()
    const [first, second, third] = run.waiting()
    const cut = new UploadError('network', 'The connection was lost.')
    first?.reject(cut)
    await settle()
    expect(run.outcome()).toBeUndefined()
    second?.respond(204, at(MIB))
    third?.respond(500)
    await settle()
    expect(run.outcome()).toBe(cut)
    expect(run.waiting()).toHaveLength(0)
  })
})

describe('headers', () => {
  test('are asked for each request, and never have the last word on the protocol', async () => {
    let count = 0
    const run = await start({
      headers: () => ({ authorization: `token ${(count += 1)}`, 'Tus-Resumable': '9' }),
      plan: { headers: { a: 'b' } },
    })
    expect(only(run).headers).toMatchObject({ authorization: 'token 1', a: 'b', 'Tus-Resumable': '1.0.0' })
    await answer(run, 201, created)
    expect(only(run).headers).toMatchObject({ authorization: 'token 2', a: 'b' })
  })

  test('are made fresh once where they have expired, in the middle of the upload', async () => {
    const attempts: number[] = []
    const run = await start({ headers: ({ attempt }) => ({ authorization: String(attempts.push(attempt)) }) })
    await answer(run, 201, created)
    await answer(run, 401)
    expect(only(run)).toMatchObject({ method: 'PATCH', headers: { 'Upload-Offset': '0', authorization: '3' } })
    await answer(run, 401)
    expect(run.outcome()).toMatchObject({ code: 'auth' })
    expect(attempts).toEqual([1, 1, 2])
  })

  test('do not follow a Location to another origin', async () => {
    const asked: string[] = []
    const run = await start({
      headers({ origin }) {
        asked.push(origin)
        return { authorization: 'secret' }
      },
      plan: { headers: { 'x-secret': 'secret' } },
    })
    await answer(run, 201, { location: 'https://elsewhere.test/1' })
    expect(only(run)).toMatchObject({ method: 'PATCH', url: 'https://elsewhere.test/1' })
    expect(JSON.stringify(only(run).headers)).not.toContain('secret')
    expect(asked).toEqual(['https://tus.test'])
    await answer(run, 401)
    expect(run.outcome()).toMatchObject({ code: 'auth' })
    expect(run.requests).toHaveLength(2)
  })

  test('go to the origin that the plan itself names', async () => {
    const run = await start({ plan: { upload_url: 'https://elsewhere.test/1', headers: { token: 't' } } })
    expect(only(run).headers).toMatchObject({ token: 't' })
  })

  test('that a server’s plan brought and that are too old are asked for anew with the plan', async () => {
    const run = await start({ ...resumed, strategy: createTusStrategy({ refusal: storageError }) })
    await answer(run, 200, at(2, 10))
    await answer(run, 403)
    expect(run.outcome()).toMatchObject({ code: 'rejected', retryable: true })
  })
})

describe('an upload that is stopped', () => {
  const reason = new Error('stopped')

  test.each(['POST', 'HEAD', 'PATCH'])('in the middle of a %s leaves no request, and tells the reason', async (method) => {
    const run = await start(method === 'HEAD' ? resumed : {})
    if (method === 'PATCH') await answer(run, 201, created)
    expect(only(run).method).toBe(method)
    run.abort(reason)
    await settle()
    expect(run.outcome()).toBe(reason)
    expect(run.waiting()).toHaveLength(0)
  })

  test('while its credentials are fetched, or another asks for what the server can do, ends at once', async () => {
    const strategy = createTusStrategy({ refusal: apiError, headers: () => new Promise(() => {}) })
    const runs = [
      await start({ strategy, plan: { extensions: undefined } as never }),
      await start({ strategy, plan: { extensions: undefined } as never }),
    ]
    for (const run of runs) {
      run.abort(reason)
      await settle()
      expect(run.outcome()).toBe(reason)
      expect(run.requests).toHaveLength(0)
    }
  })
})

test('a file that cannot be read is told as what it is', async () => {
  const gone = new DOMException('The file is gone.', 'NotReadableError')
  const transfer = createTransfer()
  const source = { name: 'a', size: 10, type: '', slice: () => Promise.reject(gone) }
  const done = createTusStrategy({ refusal: apiError }).upload(
    source,
    { kind: 'tus', endpoint: ENDPOINT, extensions: [] },
    transfer.context,
  )
  const thrown = done.catch((error: unknown) => error)
  await settle()
  await answer(transfer, 201, created)
  expect(await thrown).toBe(gone)
})

describe('a plan of the wire', () => {
  const { readPlan } = createTusStrategy({ refusal: storageError })
  const resolve = (url: string) => new URL(url, 'https://app.test/uploads/').href

  test('gets absolute addresses', () => {
    expect(readPlan?.({ kind: 'tus', endpoint: 'files' }, resolve)).toEqual({ kind: 'tus', endpoint: 'https://app.test/uploads/files' })
    expect(readPlan?.({ kind: 'tus', endpoint: '/files', upload_url: '/files/1', chunk_bytes: null }, resolve)).toEqual({
      kind: 'tus',
      endpoint: 'https://app.test/files',
      upload_url: 'https://app.test/files/1',
    })
  })

  test('keeps what this version does not know', () => {
    const plan = {
      kind: 'tus',
      endpoint: 'https://tus.test/',
      region: 'eu',
      metadata: { filename: '' },
      parallel: 2,
      extensions: [],
      expires_in_s: 9,
    }
    expect(readPlan?.(plan, resolve)).toEqual(plan)
  })

  test.each([
    { endpoint: undefined },
    { endpoint: '' },
    { endpoint: 5 },
    { endpoint: 'x'.repeat(8193) },
    { upload_url: '' },
    { headers: { a: 5 } },
    { headers: [] },
    { metadata: { a: null } },
    { chunk_bytes: 0 },
    { chunk_bytes: 1.5 },
    { parallel: 0 },
    { parallel: Infinity },
    { extensions: 'creation' },
    { extensions: [5] },
    { expires_in_s: 0 },
  ])('with %j is malformed', (field) => {
    expect(readPlan?.({ kind: 'tus', endpoint: '/files', ...field }, resolve)).toBeUndefined()
  })
})
