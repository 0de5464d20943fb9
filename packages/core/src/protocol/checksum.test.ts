import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDigest, parseChecksum } from './checksum.js'

const SHA256 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

describe('a checksum', () => {
  test.each([
    ['crc32c:yZRlqg==', { algorithm: 'crc32c', digest: 'yZRlqg==' }],
    [`sha256:${SHA256}`, { algorithm: 'sha256', digest: SHA256 }],
    [`sha256:${SHA256}-10000`, { algorithm: 'sha256', digest: SHA256, parts: 10_000 }],
  ])('%s is read', (text, checksum) => {
    expect(parseChecksum(text)).toEqual(checksum)
  })

  test.each([
    '',
    'yZRlqg==',
    'crc32c:',
    'crc32c:yZRlqg=',
    `crc32c:${SHA256}`,
    'sha256:yZRlqg==',
    'md5:yZRlqg==',
    'crc32c:yZRlqg==-0',
    'crc32c:yZRlqg== ',
    undefined,
    7,
  ])('%j is none', (text) => {
    expect(parseChecksum(text)).toBeUndefined()
  })

  test('is read or not, never thrown', () => {
    fc.assert(fc.property(fc.anything(), (raw) => void parseChecksum(raw)))
  })

  test('of a part is the digest alone', () => {
    expect(isDigest('crc32c', 'yZRlqg==')).toBe(true)
    expect(isDigest('sha256', 'yZRlqg==')).toBe(false)
    expect(isDigest('crc32c', 7)).toBe(false)
  })
})
