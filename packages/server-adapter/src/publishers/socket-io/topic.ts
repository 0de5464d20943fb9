import { isId } from '@upload-panel/core/protocol'
import type { PublishedTopic } from '../topic.js'

/** What a client can follow. */
export type SocketIoTopic = { readonly kind: 'job' | 'operation'; readonly id: string } | { readonly kind: 'all' }

/** How the wire names them. */
const KINDS: ReadonlyMap<string, 'job' | 'operation'> = new Map([
  ['job', 'job'],
  ['upload', 'operation'],
])

/** Reads `job:<id>`, `upload:<id>` and `all`. */
export function readTopic(asked: unknown): SocketIoTopic | undefined {
  if (asked === 'all') return { kind: 'all' }
  if (typeof asked !== 'string') return undefined
  const end = asked.indexOf(':')
  const kind = KINDS.get(asked.slice(0, end))
  return kind === undefined ? undefined : { kind, id: asked.slice(end + 1) }
}

/** Reads by a function that is not ours. */
export function readTopicBy(read: (asked: unknown) => SocketIoTopic | undefined, asked: unknown): SocketIoTopic | undefined {
  try {
    const topic = read(asked)
    return topic !== undefined && (topic.kind === 'all' || isId(topic.id)) ? topic : undefined
  } catch {
    return undefined
  }
}

/**
 * The room of a topic. It carries the subject: nobody hears of another's operations, whatever he asks for.
 * Ids and subjects have no NUL, so no two topics are written alike.
 */
export function roomOf({ kind, id, subject }: PublishedTopic): string {
  return `${kind === 'operation' ? 'upload' : kind}:${id}\0${subject}`
}
