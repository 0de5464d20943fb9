/** Where updates are told over STOMP, unless client and server are told otherwise. */
export const STOMP_DESTINATIONS = {
  job: '/topic/job/{jobId}',
  operation: '/topic/upload/{operationId}',
  all: '/topic/all/{subject}',
} as const

/**
 * What ids may consist of. Brokers give a meaning to much else, each of its own: levels (`/`, `.`), wildcards (`*`, `#`, `>`), lists (`,`), options (`?`).
 * To escape it does not help, for RabbitMQ takes the escape back before it looks.
 */
const SAFE_ID = /^[\w:~=-]{1,200}$/

/** The destination that a template names for an id; `undefined` where the id cannot be a part of one. */
export function stompDestination(template: string, id: string): string | undefined {
  if (!/\{\w+\}/.test(template)) return template
  return SAFE_ID.test(id) ? template.replaceAll(/\{(jobId|operationId|subject)\}/g, id) : undefined
}
