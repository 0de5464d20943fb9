import { UploadError, type UploadErrorDetails } from '../../errors.js'
import { parseProblem, sanitizeText } from '../../protocol/index.js'
import type { HttpResponse } from '../http-client.js'

/** Longest wait that a server may ask for, in milliseconds: an hour. Longer is treated as an hour, and asked again. */
const MAX_RETRY_AFTER_MS = 3_600_000

/** What an API's error answer means. `now` is needed only for the date form of `Retry-After`. */
export function apiError(response: HttpResponse, now: number): UploadError {
  const { status } = response
  const problem = parseProblem(response.text)
  const details = {
    status,
    remoteCode: problem?.code,
    retryable: problem?.retryable,
    translatable: problem?.detail === undefined,
    ...retryAfter(response, now),
  }
  const say = (sentence: string) => problem?.detail ?? sentence
  if (status === 401)
    return new UploadError('auth', say('You are not signed in any more. Sign in and try again.'), { ...details, retryable: false })
  if (status === 403) return new UploadError('auth', say('You are not allowed to upload here.'), { ...details, retryable: false })
  if (isThrottled(response)) {
    return throttledError(details, problem?.detail)
  }
  if (status === 408 || status === 425) return new UploadError('network', say('The request took too long.'), details)
  if (status >= 500) return new UploadError('server', say(`The server had a problem (${status}).`), { ...details, retryable: true })
  return new UploadError('rejected', say(`The server refused the request (${status}).`), details)
}

/** What a storage's error answer means: it knows no sessions, only the signed URL, which may simply be too old. */
export function storageError(response: HttpResponse, now: number): UploadError {
  const { status } = response
  const detail = parseProblem(response.text)?.detail ?? fromXml(response.text, 'Message')
  const details = { status, remoteCode: storageCode(response), translatable: detail === undefined, ...retryAfter(response, now) }
  if (status === 401 || status === 403) {
    return new UploadError('rejected', detail ?? 'Storage no longer accepts the permission for this upload.', {
      ...details,
      retryable: true,
    })
  }
  const error = apiError(response, now)
  return new UploadError(error.code, detail ?? error.message, { ...details, retryable: error.retryable })
}

/** "Later", as the server says it; or as its gate says it in its place. */
export function throttledError(details: UploadErrorDetails, sentence = 'The server is busy. The upload goes on in a moment.'): UploadError {
  return new UploadError('throttled', sentence, details)
}

/** Whether a server asks to slow down. S3 says it with a 503 that names no time, Cloudinary with 420. */
export function isThrottled({ status, header, text }: Pick<HttpResponse, 'status' | 'header'> & { readonly text?: string }): boolean {
  if (status === 503) return header('retry-after') !== undefined || text?.includes('<Code>SlowDown</Code>') === true
  return status === 429 || status === 420
}

/** `Retry-After` in both forms, seconds and date (RFC 9110 §10.2.3). A date is of the server's clock, which the answer's own date tells where CORS shows it. */
export function retryAfter({ header }: Pick<HttpResponse, 'header'>, now: number): { retryAfterMs?: number } {
  const value = header('retry-after')
  if (value === undefined) return {}
  const answeredAt = Date.parse(header('date') ?? '')
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - (Number.isNaN(answeredAt) ? now : answeredAt)
  return Number.isNaN(ms) ? {} : { retryAfterMs: Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) }
}

/** The storage's own word for what is wrong: S3's code, such as `NoSuchUpload`, or that of a problem document. */
export function storageCode({ text }: Pick<HttpResponse, 'text'>): string | undefined {
  return parseProblem(text)?.code ?? fromXml(text, 'Code')
}

/** S3 answers errors as XML with one `<Code>` and one `<Message>`, which Ceph leaves empty. */
function fromXml(body: string, element: 'Code' | 'Message'): string | undefined {
  const text = new RegExp(`<${element}>([^<]{1,500})</${element}>`).exec(body)?.[1]
  return text === undefined ? undefined : sanitizeText(text)
}
