import type { Environment } from '../environment.js'
import { toUploadError, UploadError } from '../errors.js'
import { sanitizeText } from '../protocol/index.js'
import { createReconnect } from './reconnect.js'
import { forgetToken, refreshToken, type SupabaseChannel, type SupabaseRealtime } from './supabase-client.js'

export interface FollowedChannelOptions {
  readonly environment: Environment
  readonly realtime: SupabaseRealtime
  /** When what the channel is for begins to flow: with the answer to the join, or seconds later, with a message of the server's. */
  readonly completes: 'join' | 'system'
  /** Makes a channel that listens to what it is for, and is not joined yet. */
  open(): SupabaseChannel
  /** It holds from now on; again whenever something may have been missed. */
  onComplete(): void
  /** It does not hold any more, or still not. */
  onDown(): void
  /** The server says no. It is asked again later; told once, until it holds. */
  onRefused(error: UploadError): void
}

/** A channel that is made anew until it holds. */
export interface FollowedChannel {
  isComplete(): boolean
  /** In a row. */
  failures(): number
  /** Tries again at once, where it waits. */
  retry(): void
  close(): void
}

/** How long a channel may take until it holds, in milliseconds: a join 10 s, a database that is not followed yet a few more. */
const PATIENCE_MS = 20_000

/**
 * Follows a channel of supabase-js through what its client does not: completeness that is told late, errors that come as mere messages, a channel that
 * the server closed, since its token expired, and one that it refuses, which the client would ask for again with the same token.
 */
export function createFollowedChannel(options: FollowedChannelOptions): FollowedChannel {
  const { environment, realtime } = options
  const { clock } = environment
  const reconnect = createReconnect(environment, join)
  let channel: SupabaseChannel | undefined
  /** The one that counts: what an earlier one says does not. */
  let attempt: object | undefined
  let isComplete = false
  let isRefusalTold = false
  let cancelWatch = () => {}

  function join(): void {
    const current = (attempt = {})
    const ifCurrent =
      <Said extends readonly unknown[]>(act: (...said: Said) => void) =>
      (...said: Said) => {
        if (attempt === current) act(...said)
      }
    const listen = ifCurrent(() => {
      const opened = options.open()
      // A client has one channel of each name, and hands out again what somebody else has joined.
      if (opened.state !== 'closed') return failed('Another channel of this client has its name')
      channel = opened
      opened.on('system', { event: '*' }, ifCurrent(heard))
      opened.subscribe(ifCurrent(changed))
    })
    watch()
    refreshToken(realtime)
      .then(listen)
      .catch(ifCurrent((error: unknown) => failed(toUploadError(error).message)))
  }

  function changed(status: string, error?: Error): void {
    if (status === 'SUBSCRIBED') {
      return options.completes === 'join' ? complete() : watch()
    }
    // A channel that is closed is gone from its client, and left to itself.
    if (status === 'CLOSED') channel = undefined
    // An error without an answer is the connection's, which the client may take a moment to close: what is joined over it until then is lost.
    failed(error?.message ?? status, status === 'CHANNEL_ERROR' && error?.cause === undefined)
  }

  function heard({ status, extension, message }: Readonly<Record<string, unknown>>): void {
    // The only word of many an error. The channel stays joined, or is closed at once: a new one is needed either way.
    if (status !== 'ok') failed(String(message))
    else if (options.completes === 'system' ? extension === 'postgres_changes' : message === 'Replication connection established')
      complete()
  }

  function complete(): void {
    cancelWatch()
    reconnect.opened()
    isComplete = true
    isRefusalTold = false
    options.onComplete()
  }

  function failed(reason: string, isConnections = false): void {
    const failing = attempt
    isComplete = false
    const isExpired = /expired/i.test(reason)
    // A token that has expired is no refusal, unless the fresh one has, too.
    const code = isExpired && reconnect.failures() === 0 ? undefined : refusalOf(reason)
    reconnect.failed({ isRefused: code !== undefined })
    if (code !== undefined && !isRefusalTold) {
      isRefusalTold = true
      options.onRefused(new UploadError(code, `Supabase refused the channel: ${sanitizeText(reason)}`))
    }
    options.onDown()
    // Whoever heard of it may have closed it.
    if (attempt !== failing) return
    if (channel !== undefined && (isConnections || !realtime.isConnected())) {
      // The client connects again by itself, and joins what it has.
      reconnect.cancel()
      watch()
    } else {
      leave()
      if (isExpired && code === undefined) reconnect.wake()
    }
  }

  /** For what never answers: a source of tokens that hangs, or a server that does not say that changes flow. */
  function watch(): void {
    const wasConnected = realtime.isConnected()
    cancelWatch()
    cancelWatch = clock.setTimeout(() => {
      if (channel === undefined) forgetToken(realtime)
      // Without a connection there is nobody to answer; the client goes on to connect, and asks again when it has.
      else if (!wasConnected || !realtime.isConnected()) return watch()
      failed('It did not answer')
    }, PATIENCE_MS)
  }

  function leave(): void {
    cancelWatch()
    isComplete = false
    attempt = undefined
    if (channel !== undefined) void realtime.removeChannel(channel).catch(() => {})
    channel = undefined
  }

  join()
  return {
    isComplete: () => isComplete,
    failures: reconnect.failures,
    retry: reconnect.wake,
    close() {
      leave()
      reconnect.cancel()
    },
  }
}

/** What the server's reason means where asking again helps only after something was changed. */
function refusalOf(reason: string): 'auth' | 'rejected' | undefined {
  if (/Unauthorized|JWT|expired|permission|PrivateOnly/i.test(reason)) return 'auth'
  return /^Unable to subscribe|^Error parsing|^No subscription params|has its name$/.test(reason) ? 'rejected' : undefined
}
