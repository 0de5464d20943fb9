import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3'
import { type Checksum, parseChecksum } from '@upload-panel/core/protocol'
import { digestOfBytes } from '../checksums.js'
import { countParts, type StorageTarget } from '../object-storage.js'

/**
 * Whether an object has a checksum. S3 is believed where it tells one of that kind: it has hashed the bytes itself. Where it tells none, as
 * other servers do that speak S3, or none of that kind, such as SHA-256 of a whole that came in parts, the object is read once.
 */
export async function objectHasChecksum(
  text: string,
  target: StorageTarget,
  told: HeadObjectCommandOutput,
  read: () => AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const wanted = parseChecksum(text)
  if (wanted === undefined) return false
  if (wanted.parts !== undefined && (wanted.algorithm !== 'sha256' || wanted.parts !== countParts(target))) return false
  const known = toldChecksum(wanted, told)
  const isTold = known !== undefined && known.parts === wanted.parts
  return wanted.digest === (isTold ? known.digest : await digestOfBytes(wanted, read(), target.partBytes))
}

function toldChecksum({ algorithm }: Checksum, { ChecksumCRC32C, ChecksumSHA256 }: HeadObjectCommandOutput): Checksum | undefined {
  return parseChecksum(`${algorithm}:${algorithm === 'crc32c' ? ChecksumCRC32C : ChecksumSHA256}`)
}
