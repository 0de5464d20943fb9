import type { ReadableAtom } from 'nanostores'
import type { Environment } from '../environment.js'
import type { UploadError } from '../errors.js'
import type { Decode } from '../protocol/index.js'

/** How the realtime connection stands. */
export interface ConnectionStatus {
  /**
   * `error`: the server refused it, or four attempts in a row failed; it is still tried. `disconnected`: nobody tries, since nothing is followed, or
   * since the page has closed its own client.
   */
  readonly status: 'connected' | 'disconnected' | 'reconnecting' | 'error'
  /** When the other end was last heard, ISO 8601; empty before the first time. */
  readonly lastPing: string
  /** Round trip in milliseconds; `null` while it is not known, never a guess. */
  readonly latency: number | null
  /** Since the last time it was connected. */
  readonly reconnectAttempts: number
  /** `sse`, `socket-io`, …; `none` where no realtime is configured. */
  readonly transport: string
  /** Whether the snapshot is polled because realtime is not healthy. */
  readonly polling: boolean
  /** Over the last second; where the client hands on objects, `bytesPerSecond` is an estimate. */
  readonly messagesPerSecond: number
  readonly bytesPerSecond: number
}

/** Of no connection at all: before the first one, or where no backend confirms uploads. */
export const NOT_CONNECTED: ConnectionStatus = {
  status: 'disconnected',
  lastPing: '',
  latency: null,
  reconnectAttempts: 0,
  transport: 'none',
  polling: false,
  messagesPerSecond: 0,
  bytesPerSecond: 0,
}

/** What can be followed. Each transport has its own name for each. */
export type Topic =
  | { readonly kind: 'job'; readonly id: string }
  | { readonly kind: 'operation'; readonly id: string }
  | { readonly kind: 'all'; readonly id?: never }

export interface TopicHandlers {
  /** A message as it came: decoded and validated by the receiver. Its size in bytes, as far as the transport knows it. */
  onMessage(raw: unknown, bytes?: number): void
  /** The subscription holds from now on; called again after each reconnect and whenever messages may have been lost. */
  onSubscribed(): void
  /** The server refused this topic for good. */
  onRefused(error: UploadError): void
}

/** A realtime connection. Reconnects by itself, for as long as anything is subscribed. */
export interface RealtimeTransport {
  readonly $connection: ReadableAtom<ConnectionStatus>
  /** Whether a terminal word may be believed as it comes (protocol rule 7). */
  readonly authoritative: boolean
  /** How its messages are read. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  subscribe(topic: Topic, handlers: TopicHandlers): () => void
  /** Tries again at once instead of waiting out a backoff: the network returned or the page woke up. */
  wake(): void
  dispose(): void
}

/** A transport that is not yet part of an uploader: `sse(…)`, `polling()`. */
export type RealtimeFactory = (context: { readonly environment: Environment }) => RealtimeTransport
