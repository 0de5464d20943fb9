import { STOMP_DESTINATIONS, stompDestination } from '@upload-panel/core/protocol'
import type { PublishedTopic } from './topic.js'

/** Templates by kind of topic; those that are left out stay as they are by default, and nothing is told where one is `null`. */
export interface StompDestinations {
  /** @default '/topic/job/{jobId}' */
  readonly job?: string | null
  /** @default '/topic/upload/{operationId}' */
  readonly operation?: string | null
  /** @default '/topic/all/{subject}' */
  readonly all?: string | null
}

/** Where words are told: templates, or a function that has to see to it by itself that an id cannot name another destination; `null`: nowhere. */
export type StompDestination = StompDestinations | ((topic: PublishedTopic) => string | null)

/** STOMP before 1.2 has no way to write a line break in a header. */
const DESTINATION = /^[^\p{Cc}]{1,1000}$/u

/**
 * Names the destinations of topics, as the transport of the page does: a topic whose id would mean something to a broker has none, since no page can follow it.
 * Throws a `TypeError` where a template is none.
 */
export function destinationNames(destination: StompDestination = {}): (topic: PublishedTopic) => string | null {
  if (typeof destination === 'function') {
    return (topic) => {
      const name = destination(topic)
      if (name === null || DESTINATION.test(name)) return name
      throw new TypeError('`destination` has to name one, without line breaks, or to answer null.')
    }
  }
  const templates: Record<PublishedTopic['kind'], string | null> = { ...STOMP_DESTINATIONS, ...destination }
  for (const template of Object.values(templates)) {
    if (template !== null && !DESTINATION.test(template))
      throw new TypeError('A template of `destination` has to be a text without line breaks.')
  }
  return ({ kind, id }) => {
    const template = templates[kind]
    return template === null ? null : (stompDestination(template, id) ?? null)
  }
}
