import { UploadError } from '../errors.js'
import { type Decode, isId, isRecord, parseProblem, REFUSED_EVENT, RESET_EVENT, SYNC_STATUS_EVENT } from '../protocol/index.js'
import type { Connection } from './connection.js'
import type { StreamEvent } from './event-stream.js'
import type { Topic, TopicHandlers } from './transport.js'

/** Who follows what over one stream. */
export interface SseFollowers {
  /** By topics, as they are written in the query, such as `job_id=1`. */
  readonly byTopic: Map<string, Set<TopicHandlers>>
  tell(topics: Iterable<string>, act: (handlers: TopicHandlers) => void): void
  /** A stream stands. Tells of topics that the one before did not have; of what that one was refused the first words of this one decide. */
  opened(fresh: readonly string[]): void
  /** Whether the stream that stands tells of a topic of its. */
  isFollowed(topic: string): boolean
  /** Tells one who comes later to a topic of the stream that stands. */
  joined(topic: string, handlers: TopicHandlers): void
  /** Something was said on a stream of these topics. */
  take(event: StreamEvent, topics: ReadonlySet<string>): void
}

export function createSseFollowers(connection: Connection, decode: Decode | undefined): SseFollowers {
  const byTopic = new Map<string, Set<TopicHandlers>>()
  /** Why the server does not tell of a topic; without a reason, what it has refused of the stream before: it says what it refuses before all else. */
  const refused = new Map<string, UploadError | undefined>()
  const isFollowed = (topic: string) => !refused.has(topic)

  function tell(topics: Iterable<string>, act: (handlers: TopicHandlers) => void): void {
    for (const topic of topics) for (const handlers of [...(byTopic.get(topic) ?? [])]) act(handlers)
  }

  /** To those whom a message concerns: each once, whatever of it he follows. */
  function deliver(topics: ReadonlySet<string>, data: string): void {
    const [only = ''] = topics
    const followers = byTopic.get(only)
    if (topics.size === 1 && followers?.size === 1) {
      // Where one follows one thing, which is what most pages have, it is his: thousands of times a second.
      for (const { onMessage } of followers) onMessage(data, data.length)
      return
    }
    // Where all follow the same, and in a dialect of one's own, nothing is looked at here.
    const raw = topics.size > 1 && decode === undefined ? parsed(data) : data
    const receivers = new Set<TopicHandlers['onMessage']>()
    tell(isRecord(raw) ? topicsOf(raw, topics) : topics, ({ onMessage }) => receivers.add(onMessage))
    for (const receive of receivers) receive(raw, data.length)
  }

  return {
    byTopic,
    tell,
    isFollowed,
    opened(fresh) {
      for (const topic of refused.keys()) refused.set(topic, undefined)
      tell(fresh.filter(isFollowed), subscribed)
    },
    joined(topic, handlers) {
      const error = refused.get(topic)
      if (error !== undefined) handlers.onRefused(error)
      else if (isFollowed(topic)) handlers.onSubscribed()
    },
    take({ event, data }, topics) {
      if (event === REFUSED_EVENT) {
        const { code = 'refused', detail = code } = parseProblem(data) ?? {}
        const error = new UploadError('rejected', detail, { remoteCode: code })
        const names = refusedIn(parsed(data)).filter((name) => topics.has(name))
        for (const name of names) refused.set(name, error)
        return tell(names, ({ onRefused }) => onRefused(error))
      }
      // The server does not know our cursor: messages may be lost, the snapshot tells.
      if (event === RESET_EVENT) return tell([...topics].filter(isFollowed), subscribed)
      for (const [topic, error] of refused) {
        if (error !== undefined) continue
        refused.delete(topic)
        if (topics.has(topic)) tell([topic], subscribed)
      }
      if (event !== SYNC_STATUS_EVENT) return
      connection.received(data.length)
      deliver(topics, data)
    },
  }
}

const ALL = 'all=1'

const subscribed = ({ onSubscribed }: TopicHandlers) => onSubscribed()

/** As it is written in the query. */
export function nameOf(topic: Topic): string {
  return topic.kind === 'all' ? ALL : `${topic.kind}_id=${encodeURIComponent(topic.id)}`
}

/** Whom a message may concern. */
function topicsOf({ operation_id, job_id }: Record<string, unknown>, topics: ReadonlySet<string>): Iterable<string> {
  // One that names no job may be of any; of what makes no sense the receiver says so.
  if (!isId(job_id) || !isId(operation_id)) return topics
  return [ALL, nameOf({ kind: 'job', id: job_id }), nameOf({ kind: 'operation', id: operation_id })]
}

/** What a server says that it does not tell, though it was asked to. */
function refusedIn(refusal: unknown): readonly string[] {
  const facts = Object.entries(isRecord(refusal) ? refusal : {})
  // What is no topic's name is nobody's.
  return facts.map(([key, id]) => (id === true ? ALL : isId(id) ? `${key}=${encodeURIComponent(id)}` : ''))
}

/** The value of a text, or the text where it is no JSON: whoever receives it says what is wrong with it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
