import { repeat } from '../../clock.js'
import { Refusal } from '../../errors.js'
import { createBuckets, type Rate } from '../../security/rate-limits.js'
import type { PublisherContext } from '../publisher.js'
import { createFollower, type Follower } from './follower.js'
import type { SocketIoNamespace, SocketIoSocket } from './server.js'
import type { SocketIoTopic } from './topic.js'

/** Those who follow something over the sockets of this process. */
export interface Audience {
  /** Whether anybody is in one of the rooms. */
  hears(rooms: readonly string[]): boolean
  /** Answers no joins any more, and sends away who follows something: to another process, where there is one. */
  close(): void
}

export interface AudienceOptions {
  readonly namespace: SocketIoNamespace
  readonly context: PublisherContext
  /** What the client calls them. */
  readonly events: { readonly message: string; readonly join: string; readonly leave: string; readonly ping: string }
  /** What a join or a leave is about. */
  topicOf(asked: unknown): SocketIoTopic | undefined
  readonly maxTopics: number
  /** Joins of one connection. */
  readonly joins: Rate
  readonly memoryName: string
}

type Listener = (...args: unknown[]) => void

/** What a join is answered with. */
type Answer = { readonly ok: true } | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } }

/** How often it is looked at who has to go, milliseconds: one timer for all. */
const CHECK_MS = 1000

export function createAudience({ namespace, context, events, topicOf, maxTopics, joins, memoryName }: AudienceOptions): Audience {
  const { clock, logger } = context
  const rooms = new Map<string, number>()
  const followers = new Map<SocketIoSocket, { readonly follower: Follower; stop(): void }>()
  const buckets = createBuckets(joins, clock)

  function attend(socket: SocketIoSocket): void {
    const takeJoin = () => buckets.take(socket.id)
    const follower = createFollower({ socket, context, message: events.message, maxTopics, takeJoin, memoryName, rooms })
    const listeners: Record<string, Listener> = {
      [events.join]: (...args) => void answer(follower, args),
      [events.leave](...args) {
        const topic = topicOf(args[0])
        if (topic !== undefined) follower.leave(topic)
        callbackIn(args)?.()
      },
      [events.ping]: (...args) => callbackIn(args)?.(),
      // Before Socket.IO writes down what it may recover.
      disconnecting() {
        stop()
        follower.end()
      },
    }
    const entries = Object.entries(listeners)
    function stop(): void {
      followers.delete(socket)
      for (const [event, listener] of entries) socket.removeListener(event, listener)
    }
    followers.set(socket, { follower, stop })
    for (const [event, listener] of entries) socket.on(event, listener)
    if (socket.recovered) follower.restore()
  }

  async function answer(follower: Follower, args: readonly unknown[]): Promise<void> {
    const acknowledge = callbackIn(args)
    try {
      const topic = topicOf(args[0])
      if (topic === undefined) throw new Refusal(422, 'invalid_topic', 'Name what to follow: job:<id>, upload:<id> or all.')
      await follower.join(topic)
      acknowledge?.({ ok: true } satisfies Answer)
    } catch (error) {
      acknowledge?.({ ok: false, error: wordsOf(error) } satisfies Answer)
      // What it had was by the same permission, which has ended: with a fresh one its client comes back.
      if (error instanceof Refusal && error.status === 401) follower.dismiss()
    }
  }

  function wordsOf(error: unknown): { readonly code: string; readonly message: string } {
    if (error instanceof Refusal) return { code: error.code, message: error.message }
    logger.error('A join by Socket.IO failed.', error)
    return { code: 'internal', message: 'The server had a fault of its own.' }
  }

  namespace.on('connection', attend)
  for (const socket of namespace.sockets.values()) attend(socket)
  const stopChecking = repeat(clock, CHECK_MS, () => {
    for (const { follower } of [...followers.values()]) follower.check()
  })

  return {
    hears: (names) => names.some((name) => rooms.has(name)),
    close() {
      stopChecking()
      namespace.removeListener('connection', attend)
      for (const { follower, stop } of [...followers.values()]) {
        follower.dismiss()
        stop()
        follower.end()
      }
    },
  }
}

/** Clients may send anything, and need not wait for an answer. */
function callbackIn(args: readonly unknown[]): Listener | undefined {
  const last = args.at(-1)
  return isCallback(last) ? last : undefined
}

function isCallback(value: unknown): value is Listener {
  return typeof value === 'function'
}
