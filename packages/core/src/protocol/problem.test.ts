import { describe, expect, test } from 'vitest'
import { parseProblem } from './problem.js'

const problem = { type: 'about:blank', title: 'Too large', status: 413, code: 'file_too_large', detail: 'At most 5 MiB.', retryable: false }

describe('parseProblem', () => {
  test('reads code, detail and whether the same request can succeed later', () => {
    expect(parseProblem(JSON.stringify(problem))).toEqual({ code: 'file_too_large', detail: 'At most 5 MiB.', retryable: false })
  })

  test.each([undefined, null, 7])('takes the title where the detail is %j', (detail) => {
    expect(parseProblem(JSON.stringify({ ...problem, detail }))).toMatchObject({ detail: 'Too large' })
  })

  test('leaves away what it does not say', () => {
    expect(parseProblem('{"code":"x","retryable":"yes","title":7}')).toEqual({ code: 'x' })
  })

  test('cleans and bounds its texts', () => {
    const { code, detail } = parseProblem(JSON.stringify({ code: 'c\u0000'.repeat(500), detail: '\u202Ed'.repeat(5000) })) ?? {}
    expect(code).toBe('c'.repeat(100))
    expect(detail).toBe('d'.repeat(2000))
  })

  test.each([
    '',
    '<html><h1>502 Bad Gateway</h1></html>',
    '<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    'null',
    '[]',
    '"text"',
    '{"error":"no code"}',
    '{"code":7}',
    '{"code":""}',
  ])('knows that %j is no problem document', (body) => {
    expect(parseProblem(body)).toBeUndefined()
  })
})
