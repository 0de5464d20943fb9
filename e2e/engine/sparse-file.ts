import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { MIB, type TestFile } from '../support/files.js'

/** Apart from the server's parts, so that parts in a wrong order make another file. */
const MARK_EVERY = 5 * MIB

/** A file that takes next to no room on the disk: empty, but for a number at every fifth mebibyte. `size` is whole mebibytes. */
export async function writeSparseFile(directory: string, name: string, size: number): Promise<TestFile> {
  const path = join(directory, name)
  const sha256 = createHash('sha256')
  const file = await open(path, 'w')
  const block = Buffer.alloc(MIB)
  try {
    for (let position = 0; position < size; position += MIB) {
      const isMarked = position % MARK_EVERY === 0
      block.writeUIntBE(isMarked ? position : 0, 0, 6)
      if (isMarked) await file.write(block, 0, 6, position)
      sha256.update(block)
    }
    await file.truncate(size)
  } finally {
    await file.close()
  }
  return { name, path, size, sha256: sha256.digest('hex') }
}
