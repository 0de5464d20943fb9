import { type FileHandle, open } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { ChecksumAlgorithm } from '@upload-panel/core/protocol'
import { createPartHash, type Digests } from './checksums.js'
import { tooFewBytes, tooManyBytes } from './refusals.js'

/** Chunks of a socket are 64 KiB at most; this many bytes go to disk in one call. */
const WRITE_BYTES = 512 * 1024

/**
 * Streams a body into its place in a file, at the pace of the disk, and makes it safe there.
 * Refuses more bytes than `size` (413) and fewer (400). Answers the digests of what was written.
 */
export async function writePart(
  path: string,
  place: { readonly offset: number; readonly size: number },
  chunks: AsyncIterable<Uint8Array>,
  algorithm?: ChecksumAlgorithm,
): Promise<Digests> {
  const hash = createPartHash(algorithm)
  const file = await openForWriting(path)
  try {
    let received = 0
    let waiting: Uint8Array[] = []
    let waitingBytes = 0
    const flush = async () => {
      await writeAll(file, waiting, place.offset + received - waitingBytes)
      waiting = []
      waitingBytes = 0
    }
    for await (const chunk of chunks) {
      received += chunk.byteLength
      if (received > place.size) throw tooManyBytes(place.size)
      hash.update(chunk)
      waiting.push(chunk)
      waitingBytes += chunk.byteLength
      if (waitingBytes >= WRITE_BYTES) await flush()
    }
    if (received < place.size) throw tooFewBytes(received, place.size)
    await flush()
    await file.datasync()
    return hash.digests()
  } finally {
    await file.close()
  }
}

/** Parts of one file arrive side by side, so it is never truncated. */
function openForWriting(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
}

async function writeAll(file: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let left = chunks.filter((chunk) => chunk.byteLength > 0)
  let at = position
  while (left.length > 0) {
    let { bytesWritten } = await file.writev(left, at)
    at += bytesWritten
    const next: Uint8Array[] = []
    for (const chunk of left) {
      const skipped = Math.min(bytesWritten, chunk.byteLength)
      bytesWritten -= skipped
      if (skipped < chunk.byteLength) next.push(chunk.subarray(skipped))
    }
    left = next
  }
}
