import { RealtimeClient } from '@supabase/supabase-js'
import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'

/** What is used of a channel of supabase-js 2. */
export interface SupabaseChannel {
  readonly state: string
  on(
    type: 'broadcast' | 'postgres_changes' | 'system',
    filter: { readonly event: string; readonly [name: string]: unknown },
    callback: (payload: Readonly<Record<string, unknown>>) => void,
  ): unknown
  subscribe(callback: (status: string, error?: Error) => void): unknown
}

/** What is used of the `realtime` of a client of supabase-js 2. */
export interface SupabaseRealtime {
  channel(topic: string, params: { readonly config: object }): SupabaseChannel
  removeChannel(channel: SupabaseChannel): Promise<unknown>
  setAuth(): Promise<void>
  isConnected(): boolean
  connect(): void
  disconnect(): Promise<unknown>
  heartbeatCallback(status: string, latencyMs?: number): void
  onHeartbeat(listener: HeartbeatListener): void
}

/** What is used of a client of supabase-js 2. */
export interface SupabaseClient {
  readonly realtime: SupabaseRealtime
}

/** Where clients of our own connect to. */
export interface SupabaseAddress {
  /** The project, as `createClient` takes it. */
  readonly url: string
  /** The publishable key. */
  readonly key: string
  /** The user's token. Asked for each channel, and with each heartbeat: it should come from memory while it is good. @default none */
  readonly accessToken?: () => Promise<string | null>
  /** A connection on which nothing comes is given up after this long, in milliseconds. @default 10000 */
  readonly heartbeatMs?: number
}

type HeartbeatListener = (status: string, latencyMs?: number) => void

/** The connections over which channels are spread. */
export interface SupabaseConnections {
  /** One that has room for a channel. */
  take(): SupabaseRealtime
  /** One of its channels is gone. */
  give(realtime: SupabaseRealtime): void
  /** Those that are not open try again at once, with a fresh token. */
  wake(): void
  dispose(): void
}

/** A server refuses more channels on one connection. */
const CHANNELS_PER_CONNECTION = 100
/** First and longest wait until a client of ours connects again, in milliseconds. */
const RECONNECT = { baseMs: 1000, capMs: 5000 }
/** A heartbeat goes after this part of the time within which a dead connection is found, and its answer may take as long. */
const HEARTBEAT_EVERY = 0.45

/** The page's own client, which stays as it was made; it is never closed. */
export function oneConnection({ realtime }: SupabaseClient, onHeartbeat: HeartbeatListener): SupabaseConnections {
  const stopListening = listen(realtime, onHeartbeat)
  let channels = 0
  return {
    take() {
      channels += 1
      return realtime
    },
    give() {
      channels -= 1
    },
    wake: () => reconnect(realtime, () => channels > 0),
    dispose: stopListening,
  }
}

/** Clients of our own, as many as the channels ask for. */
export function ownConnections(
  address: SupabaseAddress,
  { random, baseUrl }: Environment,
  onHeartbeat: HeartbeatListener,
): SupabaseConnections {
  const { key, accessToken, heartbeatMs = 10_000 } = address
  const url = new URL(`${address.url.replace(/\/+$/, '')}/realtime/v1`, baseUrl).href.replace(/^http/, 'ws')
  const channels = new Map<SupabaseRealtime, number>()

  function make(): SupabaseRealtime {
    return new RealtimeClient(url, {
      params: { apikey: key },
      ...(accessToken !== undefined && { accessToken }),
      heartbeatIntervalMs: heartbeatMs * HEARTBEAT_EVERY,
      heartbeatCallback: onHeartbeat,
      reconnectAfterMs: (failures) => fullJitter(failures, RECONNECT, random()),
    })
  }

  return {
    take() {
      const realtime = [...channels.keys()].find((one) => (channels.get(one) ?? 0) < CHANNELS_PER_CONNECTION) ?? make()
      channels.set(realtime, (channels.get(realtime) ?? 0) + 1)
      return realtime
    },
    give(realtime) {
      channels.set(realtime, (channels.get(realtime) ?? 1) - 1)
    },
    wake() {
      for (const realtime of channels.keys()) reconnect(realtime, () => (channels.get(realtime) ?? 0) > 0)
    },
    dispose() {
      for (const realtime of channels.keys()) void realtime.disconnect()
      channels.clear()
    },
  }
}

/** The client waits longer with each failure, and knows nothing of a network that returned: only a client that was told to disconnect connects at once. */
function reconnect(realtime: SupabaseRealtime, isNeeded: () => boolean): void {
  const isDown = () => isNeeded() && !realtime.isConnected()
  if (!isDown()) return
  refreshToken(realtime)
    .then(() => (isDown() ? realtime.disconnect() : undefined))
    .then(() => (isDown() ? realtime.connect() : undefined))
    .catch(() => {})
}

const refreshing = new WeakMap<SupabaseRealtime, Promise<void>>()

/** Asks the client's own source for a token that is good. One question at a time: the client drops the answers to all but the last. */
export function refreshToken(realtime: SupabaseRealtime): Promise<void> {
  const going = refreshing.get(realtime)
  if (going !== undefined) return going
  const asked = realtime
    .setAuth()
    .catch(() => {})
    .finally(() => {
      if (refreshing.get(realtime) === asked) refreshing.delete(realtime)
    })
  refreshing.set(realtime, asked)
  return asked
}

/** The question is not answered: the next one is asked anew. */
export function forgetToken(realtime: SupabaseRealtime): void {
  refreshing.delete(realtime)
}

const listeners = new WeakMap<SupabaseRealtime, Set<HeartbeatListener>>()

/** A client has one callback for its heartbeats, which is its page's: ours goes before it, once for all that follow uploads over this client. */
function listen(realtime: SupabaseRealtime, listener: HeartbeatListener): () => void {
  const all = listeners.get(realtime) ?? new Set()
  if (!listeners.has(realtime)) {
    listeners.set(realtime, all)
    const before = realtime.heartbeatCallback
    realtime.onHeartbeat((status, latencyMs) => {
      for (const one of all) one(status, latencyMs)
      before(status, latencyMs)
    })
  }
  all.add(listener)
  return () => all.delete(listener)
}
