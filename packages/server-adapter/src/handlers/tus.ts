import { Refusal } from '../errors.js'
import { TUS_PATH } from '../storage/tus/path.js'
import type { Rooms, Route } from './rooms.js'

/** `/tus` and `/tus/{upload}`, for storage that speaks tus: the signed permission, and then the address of the upload, are what lets a client in. */
export function tusRoute({ storage, uploads }: Rooms): Route {
  return async ({ request, id }) => {
    if (storage.kind === 'tus' && storage.fetch !== undefined) {
      return storage.fetch(request, id === '' ? TUS_PATH : `${TUS_PATH}/${id}`, uploads.news)
    }
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
    throw new Refusal(404, 'unknown_route', 'There is nothing here.')
  }
}
