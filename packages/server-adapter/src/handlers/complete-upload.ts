import { type CompleteRequest, isRecord, MAX_PARTS, parseChecksum, sanitizeText, type UpdateAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `POST /commands/uploads/{operation_id}/complete` */
export function completeUploadRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request, id }): Promise<UpdateAnswer> => {
    asUpload(await access.operation(request, 'complete', id))
    return { update: await uploads.complete(id, readClaim(await readJson(request, rooms))) }
  }
}

/** What a part's ETag or checksum may have, characters: it goes on to the storage. */
const MAX_CLAIM_LENGTH = 500

function readClaim({ parts = [], checksum }: Record<string, unknown>): CompleteRequest {
  const isTextOrNone = (value: unknown) =>
    value === undefined || (typeof value === 'string' && sanitizeText(value, MAX_CLAIM_LENGTH) === value)
  const isPart = (part: unknown) =>
    isRecord(part) && Number.isSafeInteger(part['part_number']) && isTextOrNone(part['etag']) && isTextOrNone(part['checksum'])
  if (!Array.isArray(parts) || parts.length > MAX_PARTS || !parts.every(isPart)) {
    throw new Refusal(422, 'invalid_part', 'parts must be a list of part numbers with their ETags and checksums.')
  }
  if (checksum !== undefined && parseChecksum(checksum) === undefined) {
    throw new Refusal(422, 'invalid_part', 'checksum must be "crc32c:" or "sha256:" and the digest as base64.')
  }
  return { parts: parts as NonNullable<CompleteRequest['parts']>, ...(typeof checksum === 'string' && { checksum }) }
}
