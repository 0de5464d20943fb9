import { SYNC_STATUS_EVENT, type SyncStatusUpdate } from '@upload-panel/core/protocol'
import type { OperationRecord } from '../records/operation-records.js'
import type { Rate } from '../security/rate-limits.js'
import type { PublisherContext, StatusPublisher } from './publisher.js'
import { type Audience, createAudience } from './socket-io/audience.js'
import type { SocketIoEmitter, SocketIoNamespace, SocketIoServer } from './socket-io/server.js'
import { readTopic, readTopicBy, roomOf, type SocketIoTopic } from './socket-io/topic.js'
import { topicsOf } from './topic.js'

export type { SocketIoEmitter, SocketIoNamespace, SocketIoServer, SocketIoSocket } from './socket-io/server.js'
export type { SocketIoTopic } from './socket-io/topic.js'

/** What clients call the events. */
export interface SocketIoEvents {
  /** An update. @default 'sync-status' */
  readonly message?: string
  /** Asks for a room; answered by an acknowledgement. @default 'join-upload' */
  readonly join?: string
  /** @default 'leave-upload' */
  readonly leave?: string
  /** Answered at once by an acknowledgement. @default 'ping-upload' */
  readonly ping?: string
}

interface SocketIoMessages {
  /** Two of one kind need two names. @default 'socket-io' */
  readonly name?: string
  readonly events?: SocketIoEvents
  /** What is sent for an update, to clients that are not ours; nothing for `undefined`. @default the update */
  readonly encode?: (update: SyncStatusUpdate) => unknown
  /**
   * Rooms of yours that are told of an update, of the operation's subject. Then no joins are answered: who is in them is your own code's to decide.
   * @default rooms that clients join here
   */
  readonly rooms?: (update: SyncStatusUpdate, subject: string) => readonly string[]
}

/** For a server of yours, with its clients. */
export interface SocketIoServerOptions extends SocketIoMessages {
  /** A `Server` of Socket.IO 4, of which `/` is used, or one of its namespaces. It is never closed. */
  readonly io: SocketIoServer | SocketIoNamespace
  /**
   * Whether what one process says goes to the clients of all, by the server's adapter. Else each process tells its own, with an adapter and without;
   * what a worker says reaches them by the records that it shares with them.
   * @default false
   */
  readonly cluster?: boolean
  /** What a join carries, where that is not `job:<id>`, `upload:<id>` or `all`; `undefined` where it makes no sense. */
  topic?(asked: unknown): SocketIoTopic | undefined
  /** Things that one connection may follow at a time. @default 1000 */
  readonly maxTopics?: number
  /** Joins of one connection. @default 6000 a minute, 1000 at once */
  readonly joins?: Rate
}

/** For a process that has no clients, and tells those of others. */
export interface SocketIoEmitterOptions extends SocketIoMessages {
  /** Such as an `Emitter` of `@socket.io/redis-emitter`. */
  readonly emitter: SocketIoEmitter
}

export type SocketIoPublisherOptions = SocketIoServerOptions | SocketIoEmitterOptions

/**
 * Tells of every change by Socket.IO 4, and answers joins: each is authorised with the headers of its handshake, and `auth.token` as a bearer token.
 *
 * @example
 * const sync = await createSyncServer({ …, publishers: [socketIoPublisher({ io: new Server(http) })] })
 */
export function socketIoPublisher(options: SocketIoPublisherOptions): StatusPublisher {
  const { name = 'socket-io', encode = (update) => update, rooms } = options
  const events = { message: SYNC_STATUS_EVENT, join: 'join-upload', leave: 'leave-upload', ping: 'ping-upload', ...options.events }
  const channel = channelOf(options)
  let audience: Audience | undefined
  let context: PublisherContext | undefined

  /** One record that cannot be said must not keep the others from being told. */
  function tell(record: OperationRecord): unknown {
    const { word, subject } = record
    try {
      const names = rooms === undefined ? topicsOf(record).map(roomOf) : rooms(word, subject)
      // Most operations are followed over one process, if at all.
      if (names.length === 0 || (channel.reach === 'node' && audience?.hears(names) === false)) return undefined
      const message = encode(word)
      return message === undefined
        ? undefined
        : channel
            .emitter()
            .to([...names])
            .emit(events.message, message)
    } catch (error) {
      context?.logger.error(`Operation ${word.operation_id} could not be told by ${name}.`, error)
      return undefined
    }
  }

  return {
    name,
    reach: channel.reach,
    async open(given) {
      context = given
      if (!('io' in options) || rooms !== undefined) return
      const { topic, maxTopics = 1000, joins = { perMinute: 6000, burst: 1000 } } = options
      audience = createAudience({
        namespace: namespaceOf(options.io),
        context: given,
        events,
        topicOf: (asked) => readTopicBy(topic ?? readTopic, asked),
        maxTopics,
        joins,
        memoryName: `upload-panel ${name}`,
      })
    },
    publish(records) {
      const answers = records.map(tell).filter((answer) => answer instanceof Promise)
      // Nothing waits where there is nothing to wait for.
      return answers.length === 0 ? undefined : Promise.all(answers).then(() => {})
    },
    close() {
      audience?.close()
    },
  }
}

function channelOf(options: SocketIoPublisherOptions): { readonly reach: StatusPublisher['reach']; emitter(): SocketIoEmitter } {
  if ('emitter' in options) return { reach: 'cluster', emitter: () => options.emitter }
  const namespace = namespaceOf(options.io)
  return options.cluster === true ? { reach: 'cluster', emitter: () => namespace } : { reach: 'node', emitter: () => namespace.local }
}

function namespaceOf(io: SocketIoServer | SocketIoNamespace): SocketIoNamespace {
  return 'of' in io ? io.of('/') : io
}
