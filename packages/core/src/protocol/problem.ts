import { isRecord } from './json.js'
import { sanitizeText } from './text.js'

/** An RFC 9457 problem document with our stable `code`. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  /** One sentence for people, plain text. */
  readonly detail?: string
  /** Whether the same request can succeed later. */
  readonly retryable?: boolean
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json'

/** Reads what an error answer says of itself; `undefined` where it is not a problem document (a proxy's HTML page, an S3 XML error). */
export function parseProblem(body: string): Pick<Problem, 'code' | 'detail' | 'retryable'> | undefined {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return undefined
  }
  if (!isRecord(value) || typeof value['code'] !== 'string' || value['code'] === '') return undefined
  const detail = [value['detail'], value['title']].find((text) => typeof text === 'string')
  return {
    code: sanitizeText(value['code'], 100),
    ...(detail !== undefined && { detail: sanitizeText(detail) }),
    ...(typeof value['retryable'] === 'boolean' && { retryable: value['retryable'] }),
  }
}
