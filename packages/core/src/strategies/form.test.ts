import { describe, expect, it } from 'vitest'
import type { FormPlan } from '../protocol/index.js'
import { createTestFile, settle } from '../testing/index.js'
import { answerOf, sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { createTransfer } from '../testing/transfer.js'
import { form, readFormAnswer } from './form.js'

const PLAN: FormPlan = { kind: 'form', url: 'http://s.test/form' }
const SIGNED: FormPlan = { ...PLAN, fields: { key: 'a', policy: 'p', 'x-amz-expires': 60 }, expires_in_s: 60 }

for (const [name, plan, refusal] of [
  ['form', PLAN, 'auth'],
  ['form, to S3 by a POST policy', SIGNED, 'rejected'],
] as const) {
  strategyContract(name, {
    strategy: form,
    refusal,
    takesPages: false,
    open(file) {
      let stored = new Blob()
      return {
        plan,
        async answer({ method, body, onProgress }) {
          if (method !== 'POST' || body === undefined || body instanceof Blob) return answerOf(400)
          const [field, value, fileName] = body.at(-1) ?? []
          if (field !== 'file' || !(value instanceof Blob) || fileName !== file.name || value.type !== file.type) return answerOf(400)
          // The parts of a form have headers, which the network counts.
          onProgress?.(200)
          onProgress?.(value.size + 200)
          stored = value
          return answerOf(201, {}, '{"id":7}')
        },
        sha256: () => sha256Of(stored),
      }
    },
  })
}

describe('a form', () => {
  async function sent(plan: FormPlan) {
    const transfer = createTransfer()
    const done = form.upload(createTestFile('ü.png', 4), plan, transfer.context)
    await settle()
    return { transfer, done, request: transfer.requests[0] }
  }

  it('holds the fields of the plan as text, in their order, and the file as the last one', async () => {
    const { request } = await sent({ ...SIGNED, file_field: 'upload' })
    expect(request?.form?.map(([name, value, fileName]) => [name, value instanceof Blob ? value.size : value, fileName])).toEqual([
      ['key', 'a', undefined],
      ['policy', 'p', undefined],
      ['x-amz-expires', '60', undefined],
      ['upload', 4, 'ü.png'],
    ])
  })

  it('goes by the method, to the address and with the headers of the plan', async () => {
    const plan = { ...PLAN, method: 'PUT', headers: { 'x-token': 't' } } as const
    expect((await sent(plan)).request).toMatchObject({ method: 'PUT', url: PLAN.url, headers: plan.headers })
  })

  it('gives the server time to work before it answers', async () => {
    expect((await sent(PLAN)).request?.answerMs).toBeGreaterThan(4 * 60_000)
  })

  it('has the answer for a result', async () => {
    const { request, done } = await sent(PLAN)
    request?.respond(201, {}, '{"uploadId":"of the server’s own","url":"/a"}')
    expect(await done).toEqual({ result: { uploadId: 'of the server’s own', url: '/a' } })
  })

  it.each([
    ['{"error":{"message":"Too big."}}', 'Too big.'],
    ['{"error":"Too big."}', 'Too big.'],
    ['{"message":"Too big.","errors":{"file":["x"]}}', 'Too big.'],
    ['{"detail":"Too\\u202E big."}', 'Too big.'],
    ['{"statusCode":422,"message":"Too big.","error":"Unprocessable Entity"}', 'Too big.'],
    ['{"message":"文件太大"}', '文件太大'],
    ['{"error":"invalid_file"}', 'The server refused the request (422).'],
    ['{"error":{"message":7}}', 'The server refused the request (422).'],
    ['[]', 'The server refused the request (422).'],
    ['Unprocessable', 'The server refused the request (422).'],
  ])('speaks with the sentence of %s', async (text, message) => {
    const { request, done } = await sent(PLAN)
    request?.respond(422, {}, text)
    await expect(done).rejects.toMatchObject({ code: 'rejected', message, retryable: false, status: 422 })
  })

  const resolve = (url: string) => `http://api.test/${url}`
  const read = (change: object) => form.readPlan?.({ kind: 'form', url: 'take', ...change }, resolve)

  it('is planned by the server, to an address that may be relative', () => {
    expect(read({ fields: null, region: 'eu' })).toEqual({ kind: 'form', url: 'http://api.test/take', region: 'eu' })
  })

  it.each([
    { url: '' },
    { url: 7 },
    { method: 'GET' },
    { file_field: 7 },
    { fields: ['a'] },
    { fields: { a: {} } },
    { headers: { a: 1 } },
    { expires_in_s: 0 },
  ])('is not planned by %j', (change) => {
    expect(read(change)).toBeUndefined()
  })
})

describe('the answer to a form', () => {
  it.each<[string, string | number | undefined, unknown]>([
    ['{"uploadId":"u1","url":"/a"}', 'u1', { uploadId: 'u1', url: '/a' }],
    ['{"upload_id":42}', 42, { upload_id: 42 }],
    ['{"uploadId":{"deep":1}}', undefined, { uploadId: { deep: 1 } }],
    ['{"uploadId":null}', undefined, { uploadId: null }],
    ['{"id":"of what was made, not of work that goes on"}', undefined, { id: 'of what was made, not of work that goes on' }],
    ['["a"]', undefined, ['a']],
    ['true', undefined, true],
    ['', undefined, undefined],
    ['\n', undefined, undefined],
    ['OK', undefined, 'OK'],
    [
      '<?xml version="1.0"?><PostResponse><Key>a</Key></PostResponse>',
      undefined,
      '<?xml version="1.0"?><PostResponse><Key>a</Key></PostResponse>',
    ],
    ['a\u0000b', undefined, 'ab'],
  ])('%j', (text, uploadId, result) => {
    expect(readFormAnswer(answerOf(200, {}, text))).toEqual({ uploadId, result })
  })

  it.each(['text/html', 'Text/HTML; charset=utf-8'])('may be JSON or a word although it calls itself %s', (type) => {
    expect(readFormAnswer(answerOf(200, { 'content-type': type }, '{"uploadId":"u"}'))).toMatchObject({ uploadId: 'u' })
    expect(readFormAnswer(answerOf(200, { 'content-type': type }, 'OK'))).toEqual({ result: 'OK' })
  })

  it.each([
    ['text/html', '<br />\n<b>Warning</b>: move_uploaded_file(): failed'],
    ['', ' <!DOCTYPE html><title>Sign in</title>'],
    ['text/plain', '<html lang="en">'],
  ])('of the type %j is none: %j', (type, text) => {
    expect(() => readFormAnswer(answerOf(200, { 'content-type': type }, text))).toThrow('A page answered')
  })

  it('that is deeper than a message may be is no result', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`
    expect(JSON.stringify(readFormAnswer(answerOf(200, {}, deep)).result ?? '').length).toBeLessThan(3000)
  })
})
