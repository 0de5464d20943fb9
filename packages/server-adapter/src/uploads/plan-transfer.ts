import { type ChecksumAlgorithm, type CreateUploadFile, MAX_SHA256_BYTES, partBytesFor } from '@upload-panel/core/protocol'
import type { Limits } from '../limits.js'
import type { TransferKind, VerifiedChecksums } from '../storage/object-storage.js'

/** How the bytes of a file are to come. "The client's thresholds are a preference, the server's plan decides"; `only` is what storage takes. */
export function planTransfer(
  { size, prefer }: Pick<CreateUploadFile, 'size' | 'prefer'>,
  limits: Limits,
  only?: 'tus' | 'cloudinary',
): { readonly kind: TransferKind; readonly partBytes: number } {
  if (only !== undefined) return { kind: only, partBytes: Math.max(1, size) }
  const wanted = prefer?.kind ?? (size > limits.multipartFromBytes ? 'multipart' : 'put')
  // Nothing cannot be cut in parts.
  if (size === 0 || (wanted === 'put' && size <= limits.maxPutBytes)) return { kind: 'put', partBytes: Math.max(1, size) }
  const rule = { least: limits.minPartBytes, most: limits.maxPutBytes }
  return {
    kind: 'multipart',
    partBytes: partBytesFor(size, prefer?.part_bytes === undefined ? rule : { ...rule, wanted: prefer.part_bytes }),
  }
}

/** Which checksums the client is asked for, of requests of this many bytes: those that it wishes for, or storage. */
export function planChecksum(
  prefer: CreateUploadFile['prefer'],
  requestBytes: number,
  { algorithms, asked }: VerifiedChecksums = { algorithms: [] },
): ChecksumAlgorithm | undefined {
  const wish = prefer?.checksum ?? asked
  if (wish === undefined || wish === 'none' || !algorithms.includes(wish)) return undefined
  return wish === 'sha256' && requestBytes > MAX_SHA256_BYTES ? algorithms.find((other) => other === 'crc32c') : wish
}
