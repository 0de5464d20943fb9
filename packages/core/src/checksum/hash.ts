import { ownError } from '../errors.js'
import type { ChecksumAlgorithm } from '../protocol/index.js'
import { combineCrc32c, crc32c, crc32cFromBase64, crc32cToBase64 } from './crc32c.js'

/** Read in one go, bytes: hashing it takes less than a millisecond, so that no frame waits for it. */
const STEP_BYTES = 2 ** 20

/** What a digest was made of. */
export interface HashedPart {
  /** Bytes. */
  readonly size: number
  /** Base64. */
  readonly digest: string
}

/** The digest of a blob, as base64. CRC-32C reads it in steps; SHA-256 takes all of it at once, and hashes it on another thread. */
export async function digestOf(algorithm: ChecksumAlgorithm, blob: Blob, signal: AbortSignal): Promise<string> {
  return algorithm === 'crc32c' ? crc32cToBase64(await crc32cOf(blob, signal)) : sha256(await read(blob))
}

/** The checksum of a whole file out of those of its parts, as `complete` tells it. */
export async function wholeChecksum(algorithm: ChecksumAlgorithm, parts: readonly HashedPart[]): Promise<string> {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return `${algorithm}:${only.digest}`
  if (algorithm === 'crc32c') {
    return `crc32c:${crc32cToBase64(combineCrc32c(parts.map(({ size, digest }) => ({ size, crc: crc32cFromBase64(digest) }))))}`
  }
  // Of the digests: SHA-256 of a whole does not follow from its parts. So S3 does it, too.
  const digests = Uint8Array.from(parts.flatMap(({ digest }) => Array.from(atob(digest), (byte) => byte.charCodeAt(0))))
  return `sha256:${await sha256(digests)}-${parts.length}`
}

async function crc32cOf(blob: Blob, signal: AbortSignal): Promise<number> {
  let crc = 0
  const readFrom = (start: number) => (start < blob.size ? read(blob.slice(start, Math.min(blob.size, start + STEP_BYTES))) : undefined)
  let next = readFrom(0)
  for (let start = 0; next !== undefined; start += STEP_BYTES) {
    const bytes = await next
    signal.throwIfAborted()
    // The disk reads on while we count.
    next = readFrom(start + STEP_BYTES)
    // Nobody waits for it where the next line but one throws.
    next?.catch(() => {})
    crc = crc32c(bytes, crc)
  }
  return crc
}

async function read(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await blob.arrayBuffer())
  if (bytes.length !== blob.size) throw ownError('file_unreadable', 'The file changed while it was read. Choose it again to go on.')
  return bytes
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Absent on pages without https.
  const subtle: SubtleCrypto | undefined = crypto.subtle
  if (subtle === undefined) {
    throw ownError('unsupported_plan', 'The server wants SHA-256 checksums, which browsers make only on pages with https.')
  }
  return btoa(String.fromCharCode(...new Uint8Array(await subtle.digest('SHA-256', bytes))))
}
