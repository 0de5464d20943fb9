import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'
import { UploadError } from '../errors.js'
import { refreshToken, type SupabaseChannel, type SupabaseRealtime } from './supabase-client.js'

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
  /** The server says no. It is asked again later. */
  onRefused(error: UploadError): void
}

/** A channel that is made anew until it holds. */
export interface FollowedChannel {
  readonly isComplete: boolean
  /** In a row, with no time between them in which it held. */
  readonly failures: number
  /** Tries again at once, unless it is trying. */
  retry(): void
  close(): void
}

/** Failures in a row that are left to the client, which joins again by itself, but with the token that it has. */
const REBUILD_AFTER = 3
const REJOIN = { baseMs: 1000, capMs: 15_000 }
/** How long a channel may take until it holds, in milliseconds: a join 10 s, a database that is not followed yet a few more. */
const PATIENCE_MS = 20_000
/** A channel that held this long was a good one: the next one is tried soon again, in milliseconds. */
const GOOD_AFTER_MS = 5000

/**
 * Follows a channel of supabase-js through what its client does not: completeness that is told late, errors that come as mere messages, and a channel
 * that the server closed, since its token expired, which no client joins again.
 */
export function createFollowedChannel(options: FollowedChannelOptions): FollowedChannel {
  const { environment, realtime } = options
  const { clock, random } = environment
  let channel: SupabaseChannel | undefined
  /** Of the channel that is or was tried last: what an earlier one says does not count. */
  let attempt: object | undefined
  let isComplete = false
  let completeAt = Infinity
  let failures = 0
  let isWaiting = false
  let cancelTimer = () => {}

  function join(): void {
    const current = {}
    leave()
    attempt = current
    watch()
    void refreshToken(realtime).then(() => {
      if (attempt !== current) return
      const opened = options.open()
      // A client has one channel of each name, and hands out again what somebody else has joined.
      if (opened.state !== 'closed') return failed('Another channel of this client has its name', true)
      channel = opened
      opened.on('system', { event: '*' }, (said) => {
        if (attempt === current) heard(said)
      })
      opened.subscribe((status, error) => {
        if (attempt === current) changed(status, error)
      })
    })
  }

  function changed(status: string, error: Error | undefined): void {
    if (status !== 'SUBSCRIBED') {
      // A channel that is closed is gone from its client, and left to itself.
      if (status === 'CLOSED') channel = undefined
      return failed(error?.message ?? status, status === 'CLOSED')
    }
    if (options.completes === 'join') complete()
    else watch()
  }

  function heard({ status, extension, message }: Readonly<Record<string, unknown>>): void {
    // The only word of many an error. The channel stays joined, or is closed at once: a new one is needed either way.
    if (status !== 'ok') return failed(String(message), true)
    const isDatabase = extension === 'postgres_changes'
    if (options.completes === 'system' ? isDatabase : message === 'Replication connection established') complete()
  }

  function complete(): void {
    cancelTimer()
    isComplete = true
    completeAt = clock.now()
    options.onComplete()
  }

  function failed(reason: string, isGone: boolean): void {
    if (clock.now() - completeAt >= GOOD_AFTER_MS) failures = 0
    completeAt = Infinity
    isComplete = false
    failures += 1
    const isExpired = /expired/i.test(reason)
    // A token that has expired is no refusal, unless the fresh one has, too.
    const code = isExpired && failures === 1 ? undefined : refusalOf(reason)
    if (code !== undefined) options.onRefused(new UploadError(code, `Supabase refused the channel: ${reason}`))
    options.onDown()
    if (attempt === undefined) return
    if (isGone || isExpired || code !== undefined || failures % REBUILD_AFTER === 0) {
      leave()
      const wait = fullJitter(failures, REJOIN, random())
      again(code !== undefined ? REJOIN.capMs : isExpired && failures === 1 ? 0 : wait)
    } else watch()
  }

  function again(wait: number): void {
    isWaiting = true
    cancelTimer = clock.setTimeout(join, wait)
  }

  /** For what never answers: a source of tokens that hangs, or a server that does not say that changes flow. */
  function watch(): void {
    cancelTimer()
    cancelTimer = clock.setTimeout(() => {
      // Without a connection there is nobody to answer; the client goes on to connect.
      if (realtime.isConnected() || channel === undefined) failed('It did not answer', true)
      else watch()
    }, PATIENCE_MS)
  }

  function leave(): void {
    cancelTimer()
    isWaiting = false
    isComplete = false
    attempt = undefined
    const left = channel
    channel = undefined
    if (left !== undefined) void realtime.removeChannel(left).catch(() => {})
  }

  join()
  return {
    get isComplete() {
      return isComplete
    },
    get failures() {
      return failures
    },
    retry() {
      if (isWaiting || (channel?.state === 'errored' && realtime.isConnected())) join()
    },
    close: leave,
  }
}

/** What the server's reason means where asking again helps only after something was changed. */
function refusalOf(reason: string): 'auth' | 'rejected' | undefined {
  if (/Unauthorized|JWT|expired|permission|PrivateOnly/i.test(reason)) return 'auth'
  return /^Unable to subscribe|^Error parsing|^No subscription params|has its name$/.test(reason) ? 'rejected' : undefined
}
