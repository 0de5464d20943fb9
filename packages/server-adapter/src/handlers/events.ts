import { isId } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { Rooms, Route } from './rooms.js'

/** Jobs and operations that one stream may follow. */
const MAX_TOPICS = 100

/**
 * `GET /events?job_id=…&operation_id=…&all=1`. A job that nobody has used yet can be followed, since clients subscribe before their first create;
 * another's job looks the same, and stays silent.
 */
export function eventsRoute({ access, sse }: Rooms): Route {
  return async ({ request, query }) => {
    const subject = await access.subject(request, 'subscribe')
    const jobIds = query.getAll('job_id')
    const operationIds = query.getAll('operation_id')
    const topics = [...jobIds, ...operationIds]
    const isAll = query.get('all') === '1'
    if ((topics.length === 0 && !isAll) || topics.length > MAX_TOPICS || !topics.every(isId)) {
      throw new Refusal(422, 'invalid_topic', `Name what to follow: job_id or operation_id (at most ${MAX_TOPICS}), or all=1.`)
    }
    // Known operations are asked for by name, so that `authorize` can judge each.
    for (const operationId of operationIds) await access.operation(request, 'subscribe', operationId)
    const lastEventId = request.headers.get('last-event-id')
    const stream = await sse.subscribe({
      subject,
      selection: isAll ? 'all' : { jobIds, operationIds },
      ...(lastEventId !== null && { lastEventId }),
    })
    // Proxies that buffer would hold events back.
    return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' } })
  }
}
