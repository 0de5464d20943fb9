import { describe, expect, it } from 'vitest'
import { apiError, storageError } from './classify.js'

const NOW = Date.UTC(2026, 0, 1)
const answer = (status: number, text = '', headers: Readonly<Record<string, string>> = {}) => ({
  status,
  text,
  header: (name: string) => headers[name],
})
const problem = (detail: string, code = 'mine', more = {}) =>
  JSON.stringify({ type: 'about:blank', title: 'No', status: 400, code, detail, ...more })

describe('an API’s error answer', () => {
  it.each([
    [400, 'rejected', false],
    [401, 'auth', false],
    [403, 'auth', false],
    [404, 'rejected', false],
    [408, 'network', true],
    [409, 'rejected', false],
    [413, 'rejected', false],
    [422, 'rejected', false],
    [425, 'network', true],
    [420, 'throttled', true],
    [429, 'throttled', true],
    [500, 'server', true],
    [502, 'server', true],
    [503, 'server', true],
    [507, 'server', true],
    [302, 'rejected', false],
  ])('%i is %s', (status, code, retryable) => {
    expect(apiError(answer(status), NOW)).toMatchObject({ code, retryable, status })
  })

  it.each([401, 403, 422, 429, 500])('%i is told in a sentence that can be translated, unless the server has said one itself', (status) => {
    expect(apiError(answer(status), NOW).translatable).toBe(true)
    expect(apiError(answer(status, problem('Nur montags.')), NOW).translatable).toBeUndefined()
    expect(storageError(answer(status), NOW).translatable).toBe(true)
    expect(storageError(answer(status, problem('Nur montags.')), NOW).translatable).toBeUndefined()
  })

  it('speaks with the problem document’s sentence and code', () => {
    expect(apiError(answer(422, problem('The name is too long.', 'invalid_name')), NOW)).toMatchObject({
      code: 'rejected',
      message: 'The name is too long.',
      remoteCode: 'invalid_name',
    })
  })

  it('can be tried again where the problem document says so', () => {
    expect(apiError(answer(409, problem('Wait.', 'busy', { retryable: true })), NOW).retryable).toBe(true)
  })

  it('has a sentence of its own where a proxy answers with a page', () => {
    const { message } = apiError(answer(502, '<html><h1>Bad Gateway</h1></html>'), NOW)
    expect(message).toBe('The server had a problem (502).')
  })

  it('never asks to sign in for ever: no token is tried again by itself', () => {
    expect(apiError(answer(401, problem('No.', 'x', { retryable: true })), NOW).retryable).toBe(false)
  })
})

describe('Retry-After', () => {
  it.each([
    ['120', 120_000],
    [' 5 ', 5000],
    ['0', 0],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['99999999', 3_600_000],
  ])('%j is %i ms', (value, ms) => {
    expect(apiError(answer(503, '', { 'retry-after': value }), NOW)).toMatchObject({ code: 'throttled', retryAfterMs: ms })
  })

  it('as a date is compared with the server’s clock, where it is seen: ours may be an hour off', () => {
    const headers = { 'retry-after': 'Thu, 01 Jan 2026 01:00:10 GMT', date: 'Thu, 01 Jan 2026 01:00:00 GMT' }
    expect(apiError(answer(503, '', headers), NOW).retryAfterMs).toBe(10_000)
  })

  it('that makes no sense is not there', () => {
    expect(apiError(answer(503, '', { 'retry-after': 'soon' }), NOW).retryAfterMs).toBeUndefined()
  })
})

describe('a storage’s error answer', () => {
  it.each([401, 403])('%i is about the signed URL: a fresh one may help', (status) => {
    expect(storageError(answer(status), NOW)).toMatchObject({ code: 'rejected', retryable: true, status })
  })

  it('speaks with the message of S3’s XML', () => {
    const xml = '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>'
    expect(storageError(answer(503, xml, { 'retry-after': '1' }), NOW)).toMatchObject({
      code: 'throttled',
      message: 'Please reduce your request rate.',
      retryAfterMs: 1000,
    })
    expect(storageError(answer(403, xml), NOW).message).toBe('Please reduce your request rate.')
  })

  it('speaks with a problem document’s sentence', () => {
    expect(storageError(answer(410, problem('The upload was completed.')), NOW)).toMatchObject({
      code: 'rejected',
      retryable: false,
      message: 'The upload was completed.',
    })
  })

  it('is text, whatever it holds', () => {
    expect(storageError(answer(400, '<Message>a\u0000\u202Eb</Message>'), NOW).message).toBe('ab')
  })
})
