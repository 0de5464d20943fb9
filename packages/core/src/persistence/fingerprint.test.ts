import { describe, expect, test } from 'vitest'
import { contentSample, isSameContent, sha256 } from './fingerprint.js'

const KIB = 1024

function fileWith(size: number, change?: number, lastModified = 1): File {
  const bytes = new Uint8Array(size)
  if (change !== undefined) bytes[change] = 1
  return new File([bytes], 'a', { lastModified })
}

describe('a sample of a file', () => {
  test.each([0, 10, 64 * KIB, 100 * KIB, 400 * KIB])('of %i bytes is the same for the same content', async (size) => {
    expect(await contentSample(fileWith(size), sha256)).toBe(await contentSample(fileWith(size, undefined, 99), sha256))
  })

  test.each([0, 10, 199 * KIB, 200 * KIB, 399 * KIB, 400 * KIB - 1])('is another one where byte %i of 400 KiB is', async (change) => {
    expect(await contentSample(fileWith(400 * KIB, change), sha256)).not.toBe(await contentSample(fileWith(400 * KIB), sha256))
  })

  test('covers every byte of a small file', async () => {
    const samples = await Promise.all(Array.from({ length: 64 }, (_, byte) => contentSample(fileWith(64, byte), sha256)))
    expect(new Set(samples).size).toBe(64)
  })

  test('is absent where the file cannot be read, or the browser makes no digest', async () => {
    expect(await contentSample(fileWith(4), () => Promise.reject(new DOMException('Gone.', 'NotFoundError')))).toBe(undefined)
    expect(await contentSample(fileWith(4), async () => undefined)).toBe(undefined)
  })
})

describe('a file that is chosen again', () => {
  test('is the same by its content, whatever its date', async () => {
    const sample = await contentSample(fileWith(40), sha256)
    expect(await isSameContent(fileWith(40, undefined, 7), { lastModified: 1, sample: sample ?? '' }, sha256)).toBe(true)
    expect(await isSameContent(fileWith(40, 3, 1), { lastModified: 1, sample: sample ?? '' }, sha256)).toBe(false)
  })

  test('is the same by its date, where the content was not looked at', async () => {
    expect(await isSameContent(fileWith(40), { lastModified: 1 }, sha256)).toBe(true)
    expect(await isSameContent(fileWith(40, undefined, 2), { lastModified: 1 }, sha256)).toBe(false)
  })
})
