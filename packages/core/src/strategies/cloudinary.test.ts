import { describe, expect, it } from 'vitest'
import type { HttpRequest, HttpResponse } from '../http/http-client.js'
import type { CloudinaryPlan } from '../protocol/index.js'
import { createTestFile, settle } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { createTransfer, type TransferOptions } from '../testing/transfer.js'
import { cloudinaryStrategy } from './cloudinary.js'

const PLAN: CloudinaryPlan = {
  kind: 'cloudinary',
  url: 'https://api.cloudinary.test/v1_1/demo/auto/upload',
  fields: { api_key: 'k', timestamp: 1_700_000_000, signature: 's' },
  chunk_bytes: 4,
}

/** Cloudinary in memory. It forgets the chunks of a file that is whole. */
function createStorage() {
  const uploads = new Map<string, Blob>()
  let whole = new Blob()

  function take({ headers = {}, body = [], onProgress }: HttpRequest): HttpResponse {
    if (body instanceof Blob) return answerOf(400)
    const file = body.at(-1)?.[1]
    if (!(file instanceof Blob)) return answerOf(400)
    onProgress?.(file.size + 300)
    const range = headers['content-range']
    if (range === undefined) return finish(file)
    const [, start = 0, end = 0, total = 0] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(range) ?? []).map(Number)
    const id = headers['x-unique-upload-id'] ?? ''
    const before = uploads.get(id) ?? new Blob()
    if (end - start + 1 !== file.size || start > before.size) return refuse('The first chunk has not been received')
    const after = new Blob([before.slice(0, start), file])
    if (end + 1 < total) {
      uploads.set(id, after)
      return answerOf(200, {}, JSON.stringify({ done: false, bytes: after.size }))
    }
    uploads.delete(id)
    return finish(after)
  }

  const finish = (file: Blob) => {
    whole = file
    return answerOf(200, {}, JSON.stringify({ done: true, public_id: 'p', secure_url: 'https://res.cloudinary.test/p', bytes: file.size }))
  }
  const refuse = (message: string) => answerOf(400, {}, JSON.stringify({ error: { message } }))
  return { answer: async (request: HttpRequest) => take(request), sha256: () => sha256Of(whole) }
}

strategyContract('cloudinary', {
  strategy: cloudinaryStrategy,
  refusal: 'rejected',
  takesPages: false,
  forgetsWhole: true,
  open: () => ({ plan: PLAN, ...createStorage() }),
})

describe('cloudinary', () => {
  async function send(size: number, options: TransferOptions = {}, plan: CloudinaryPlan = PLAN) {
    const transfer = createTransfer(options)
    const done = cloudinaryStrategy.upload(createTestFile('a.mov', size, 'video/quicktime'), plan, transfer.context)
    done.catch(() => {})
    await settle()
    const answer = async (json: object, status = 200, headers: Readonly<Record<string, string>> = {}) => {
      transfer.waiting()[0]?.respond(status, headers, JSON.stringify(json))
      await settle()
    }
    return { transfer, done, answer, headers: () => transfer.waiting()[0]?.headers }
  }

  it('sends what fits in a chunk by one request, with the fields of the plan before the file', async () => {
    const { transfer, done, answer } = await send(4)
    expect(transfer.requests[0]).toMatchObject({ method: 'POST', url: PLAN.url, headers: {} })
    expect(
      transfer.requests[0]?.form?.map(([name, value, fileName]) => [name, typeof value === 'string' ? value : value.type, fileName]),
    ).toEqual([
      ['api_key', 'k', undefined],
      ['timestamp', '1700000000', undefined],
      ['signature', 's', undefined],
      ['file', 'video/quicktime', 'a.mov'],
    ])
    await answer({ public_id: 'p', secure_url: 'https://res.cloudinary.test/p' })
    expect(await done).toEqual({ result: { public_id: 'p', secure_url: 'https://res.cloudinary.test/p' } })
  })

  it('sends a larger one in chunks, one after the other, under one id', async () => {
    const { transfer, done, answer, headers } = await send(10)
    const ids = new Set<string | undefined>()
    for (const range of ['bytes 0-3/10', 'bytes 4-7/10', 'bytes 8-9/10']) {
      expect(transfer.waiting()).toHaveLength(1)
      expect(headers()).toMatchObject({ 'content-range': range })
      ids.add(headers()?.['x-unique-upload-id'])
      await answer({ done: range.startsWith('bytes 8'), public_id: 'p' })
    }
    expect(ids.size).toBe(1)
    expect((await done).result).toMatchObject({ public_id: 'p' })
    expect(transfer.progress).toEqual([4, 8, 10])
  })

  it('has another id for each file, and for each new beginning of one', async () => {
    const ids = new Set<string | undefined>()
    for (const [id, later] of [
      ['a', 0],
      ['b', 0],
      ['a', 1000],
    ] as const) {
      const transfer = createTransfer()
      await transfer.clock.advance(later)
      void cloudinaryStrategy.upload(createTestFile('a', 10), PLAN, { ...transfer.context, item: { id, metadata: {} } })
      await settle()
      ids.add(transfer.requests[0]?.headers?.['x-unique-upload-id'])
    }
    expect(ids.size).toBe(3)
  })

  it('sends chunks of 20 MiB unless the plan says otherwise', async () => {
    const { chunk_bytes: _, ...plan } = PLAN
    expect((await send(20 * 2 ** 20, {}, plan)).headers()).toEqual({})
    expect((await send(20 * 2 ** 20 + 1, {}, plan)).headers()).toMatchObject({ 'content-range': 'bytes 0-20971519/20971521' })
  })

  it('goes on after the chunks that Cloudinary has', async () => {
    const { transfer, answer, headers } = await send(10, { checkpoint: { uploadId: 'u', sentBytes: 8 } })
    expect(transfer.progress).toEqual([8])
    expect(headers()).toEqual({ 'x-unique-upload-id': 'u', 'content-range': 'bytes 8-9/10' })
    await answer({ done: true })
    expect(transfer.requests).toHaveLength(1)
  })

  it.each([
    ['that makes no sense', 'x'],
    ['without an id', { sentBytes: 4 }],
    ['of more than the file', { uploadId: 'u', sentBytes: 10 }],
    ['of less than nothing', { uploadId: 'u', sentBytes: -4 }],
    ['of no number', { uploadId: 'u', sentBytes: '4' }],
  ])('begins anew with a checkpoint %s', async (_what, checkpoint) => {
    expect((await send(10, { checkpoint })).headers()).toMatchObject({ 'content-range': 'bytes 0-3/10' })
  })

  it.each([
    ['refuses the next one', { error: { message: 'The first chunk has not been received' } }, 400],
    ['waits for others', { done: false, bytes: 2 }, 200],
    ['takes the last one for the whole file', { done: true, bytes: 2 }, 200],
  ])('begins anew, once and under another id, when Cloudinary has forgotten the chunks: it %s', async (_how, json, status) => {
    const { transfer, done, answer, headers } = await send(10, { checkpoint: { uploadId: 'u', sentBytes: 8 } })
    await answer(json, status)
    expect(headers()).toMatchObject({ 'content-range': 'bytes 0-3/10' })
    expect(headers()?.['x-unique-upload-id']).not.toBe('u')
    expect(transfer.saved.value).toBeUndefined()
    await answer({ error: { message: 'Unsupported video format' } }, 400)
    await expect(done).rejects.toMatchObject({ code: 'rejected', message: 'Unsupported video format', retryable: false })
    expect(transfer.requests).toHaveLength(2)
  })

  it('fails when the chunks of one run do not become a file', async () => {
    const { done, answer } = await send(6)
    await answer({ done: false })
    await answer({ done: false })
    await expect(done).rejects.toMatchObject({ code: 'rejected', retryable: false })
  })

  it.each([
    [400, 'Upload preset not found', 'rejected', false],
    [400, 'Stale request - reported time is 2026-01-01 which is more than 1 hour ago', 'rejected', true],
    [401, 'Invalid Signature x. String to sign - "timestamp=1".', 'rejected', true],
    [420, 'Rate limited', 'throttled', true],
    [500, 'General Error', 'server', true],
  ])('tells Cloudinary’s %i %j', async (status, message, code, retryable) => {
    const { done, answer } = await send(4)
    await answer({ error: { message } }, status)
    await expect(done).rejects.toMatchObject({ code, message, status, retryable })
  })

  it('tells the header X-Cld-Error where the answer has no words', async () => {
    const { done, transfer } = await send(4)
    transfer.waiting()[0]?.respond(400, { 'x-cld-error': 'Invalid image file' }, '')
    await expect(done).rejects.toMatchObject({ message: 'Invalid image file' })
  })

  it.each(['', 'OK', '[]', '"p"'])('takes the answer %j for none', async (text) => {
    const { done, transfer } = await send(4)
    transfer.waiting()[0]?.respond(200, {}, text)
    await expect(done).rejects.toMatchObject({ code: 'bad_answer' })
  })

  it('reads a plan of the wire, and none that cannot be followed', () => {
    const read = (change: object) => cloudinaryStrategy.readPlan?.({ ...PLAN, ...change }, (url) => `${url}?resolved`)
    expect(read({ region: 'eu' })).toEqual({ ...PLAN, url: `${PLAN.url}?resolved`, region: 'eu' })
    for (const wrong of [{ url: '' }, { fields: undefined }, { fields: { a: null } }, { chunk_bytes: 0 }, { expires_in_s: -1 }]) {
      expect(read(wrong)).toBeUndefined()
    }
  })
})
