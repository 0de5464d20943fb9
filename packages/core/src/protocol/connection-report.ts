/** What a client says of itself: it came, it is still there, it goes. */
export type ConnectionEvent = 'connect' | 'ping' | 'latency' | 'disconnect'

/** `POST /commands/connection`, best-effort: how a client's realtime connection stands, as it sees it. */
export interface ConnectionReport {
  /** Of one page: random, made by the client. */
  readonly connection_id: string
  readonly event: ConnectionEvent
  readonly status?: 'connected' | 'disconnected' | 'reconnecting' | 'error'
  /** `sse`, `socket-io`, … */
  readonly transport?: string
  /** Round trip in milliseconds; `null` where it is not known. */
  readonly latency?: number | null
  /** Since the last time it was connected. */
  readonly reconnect_attempts?: number
}
