import { RealtimeClient } from '@supabase/supabase-js'
import { fullJitter } from '../backoff.js'
import type { Environment } from '../environment.js'
import { type HeartbeatListener, reconnect, type SupabaseConnections, type SupabaseRealtime } from './supabase-client.js'

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

/** A server refuses more channels on one connection. */
const CHANNELS_PER_CONNECTION = 100
/** First and longest wait until a client of ours connects again, in milliseconds. */
const RECONNECT = { baseMs: 1000, capMs: 5000 }
/** A heartbeat goes after this part of the time within which a dead connection is found, and its answer may take as long. */
const HEARTBEAT_EVERY = 0.45

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
