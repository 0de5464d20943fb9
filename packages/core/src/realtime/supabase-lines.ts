import type { UploadError } from '../errors.js'
import type { Decode } from '../protocol/index.js'
import type { FollowedChannel, FollowedChannelOptions } from './supabase-channel.js'
import type { SupabaseChannel, SupabaseRealtime } from './supabase-client.js'
import type { Topic, TopicHandlers } from './transport.js'

/** Somebody's topic, on however many lines. */
export interface Followed {
  readonly topic: Topic
  readonly followers: Set<TopicHandlers>
}

/** A channel and what is followed over it. */
export interface Line {
  readonly followed: readonly Followed[]
  readonly channel: FollowedChannel
  readonly realtime: SupabaseRealtime
}

/** What a line is for. */
export interface LinePlan extends Pick<FollowedChannelOptions, 'completes'> {
  /** A channel that listens to it, and is not joined yet. */
  channelOf(realtime: SupabaseRealtime): SupabaseChannel
  /** It holds. Answers what of it was held until now: nothing of that was missed. */
  onComplete?(): ReadonlySet<Followed>
  /** Answers whether others take its place, so that nobody is refused anything. */
  onRefused?(error: UploadError): boolean
}

/** The lines of a transport, for who spreads topics over them. */
export interface SupabaseLines {
  readonly all: ReadonlySet<Line>
  open(followed: readonly Followed[], plan: LinePlan): Line
  close(line: Line): void
  /** What is followed over those of them that are complete. */
  held(lines: Iterable<Line>): ReadonlySet<Followed>
  /** A channel of a name that means nothing, and is nobody else's. */
  channel(realtime: SupabaseRealtime): SupabaseChannel
  /** To those who follow the topic, if there are any. */
  deliver(topic: Topic, raw: unknown): void
}

export const isFollowed = ({ followers }: Followed): boolean => followers.size > 0

/** How the changes of a table's rows are followed: made by `tableChanges`. */
export interface SupabaseChanges {
  /** Made for each transport: it remembers what it read. */
  decode(): Decode
  /** Opens lines for topics that are new. */
  open(fresh: readonly Followed[], lines: SupabaseLines): void
}
