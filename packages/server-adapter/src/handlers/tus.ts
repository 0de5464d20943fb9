import { PROBLEM_CONTENT_TYPE } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { TUS_PATH } from '../storage/tus/path.js'
import { problemResponse } from './problem.js'
import type { Rooms, Route } from './rooms.js'

/** `/tus` and `/tus/{upload}`, for storage that speaks tus: the signed permission, and then the address of the upload, are what lets a client in. */
export function tusRoute({ storage, uploads }: Rooms): Route {
  return async ({ request, id }) => {
    if (storage.kind === 'tus' && storage.fetch !== undefined) {
      return asProblem(await storage.fetch(request, id === '' ? TUS_PATH : `${TUS_PATH}/${id}`, uploads.news))
    }
    if (request.method === 'OPTIONS') return new Response(null, { status: 204 })
    throw new Refusal(404, 'unknown_route', 'There is nothing here.')
  }
}

/** What tus itself refuses, in words of its own: said as everything is that is refused here, with the headers that its clients look at. */
async function asProblem(response: Response): Promise<Response> {
  if (response.status < 400 || response.headers.get('content-type') === PROBLEM_CONTENT_TYPE) return response
  const said = (await response.text()).trim() || 'This is not as tus wants it.'
  const problem = problemResponse(new Refusal(response.status, 'tus_refused', said))
  const own = [...response.headers].filter(([name]) => !name.startsWith('content-'))
  for (const [name, value] of own) problem.headers.set(name, value)
  return problem
}
