import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { abortedError, toUploadError, UploadError, type UploadErrorCode } from './errors.js'

describe('an error', () => {
  test('has a sentence for people, a code for programs, and what else is known', () => {
    const cause = new TypeError('Failed to fetch')
    const error = new UploadError('throttled', 'Later.', { status: 429, remoteCode: 'slow_down', retryAfterMs: 5000, cause })
    expect(error).toBeInstanceOf(Error)
    expect(Object.assign({}, error)).toEqual({
      name: 'UploadError',
      code: 'throttled',
      retryable: true,
      status: 429,
      remoteCode: 'slow_down',
      retryAfterMs: 5000,
    })
    expect([error.message, error.cause]).toEqual(['Later.', cause])
  })

  test('says nothing of what is not known', () => {
    expect(Object.keys(new UploadError('network', 'Lost.')).sort()).toEqual(['code', 'name', 'retryable'])
  })

  test.each<[UploadErrorCode, boolean]>([
    ['network', true],
    ['stalled', true],
    ['throttled', true],
    ['server', true],
    ['auth', false],
    ['rejected', false],
    ['bad_answer', false],
    ['file_unreadable', false],
    ['validation', false],
    ['unsupported_plan', false],
  ])('with the code %s can be retried: %s, unless it says otherwise', (code, retryable) => {
    expect(new UploadError(code, '').retryable).toBe(retryable)
    expect(new UploadError(code, '', { retryable: !retryable }).retryable).toBe(!retryable)
  })

  test('that says: stopped, is no failure to repeat', () => {
    expect(abortedError('Stopped.')).toMatchObject({ code: 'aborted', retryable: false, message: 'Stopped.' })
  })
})

describe('whatever was thrown', () => {
  test('is left alone where it is one of ours', () => {
    const error = new UploadError('auth', 'No.')
    expect(toUploadError(error)).toBe(error)
  })

  test.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'a text'],
    [new Error(''), 'Something went wrong.'],
    [{ status: 500 }, 'Something went wrong.'],
    [Object.create(null), 'Something went wrong.'],
    [undefined, 'Something went wrong.'],
    [Symbol('s'), 'Something went wrong.'],
  ])('%o becomes one of ours, with what was thrown as its cause', (thrown, message) => {
    const error = toUploadError(thrown)
    expect(error).toMatchObject({ code: 'bad_answer', message })
    expect(error.cause).toBe(thrown)
  })

  test('has the code that the caller knows', () => {
    expect(toUploadError('x', 'validation').code).toBe('validation')
  })
})

/** All codes: one that is missing here does not compile. */
const CODES: Readonly<Record<UploadErrorCode, true>> = {
  network: true,
  stalled: true,
  throttled: true,
  auth: true,
  server: true,
  rejected: true,
  bad_answer: true,
  file_unreadable: true,
  file_too_large: true,
  file_too_small: true,
  file_type: true,
  too_many_files: true,
  validation: true,
  prepare_failed: true,
  remote_error: true,
  unsupported_plan: true,
  files_not_kept: true,
  not_persisted: true,
  aborted: true,
}

test('every code has a row in docs/errors.md, and every row there is of a code', () => {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('## In the browser'), page.indexOf('## From the server adapter'))
  const told = [...table.matchAll(/^\| (`\w+`(?:, `\w+`)*) \|/gm)].flatMap(([, codes = '']) => codes.replaceAll('`', '').split(', '))
  expect(told.sort()).toEqual(Object.keys(CODES).sort())
})
