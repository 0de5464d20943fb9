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

export type HeartbeatListener = (status: string, latencyMs?: number) => void

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

/** The client waits longer with each failure, and knows nothing of a network that returned: only a client that was told to disconnect connects at once. */
export function reconnect(realtime: SupabaseRealtime, isNeeded: () => boolean): void {
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
