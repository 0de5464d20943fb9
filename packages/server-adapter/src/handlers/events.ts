import { isId, type RefusedTopic } from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import { notGranted } from '../security/refusals.js'
import type { Rooms, Route } from './rooms.js'

/** Jobs and operations that one stream may follow. */
export const MAX_TOPICS = 100

/** What can be refused, as the event `refused` names it. */
type Topic = { readonly operation_id: string } | { readonly job_id: string } | { readonly all: true }

/** Longer than any cursor, characters. */
export const MAX_CURSOR_LENGTH = 200

/** How often a client may ask to hear that the server is still here, milliseconds; slower than this a proxy or a client would take it for gone. */
const HEARTBEAT_MS = { least: 1000, most: 4000 }

/**
 * `GET /events?job_id=…&operation_id=…&all=1`. A job that nobody has used yet can be followed, since clients subscribe before their first create;
 * another's job looks the same, and stays silent. What is refused does not keep the rest from being followed: all that a page follows is one stream.
 */
export function eventsRoute({ access, sse }: Rooms): Route {
  return async ({ request, query }) => {
    const follower = await access.follower(request, 'subscribe')
    const jobs = query.getAll('job_id')
    const operations = query.getAll('operation_id')
    const wantsAll = query.get('all') === '1'
    const ids = [...jobs, ...operations]
    if ((ids.length === 0 && !wantsAll) || ids.length > MAX_TOPICS || !ids.every(isId)) {
      throw new Refusal(422, 'invalid_topic', `Name what to follow: job_id or operation_id (at most ${MAX_TOPICS}), or all=1.`)
    }
    const refused: RefusedTopic[] = []
    let refusal: Refusal | undefined
    const refuse = (topic: Topic, why: Refusal) => {
      refusal ??= why
      refused.push({ ...topic, code: why.code, detail: why.message })
    }

    const isAll = wantsAll && follower.followsAll
    if (wantsAll && !isAll) refuse({ all: true }, notGranted())
    const jobIds: string[] = []
    for (const jobId of jobs) {
      if (follower.followsJob(jobId)) jobIds.push(jobId)
      else refuse({ job_id: jobId }, notGranted())
    }
    const operationIds: string[] = []
    // Known operations are asked for by name, so that `authorize` can judge each.
    for (const operationId of operations) {
      try {
        await follower.operation(operationId)
        operationIds.push(operationId)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        refuse({ operation_id: operationId }, error)
      }
    }
    // A stream about nothing helps nobody.
    if (refusal !== undefined && !isAll && jobIds.length + operationIds.length === 0) throw refusal
    const lastEventId = request.headers.get('last-event-id')
    const stream = await sse.subscribe({
      subject: follower.subject,
      ...(follower.expiresAtMs !== undefined && { expiresAtMs: follower.expiresAtMs }),
      selection: isAll ? 'all' : { jobIds, operationIds },
      refused,
      heartbeatMs: heartbeatMs(query.get('heartbeat_ms')),
      // What is longer is none of ours, and cut off it is unknown, too.
      ...(lastEventId !== null && { lastEventId: lastEventId.slice(0, MAX_CURSOR_LENGTH) }),
    })
    // Proxies that buffer would hold events back, and so would middleware that compresses.
    const headers = {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    }
    return new Response(stream, { headers })
  }
}

function heartbeatMs(asked: string | null): number {
  const { least, most } = HEARTBEAT_MS
  const ms = Number(asked)
  return asked === null || Number.isNaN(ms) ? most : Math.min(most, Math.max(least, ms))
}
