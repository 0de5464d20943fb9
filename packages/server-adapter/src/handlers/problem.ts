import { STATUS_CODES } from 'node:http'
import { type Problem, PROBLEM_CONTENT_TYPE } from '@upload-panel/core/protocol'
import type { Refusal } from '../errors.js'
import { TOKEN_EXPIRED } from '../security/refusals.js'

/** "Errors are RFC 9457 problem documents with a stable `code`." */
export function problemResponse({
  status,
  code,
  message,
  retryable,
  retryAfterMs = status === 503 ? 1000 : undefined,
}: Pick<Refusal, 'status' | 'code' | 'message' | 'retryable' | 'retryAfterMs'>): Response {
  const problem: Problem = {
    type: `urn:upload-panel:problem:${code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    code,
    detail: message,
    retryable,
  }
  return new Response(JSON.stringify(problem), {
    status,
    headers: {
      'content-type': PROBLEM_CONTENT_TYPE,
      // Whoever comes back at once, with everyone else, makes it worse.
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      // RFC 6750: what was wrong with a token, where one was looked at.
      ...(status === 401 && { 'www-authenticate': code === TOKEN_EXPIRED ? 'Bearer error="invalid_token"' : 'Bearer' }),
      ...(status === 405 && { allow: 'GET' }),
    },
  })
}
