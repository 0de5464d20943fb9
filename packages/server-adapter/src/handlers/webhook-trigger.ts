import { isId, type UpdateAnswer } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/**
 * `PUT /webhooks/{provider}`: the client's immediate trigger. "Its body is `{operation_id}` only, and the server asks provider or storage for the truth."
 * Who may complete an operation may ask for it.
 */
export function triggerWebhookRoute(rooms: Rooms): Route {
  const { access, webhooks } = rooms
  return async ({ request, id }): Promise<UpdateAnswer> => {
    const { operation_id, ...more } = await readJson(request, rooms)
    if (!isId(operation_id) || Object.keys(more).length > 0)
      throw new Refusal(422, 'invalid_webhook', 'The body must have an operation_id, and nothing else.')
    const record = await access.operation(request, 'complete', operation_id)
    return { update: await webhooks.ask(id, record) }
  }
}
