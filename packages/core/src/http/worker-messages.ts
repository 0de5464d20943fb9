import type { HttpRequest } from './http-client.js'
import type { RawResponse } from './raw-response.js'

/** Rises with every change of the messages below, and of what is done by them: a page may host a copy of the Worker's file that is older than the rest. */
export const WORKER_VERSION = 2

/** What the page tells the Worker. */
export type WorkerOrder =
  | { readonly send: number; readonly request: Omit<HttpRequest, 'signal' | 'onProgress'> }
  | { readonly abort: number }
  | { readonly ping: true }

/** What the Worker tells the page. */
export type WorkerWord = { readonly ready: number } | WorkerProgress | WorkerOutcome

/** How far requests are; with none of them the answer to a ping. */
export interface WorkerProgress {
  readonly progress: readonly (readonly [id: number, sentBytes: number])[]
}

/** The end of one request: an answer or a failure. */
export interface WorkerOutcome {
  readonly ended: number
  /** Progress that the page was not told yet. */
  readonly sentBytes: number | undefined
  /** The protocol of the request's origin, once: only the thread that sends is told by the browser. */
  readonly protocol: readonly [origin: string, name: string] | undefined
  readonly result: { readonly response: RawResponse } | { readonly failure: WorkerFailure }
}

export interface WorkerFailure {
  /** Of an `UploadError`; absent where the browser refused to send at all. */
  readonly code: 'network' | 'stalled' | undefined
  readonly message: string
}
