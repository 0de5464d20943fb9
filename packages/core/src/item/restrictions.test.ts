import { describe, expect, test } from 'vitest'
import { refusal, type Restrictions } from './restrictions.js'

const MIB = 2 ** 20
const file = { name: 'photo.JPG', size: 5 * MIB, type: 'image/jpeg' }
const codeOf = (restrictions: Restrictions, given: Partial<typeof file> = {}, queued = 0) =>
  refusal({ ...file, ...given }, restrictions, queued)?.code

test('without restrictions everything is accepted, nothing at all included', () => {
  expect(codeOf({})).toBeUndefined()
  expect(codeOf({}, { name: '', size: 0, type: '' }, 10_000)).toBeUndefined()
})

describe('size', () => {
  test.each([
    [5 * MIB, undefined],
    [5 * MIB - 1, undefined],
    [5 * MIB + 1, 'file_too_large'],
  ])('of %d bytes, where 5 MiB is the most: %s', (size, code) => {
    expect(codeOf({ maxBytes: 5 * MIB }, { size })).toBe(code)
  })

  test.each([
    [0, 'file_too_small'],
    [1, undefined],
  ])('of %d bytes, where 1 byte is the least: %s', (size, code) => {
    expect(codeOf({ minBytes: 1 }, { size })).toBe(code)
  })

  test('that nothing may have refuses all but empty files', () => {
    expect(codeOf({ maxBytes: 0 }, { size: 0 })).toBeUndefined()
    expect(codeOf({ maxBytes: 0 }, { size: 1 })).toBe('file_too_large')
  })

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1024, '1 kB'],
    [999_960, '1 MB'],
    [1.5 * MIB, '1.6 MB'],
    [5 * 2 ** 30, '5.4 GB'],
    [2 ** 50, '1125.9 TB'],
  ])('limit of %d bytes is told as %s', (maxBytes, text) => {
    expect(refusal({ ...file, size: Infinity }, { maxBytes }, 0)?.message).toBe(`The file is too large. The largest size is ${text}.`)
  })
})

describe('number', () => {
  test('counts the unfinished before it', () => {
    expect(codeOf({ maxFiles: 2 }, {}, 1)).toBeUndefined()
    expect(codeOf({ maxFiles: 2 }, {}, 2)).toBe('too_many_files')
  })

  test('is told in the right form', () => {
    expect(refusal(file, { maxFiles: 1 }, 1)?.message).toContain('1 file can')
    expect(refusal(file, { maxFiles: 2 }, 2)?.message).toContain('2 files can')
  })
})

describe('type', () => {
  test.each([
    ['image/*', {}, true],
    ['IMAGE/JPEG', {}, true],
    ['.jpg', {}, true],
    [' .jpg ', {}, true],
    ['.jpeg', {}, false],
    ['image/png', {}, false],
    ['image/*', { type: '' }, false],
    ['image/*', { type: 'imagery/x' }, false],
    ['*/*', { type: '' }, true],
    ['*', { type: '' }, true],
    ['.tar.gz', { name: 'a.tar.gz' }, true],
    ['.gz', { name: 'agz' }, false],
    ['text/plain', { type: 'text/plain; charset=utf-8' }, true],
    ['.pdf', { name: 'تقرير.pdf' }, true],
  ])('%j and a file of %j: %s', (accepted, given, isAccepted) => {
    expect(codeOf({ types: [accepted] }, given)).toBe(isAccepted ? undefined : 'file_type')
  })

  test('is right where one of several is', () => {
    expect(codeOf({ types: ['.pdf', 'image/*'] })).toBeUndefined()
  })

  test('is free where nothing is named, empty entries included', () => {
    expect(codeOf({ types: [] })).toBeUndefined()
    expect(codeOf({ types: ['', ' '] })).toBeUndefined()
    expect(codeOf({ types: ['.pdf', ''] }, { type: '' })).toBe('file_type')
  })
})

test('a refusal cannot be retried as it is', () => {
  expect(refusal(file, { maxBytes: 1 }, 0)?.retryable).toBe(false)
})

test.each<[Restrictions, object]>([
  [{ maxBytes: 100 }, { code: 'file_too_large', limit: 100 }],
  [{ minBytes: 1e9 }, { code: 'file_too_small', limit: 1e9 }],
  [{ maxFiles: 0 }, { code: 'too_many_files', limit: 0 }],
  [{ types: ['.pdf ', 'video/*'] }, { code: 'file_type', limit: ['.pdf', 'video/*'] }],
])('a refusal names the limit of %o, so that it can be said in another language', (restrictions, expected) => {
  expect(refusal(file, restrictions, 0)).toMatchObject({ ...expected, translatable: true })
})
