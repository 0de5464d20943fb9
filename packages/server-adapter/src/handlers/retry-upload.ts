import type { RetryAnswer } from '@upload-panel/core/protocol'
import type { StoragePlan } from '../storage/object-storage.js'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `POST /commands/uploads/{operation_id}/retry` */
export function retryUploadRoute(rooms: Rooms): Route {
  const { access, uploads } = rooms
  return async ({ request, id }): Promise<RetryAnswer<StoragePlan>> => {
    asUpload(await access.operation(request, 'retry', id))
    await readJson(request, rooms)
    return uploads.retry(id)
  }
}
