import { UploadError } from '../errors.js'
import type { HttpRequest, HttpResponse } from '../http/http-client.js'
import type { AnyPlan, CompletedPart, SignPartsAnswer, SignPartsRequest, StoredPart } from '../protocol/index.js'

/** Where bytes come from. A `File` is one; so can be anything that has a size and can be sliced. */
export interface UploadSource {
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly type: string
  /** `type` is that of the slice, as in `Blob.slice`; may be left to the caller. */
  slice(start: number, end: number, type?: string): Blob | Promise<Blob>
}

/** What the storage said of the bytes, for the backend's `complete`. Plain data: it may be kept over a reload. */
export interface TransferResult {
  readonly parts?: readonly CompletedPart[]
  /** Of the whole, as `complete` of the wire has it, where the plan asks for one. */
  readonly checksum?: string | undefined
  /** The answer of a storage that is the whole server, such as a form endpoint: the item's result where no server stage follows. */
  readonly result?: unknown
  /** How the server calls the operation that this upload began, where only the answer to the bytes tells. */
  readonly operationId?: string
}

/** What a strategy may use. */
export interface TransferContext {
  readonly signal: AbortSignal
  /** What the uploader knows of the file, and its source does not. */
  readonly item: { readonly id: string; readonly relativePath?: string; readonly metadata: Readonly<Record<string, unknown>> }
  /** Who goes first where files wait for something: compared place by place, lower first. */
  order(): readonly number[]
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
    /** `checksums` where the plan asks for them. */
    sign(partNumbers: readonly number[], checksums?: SignPartsRequest['checksums']): Promise<SignPartsAnswer>
    list(): Promise<readonly StoredPart[]>
  }
  /** Milliseconds since the epoch. */
  now(): number
  /** When the plan was received, as `now()` told it. */
  readonly plannedAt: number
}

export type StorageRequest = Omit<HttpRequest, 'signal'>

/** How the bytes of one kind of plan get into storage. */
export interface UploadStrategy<P extends AnyPlan = AnyPlan> {
  readonly kind: P['kind']
  /** Its requests get fresh URLs while it runs: a plan that has expired can still be begun. @default false */
  readonly signsAnew?: boolean
  /**
   * Reads a plan off the wire; `undefined` where it is malformed. `resolve` makes absolute what is relative to where the server adapter is mounted.
   * @default the plan as it came
   */
  readPlan?(raw: Record<string, unknown>, resolve: (url: string) => string): P | undefined
  /** Resolves once storage has accepted every byte. Rejects with an `UploadError`, or with the signal's reason. Settles once. */
  upload(source: UploadSource, plan: P, context: TransferContext): Promise<TransferResult>
}

/** The server wants what nobody here can do. */
export function unsupportedPlan(kind: string): UploadError {
  return new UploadError('unsupported_plan', `The server wants the file by "${kind.slice(0, 40)}", for which no strategy is configured.`)
}
