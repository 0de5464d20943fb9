import type { UpdateAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { STORAGE_PREFIX } from '../storage/signed-urls.js'
import type { Rooms, Route } from './rooms.js'

/** `PUT /storage/{operation_id}?…`: bytes, for storage that this server is itself. The signature in the URL is the permission. */
export function receiveBytesRoute({ storage, uploads }: Rooms): Route {
  return async ({ request, id }) => {
    if (storage.fetch === undefined) throw new Refusal(404, 'unknown_route', 'There is nothing here.')
    const response = await storage.fetch(request, `${STORAGE_PREFIX}${id}`, uploads.news)
    const update = response.ok ? await uploads.news.arrived(id) : undefined
    if (update === undefined) return response
    return Response.json({ update } satisfies UpdateAnswer, { headers: response.headers })
  }
}
