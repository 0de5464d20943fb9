import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { PutPlan } from '../protocol/index.js'
import { createTestFile, settle } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { createTransfer, type Transfer, type TransferOptions } from '../testing/transfer.js'
import { put } from './put.js'

const PUT: PutPlan = { kind: 'put', url: 'http://s.test/file', method: 'PUT', headers: { 'content-type': 'image/png' }, expires_in_s: 60 }
const ONLY_ONCE: PutPlan = { ...PUT, headers: { 'If-None-Match': '*' } }

strategyContract('put', {
  strategy: put,
  refusal: 'rejected',
  takesPages: true,
  open() {
    let stored = new Blob()
    return {
      plan: { ...PUT },
      async answer({ body }) {
        stored = body as Blob
        return answerOf(200)
      },
      sha256: () => sha256Of(stored),
    }
  },
})

describe('put', () => {
  it('hands a file on as it is: who sends it makes the slice that browsers hold to the file as it was chosen', async () => {
    const transfer = createTransfer()
    const file = createTestFile('a', 4, 'image/png')
    void put.upload(file, PUT, transfer.context)
    await settle()
    expect(transfer.requests[0]?.body).toBe(file)
  })

  it('hands on what storage says, where that is the word on the upload', async () => {
    const update = { operation_id: 'op' }
    for (const completes of [true, false]) {
      const { end } = await run({ ...PUT, completes }, {}, (transfer) =>
        transfer.waiting()[0]?.respond(200, {}, JSON.stringify({ update })),
      )
      expect(end).toEqual(completes ? { result: { update } } : {})
    }
  })

  const failureOf = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    )

  async function run(
    plan: PutPlan,
    options: TransferOptions,
    answer: (transfer: Transfer) => void,
  ): Promise<{ transfer: Transfer; end: unknown }> {
    const transfer = createTransfer(options)
    const end = put.upload(createTestFile('a', 9), plan, transfer.context).catch((error: unknown) => error)
    await settle()
    answer(transfer)
    return { transfer, end: await end }
  }

  it('sends the plan’s method, address and headers', async () => {
    const { transfer, end } = await run(PUT, {}, ({ waiting }) => waiting()[0]?.respond(204))
    expect(transfer.requests[0]).toMatchObject({ method: 'PUT', url: PUT.url, headers: PUT.headers })
    expect(end).toEqual({})
    expect(transfer.saved.value).toBeUndefined()
  })

  it('whose answer was lost is not lost itself: a storage that takes bytes only once has them', async () => {
    const first = await run(ONLY_ONCE, {}, ({ waiting }) => waiting()[0]?.reject(new UploadError('network', 'Cut.')))
    const second = await run(ONLY_ONCE, { checkpoint: first.transfer.saved.value }, ({ waiting }) => waiting()[0]?.respond(412))
    expect(second.end).toEqual({})
    expect(second.transfer.progress.at(-1)).toBe(9)
  })

  it('that meets someone else’s bytes at its first try fails', async () => {
    expect((await run(ONLY_ONCE, {}, ({ waiting }) => waiting()[0]?.respond(412))).end).toMatchObject({
      code: 'rejected',
      retryable: false,
      status: 412,
    })
    expect((await run(PUT, { checkpoint: 'begun' }, ({ waiting }) => waiting()[0]?.respond(412))).end).toMatchObject({ code: 'rejected' })
  })

  it('to an upload that is complete already goes on to `complete`', async () => {
    const sealed = JSON.stringify({ status: 409, code: 'upload_complete', detail: 'Complete.' })
    expect((await run(PUT, {}, ({ waiting }) => waiting()[0]?.respond(409, {}, sealed))).end).toEqual({})
    expect((await run(PUT, {}, ({ waiting }) => waiting()[0]?.respond(409))).end).toMatchObject({ code: 'rejected', retryable: false })
  })

  it('waits where an earlier request of its own has not ended', async () => {
    const xml = '<Error><Code>ConditionalRequestConflict</Code><Message>Try again.</Message></Error>'
    const { end } = await run(ONLY_ONCE, {}, ({ waiting }) => waiting()[0]?.respond(409, {}, xml))
    expect(end).toMatchObject({ code: 'rejected', retryable: true, remoteCode: 'ConditionalRequestConflict', message: 'Try again.' })
  })

  it.each([
    ['crc32c', 'crc32c:4waSgw=='],
    ['sha256', 'sha256:FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
  ] as const)('hands on the checksum that the plan asks for (%s), made while the bytes go', async (algorithm, checksum) => {
    const transfer = createTransfer()
    const done = put.upload(new File(['123456789'], 'a'), { ...PUT, checksum: { algorithm } }, transfer.context)
    await settle()
    transfer.waiting()[0]?.respond(200)
    expect(await done).toEqual({ checksum })
  })

  it('leaves no request behind where its file cannot be hashed', async () => {
    const transfer = createTransfer()
    const file = createTestFile('a', 9)
    file.lose()
    const ended = failureOf(put.upload(file, { ...PUT, checksum: { algorithm: 'crc32c' } }, transfer.context))
    await new Promise((resolve) => setTimeout(resolve, 5))
    transfer.waiting()[0]?.respond(200)
    expect(await ended).toMatchObject({ name: 'NotFoundError' })
    expect(transfer.waiting()).toHaveLength(0)
  })

  it('sends nothing of a source that has fewer bytes than it promised', async () => {
    const transfer = createTransfer()
    const source = { name: 'a', size: 9, type: '', slice: () => new Blob(['short']) }
    expect(await failureOf(put.upload(source, PUT, transfer.context))).toMatchObject({ code: 'file_unreadable' })
    expect(transfer.requests).toHaveLength(0)
  })
})
