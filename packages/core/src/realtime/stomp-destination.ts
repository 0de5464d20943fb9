import { UploadError } from '../errors.js'
import { sanitizeText, STOMP_DESTINATIONS, stompDestination } from '../protocol/index.js'
import type { Topic } from './transport.js'

/**
 * Templates by kind of topic; those that are left out stay as they are by default. An id takes the place of what stands in braces: one of letters, digits
 * and `_ - : ~ =`, for all else has a meaning to some broker.
 */
export interface StompDestinations {
  /** @default '/topic/job/{jobId}' */
  readonly job?: string
  /** @default '/topic/upload/{operationId}' */
  readonly operation?: string
  /** @default '/topic/all/{subject}' */
  readonly all?: string
}

/** Where the broker publishes what: templates, or a function that has to see to it by itself that an id cannot name another destination. */
export type StompDestination = StompDestinations | ((topic: Topic) => string)

/** STOMP before 1.2 has no way to write a line break in a header. */
const DESTINATION = /^[^\p{Cc}]{1,1000}$/u

/** Names the destinations of topics. What it answers with throws where a topic has none. */
export function destinationNames(destination: StompDestination = {}, subject = ''): (topic: Topic) => string {
  return (topic) => {
    const id = topic.kind === 'all' ? subject : topic.id
    const name =
      typeof destination === 'function' ? destination(topic) : stompDestination({ ...STOMP_DESTINATIONS, ...destination }[topic.kind], id)
    if (name !== undefined && DESTINATION.test(name)) return name
    const text = `“${sanitizeText(id, 100)}” cannot be a part of a STOMP destination. See the options \`destination\` and \`subject\`.`
    throw new UploadError('validation', text)
  }
}
