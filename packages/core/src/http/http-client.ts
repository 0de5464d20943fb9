/** The fields of a `multipart/form-data` body, in their order. Not a `FormData`: that cannot be handed to a Worker. */
export type FormFields = readonly (readonly [name: string, value: string | Blob, fileName?: string])[]

/** One request with a body whose way can be followed. */
export interface HttpRequest {
  readonly method: string
  /** Absolute. */
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  /** Absent where a method has none, such as `HEAD` and `DELETE`. */
  readonly body?: Blob | FormFields
  /** `include`: cookies go along to other origins, too. @default 'same-origin' */
  readonly credentials?: 'same-origin' | 'include'
  /** How long it may take once its last byte has left, in milliseconds: some servers do their work before they answer. @default {@link STALL_MS} */
  readonly answerMs?: number
  readonly signal: AbortSignal
  /** Bytes of the body that the network has taken so far: each number is above the last. Not called after the promise has settled. */
  onProgress?(sentBytes: number): void
}

export interface HttpResponse {
  readonly status: number
  /** A response header, or `undefined` where it is absent or hidden by CORS. */
  header(name: string): string | undefined
  /** The body as text. */
  readonly text: string
}

/**
 * The port for bytes. Every HTTP status is an answer; rejects with an `UploadError` `network` where there was none,
 * `stalled` where nothing moved for too long, and with the signal's reason when aborted.
 */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResponse>
}

/** How long a request may stand still, once its first byte has left, in milliseconds. A request that the browser still queues has not stalled. */
export const STALL_MS = 45_000
