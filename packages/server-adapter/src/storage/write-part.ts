import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { constants } from 'node:fs'
import { Refusal } from '../errors.js'
import { isNodeError } from './secret.js'

/** Chunks of a socket are 64 KiB at most; this many bytes go to disk in one call. */
const WRITE_BYTES = 512 * 1024

/**
 * Streams a body into its place in a file, at the pace of the disk, and makes it safe there.
 * Refuses more bytes than `size` (413) and fewer (400). Answers the SHA-256 of what was written.
 */
export async function writePart(
  path: string,
  place: { readonly offset: number; readonly size: number },
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256')
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
    for await (const chunk of chunksOf(body, signal)) {
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
    return hash.digest('hex')
  } catch (error) {
    if (isNodeError(error, 'ENOSPC', 'EDQUOT'))
      throw new Refusal(507, 'storage_full', 'The server has no room left for this file.', { retryable: true, cause: error })
    throw error
  } finally {
    await file.close()
  }
}

export function tooManyBytes(size: number): Refusal {
  return new Refusal(413, 'too_many_bytes', `More bytes came than the ${size} that were announced.`)
}

export function tooFewBytes(received: number, size: number): Refusal {
  return new Refusal(400, 'too_few_bytes', `Only ${received} of ${size} bytes came.`, { retryable: true })
}

/** Parts of one file arrive side by side, so it is never truncated. */
function openForWriting(path: string): Promise<FileHandle> {
  return open(path, constants.O_WRONLY | constants.O_CREAT, 0o600)
}

/** Ends by throwing the signal's reason when aborted; lets go of the body in any case. */
async function* chunksOf(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (body === null) return
  const reader = body.getReader()
  const onAbort = () => void reader.cancel(signal.reason).catch(() => {})
  signal.addEventListener('abort', onAbort)
  try {
    while (true) {
      signal.throwIfAborted()
      const { done, value } = await reader.read()
      signal.throwIfAborted()
      if (done) return
      yield value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Cancelling a body that was read to its end does nothing.
    await reader.cancel().catch(() => {})
  }
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
