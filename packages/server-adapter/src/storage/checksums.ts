import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { combineCrc32c, crc32c, crc32cFromBase64, crc32cToBase64 } from '@upload-panel/core/checksum'
import { type Checksum, type ChecksumAlgorithm, parseChecksum } from '@upload-panel/core/protocol'
import type { WholePart } from './ledger.js'

/** What is known of the bytes of a part, or of a file. */
export interface Digests {
  /** 64 hexadecimal digits. */
  readonly sha256: string
  /** Base64. */
  readonly crc32c?: string
}

/** Hashes bytes as they pass. SHA-256 always, for it names the part; CRC-32C where it will be asked for. */
export function createPartHash(algorithm: ChecksumAlgorithm | undefined) {
  const sha256 = createHash('sha256')
  let crc = 0
  return {
    update(chunk: Uint8Array): void {
      sha256.update(chunk)
      if (algorithm === 'crc32c') crc = crc32c(chunk, crc)
    },
    digests: (): Digests => ({ sha256: sha256.digest('hex'), ...(algorithm === 'crc32c' && { crc32c: crc32cToBase64(crc) }) }),
  }
}

/** The digest of a part by an algorithm, as the wire has it; `undefined` where it was not made. */
export function digestOf(algorithm: ChecksumAlgorithm, part: Digests): string | undefined {
  return algorithm === 'sha256' ? Buffer.from(part.sha256, 'hex').toString('base64') : part.crc32c
}

/** Whether the bytes of a file have a checksum. Reads the file only where its parts do not tell; `parts` are all of them, in order. */
export async function hasChecksum(checksum: string, parts: readonly WholePart[], path: string): Promise<boolean> {
  const wanted = parseChecksum(checksum)
  return wanted !== undefined && wanted.digest === (await actual(wanted, parts, path))
}

async function actual({ algorithm, parts: count }: Checksum, parts: readonly WholePart[], path: string): Promise<string | undefined> {
  if (count !== undefined) return count === parts.length ? composite(algorithm, parts) : undefined
  const [only] = parts
  const told = only !== undefined && parts.length === 1 ? digestOf(algorithm, only) : undefined
  return told ?? fromParts(algorithm, parts) ?? (await digestOfBytes({ algorithm }, createReadStream(path)))
}

/** CRC-32C of a whole follows from that of its parts; SHA-256 does not. */
function fromParts(algorithm: ChecksumAlgorithm, parts: readonly WholePart[]): string | undefined {
  const pieces = parts.flatMap((part) => (part.crc32c === undefined ? [] : [{ crc: crc32cFromBase64(part.crc32c), size: part.size }]))
  return algorithm === 'crc32c' && pieces.length === parts.length ? crc32cToBase64(combineCrc32c(pieces)) : undefined
}

/** S3's checksum of checksums. */
function composite(algorithm: ChecksumAlgorithm, parts: readonly WholePart[]): string | undefined {
  if (algorithm !== 'sha256') return undefined
  const hash = createHash('sha256')
  for (const part of parts) hash.update(Buffer.from(part.sha256, 'hex'))
  return hash.digest('base64')
}

/** Reads bytes to their end for a checksum: of all of them, or of the digests of their parts. Answers the digest, as base64. */
export async function digestOfBytes(
  { algorithm, parts }: Pick<Checksum, 'algorithm' | 'parts'>,
  chunks: AsyncIterable<Uint8Array>,
  partBytes = Infinity,
): Promise<string> {
  if (algorithm === 'crc32c') {
    let crc = 0
    for await (const chunk of chunks) crc = crc32c(chunk, crc)
    return crc32cToBase64(crc)
  }
  const whole = createHash('sha256')
  if (parts === undefined) {
    for await (const chunk of chunks) whole.update(chunk)
    return whole.digest('base64')
  }
  let part = createHash('sha256')
  let left = partBytes
  for await (const chunk of chunks) {
    let rest = chunk
    while (rest.byteLength > 0) {
      // Ended only when another byte comes: the last part may be as long as the others.
      if (left === 0) {
        whole.update(part.digest())
        part = createHash('sha256')
        left = partBytes
      }
      const piece = rest.subarray(0, left)
      part.update(piece)
      left -= piece.byteLength
      rest = rest.subarray(piece.byteLength)
    }
  }
  return whole.update(part.digest()).digest('base64')
}
