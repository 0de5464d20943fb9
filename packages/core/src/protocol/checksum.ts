/** Checksums that a client can be asked for. */
export type ChecksumAlgorithm = 'crc32c' | 'sha256'

/** What a plan says of checksums: of each part, and of the whole with `complete`. */
export interface PlannedChecksum {
  readonly algorithm: ChecksumAlgorithm
}

/** Most bytes that are hashed by SHA-256 in one piece: browsers take them only all at once, in memory. */
export const MAX_SHA256_BYTES = 256 * 2 ** 20

const DIGESTS: Readonly<Record<ChecksumAlgorithm, RegExp>> = { crc32c: /^[A-Za-z0-9+/]{6}==$/, sha256: /^[A-Za-z0-9+/]{43}=$/ }
const CHECKSUM = /^(crc32c|sha256):([A-Za-z0-9+/]+=+)(?:-([1-9]\d{0,4}))?$/

export function isChecksumAlgorithm(value: unknown): value is ChecksumAlgorithm {
  return value === 'crc32c' || value === 'sha256'
}

/** Whether a text is a digest of that algorithm: its bytes, as base64. */
export function isDigest(algorithm: ChecksumAlgorithm, value: unknown): value is string {
  return typeof value === 'string' && DIGESTS[algorithm].test(value)
}

/** A checksum that says how it was made. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm
  /** Base64. */
  readonly digest: string
  /** Of how many parts: then it is the digest of the digests of the parts, S3's "composite" checksum. */
  readonly parts?: number
}

/** Reads `crc32c:yZRlqg==`, `sha256:…`, and `sha256:…-3`, which is of three parts. `undefined` where it is none of them. */
export function parseChecksum(text: unknown): Checksum | undefined {
  const [, algorithm, digest, parts] = (typeof text === 'string' && CHECKSUM.exec(text)) || []
  if (!isChecksumAlgorithm(algorithm) || !isDigest(algorithm, digest)) return undefined
  return { algorithm, digest, ...(parts !== undefined && { parts: Number(parts) }) }
}
