import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export const MIB = 2 ** 20

/** A file on disk that a test hands to the browser. */
export interface TestFile {
  readonly name: string
  readonly path: string
  readonly size: number
  readonly sha256: string
}

/** Writes a file of this size whose bytes are the same in every run and unlike those of another seed. */
export async function writeTestFile(directory: string, name: string, size: number, seed: number): Promise<TestFile> {
  await mkdir(directory, { recursive: true })
  const path = join(directory, name)
  const sha256 = createHash('sha256')
  const file = await open(path, 'w')
  try {
    for (const chunk of content(size, seed)) {
      sha256.update(chunk)
      await file.write(chunk)
    }
  } finally {
    await file.close()
  }
  return { name, path, size, sha256: sha256.digest('hex') }
}

/** Pseudo-random bytes by xorshift32, a mebibyte at a time. */
function* content(size: number, seed: number): Generator<Uint8Array> {
  let state = (seed * 2_654_435_761) >>> 0 || 1
  for (let left = size; left > 0; left -= MIB) {
    const bytes = Math.min(left, MIB)
    const words = new Uint32Array(Math.ceil(bytes / 4))
    for (let index = 0; index < words.length; index += 1) {
      state ^= state << 13
      state ^= state >>> 17
      state ^= state << 5
      words[index] = state
    }
    yield new Uint8Array(words.buffer, 0, bytes)
  }
}

async function sha256Of(path: string): Promise<string> {
  const sha256 = createHash('sha256')
  for await (const chunk of createReadStream(path)) sha256.update(chunk)
  return sha256.digest('hex')
}

/** SHA-256 of every file below a folder. */
export async function hashesBelow(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return Promise.all(entries.filter((entry) => entry.isFile()).map((entry) => sha256Of(join(entry.parentPath, entry.name))))
}
