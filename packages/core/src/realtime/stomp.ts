import type { Decode } from '../protocol/index.js'
import { createConnection } from './connection.js'
import { ownLink, type StompAddress } from './stomp-client.js'
import { destinationNames, type StompDestination } from './stomp-destination.js'
import { createStompSubscriptions } from './stomp-subscriptions.js'
import { type StompClient, userLink } from './stomp-user-client.js'
import type { RealtimeFactory } from './transport.js'

export type { StompSocket } from './stomp-client.js'
export type { StompDestination, StompDestinations } from './stomp-destination.js'
export type { StompFrame } from './stomp-subscriptions.js'
export type { StompClient } from './stomp-user-client.js'

interface StompDialect {
  /**
   * Where the broker publishes what. RabbitMQ wants dots: `{ job: '/topic/job.{jobId}', operation: '/topic/upload.{operationId}' }`.
   * @default { job: '/topic/job/{jobId}', operation: '/topic/upload/{operationId}', all: '/topic/all/{subject}' }
   */
  readonly destination?: StompDestination
  /** Whose everything is followed: `{subject}`. */
  readonly subject?: string
  /** How messages are read. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  /**
   * Whether an end may be believed as a message tells it, without asking for the snapshot: only where the broker lets nobody but your servers publish to
   * these destinations.
   * @default false
   */
  readonly trusted?: boolean
}

/** A client of yours, whose settings count. You activate it; it is never ended. */
export interface StompOptionsWithClient extends StompDialect {
  readonly client: StompClient
}

/** A connection of our own, open while anything is followed. */
export interface StompOptionsWithUrl extends StompDialect, StompAddress {}

export type StompOptions = StompOptionsWithClient | StompOptionsWithUrl

/**
 * STOMP 1.0 to 1.2 over WebSocket or SockJS, by `@stomp/stompjs`: RabbitMQ, ActiveMQ, Artemis, Spring. `latency` is how long the broker took to confirm the
 * last subscription; where it gives no receipts it is not known.
 *
 * @example
 * stomp({ url: 'wss://example.com/ws', connectHeaders: async ({ attempt }) => ({ passcode: await token({ fresh: attempt > 1 }) }) })
 * stomp({ client })
 */
export function stomp(options: StompOptions = {}): RealtimeFactory {
  const { decode, trusted = false } = options
  const destinationOf = destinationNames(options.destination, options.subject)

  return ({ environment }) => {
    const connection = createConnection(environment.clock, 'stomp')
    const subscriptions = createStompSubscriptions(environment, connection, destinationOf)
    const link =
      'client' in options ? userLink(options.client, connection, subscriptions) : ownLink(options, environment, connection, subscriptions)

    return {
      $connection: connection.$status,
      authoritative: trusted,
      ...(decode !== undefined && { decode }),
      subscribe(topic, handlers) {
        const wasEmpty = subscriptions.isEmpty()
        const leave = subscriptions.add(topic, handlers)
        if (wasEmpty && !subscriptions.isEmpty()) link.open()
        return () => {
          leave()
          if (subscriptions.isEmpty()) close()
        }
      },
      wake: link.wake,
      dispose() {
        close()
        connection.dispose()
      },
    }

    function close(): void {
      subscriptions.clear()
      link.close()
      connection.set({ status: 'disconnected', latency: null })
    }
  }
}
