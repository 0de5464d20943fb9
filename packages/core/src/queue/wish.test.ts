import { describe, expect, it } from 'vitest'
import type { CreateUploadFile } from '../protocol/index.js'
import { startEngine } from '../testing/engine.js'
import { createTestFile } from '../testing/index.js'
import type { Wish } from './wish.js'
import { announcedChecksum, preferenceFor } from './wish.js'

const MIB = 2 ** 20
const wish = (change: Partial<Wish> = {}): Wish => ({ multipartFromBytes: 5 * MIB, partBytes: 'auto', checksum: 'auto', ...change })

describe('the way in which a file would like to be sent', () => {
  it.each([
    [0, { kind: 'put' }],
    [5 * MIB, { kind: 'put' }],
    [5 * MIB + 1, { kind: 'multipart', part_bytes: 5 * MIB }],
    [160 * MIB, { kind: 'multipart', part_bytes: 16 * MIB }],
    [5 * 2 ** 40, { kind: 'multipart', part_bytes: 525 * MIB }],
  ])('follows from its size (%i)', (size, preference) => {
    expect(preferenceFor(size, wish())).toEqual(preference)
  })

  it('follows the options', () => {
    expect(preferenceFor(9, wish({ multipartFromBytes: 8, partBytes: 4 }))).toEqual({ kind: 'multipart', part_bytes: 4 })
    expect(preferenceFor(9, wish({ checksum: 'crc32c' }))).toEqual({ kind: 'put', checksum: 'crc32c' })
    expect(preferenceFor(9, wish({ checksum: false }))).toEqual({ kind: 'put', checksum: 'none' })
  })
})

describe('a checksum that is announced', () => {
  const file = new File(['123456789'], 'a')
  const announced = (change: Partial<Wish>, of: File = file) => announcedChecksum(of, wish(change), new AbortController().signal)

  it('is that of a file which goes in one request, where the page wants checksums', async () => {
    expect(await announced({ checksum: 'crc32c' })).toBe('crc32c:4waSgw==')
    expect(await announced({ checksum: 'sha256' })).toBe('sha256:FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=')
  })

  it('is not made of large files, nor where nobody wants it, nor of what cannot be read', async () => {
    expect(await announced({ checksum: 'auto' })).toBeUndefined()
    expect(await announced({ checksum: false })).toBeUndefined()
    expect(await announced({ checksum: 'crc32c', multipartFromBytes: 8 })).toBeUndefined()
    const lost = createTestFile('lost', 9)
    lost.lose()
    expect(await announced({ checksum: 'crc32c' }, lost)).toBeUndefined()
    const large = Object.defineProperty(new File([], 'large'), 'size', { value: 17 * MIB })
    expect(await announced({ checksum: 'crc32c', multipartFromBytes: Infinity }, large)).toBeUndefined()
  })

  it('comes with the call that asks for the plan', async () => {
    const asked: CreateUploadFile[] = []
    const { uploader } = startEngine(
      { checksum: 'crc32c' },
      {
        change: ({ createUploads }) => ({
          createUploads(request, signal) {
            asked.push(...request.files)
            return createUploads(request, signal)
          },
        }),
      },
    )
    uploader.add([new File(['12345678'], 'a'), new File(['123456789'], 'b')])
    await expect.poll(() => asked.length).toBe(2)
    expect(asked.map(({ checksum, prefer }) => [checksum, prefer])).toEqual([
      ['crc32c:YIeAmg==', { kind: 'put', checksum: 'crc32c' }],
      [undefined, { kind: 'multipart', part_bytes: 5 * MIB, checksum: 'crc32c' }],
    ])
  })
})
