import { readBytes } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/** `POST /webhooks/{provider}`: another server says something. Its proof is in the request; whatever it is about, the answer is the same. */
export function receiveWebhookRoute({ access, webhooks, limits, clock }: Rooms): Route {
  return async ({ request, id }) => {
    const body = webhooks.has(id) ? await readBytes(request, limits.maxBodyBytes, clock) : new Uint8Array()
    await access.proven(request, () => webhooks.receive(id, { body, headers: request.headers, nowMs: clock.now() }))
    return {}
  }
}
