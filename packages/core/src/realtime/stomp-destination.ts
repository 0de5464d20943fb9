import { UploadError } from '../errors.js'
import { sanitizeText, STOMP_DESTINATIONS, stompDestination } from '../protocol/index.js'
import type { Topic } from './transport.js'

/** Templates by kind of topic; those that are left out stay as they are by default. */
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
  if (typeof destination === 'function') {
    return (topic) => {
      const name = destination(topic)
      if (DESTINATION.test(name)) return name
      throw new UploadError('validation', '`destination` has to name one, without line breaks.')
    }
  }
  const templates = { ...STOMP_DESTINATIONS, ...destination }
  return (topic) => {
    const id = topic.kind === 'all' ? subject : topic.id
    const name = stompDestination(templates[topic.kind], id)
    if (name !== undefined) return name
    if (topic.kind === 'all' && subject === '') {
      throw new UploadError(
        'validation',
        'To follow everything by STOMP, give the option `subject`, or `destination.all` without a placeholder.',
      )
    }
    const allowed = 'letters, digits and _ - : ~ ='
    throw new UploadError(
      'validation',
      `“${sanitizeText(id, 100)}” cannot be a part of a STOMP destination: only ${allowed} can. Give \`destination\` as a function.`,
    )
  }
}
