import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../testing/harness.js'
import { writePart } from './write-part.js'

async function* chunksOf(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('writing a part', () => {
  test('puts every byte at its place, whatever the sizes of the chunks', async () => {
    const directory = await temporaryDirectory()
    const path = join(directory.path, 'data')
    const bytes = Buffer.from(Array.from({ length: 2 ** 21 }, (_, index) => (index * 7) % 253))
    const middle = 2 ** 20 + 13
    await writePart(path, { offset: middle, size: bytes.length - middle }, chunksOf(bytes.subarray(middle), 100_003))
    await writePart(path, { offset: 0, size: middle }, chunksOf(bytes.subarray(0, middle), 1021))
    expect((await readFile(path)).equals(bytes)).toBe(true)
    await directory.remove()
  })

  test.skipIf(!existsSync('/dev/full'))('fails where the disk is full', async () => {
    await expect(writePart('/dev/full', { offset: 0, size: 5 }, chunksOf(Buffer.from('hello'), 5))).rejects.toMatchObject({
      code: 'ENOSPC',
    })
  })
})
