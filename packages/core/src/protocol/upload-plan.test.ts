import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSignedPart, isStoredPart, MAX_PARTS, parseUploadPlan } from './upload-plan.js'

const put = { kind: 'put', url: 'storage/a?signature=b', method: 'PUT', headers: { 'content-type': 'text/plain' }, expires_in_s: 900 }
const multipart = { kind: 'multipart', upload_id: 'u', part_bytes: 5, expires_in_s: 900, parts: [{ part_number: 1, url: '/1' }] }

describe('a plan', () => {
  test.each([put, multipart])('of the kind $kind is read', (plan) => {
    expect(parseUploadPlan(plan)).toEqual({ ok: true, value: plan })
  })

  test('keeps what this version does not know', () => {
    expect(parseUploadPlan({ ...put, region: 'eu' })).toMatchObject({ value: { region: 'eu' } })
    expect(parseUploadPlan({ ...multipart, region: 'eu' })).toMatchObject({ value: { region: 'eu' } })
  })

  test.each(['crc32c', 'sha256'])('may ask for checksums by %s', (algorithm) => {
    for (const kind of [put, multipart]) {
      const plan = { ...kind, checksum: { algorithm } }
      expect(parseUploadPlan(plan)).toEqual({ ok: true, value: plan })
    }
  })

  test('may leave away headers and parts, or write null for them', () => {
    expect(parseUploadPlan({ ...put, headers: null })).toEqual({ ok: true, value: { ...put, headers: {} } })
    const { parts: _, ...bare } = multipart
    expect(parseUploadPlan({ ...multipart, parts: null })).toEqual({ ok: true, value: bare })
    expect(parseUploadPlan({ ...multipart, parts: [] })).toEqual({ ok: true, value: bare })
  })

  test('is sent by PUT whatever method it names', () => {
    expect(parseUploadPlan({ ...put, method: 'DELETE' })).toMatchObject({ value: { method: 'PUT' } })
  })

  test('may name its upload at the length that storages choose', () => {
    expect(parseUploadPlan({ ...multipart, upload_id: 'A'.repeat(400) }).ok).toBe(true)
  })

  test.each([
    ['no object', 'put'],
    ['no object', null],
    ['no object', [put]],
    ['no URL', { ...put, url: undefined }],
    ['an empty URL', { ...put, url: '' }],
    ['a URL without end', { ...put, url: 'x'.repeat(8193) }],
    ['headers that are no texts', { ...put, headers: { 'content-length': 5 } }],
    ['headers that are a list', { ...put, headers: [] }],
    ['no time to live', { ...put, expires_in_s: undefined }],
    ['a time to live that is over', { ...put, expires_in_s: 0 }],
    ['a time to live without end', { ...put, expires_in_s: Infinity }],
    ['a time to live as text', { ...put, expires_in_s: '900' }],
    ['no upload', { ...multipart, upload_id: undefined }],
    ['parts without bytes', { ...multipart, part_bytes: 0 }],
    ['parts of broken bytes', { ...multipart, part_bytes: 5.5 }],
    ['parts of no number', { ...multipart, part_bytes: '5' }],
    ['a checksum that nobody knows', { ...multipart, checksum: { algorithm: 'md5' } }],
    ['a checksum that nobody knows', { ...put, checksum: 'crc32c' }],
    ['a part with headers that are no texts', { ...multipart, parts: [{ part_number: 1, url: '/1', headers: { a: 1 } }] }],
    ['one malformed part', { ...multipart, parts: [{ part_number: 1, url: '/1' }, { part_number: 2 }] }],
    ['parts that are no list', { ...multipart, parts: { 0: { part_number: 1, url: '/1' } } }],
    ['more parts than there can be', { ...multipart, parts: Array.from({ length: MAX_PARTS + 1 }, () => ({ part_number: 1, url: '/1' })) }],
  ])('with %s is malformed', (_, plan) => {
    expect(parseUploadPlan(plan)).toMatchObject({ ok: false, reason: expect.any(String) })
  })

  test('of a kind that this version does not know is refused by its name', () => {
    expect(parseUploadPlan({ kind: 'tus', endpoint: '/' })).toEqual({ ok: false, reason: 'plan kind "tus" is unknown' })
    expect(parseUploadPlan({ kind: 'x'.repeat(1000) })).toMatchObject({ reason: `plan kind "${'x'.repeat(40)}" is unknown` })
    expect(parseUploadPlan({})).toEqual({ ok: false, reason: 'plan kind without a name is unknown' })
  })

  test('is read or refused, never thrown', () => {
    const kinds = fc.constantFrom('put', 'multipart', 'toString')
    const plans = fc.tuple(fc.dictionary(fc.constantFrom(...Object.keys({ ...put, ...multipart })), fc.anything()), kinds)
    fc.assert(
      fc.property(
        fc.oneof(
          fc.anything(),
          plans.map(([plan, kind]) => ({ ...plan, kind })),
        ),
        (raw) => void parseUploadPlan(raw),
      ),
    )
  })
})

describe('a part', () => {
  test('is signed by a number and a URL', () => {
    expect(isSignedPart({ part_number: 1, url: '/1' })).toBe(true)
    expect(isSignedPart({ part_number: MAX_PARTS, url: '/1' })).toBe(true)
  })

  test.each([
    null,
    {},
    { part_number: 0, url: '/1' },
    { part_number: 1.5, url: '/' },
    { part_number: '1', url: '/' },
    { part_number: MAX_PARTS + 1, url: '/' },
    { part_number: 1, url: '' },
  ])('is not signed by %j', (part) => {
    expect(isSignedPart(part)).toBe(false)
  })

  test('is stored with its size, and an ETag where storage has one', () => {
    expect(isStoredPart({ part_number: 1, size: 0 })).toBe(true)
    expect(isStoredPart({ part_number: 1, size: 5, etag: '"a"' })).toBe(true)
  })

  test.each([
    null,
    [],
    { part_number: 1 },
    { part_number: 1, size: -1 },
    { part_number: 1, size: 1.5 },
    { part_number: 0, size: 1 },
    { part_number: 1, size: 1, etag: 7 },
  ])('is not stored as %j', (part) => {
    expect(isStoredPart(part)).toBe(false)
  })
})
