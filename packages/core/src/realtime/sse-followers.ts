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
  /** Something was said on a stream of these topics. */
  take(event: StreamEvent, topics: ReadonlySet<string>): void
}

export function createSseFollowers(connection: Connection, decode: Decode | undefined): SseFollowers {
  const byTopic = new Map<string, Set<TopicHandlers>>()

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
    take({ event, data }, topics) {
      if (event === SYNC_STATUS_EVENT) {
        connection.received(data.length)
        deliver(topics, data)
      }
      // The server does not know our cursor: messages may be lost, the snapshot tells.
      else if (event === RESET_EVENT) tell(topics, ({ onSubscribed }) => onSubscribed())
      else if (event === REFUSED_EVENT) {
        const { code = 'refused', detail = code } = parseProblem(data) ?? {}
        const error = new UploadError('rejected', detail, { remoteCode: code })
        tell(refusedIn(parsed(data)), ({ onRefused }) => onRefused(error))
      }
    },
  }
}

const ALL = 'all=1'

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
