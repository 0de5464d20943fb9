import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import { readFetched } from '../http/fetched.js'
import { apiError } from '../http/policy/classify.js'
import { hasExpired, headersFor, type HeadersOption } from '../http/policy/headers.js'
import { originOf } from '../http/policy/origin.js'
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/index.js'

/** Where an event stream is, and what is said to its server. */
export interface SseAddress {
  readonly environment: Environment
  readonly url: string
  readonly headers: HeadersOption | undefined
  readonly credentials: RequestCredentials
}

/**
 * Opens an event stream. `isStale`: headers that were given before may be why it failed. `lastEventId`: of the last event that came; empty before the
 * first one.
 */
export async function openEvents(
  { environment, url, headers, credentials }: SseAddress,
  isStale: boolean,
  lastEventId: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  for (let attempt = isStale ? 2 : 1; ; attempt += 1) {
    const own = await headersFor(headers, originOf(url), attempt, signal)
    const response = await environment.fetch(url, {
      credentials,
      cache: 'no-store',
      headers: {
        accept: 'text/event-stream',
        [PROTOCOL_HEADER]: PROTOCOL_VERSION,
        ...(lastEventId !== '' && { 'last-event-id': lastEventId }),
        ...own,
      },
      signal,
    })
    const type = response.headers.get('content-type') ?? ''
    if (response.ok && response.body !== null && type.startsWith('text/event-stream')) return response.body
    const answer = await readFetched(response)
    if (response.ok) throw new UploadError('rejected', 'The address of the event stream answers something else.')
    // A token may have expired since it was made: whoever makes headers can make others.
    if (attempt > 1 || typeof headers !== 'function' || !hasExpired(answer)) throw apiError(answer, environment.clock.now())
  }
}
