import type { Environment } from '../environment.js'
import type { UploadError } from '../errors.js'
import { type Decode, SYNC_STATUS_EVENT } from '../protocol/index.js'
import { createConnection } from './connection.js'
import { down } from './reconnect.js'
import { createFollowedChannel } from './supabase-channel.js'
import type { HeartbeatListener, SupabaseConnections, SupabaseRealtime } from './supabase-client.js'
import { type Followed, isFollowed, type Line, type LinePlan, type SupabaseChanges } from './supabase-lines.js'
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

/** One message of so many is measured: their client hands on objects, and writing each of them once more would cost more than reading it did. */
const MEASURED = 16

/** Supabase Realtime over connections that somebody else makes, so that a page with a client of its own loads no second one. */
export function supabaseOver(
  options: SupabaseCommon,
  connect: (environment: Environment, onHeartbeat: HeartbeatListener) => SupabaseConnections,
): RealtimeFactory {
  const { changes, subject, event = SYNC_STATUS_EVENT, private: isPrivate = true, fromDatabase = false } = options
  const topicName = options.topic ?? ((topic: Topic) => (topic.kind === 'all' && subject !== undefined ? `all:${subject}` : nameOf(topic)))

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
    const all = new Set<Line>()
    const refused = new Map<Followed, UploadError>()
    let waiting: Followed[] = []
    let messages = 0
    let size = 0

    // -- topics --------------------------------------------------------------------------------------------------------------------------

    function subscribe(topic: Topic, handlers: TopicHandlers): () => void {
      const key = nameOf(topic)
      const followed = everything.get(key) ?? { topic, followers: new Set() }
      // Two that follow the same thing with the same handlers are two.
      const own = { ...handlers }
      followed.followers.add(own)
      if (!everything.has(key)) {
        everything.set(key, followed)
        // What is asked for together can share a channel.
        if (waiting.push(followed) === 1) queueMicrotask(openWaiting)
        tell()
      } else if (held(all).has(followed)) own.onSubscribed()
      else {
        const error = refused.get(followed)
        if (error !== undefined) own.onRefused(error)
      }
      return () => {
        if (!followed.followers.delete(own) || isFollowed(followed)) return
        everything.delete(key)
        refused.delete(followed)
        for (const line of all) if (!line.followed.some(isFollowed)) close(line)
        tell()
      }
    }

    function openWaiting(): void {
      const fresh = waiting.filter(isFollowed)
      waiting = []
      if (changes === undefined) fresh.forEach(openBroadcast)
      else if (fresh.length > 0) changes.open(fresh, { all, open, close, held, channel, deliver })
    }

    function openBroadcast(followed: Followed): void {
      open([followed], {
        completes: 'join',
        channelOf(realtime) {
          const broadcast = { ack: false, self: false, ...(fromDatabase && { replication_ready: true }) }
          const opened = realtime.channel(topicName(followed.topic), { config: { private: isPrivate, broadcast } })
          opened.on('broadcast', { event }, ({ payload }) => deliver(followed.topic, payload))
          return opened
        },
      })
    }

    const channel = (realtime: SupabaseRealtime) =>
      realtime.channel(`upload-panel:${environment.createId()}`, { config: { private: options.private === true } })

    // -- lines ---------------------------------------------------------------------------------------------------------------------------

    const held = (lines: Iterable<Line>) => new Set([...lines].flatMap((line) => (line.channel.isComplete() ? line.followed : [])))

    function open(followed: readonly Followed[], { completes, channelOf, onComplete, onRefused }: LinePlan): Line {
      const realtime = connections.take()
      const toFollowers = (topics: readonly Followed[], act: (handlers: TopicHandlers) => void) => {
        for (const { followers } of topics) for (const follower of followers) act(follower)
      }
      const line: Line = {
        followed,
        realtime,
        channel: createFollowedChannel({
          environment,
          realtime,
          completes,
          open: () => channelOf(realtime),
          onComplete() {
            const before = onComplete?.()
            connection.alive()
            for (const one of followed) refused.delete(one)
            tell()
            toFollowers(
              followed.filter((one) => !before?.has(one)),
              (follower) => follower.onSubscribed(),
            )
          },
          onDown: tell,
          onRefused(error) {
            if (onRefused?.(error)) return
            for (const one of followed) refused.set(one, error)
            toFollowers(followed, (follower) => follower.onRefused(error))
          },
        }),
      }
      all.add(line)
      return line
    }

    function close(line: Line): void {
      if (!all.delete(line)) return
      line.channel.close()
      connections.give(line.realtime)
    }

    function tell(): void {
      const complete = held(all)
      // What is refused is no fault of a connection over which the rest is followed.
      if ([...everything.values()].every((one) => complete.has(one) || (complete.size > 0 && refused.has(one))))
        return connection.set({ status: everything.size > 0 ? 'connected' : 'disconnected', reconnectAttempts: 0 })
      connection.set(down(Math.max(0, ...Array.from(all, (line) => (line.channel.isComplete() ? 0 : line.channel.failures())))))
    }

    // -- messages ------------------------------------------------------------------------------------------------------------------------

    function deliver(topic: Topic, raw: unknown): void {
      const followed = everything.get(nameOf(topic))
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
        for (const line of all) line.channel.retry()
      },
      dispose() {
        for (const line of all) close(line)
        for (const { followers } of everything.values()) followers.clear()
        everything.clear()
        waiting = []
        connections.dispose()
        connection.dispose()
      },
    }
  }
}

const nameOf = (topic: Topic) => (topic.kind === 'all' ? 'all' : `${topic.kind === 'job' ? 'job' : 'upload'}:${topic.id}`)
