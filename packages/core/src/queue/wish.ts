import { loadHashing } from '../checksum/load.js'
import { partBytesFor, type ChecksumAlgorithm, type CreateUploadFile } from '../protocol/index.js'

/** How the page would like its files to be sent; the server's plan decides. */
export interface Wish {
  /** Above it multipart is preferred, in bytes. */
  readonly multipartFromBytes: number
  readonly partBytes: 'auto' | number
  /** `auto`: what the plan asks for. `false`: none. */
  readonly checksum: 'auto' | ChecksumAlgorithm | false
}

/** A file above it, in bytes, is hashed while it is sent: its plan does not wait for that. */
const MAX_ANNOUNCED_BYTES = 16 * 2 ** 20

export function preferenceFor(size: number, { multipartFromBytes, partBytes, checksum }: Wish): NonNullable<CreateUploadFile['prefer']> {
  const isLarge = size > multipartFromBytes
  return {
    kind: isLarge ? 'multipart' : 'put',
    ...(isLarge && { part_bytes: partBytes === 'auto' ? partBytesFor(size) : partBytes }),
    ...(checksum !== 'auto' && { checksum: checksum === false ? 'none' : checksum }),
  }
}

/**
 * The checksum that is announced of a file that goes in one request: storage can only be held to it by the URL, which comes with the plan.
 * A file that cannot be read is not named here: its run does that.
 */
export async function announcedChecksum(
  file: File,
  { multipartFromBytes, checksum }: Wish,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (checksum === 'auto' || checksum === false || file.size > Math.min(multipartFromBytes, MAX_ANNOUNCED_BYTES)) return undefined
  try {
    const { digestOf } = await loadHashing()
    return `${checksum}:${await digestOf(checksum, file, signal)}`
  } catch {
    return undefined
  }
}
