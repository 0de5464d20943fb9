/**
 * Every way in which an upload can go wrong, each with a row in `docs/errors.md`.
 * The set is closed: a server's own codes arrive as `remote_error` with the server's word in `remoteCode`.
 */
export type UploadErrorCode =
  /** The request got no answer: connection refused, reset, or cut. Retried. */
  | 'network'
  /** No byte moved for too long. Retried. */
  | 'stalled'
  /** The server asked to slow down (429, 503 with Retry-After). Retried when it says. */
  | 'throttled'
  /** Not signed in, or not allowed (401, 403). */
  | 'auth'
  /** The server had a fault of its own (5xx). Retried. */
  | 'server'
  /** The server refused this request and would refuse it again (other 4xx). */
  | 'rejected'
  /** The server's answer makes no sense: HTML in place of JSON, a plan of unknown shape. */
  | 'bad_answer'
  /** The file cannot be read any more: deleted, changed, or on a drive that is gone. */
  | 'file_unreadable'
  /** Refused by the restrictions before anything was sent. */
  | 'file_too_large'
  | 'file_too_small'
  | 'file_type'
  | 'too_many_files'
  | 'validation'
  /** The hook that makes the file ready failed. */
  | 'prepare_failed'
  /** The server took the bytes and then failed or refused to process them. */
  | 'remote_error'
  /** Nobody configured a strategy for the plan that the server made. */
  | 'unsupported_plan'
  /** The content of files cannot be kept for the next page: there is no room. A warning. */
  | 'files_not_kept'
  /** The queue cannot be kept for the next page. A warning. */
  | 'not_persisted'
  /** The person, or the program, stopped it. */
  | 'aborted'

/** What else is known about an {@link UploadError}. */
export interface UploadErrorDetails {
  /** Whether the same request can succeed later without anything being changed. */
  readonly retryable?: boolean | undefined
  /** HTTP status, where there was an answer. */
  readonly status?: number | undefined
  /** The server's own code. */
  readonly remoteCode?: string | undefined
  /** The server asked not to come back before this many milliseconds (`Retry-After`). */
  readonly retryAfterMs?: number | undefined
  /** What a restriction allows: bytes, a count, or types. */
  readonly limit?: number | readonly string[] | undefined
  /** The sentence is this library's own, so that a UI may say it in another language, by `code`. What a server or the page has said is left as it is. */
  readonly translatable?: boolean | undefined
  readonly cause?: unknown
}

const RETRYABLE: ReadonlySet<UploadErrorCode> = new Set(['network', 'stalled', 'throttled', 'server'])

/** The one error of this library: a sentence for people, a stable `code` for programs. */
export class UploadError extends Error {
  override readonly name = 'UploadError'
  readonly code: UploadErrorCode
  readonly retryable: boolean
  readonly status?: number
  readonly remoteCode?: string
  readonly retryAfterMs?: number
  readonly limit?: number | readonly string[]
  readonly translatable?: boolean

  constructor(code: UploadErrorCode, message: string, details: UploadErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? RETRYABLE.has(code)
    if (details.status !== undefined) this.status = details.status
    if (details.remoteCode !== undefined) this.remoteCode = details.remoteCode
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
    if (details.limit !== undefined) this.limit = details.limit
    if (details.translatable) this.translatable = true
  }
}

/** An error in a sentence of this library's own. */
export function ownError(code: UploadErrorCode, message: string, details?: UploadErrorDetails): UploadError {
  return new UploadError(code, message, { ...details, translatable: true })
}

/** The reason that an aborted signal carries here, so that an abort is told from a failure. */
export function abortedError(why: string): UploadError {
  return new UploadError('aborted', why, { retryable: false })
}

/** Anything thrown, as an {@link UploadError}: a user's hook or a vendor's client may throw whatever it likes. */
export function toUploadError(thrown: unknown, code: UploadErrorCode = 'bad_answer'): UploadError {
  if (thrown instanceof UploadError) return thrown
  const message = thrown instanceof Error ? thrown.message : thrown
  return new UploadError(code, typeof message === 'string' && message !== '' ? message : 'Something went wrong.', { cause: thrown })
}

/** Whether a request got no answer at all, so that the network, or the server as a whole, may be gone. */
export function isUnanswered(error: UploadError): boolean {
  return error.code === 'network' || error.code === 'stalled'
}
