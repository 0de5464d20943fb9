import { isRecord } from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'

/** One message, as Supabase takes it. */
export interface BroadcastMessage {
  readonly topic: string
  readonly event: string
  readonly payload: object
  readonly private: boolean
}

/** What became of a call. `refused`: for what is in it, so that it is no use to say it again. */
export type BroadcastOutcome = 'sent' | 'refused'

export interface BroadcastOptions {
  /** `…/realtime/v1/api/broadcast` */
  readonly endpoint: string
  readonly key: string
  readonly fetch: typeof fetch
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Supabase's HTTP endpoint for broadcast, and its wish to be left alone. */
export interface Broadcast {
  /** Rejects where the same call may succeed later. */
  send(messages: readonly BroadcastMessage[]): Promise<BroadcastOutcome>
  /** Ends what is under way. */
  close(): void
}

/** Longest wait that a server is believed to want, milliseconds. */
const LONGEST_PAUSE_MS = 60_000
/** How long a server is left alone that says that it is too much, and not until when, milliseconds. */
const PAUSE_MS = 1000

export function createBroadcast({ endpoint, key, fetch, timeoutMs, clock }: BroadcastOptions): Broadcast {
  const closing = new AbortController()
  let notBeforeMs = 0

  async function post(
    messages: readonly BroadcastMessage[],
  ): Promise<{ readonly status: number; readonly retryAfter: string | null; readonly said: string }> {
    const controller = new AbortController()
    const { signal } = controller
    const tooLate = new Error(`Supabase did not answer within ${timeoutMs / 1000} s.`)
    const cancelDeadline = clock.setTimeout(() => controller.abort(tooLate), timeoutMs)
    const abort = () => controller.abort(closing.signal.reason)
    closing.signal.throwIfAborted()
    closing.signal.addEventListener('abort', abort)
    try {
      const headers = { apikey: key, 'content-type': 'application/json' }
      const response = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ messages }), signal })
      // Also where nobody reads it: else the connection would not be used again.
      const said = messageOf(await response.text())
      return { status: response.status, retryAfter: response.headers.get('retry-after'), said }
    } catch (cause) {
      if (signal.aborted) throw signal.reason
      throw new Error('Supabase cannot be reached.', { cause })
    } finally {
      cancelDeadline()
      closing.signal.removeEventListener('abort', abort)
    }
  }

  return {
    async send(messages) {
      if (clock.now() < notBeforeMs) throw new Error('Supabase wants to be left alone for a while.')
      const { status, retryAfter, said } = await post(messages)
      if (status >= 200 && status < 300) return 'sent'
      if (status === 413 || status === 422 || (status === 429 && messages.length > 1 && /batch size/.test(said))) return 'refused'
      if (status === 429 || retryAfter !== null) notBeforeMs = clock.now() + pauseMs(retryAfter, clock.now())
      throw new Error(`Supabase answered ${status}${said === '' ? '' : `: ${said}`}.${hintFor(status)}`)
    },
    close() {
      closing.abort(new Error('The publisher is closed.'))
    },
  }
}

function hintFor(status: number): string {
  if (status === 401 || status === 403) return ' See that `key` is the project’s secret key.'
  return status === 404 ? ' See that `url` is the project’s.' : ''
}

/** What it says of a refusal, in one line that is not too long. */
function messageOf(body: string): string {
  let said: unknown
  try {
    said = JSON.parse(body)
  } catch {
    return ''
  }
  const message = isRecord(said) ? said['message'] : undefined
  return typeof message === 'string' ? message.replaceAll(/\s+/g, ' ').slice(0, 200) : ''
}

/** `Retry-After`: seconds, or a date. */
function pauseMs(retryAfter: string | null, nowMs: number): number {
  if (retryAfter === null) return PAUSE_MS
  const ms = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - nowMs
  return Number.isNaN(ms) ? PAUSE_MS : Math.min(Math.max(ms, 0), LONGEST_PAUSE_MS)
}
