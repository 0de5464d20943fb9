import type { RetryAnswer } from '@upload-panel/core/protocol'
import { readJson } from './read-json.js'
import { asUpload, type Rooms, type Route } from './rooms.js'

/** `POST /commands/uploads/{operation_id}/retry` */
export function retryUploadRoute({ access, uploads, limits }: Rooms): Route {
  return async ({ request, id }): Promise<RetryAnswer> => {
    asUpload(await access.operation(request, 'retry', id))
    await readJson(request, limits.maxBodyBytes)
    return uploads.retry(id)
  }
}
