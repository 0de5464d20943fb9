import { isRecord, MAX_FILES_PER_CALL, type SignPartsAnswer, type SignPartsRequest } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** Most part URLs that one call signs. */
const MAX_PARTS_PER_CALL = 10 * MAX_FILES_PER_CALL

/** `POST /commands/uploads/{operation_id}/parts` */
export function signPartsRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request, id }): Promise<SignPartsAnswer> => {
    const record = asUpload(await access.operation(request, 'sign-parts', id))
    const { part_numbers, checksums } = await readJson(request, rooms)
    const isValid = Array.isArray(part_numbers) && part_numbers.length > 0 && part_numbers.length <= MAX_PARTS_PER_CALL
    if (!isValid || !part_numbers.every((number) => Number.isSafeInteger(number))) {
      throw new Refusal(422, 'invalid_part', `part_numbers must be a list of 1 to ${MAX_PARTS_PER_CALL} numbers.`)
    }
    return uploads.parts.sign(
      record,
      part_numbers as number[],
      isRecord(checksums) ? (checksums as SignPartsRequest['checksums']) : undefined,
    )
  }
}
