import { Refusal } from '../errors.js'
import { STORAGE_PREFIX } from '../storage/signed-urls.js'
import type { Rooms, Route } from './rooms.js'

/** `PUT /storage/{operation_id}?…`: bytes, for storage that this server is itself. The signature in the URL is the permission. */
export function receiveBytesRoute({ storage }: Rooms): Route {
  return async ({ request, id }) => {
    if (storage.fetch === undefined) throw new Refusal(404, 'unknown_route', 'There is nothing here.')
    return storage.fetch(request, `${STORAGE_PREFIX}${id}`)
  }
}
