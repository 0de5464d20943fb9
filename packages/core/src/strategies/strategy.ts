import type { HttpRequest, HttpResponse } from '../http/http-client.js'
import type { SignPartsAnswer, StoredPart, UploadPlan } from '../protocol/index.js'

/** Where bytes come from. A `File` is one; so can be anything that has a size and can be sliced. */
export interface UploadSource {
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly type: string
  slice(start: number, end: number): Blob | Promise<Blob>
}

/** What the storage said of the bytes, for the server's `complete`. */
export interface TransferResult {
  readonly parts?: readonly { readonly part_number: number; readonly etag?: string }[]
}

/** What a strategy may use. */
export interface TransferContext {
  readonly signal: AbortSignal
  /**
   * Sends one request to storage once a byte slot of its origin is free. `make` is called with the slot in hand, as late as can be,
   * so that a URL which expired in the queue can be replaced. `place` orders the requests of one file, lower first.
   */
  send(url: string, make: () => StorageRequest | Promise<StorageRequest>, place?: number): Promise<HttpResponse>
  /** How many requests to the origin of a URL make sense at once. */
  parallelism(url: string): number
  /** All bytes of this file that storage has or the network has taken. */
  onProgress(sentBytes: number): void
  /** What an earlier run left behind, and what the next one shall find. Plain data; belongs to the item. */
  readonly checkpoint: { load(): unknown; save(value: unknown): void }
  /** The server's calls for parts. */
  readonly parts: {
    sign(partNumbers: readonly number[]): Promise<SignPartsAnswer>
    list(): Promise<readonly StoredPart[]>
  }
  /** Milliseconds since the epoch. */
  now(): number
  /** When the plan was received, as `now()` told it. */
  readonly plannedAt: number
}

export type StorageRequest = Omit<HttpRequest, 'signal'>

/** How the bytes of one kind of plan get into storage. */
export interface UploadStrategy<P extends UploadPlan = UploadPlan> {
  readonly kind: P['kind']
  /** Resolves once storage has accepted every byte. Rejects with an `UploadError`, or with the signal's reason. Settles once. */
  upload(source: UploadSource, plan: P, context: TransferContext): Promise<TransferResult>
}
