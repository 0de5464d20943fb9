import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { crc32c, crc32cToBase64 } from './crc32c.js'
import { digestOf, wholeChecksum } from './hash.js'

const MIB = 2 ** 20
const bytesOf = (size: number) => Uint8Array.from({ length: size }, (_, index) => (index * 31 + (index >> 8)) & 255)
const sha256 = (...pieces: readonly Uint8Array[]) =>
  pieces.reduce((hash, piece) => hash.update(piece), createHash('sha256')).digest('base64')
const { signal } = new AbortController()

afterEach(() => vi.unstubAllGlobals())

describe('the digest of a blob', () => {
  test.each([0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5])('is that of its bytes, however often it is read (%i bytes)', async (size) => {
    const bytes = bytesOf(size)
    expect(await digestOf('crc32c', new Blob([bytes]), signal)).toBe(crc32cToBase64(crc32c(bytes)))
    expect(await digestOf('sha256', new Blob([bytes]), signal)).toBe(sha256(bytes))
  })

  test('is none where fewer bytes come than the blob had', async () => {
    for (const algorithm of ['crc32c', 'sha256'] as const) {
      const shrunk = () => Object.defineProperty(new Blob(['short']), 'size', { value: 9 })
      const blob = Object.defineProperty(shrunk(), 'slice', { value: shrunk })
      await expect(digestOf(algorithm, blob, signal)).rejects.toMatchObject({ code: 'file_unreadable' })
    }
  })

  test('is not waited for when it is not wanted any more', async () => {
    const reads: number[] = []
    const large = Object.defineProperties(new Blob(), {
      size: { value: 100 * MIB },
      slice: {
        value(start: number) {
          reads.push(start)
          return new Blob([new Uint8Array(MIB)])
        },
      },
    })
    const controller = new AbortController()
    const reason = new Error('stopped')
    const digest = digestOf('crc32c', large, controller.signal)
    controller.abort(reason)
    await expect(digest).rejects.toBe(reason)
    expect(reads.length).toBeLessThan(4)
  })

  test('says why there is none on a page without https', async () => {
    vi.stubGlobal('crypto', {})
    await expect(digestOf('sha256', new Blob(), signal)).rejects.toMatchObject({
      code: 'unsupported_plan',
      message: expect.stringContaining('https'),
    })
  })
})

describe('the checksum of a whole', () => {
  const pieces = [bytesOf(9), bytesOf(4), bytesOf(0)]
  const parts = (digest: (bytes: Uint8Array) => string) => pieces.map((piece) => ({ size: piece.length, digest: digest(piece) }))

  test('is, by CRC-32C, that of all bytes', async () => {
    const all = Buffer.concat(pieces)
    expect(
      await wholeChecksum(
        'crc32c',
        parts((piece) => crc32cToBase64(crc32c(piece))),
      ),
    ).toBe(`crc32c:${crc32cToBase64(crc32c(all))}`)
  })

  test('is, by SHA-256, that of the digests of the parts, and says of how many', async () => {
    const digests = pieces.map((piece) => createHash('sha256').update(piece).digest())
    expect(await wholeChecksum('sha256', parts(sha256))).toBe(`sha256:${sha256(...digests)}-3`)
  })

  test('is that of the part where there is but one', async () => {
    const one = pieces.slice(0, 1)
    expect(await wholeChecksum('sha256', parts(sha256).slice(0, 1))).toBe(`sha256:${sha256(...one)}`)
  })
})
