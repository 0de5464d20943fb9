import { STATUS_CODES } from 'node:http'
import { type Problem, PROBLEM_CONTENT_TYPE } from '@upload-panel/core/protocol'
import type { Refusal } from '../errors.js'

/** "Errors are RFC 9457 problem documents with a stable `code`." */
export function problemResponse({
  status,
  code,
  message,
  retryable,
}: Pick<Refusal, 'status' | 'code' | 'message' | 'retryable'>): Response {
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
      ...(status === 503 && { 'retry-after': '1' }),
      ...(status === 405 && { allow: 'GET' }),
    },
  })
}
