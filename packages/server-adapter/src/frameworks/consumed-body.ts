import type { IncomingMessage, ServerResponse } from 'node:http'
import { Refusal } from '../errors.js'
import { problemResponse } from '../handlers/problem.js'

const SENTENCE =
  'A body parser read this request before upload-panel did. Mount upload-panel above express.json() and its like, or keep the bytes as they came in request.rawBody.'

/**
 * Whether the bytes of a request are still to be had. What a parser made of them cannot be turned back: a signature or a checksum is of the bytes
 * as they came. A parser that kept them, as `express.raw()` does, has lost nothing.
 */
export function hasItsBytes(request: IncomingMessage): boolean {
  if ('rawBody' in request && request.rawBody instanceof Buffer) return true
  // Of no bytes none are lost.
  if (!request.readableDidRead || request.headers['content-length'] === '0') return true
  if (!('body' in request) || !(request.body instanceof Buffer)) return false
  // Where the listener looks for bytes that have been read already.
  Object.assign(request, { rawBody: request.body })
  return true
}

/** Tells whoever wires it up, at the first command: not at the first `.json` file that somebody uploads. */
export async function refuseConsumedBody(response: ServerResponse): Promise<void> {
  const problem = problemResponse(new Refusal(500, 'body_consumed', SENTENCE))
  response.writeHead(problem.status, Object.fromEntries(problem.headers)).end(await problem.text())
}
