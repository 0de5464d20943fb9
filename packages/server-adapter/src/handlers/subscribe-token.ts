import { isId } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { MAX_TOPICS } from './events.js'
import { readJson } from './read-json.js'
import type { Rooms, Route } from './rooms.js'

/** Answer of `POST /commands/subscribe-token`. */
export interface SubscribeTokenAnswer {
  readonly token: string
  readonly expires_in_s: number
}

/** Characters of all names together: the token has to fit into an address. */
const MAX_NAMES_LENGTH = 3000

/** `POST /commands/subscribe-token`: lets its holder follow what is named, as the asking subject, and nothing else. */
export function subscribeTokenRoute(rooms: Rooms): Route {
  const { access, tokens, clock } = rooms
  return async ({ request }): Promise<SubscribeTokenAnswer> => {
    const { subject, expiresAtMs } = await access.authorized(request, 'subscribe')
    const { job_ids: jobIds = [], operation_ids: operationIds = [], all = false } = await readJson(request, rooms)
    if (!isIds(jobIds) || !isIds(operationIds) || typeof all !== 'boolean') throw invalidTopic()
    const names = [...jobIds, ...operationIds]
    if ((names.length === 0 && !all) || names.length > MAX_TOPICS || names.join().length > MAX_NAMES_LENGTH) throw invalidTopic()
    // Each is asked for by name, so that `authorize` can judge it, and a guessed one is unknown.
    for (const operationId of operationIds) await access.operation(request, 'subscribe', operationId)
    const grant = { subject, all, jobIds, operationIds, ...(expiresAtMs !== undefined && { expiresAtMs }) }
    const issued = await tokens.issue(grant)
    return { token: issued.token, expires_in_s: Math.max(0, Math.floor((issued.expiresAtMs - clock.now()) / 1000)) }
  }
}

function isIds(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isId)
}

function invalidTopic(): Refusal {
  return new Refusal(
    422,
    'invalid_topic',
    `Name what may be followed: job_ids or operation_ids (at most ${MAX_TOPICS}, of ${MAX_NAMES_LENGTH} characters together), or all: true.`,
  )
}
