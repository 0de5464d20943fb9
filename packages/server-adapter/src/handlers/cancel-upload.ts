import type { UpdateAnswer } from '@upload-panel/core/protocol'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `POST /commands/uploads/{operation_id}/cancel` */
export function cancelUploadRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request, id }): Promise<UpdateAnswer> => {
    asUpload(await access.operation(request, 'cancel', id))
    await readJson(request, rooms)
    return { update: await uploads.cancel(id) }
  }
}
