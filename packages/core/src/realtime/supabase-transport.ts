import type { Environment } from '../environment.js'
import { type Decode, SYNC_STATUS_EVENT } from '../protocol/index.js'
import { createConnection } from './connection.js'
import { down } from './reconnect.js'
import { createFollowedChannel, type FollowedChannel } from './supabase-channel.js'
import type { SupabaseChanges } from './supabase-changes.js'
import type { HeartbeatListener, SupabaseChannel, SupabaseConnections, SupabaseRealtime } from './supabase-client.js'
import type { RealtimeFactory, Topic, TopicHandlers } from './transport.js'

/** What does not depend on whose the connections are. */
export interface SupabaseCommon {
  /** How messages are read. @default `SyncStatusUpdate`s; with `changes`, rows of that table */
  readonly decode?: Decode
  /**
   * Whether an end may be believed as the message tells it, without asking for the snapshot: only where nobody but the server can write to the topics.
   * @default true for private channels and for `changes`; false for public channels
   */
  readonly trusted?: boolean
  /** Changes of a table's rows, by `tableChanges()`. @default broadcast */
  readonly changes?: SupabaseChanges
  /** Names of the topics. @default `job:<id>`, `upload:<id>`, `all:<subject>` */
  readonly topic?: (topic: Topic) => string
  /** Who the user is, for the topic of all that they may see. @default none, so that this topic is `all` */
  readonly subject?: string
  /** The event of an update; `*` for any, as where the database broadcasts `INSERT` and `UPDATE`. @default 'sync-status' */
  readonly event?: string
  /** Whether a policy on `realtime.messages` says who may listen. @default true; false with `changes`, where the table's own policies say who may see a row */
  readonly private?: boolean
  /** Whether the database itself broadcasts: what it says before the server follows it is lost, and the server then tells when it does. @default false */
  readonly fromDatabase?: boolean
}

/** Somebody's topic, on however many lines. */
interface Followed {
  readonly topic: Topic
  readonly followers: Set<TopicHandlers>
}

/** A channel and what is followed over it. */
interface Line {
  readonly followed: readonly Followed[]
  readonly channel: FollowedChannel
  readonly realtime: SupabaseRealtime
  /** One of its topics may be what the server refuses: it is left alone. */
  readonly isSuspect: boolean
}

/** One message of so many is measured: their client hands on objects, and writing each of them once more would cost more than reading it did. */
const MEASURED = 16

/** Supabase Realtime over connections that somebody else makes, so that a page with a client of its own loads no second one. */
export function supabaseOver(
  options: SupabaseCommon,
  connect: (environment: Environment, onHeartbeat: HeartbeatListener) => SupabaseConnections,
): RealtimeFactory {
  const { changes, subject, event = SYNC_STATUS_EVENT, private: isPrivate = true, fromDatabase = false } = options
  const topicName = options.topic ?? ((topic: Topic) => nameOf(topic, subject))

  return ({ environment }) => {
    const decode = options.decode ?? changes?.decode()
    const connection = createConnection(environment.clock, 'supabase')
    const onHeartbeat = (status: string, latency: number | undefined) => {
      if (status !== 'ok') return
      if (latency !== undefined) connection.set({ latency })
      connection.alive()
    }
    const connections = connect(environment, onHeartbeat)
    const everything = new Map<string, Followed>()
    const lines = new Set<Line>()
    let waiting: Followed[] = []
    let messages = 0
    let size = 0

    // -- topics --------------------------------------------------------------------------------------------------------------------------

    function subscribe(topic: Topic, handlers: TopicHandlers): () => void {
      const key = keyOf(topic)
      const followed = everything.get(key) ?? { topic, followers: new Set() }
      // Two that follow the same thing with the same handlers are two.
      const own = { ...handlers }
      followed.followers.add(own)
      if (!everything.has(key)) {
        everything.set(key, followed)
        // What is asked for together can share a channel.
        if (waiting.push(followed) === 1) queueMicrotask(openWaiting)
        tell()
      } else if (held().has(followed)) own.onSubscribed()
      return () => {
        if (!followed.followers.delete(own) || followed.followers.size > 0) return
        everything.delete(key)
        for (const line of lines) if (!line.followed.some(isFollowed)) close(line)
        tell()
      }
    }

    /** What is followed over lines that are complete. */
    const held = (by: Iterable<Line> = lines) => new Set([...by].flatMap(({ channel, followed }) => (channel.isComplete ? followed : [])))
    const isFollowed = ({ followers }: Followed) => followers.size > 0

    function openWaiting(): void {
      const fresh = waiting.filter(isFollowed)
      waiting = []
      if (changes === undefined) for (const one of fresh) open([one])
      else if (fresh.length > 0) open(fresh, changes.absorb(sound(), fresh.length))
    }

    const sound = () => [...lines].filter(({ isSuspect }) => !isSuspect)

    // -- lines ---------------------------------------------------------------------------------------------------------------------------

    /** A line for what is new, and for what the absorbed ones hold: these stay until it is complete, so that nothing is missed between them. */
    function open(fresh: readonly Followed[], absorbed: readonly Line[] = [], isSuspect = false): void {
      let replaced = absorbed
      const realtime = connections.take()
      const followed = [...new Set([...fresh, ...absorbed.flatMap((line) => line.followed.filter(isFollowed))])]
      const channel = createFollowedChannel({
        environment,
        realtime,
        completes: changes === undefined ? 'join' : 'system',
        open: () => channelOf(realtime, followed),
        onComplete() {
          const before = held(replaced)
          for (const other of replaced) close(other)
          replaced = []
          connection.alive()
          tell()
          for (const { followers } of followed.filter((one) => !before.has(one))) for (const follower of followers) follower.onSubscribed()
        },
        onDown: tell,
        onRefused(error) {
          if (followed.length > 1 && changes?.isOfOneTopic(error.message) === true) {
            close(line)
            for (const some of replaced.length > 0 ? [fresh] : halves(followed)) if (some.some(isFollowed)) open(some, [], true)
          } else for (const { followers } of followed) for (const follower of followers) follower.onRefused(error)
        },
      })
      const line: Line = { followed, channel, realtime, isSuspect }
      lines.add(line)
    }

    function close(line: Line): void {
      if (!lines.delete(line)) return
      line.channel.close()
      connections.give(line.realtime)
    }

    function tell(): void {
      const complete = held()
      const failures = Math.max(0, ...[...lines].map(({ channel }) => (channel.isComplete ? 0 : channel.failures())))
      if (everything.size === 0) connection.set({ status: 'disconnected', reconnectAttempts: 0 })
      else if ([...everything.values()].every((one) => complete.has(one))) connection.set({ status: 'connected', reconnectAttempts: 0 })
      else connection.set(down(failures))
    }

    // -- messages ------------------------------------------------------------------------------------------------------------------------

    function channelOf(realtime: SupabaseRealtime, all: readonly Followed[]): SupabaseChannel {
      const live = all.filter(isFollowed)
      const [first] = live
      if (changes === undefined) {
        const broadcast = { ack: false, self: false, ...(fromDatabase && { replication_ready: true }) }
        const channel = realtime.channel(first === undefined ? '' : topicName(first.topic), { config: { private: isPrivate, broadcast } })
        channel.on('broadcast', { event }, ({ payload }) => deliver(first, payload))
        return channel
      }
      // The name means nothing, and must be nobody else's.
      const channel = realtime.channel(`upload-panel:${environment.createId()}`, { config: { private: options.private === true } })
      changes.bind(
        channel,
        live.map(({ topic }) => topic),
        (topic, change) => deliver(topic === undefined ? first : everything.get(keyOf(topic)), change),
      )
      return channel
    }

    function deliver(followed: Followed | undefined, raw: unknown): void {
      if (followed === undefined) return
      if (messages % MEASURED === 0) size = JSON.stringify(raw)?.length ?? 0
      messages += 1
      connection.received(size)
      for (const follower of followed.followers) follower.onMessage(raw, size)
    }

    return {
      $connection: connection.$status,
      authoritative: options.trusted ?? (changes !== undefined || isPrivate),
      ...(decode !== undefined && { decode }),
      subscribe,
      wake() {
        connections.wake()
        for (const { channel } of lines) channel.retry()
      },
      dispose() {
        for (const line of lines) close(line)
        for (const { followers } of everything.values()) followers.clear()
        everything.clear()
        waiting = []
        connections.dispose()
        connection.dispose()
      },
    }
  }
}

const keyOf = (topic: Topic) => `${topic.kind}:${topic.kind === 'all' ? '' : topic.id}`

function nameOf(topic: Topic, subject: string | undefined): string {
  if (topic.kind === 'all') return subject === undefined ? 'all' : `all:${subject}`
  return topic.kind === 'job' ? `job:${topic.id}` : `upload:${topic.id}`
}

function halves<T>(list: readonly T[]): readonly (readonly T[])[] {
  const half = Math.ceil(list.length / 2)
  return [list.slice(0, half), list.slice(half)]
}
