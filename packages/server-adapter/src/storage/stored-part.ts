import type { ChecksumAlgorithm, StoredPart } from '@upload-panel/core/protocol'
import { digestOf } from './checksums.js'
import { etagOf } from './etag.js'
import type { WholePart } from './ledger.js'

/** A part of the ledger as the wire has it, with the checksum that its client is asked for. */
export function asStoredPart(part: WholePart, algorithm: ChecksumAlgorithm | undefined): StoredPart {
  const checksum = algorithm && digestOf(algorithm, part)
  return { part_number: part.partNumber, size: part.size, etag: etagOf(part.sha256), ...(checksum !== undefined && { checksum }) }
}
