import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { combineCrc32c, crc32c, crc32cFromBase64, crc32cToBase64 } from './crc32c.js'

const ascii = (text: string) => new TextEncoder().encode(text)

/** By the definition: one bit after another. */
function bitByBit(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe('CRC-32C', () => {
  // RFC 3720 §B.4, and the check value of the catalogue of CRCs.
  test.each([
    ['nothing', new Uint8Array(), 0],
    ['the nine digits', ascii('123456789'), 0xe3069283],
    ['32 bytes of zeroes', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['32 rising bytes', Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd794e],
    ['32 falling bytes', Uint8Array.from({ length: 32 }, (_, index) => 31 - index), 0x113fdb5c],
  ])('of %s is the published one', (_, bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc)
  })

  test('is the definition’s, wherever in a buffer the bytes begin', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 0, max: 7 }), (bytes, offset) => {
        const buffer = new Uint8Array(offset + bytes.length)
        buffer.set(bytes, offset)
        expect(crc32c(buffer.subarray(offset))).toBe(bitByBit(bytes))
      }),
    )
  })

  test('goes on from what was before', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, cut) => {
        expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes))
      }),
    )
  })

  test('of the whole follows from its parts', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 }), (parts) => {
        const whole = Uint8Array.from(parts.flatMap((part) => [...part]))
        expect(combineCrc32c(parts.map((part) => ({ crc: crc32c(part), size: part.length })))).toBe(crc32c(whole))
      }),
    )
  })

  test('of the whole follows from its parts also where sizes have more than 32 bits', () => {
    const half = { crc: 0x12345678, size: 2 ** 33 }
    const quarters = [
      { crc: 0, size: 2 ** 32 },
      { crc: 0, size: 2 ** 32 },
    ]
    // A CRC of zero adds nothing but its length: twice 2^32 shift like once 2^33.
    expect(combineCrc32c([half, ...quarters])).toBe(combineCrc32c([half, { crc: 0, size: 2 ** 33 }]))
    expect(combineCrc32c([half, { crc: 0, size: 2 ** 33 }])).not.toBe(combineCrc32c([half]))
  })

  test('is written as S3 writes it, and read back', () => {
    expect(crc32cToBase64(0xe3069283)).toBe('4waSgw==')
    expect(crc32cToBase64(0)).toBe('AAAAAA==')
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (crc) => crc32cFromBase64(crc32cToBase64(crc)) === crc))
  })
})
