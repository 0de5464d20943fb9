import { UploadError } from '../errors.js'
import { sanitizeText } from '../protocol/index.js'
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

const DEFAULTS: Required<StompDestinations> = {
  job: '/topic/job/{jobId}',
  operation: '/topic/upload/{operationId}',
  all: '/topic/all/{subject}',
}

/**
 * What ids may consist of. Brokers give a meaning to much else, each of its own: levels (`/`, `.`), wildcards (`*`, `#`, `>`), lists (`,`), options (`?`).
 * To escape it does not help, for RabbitMQ takes the escape back before it looks.
 */
const SAFE_ID = /^[\w:~=-]{1,200}$/

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
  const templates = { ...DEFAULTS, ...destination }
  return (topic) => {
    const id = topic.kind === 'all' ? subject : topic.id
    const template = templates[topic.kind]
    if (!/\{\w+\}/.test(template)) return template
    if (topic.kind === 'all' && subject === '') {
      throw new UploadError(
        'validation',
        'To follow everything by STOMP, give the option `subject`, or `destination.all` without a placeholder.',
      )
    }
    if (!SAFE_ID.test(id)) {
      const allowed = 'letters, digits and _ - : ~ ='
      throw new UploadError(
        'validation',
        `“${sanitizeText(id, 100)}” cannot be a part of a STOMP destination: only ${allowed} can. Give \`destination\` as a function.`,
      )
    }
    return template.replaceAll(/\{(jobId|operationId|subject)\}/g, id)
  }
}
