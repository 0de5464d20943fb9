/** What else a refusal says. */
export interface RefusalDetails {
  /** Whether the same request can succeed later. @default false */
  readonly retryable?: boolean
  /** When to come back, milliseconds: said as `Retry-After`. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/** A request that is refused: answered as a problem document (RFC 9457) with a stable `code`. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  /** HTTP status. */
  readonly status: number
  readonly code: string
  readonly retryable: boolean
  readonly retryAfterMs: number | undefined

  constructor(status: number, code: string, message: string, details: RefusalDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.status = status
    this.code = code
    this.retryable = details.retryable ?? false
    this.retryAfterMs = details.retryAfterMs
  }
}

/** What else a {@link ProcessingError} says. */
export interface ProcessingErrorDetails {
  /** Whether processing the same bytes again can help. @default true */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/**
 * Thrown by a `process` hook to fail an operation with a reason that its user may read.
 * Anything else that a hook throws is logged, and told to the user in general words only.
 */
export class ProcessingError extends Error {
  override readonly name = 'ProcessingError'
  /** Stable and machine-readable, such as `virus_found`. */
  readonly code: string
  readonly retryable: boolean

  constructor(code: string, message: string, details: ProcessingErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.retryable = details.retryable ?? true
  }
}

export function serverClosing(): Refusal {
  return new Refusal(503, 'server_closing', 'The server is being restarted. Try again in a moment.', { retryable: true })
}
