import { atom } from 'nanostores'
import {
  NOT_CONNECTED,
  type ConnectionStatus,
  type RealtimeFactory,
  type RealtimeTransport,
  type Topic,
  type TopicHandlers,
} from '../realtime/transport.js'

/** A realtime connection in the hands of a test. */
export interface MemoryTransport {
  /** For the `realtime` option. */
  readonly factory: RealtimeFactory
  /** What is subscribed now. */
  readonly topics: readonly Topic[]
  isConnected(): boolean
  /** The connection holds: every subscription begins. */
  connect(): void
  disconnect(): void
  /** A message arrives, as an object or as text. Nothing arrives while it is not connected. */
  deliver(raw: unknown): void
  refuse(error: Parameters<TopicHandlers['onRefused']>[0]): void
}

/** What `createMemoryTransport` takes. */
export type MemoryTransportOptions = Partial<Pick<RealtimeTransport, 'authoritative' | 'decode'>>

export function createMemoryTransport({ authoritative = true, decode }: MemoryTransportOptions = {}): MemoryTransport {
  const subscriptions = new Map<TopicHandlers, Topic>()
  const $connection = atom<ConnectionStatus>({
    ...NOT_CONNECTED,
    transport: 'memory',
  })
  const isConnected = () => $connection.get().status === 'connected'
  return {
    factory: () => ({
      $connection,
      authoritative,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        subscriptions.set(handlers, topic)
        if (isConnected()) handlers.onSubscribed()
        return () => subscriptions.delete(handlers)
      },
      wake() {},
      dispose: () => subscriptions.clear(),
    }),
    get topics() {
      return [...subscriptions.values()]
    },
    isConnected,
    connect() {
      $connection.set({ ...$connection.get(), status: 'connected' })
      for (const handlers of subscriptions.keys()) handlers.onSubscribed()
    },
    disconnect: () => $connection.set({ ...$connection.get(), status: 'reconnecting' }),
    deliver(raw) {
      if (!isConnected()) return
      // Once to each receiver, however many topics it follows.
      for (const receive of new Set([...subscriptions.keys()].map(({ onMessage }) => onMessage))) receive(raw)
    },
    refuse(error) {
      for (const handlers of subscriptions.keys()) handlers.onRefused(error)
    },
  }
}
