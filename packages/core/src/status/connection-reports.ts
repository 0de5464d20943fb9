import type { ReadableAtom } from 'nanostores'
import { createJsonClient } from '../backends/json-client.js'
import { browserEnvironment, type Environment } from '../environment.js'
import { toUploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import { type ConnectionReport, PROTOCOL_HEADER, PROTOCOL_VERSION } from '../protocol/index.js'
import type { ConnectionStatus } from '../realtime/transport.js'

/** What `reportConnection` takes besides the connection. */
export interface ConnectionReportsOptions {
  /** Where the server adapter is mounted, relative to the page or absolute. */
  readonly url: string
  /** Headers for each report, such as `authorization`. */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /** Tells of `pagehide`. @default the window, where there is one */
  readonly page?: Pick<EventTarget, 'addEventListener'>
  /** @default the browser's */
  readonly environment?: Partial<Environment>
}

/** How often the server hears that the page is still there; how soon after a report what is new is told; the longest pause while it does not listen; in milliseconds. */
const REPORT_MS = { usual: 30_000, news: 5000, longest: 600_000 }

/**
 * Tells the server how the realtime connection of this page stands, of an uploader or of a status monitor: best effort, so seldom that it costs nothing, and
 * for good no more where the server does not know such reports. The returned function ends it, and says so to the server.
 *
 * @example
 * const end = reportConnection(uploader.$connection, { url: '/uploads' })
 */
export function reportConnection($connection: ReadableAtom<ConnectionStatus>, options: ConnectionReportsOptions): () => void {
  const { headers, credentials = 'same-origin', page = globalThis.window } = options
  const environment: Environment = { ...browserEnvironment(), ...options.environment }
  const { clock } = environment
  const connectionId = environment.createId()
  const lifetime = new AbortController()
  const { signal } = lifetime
  /** For the last report, when there is no time to ask for any. */
  let lastHeaders: Readonly<Record<string, string>> = typeof headers === 'function' ? {} : (headers ?? {})
  const client = createJsonClient({
    ...options,
    environment,
    headers: typeof headers === 'function' ? async (call) => (lastHeaders = await headers(call)) : lastHeaders,
  })

  /** What the server knows; nothing as long as it was never told. */
  let told: ConnectionStatus['status'] = 'disconnected'
  /** It may have heard of us, whether or not its answer came. */
  let isKnown = false
  let sentAt = -Infinity
  let failures = 0
  let isSending = false
  let cancelTimer: (() => void) | undefined

  const report = (event: ConnectionReport['event']): ConnectionReport => {
    const { status, transport, latency, reconnectAttempts } = $connection.get()
    return { connection_id: connectionId, event, status, transport, latency, reconnect_attempts: reconnectAttempts }
  }

  function eventOf(status: ConnectionStatus['status']): ConnectionReport['event'] {
    if (status === 'disconnected') return 'disconnect'
    return status === 'connected' && told !== status ? 'connect' : 'ping'
  }

  function plan(): void {
    cancelTimer?.()
    cancelTimer = undefined
    const { status } = $connection.get()
    if (isSending || signal.aborted || (status === 'disconnected' && told === status)) return
    const pause = failures > 0 ? REPORT_MS.usual * 2 ** failures : status === told ? REPORT_MS.usual : REPORT_MS.news
    cancelTimer = clock.setTimeout(() => void send(), Math.max(0, sentAt + Math.min(REPORT_MS.longest, pause) - clock.now()))
  }

  async function send(): Promise<void> {
    const { status } = $connection.get()
    isSending = true
    isKnown = true
    sentAt = clock.now()
    try {
      await client.post('commands/connection', report(eventOf(status)), signal)
      told = status
      failures = 0
    } catch (thrown) {
      failures += 1
      const { status: answer } = toUploadError(thrown)
      if (answer === 404 || answer === 405) stop()
    }
    isSending = false
    plan()
  }

  /** The page goes: a request that outlives it, without waiting for anything. */
  function sayGoodbye(): void {
    cancelTimer?.()
    if (!isKnown) return
    isKnown = false
    told = 'disconnected'
    void environment
      .fetch(client.resolve('commands/connection'), {
        method: 'POST',
        keepalive: true,
        credentials,
        headers: { 'content-type': 'application/json', [PROTOCOL_HEADER]: PROTOCOL_VERSION, ...lastHeaders },
        body: JSON.stringify(report('disconnect')),
      })
      .catch(() => {})
  }

  function stop(): void {
    lifetime.abort()
    cancelTimer?.()
    forgetConnection()
    forgetWake()
  }

  const forgetConnection = $connection.listen(({ status }, before) => {
    if (status !== before?.status) plan()
  })
  // Out of the back/forward cache it is there again.
  const forgetWake = environment.onWake(plan)
  page?.addEventListener('pagehide', sayGoodbye, { signal })
  plan()

  return () => {
    if (signal.aborted) return
    sayGoodbye()
    stop()
  }
}
