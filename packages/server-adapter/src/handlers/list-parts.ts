import type { ListPartsAnswer } from '@upload-panel/core/protocol'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `GET /queries/uploads/{operation_id}/parts` */
export function listPartsRoute({ access, uploads }: Rooms): Route {
  return async ({ request, id }): Promise<ListPartsAnswer> => ({
    parts: await uploads.parts.list(asUpload(await access.operation(request, 'list-parts', id))),
  })
}
