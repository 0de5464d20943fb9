import { type CreateUploadFile, MAX_PARTS } from '@upload-panel/core/protocol'
import type { Limits } from '../limits.js'

const MIB = 2 ** 20
/** From here on parts are larger: fewer requests for the same file. */
const LARGE_FILE_BYTES = 160 * MIB
const LARGE_PART_BYTES = 16 * MIB

/** How the bytes of a file are to come. "The client's thresholds are a preference, the server's plan decides." */
export function planTransfer(
  { size, prefer }: Pick<CreateUploadFile, 'size' | 'prefer'>,
  limits: Limits,
): { readonly kind: 'put' | 'multipart'; readonly partBytes: number } {
  const wanted = prefer?.kind ?? (size > limits.multipartFromBytes ? 'multipart' : 'put')
  // Nothing cannot be cut in parts.
  if (size === 0 || (wanted === 'put' && size <= limits.maxPutBytes)) return { kind: 'put', partBytes: Math.max(1, size) }
  const preferred = Math.max(prefer?.part_bytes ?? (size >= LARGE_FILE_BYTES ? LARGE_PART_BYTES : 0), limits.minPartBytes)
  const least = Math.ceil(size / MAX_PARTS)
  // Whole MiB where it has to grow: round numbers are easier to follow in a log.
  const partBytes = least <= preferred ? preferred : Math.ceil(least / MIB) * MIB
  return { kind: 'multipart', partBytes: Math.min(partBytes, limits.maxPutBytes) }
}
