import {
  type CreateUploadFile,
  type InlineError,
  isChecksumAlgorithm,
  isId,
  isRecord,
  MAX_PARTS,
  parseChecksum,
} from '@upload-panel/core/protocol'
import type { Limits } from '../limits.js'
import { cleanFile, cleanRecord } from '../security/clean-word.js'
import { jsonLength } from '../security/json-length.js'

/** A file of a create call that was read: valid, cleaned and bounded. */
export interface ReadFile extends CreateUploadFile {
  readonly attempt: number
}

/** What columns of databases hold. */
const MAX_ATTEMPT = 2 ** 31 - 1
const HEX = /^sha256:([0-9a-f]{64})$/

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Reads one file of a create call. A file that is refused does not spoil the others: "partial failure is normal". */
export function readFile(
  raw: unknown,
  limits: Limits,
): { readonly ok: true; readonly file: ReadFile } | { readonly ok: false; readonly client_ref: string; readonly error: InlineError } {
  const given = isRecord(raw) ? raw : {}
  const { client_ref, attempt = 1, name, size, type, relative_path, metadata, checksum, prefer } = given
  const refuse = (code: string, message: string) =>
    ({ ok: false, client_ref: isId(client_ref) ? client_ref : '', error: { code, message, retryable: false } }) as const

  if (!isId(client_ref)) return refuse('invalid_file', 'client_ref must name the item: 1 to 200 characters without control characters.')
  if (!isCount(attempt) || attempt < 1 || attempt > MAX_ATTEMPT) return refuse('invalid_file', 'attempt must be a whole number from 1.')
  if (typeof name !== 'string') return refuse('invalid_file', 'name must be a text.')
  if (!isCount(size)) return refuse('invalid_file', 'size must be a whole number of bytes.')
  if (typeof type !== 'string') return refuse('invalid_file', 'type must be a MIME type, or empty.')
  if (relative_path !== undefined && typeof relative_path !== 'string') return refuse('invalid_file', 'relative_path must be a text.')
  if (metadata !== undefined && !isRecord(metadata)) return refuse('invalid_file', 'metadata must be an object.')
  const announced = readChecksum(checksum)
  if (checksum !== undefined && announced === undefined) {
    return refuse('invalid_file', 'checksum must be "crc32c:" or "sha256:" and the digest as base64.')
  }
  if (prefer !== undefined && !isPreference(prefer))
    return refuse('invalid_file', 'prefer must have a kind, "put" or "multipart", and may have part_bytes and checksum.')
  const metadataLength = jsonLength(metadata)
  if (metadataLength === undefined || metadataLength > limits.maxMetadataLength) {
    return refuse('metadata_too_large', `metadata may have ${limits.maxMetadataLength} characters of JSON.`)
  }
  if (size > Math.min(limits.maxFileBytes, limits.maxPutBytes * MAX_PARTS)) {
    return refuse('file_too_large', `This file has ${size} bytes; ${limits.maxFileBytes} are allowed.`)
  }
  return {
    ok: true,
    file: {
      client_ref,
      attempt,
      ...cleanFile({ name, size, type, ...(relative_path !== undefined && { relative_path }) }),
      ...(metadata !== undefined && { metadata: cleanRecord(metadata) }),
      ...(announced !== undefined && { checksum: announced }),
      ...(prefer !== undefined && { prefer }),
    },
  }
}

function isPreference(value: unknown): value is NonNullable<CreateUploadFile['prefer']> {
  return (
    isRecord(value) &&
    (value['kind'] === 'put' || value['kind'] === 'multipart') &&
    (value['part_bytes'] === undefined || (isCount(value['part_bytes']) && value['part_bytes'] > 0)) &&
    (value['checksum'] === undefined || value['checksum'] === 'none' || isChecksumAlgorithm(value['checksum']))
  )
}

/** A checksum of the whole in the one form that is kept: with its digest as base64. */
function readChecksum(value: unknown): string | undefined {
  const [, hex] = (typeof value === 'string' && HEX.exec(value)) || []
  if (hex !== undefined) return `sha256:${Buffer.from(hex, 'hex').toString('base64')}`
  const checksum = parseChecksum(value)
  return checksum === undefined || checksum.parts !== undefined ? undefined : `${checksum.algorithm}:${checksum.digest}`
}
