import { type CompleteRequest, isRecord, MAX_PARTS, type UpdateAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `POST /commands/uploads/{operation_id}/complete` */
export function completeUploadRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request, id }): Promise<UpdateAnswer> => {
    asUpload(await access.operation(request, 'complete', id))
    return { update: await uploads.complete(id, readParts(await readJson(request, rooms))) }
  }
}

function readParts({ parts }: Record<string, unknown>): CompleteRequest['parts'] {
  if (parts === undefined) return undefined
  const isPart = (part: unknown) =>
    isRecord(part) && Number.isSafeInteger(part['part_number']) && (part['etag'] === undefined || typeof part['etag'] === 'string')
  if (!Array.isArray(parts) || parts.length > MAX_PARTS || !parts.every(isPart)) {
    throw new Refusal(422, 'invalid_part', 'parts must be a list of part numbers with their ETags.')
  }
  return parts as CompleteRequest['parts']
}
