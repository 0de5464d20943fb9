import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import { readFetched } from '../http/fetched.js'
import { apiError } from '../http/policy/classify.js'
import { hasExpired, headersFor, type HeadersOption } from '../http/policy/headers.js'
import { originOf } from '../http/policy/origin.js'
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/index.js'
import { createEventReader, type StreamEvent } from './event-stream.js'

/** One event stream to open, and who hears what it says. */
export interface SseRequest {
  readonly environment: Pick<Environment, 'clock' | 'fetch'>
  readonly url: string
  readonly headers: HeadersOption | undefined
  readonly credentials: RequestCredentials
  /** Whether headers that were given before may be why it failed. */
  readonly isStale: boolean
  /** Of the last event that came; empty before the first one. */
  readonly lastEventId: string
  readonly signal: AbortSignal
  /** The server has agreed. */
  onOpen(): void
  /** Bytes came, whatever they say. */
  onBytes(): void
  onEvent(event: StreamEvent): void
}

/** Longest message that is read, in UTF-16 units. */
const MAX_EVENT = 4 * 2 ** 20

/** Reads an event stream. Resolves where the server ended it in good order: a restart, or a proxy's limit. */
export async function readSse(request: SseRequest): Promise<void> {
  const { signal } = request
  const body = await open(request)
  signal.throwIfAborted()
  request.onOpen()
  const readEvents = createEventReader(MAX_EVENT, request.onEvent)
  const reader = body.getReader()
  const decoder = new TextDecoder()
  for (;;) {
    const { done, value } = await reader.read()
    signal.throwIfAborted()
    if (done) return
    request.onBytes()
    readEvents(decoder.decode(value, { stream: true }))
  }
}

async function open({ environment, url, headers, credentials, isStale, lastEventId, signal }: SseRequest) {
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
