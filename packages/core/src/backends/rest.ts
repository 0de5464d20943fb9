import { toUploadError, UploadError } from '../errors.js'
import type { HeadersOption } from '../http/policy/headers.js'
import {
  decodeBy,
  isId,
  isSignedPart,
  isStoredPart,
  MAX_FILES_PER_CALL,
  MAX_SNAPSHOT_PAGE,
  NO_TIME,
  sanitizeText,
  type AnyPlan,
  type CreatedUpload,
  type CreateUploadFile,
  type CreateUploadsRequest,
  type Decode,
  type InlineError,
  type MultipartPlan,
  type PutPlan,
  type SignedPart,
  type StoredPart,
  type SyncStatusUpdate,
} from '../protocol/index.js'
import { followUploads } from '../realtime/follow.js'
import { reportProgress } from '../realtime/progress-reports.js'
import type { Topic } from '../realtime/transport.js'
import { multipart } from '../strategies/multipart.js'
import { put } from '../strategies/put.js'
import type { TransferResult } from '../strategies/strategy.js'
import type { UploadBackend, UploadBackendFactory } from './backend.js'
import { createJsonClient } from './json-client.js'
import { probeOf } from './probe.js'
import { createPlanReader } from './read-plan.js'
import { readUploadId } from './upload-id.js'

/** One call of an API that is there already: where it goes, what it takes, and what its answer means. */
export interface RestRoute<Input, Output> {
  /** @default 'POST' where there is a body, else 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Relative to `url`. */
  path(input: Input): string
  /** What is sent as JSON. @default nothing */
  body?(input: Input): unknown
  /** `answer`: its JSON, `undefined` where it is empty. */
  read(answer: unknown, input: Input): Output
}

/** An upload that the server knows, as the other calls name it. */
export interface RestRef {
  /** The server's name for it. */
  readonly id: string
  /** The server's name for its batch; the uploader's `jobId` where it gave none. */
  readonly jobId: string
}

/** How the bytes get into storage, as in the wire's plans; how long the URLs are good need not be known. */
export type RestPlan =
  | (Pick<PutPlan, 'kind' | 'url'> & Partial<PutPlan>)
  | (Pick<MultipartPlan, 'kind' | 'upload_id' | 'part_bytes'> & Partial<MultipartPlan>)
  | AnyPlan

/** The plan of an upload, of whichever kind: with parts it has an `upload_id`. */
export type PlannedBefore = AnyPlan & Partial<Omit<MultipartPlan, keyof AnyPlan>>

/** What `create` made out of one file. */
export type RestUpload =
  | {
      /** The server's name for it, by which its realtime messages call it, too. */
      readonly id: string | number
      readonly jobId?: string | number | undefined
      readonly plan: RestPlan
    }
  | { readonly error: string | InlineError }

/** What `restBackend` takes. Only `url` and `create` are needed. */
export interface RestBackendOptions {
  /** Where the API is mounted, relative to the page or absolute. */
  readonly url: string
  /** Headers for each API call, such as `authorization`; asked again once when the server answers 401. Never sent to storage. */
  readonly headers?: HeadersOption
  /** As in `fetch`. @default 'same-origin' */
  readonly credentials?: RequestCredentials
  /** Plans uploads. Answers one for each of `files`, in their order. */
  readonly create: RestRoute<{ readonly jobId: string; readonly files: readonly CreateUploadFile[] }, readonly RestUpload[]>
  /** Files of one `create` call, at most 100. @default 100 */
  readonly filesPerCall?: number
  /** Signed URLs of parts, where the plan has not all of them. */
  readonly signParts?: RestRoute<
    RestRef & { readonly plan: PlannedBefore; readonly partNumbers: readonly number[] },
    { readonly parts: readonly SignedPart[]; readonly expires_in_s?: number }
  >
  /** The parts that storage has. @default none is known: an upload that was interrupted sends all of them again */
  readonly listParts?: RestRoute<RestRef, readonly StoredPart[]>
  /** The bytes are in storage. May answer how the upload stands, as one message that `decode` reads. @default nothing is called */
  readonly complete?: RestRoute<RestRef & TransferResult & { readonly plan: PlannedBefore | undefined }, unknown>
  /** @default nothing is called */
  readonly cancel?: RestRoute<RestRef, unknown>
  /** How these uploads stand, as messages that `decode` reads. */
  readonly status?: RestRoute<{ readonly ids: readonly string[] }, readonly unknown[]>
  /** The same, of all uploads of a batch, where the API knows no better. */
  readonly job?: RestRoute<{ readonly jobId: string }, readonly unknown[]>
  /** How far the bytes are, best effort, for other pages and people. @default nothing is called */
  readonly progress?: RestRoute<{ readonly uploads: readonly (RestRef & { readonly sentBytes: number })[] }, unknown>
  /** How the messages of `complete`, `status` and `job` are read, such as `jobProgress`. @default `SyncStatusUpdate`s */
  readonly decode?: Decode
  /** Whether the server goes on to work on what it got, so that an upload is done when a message says so. @default whether there is `status` or `job` */
  readonly processes?: boolean
  /** Where the server tells of an upload. @default its batch where there is `job`, else the upload */
  readonly topic?: (upload: RestRef) => Topic
}

/** How long URLs are taken to be good that do not say it, in seconds. */
const EXPIRES_IN_S = 900

/**
 * An HTTP API that is there already, met by paths and mapping functions. Plans are `put` and `multipart`, or of a strategy of yours.
 *
 * @example
 * restBackend({
 *   url: '/api',
 *   create: {
 *     path: () => 'uploads',
 *     body: ({ files }) => ({ files: files.map(({ name, size, type }) => ({ name, size, type })) }),
 *     read: ({ uploads }) => uploads.map(({ id, uploadUrl }) => ({ id, plan: { kind: 'put', url: uploadUrl } })),
 *   },
 *   complete: { path: ({ id }) => `uploads/${id}/complete`, body: () => ({}), read: () => undefined },
 * })
 */
export function restBackend(options: RestBackendOptions): UploadBackendFactory {
  const { decode, filesPerCall = MAX_FILES_PER_CALL, processes = options.status !== undefined || options.job !== undefined } = options
  return ({ environment, strategies: others }): UploadBackend => {
    const client = createJsonClient({ ...options, isOurs: false, environment })
    const readPlan = createPlanReader([put, multipart, ...others], client.resolve)
    const jobOf = new Map<string, string>()
    /** Of uploads that are not complete. */
    const planOf = new Map<string, AnyPlan>()

    const refOf = (id: string): RestRef => ({ id, jobId: jobOf.get(id) ?? '' })

    async function call<Input, Output>(route: RestRoute<Input, Output>, input: Input, signal: AbortSignal): Promise<Output> {
      const body = route.body?.(input)
      const answer = await client.send(route.method ?? (body === undefined ? 'GET' : 'POST'), route.path(input), body, signal)
      try {
        return route.read(answer, input)
      } catch (cause) {
        if (cause instanceof UploadError) throw cause
        throw new UploadError('bad_answer', 'The server answered something that was not expected.', { cause })
      }
    }

    async function create(
      jobId: string,
      files: readonly CreateUploadFile[],
      signal: AbortSignal,
    ): Promise<readonly CreatedUpload<AnyPlan>[]> {
      const uploads = await call(options.create, { jobId, files }, signal)
      if (!Array.isArray(uploads)) throw new UploadError('bad_answer', 'The server did not say how to upload these files.')
      return files.map(({ client_ref }, index) => {
        try {
          return readUpload(client_ref, jobId, uploads[index])
        } catch (thrown) {
          // One answer that makes no sense must not stop the other files of the call.
          return { client_ref, error: { code: 'unusable_plan', message: toUploadError(thrown).message, retryable: false } }
        }
      })
    }

    function readUpload(client_ref: string, ownJob: string, upload: RestUpload | undefined): CreatedUpload<AnyPlan> {
      if (upload !== undefined && 'error' in upload) return { client_ref, error: errorOf(upload.error) }
      const id = readUploadId(upload?.id)
      if (upload === undefined || id === undefined) throw new UploadError('bad_answer', 'The server did not say how to upload this file.')
      const plan = readPlan({ expires_in_s: EXPIRES_IN_S, ...upload.plan })
      jobOf.set(id, readUploadId(upload.jobId) ?? ownJob)
      planOf.set(id, plan)
      return { client_ref, operation_id: id, version: 0, plan }
    }

    /** In as many calls as the API needs. What one of them says of its files is not said of the others. */
    async function createAll(
      { job_id = '', files }: CreateUploadsRequest,
      signal: AbortSignal,
    ): Promise<readonly CreatedUpload<AnyPlan>[]> {
      const pages = chunks(files, Math.max(1, filesPerCall))
      const settled = await Promise.allSettled(pages.map((page) => create(job_id, page, signal)))
      signal.throwIfAborted()
      const failed = settled.find((one) => one.status === 'rejected')
      if (failed !== undefined && settled.every(({ status }) => status === 'rejected')) throw failed.reason
      return settled.flatMap((one, page) => {
        if (one.status === 'fulfilled') return one.value
        const { code, message, retryable } = toUploadError(one.reason)
        return (pages[page] ?? []).map(({ client_ref }) => ({ client_ref, error: { code, message, retryable } }))
      })
    }

    function readUpdate(raw: unknown): SyncStatusUpdate {
      try {
        return decodeBy(decode, raw).update
      } catch (cause) {
        throw new UploadError('bad_answer', 'The server said something about this upload that is not understood.', { cause })
      }
    }

    async function statusOf(ids: readonly string[], signal: AbortSignal): Promise<readonly unknown[]> {
      const { status, job } = options
      if (status !== undefined) {
        const pages = chunks(ids, MAX_SNAPSHOT_PAGE)
        return (await Promise.all(pages.map((page) => call(status, { ids: page }, signal)))).flat()
      }
      if (job === undefined) return []
      const jobIds = new Set(ids.flatMap((id) => jobOf.get(id) ?? []))
      return (await Promise.all([...jobIds].map((jobId) => call(job, { jobId }, signal)))).flat()
    }

    const follow = followUploads({
      status: statusOf,
      ...(decode !== undefined && { decode }),
      topic(id, ownJob) {
        // Of an upload of an earlier page nothing else is known.
        if (!jobOf.has(id)) jobOf.set(id, ownJob)
        const ref = refOf(id)
        if (options.topic !== undefined) return options.topic(ref)
        return options.job === undefined ? { kind: 'operation', id } : { kind: 'job', id: ref.jobId }
      },
    })

    return {
      strategies: [put, multipart],
      origin: client.origin,
      probe: probeOf(environment, () => client.resolve('')),
      async createUploads(request, signal) {
        return { job_id: request.job_id ?? '', operations: await createAll(request, signal) }
      },
      async signParts(id, partNumbers, signal) {
        const plan = planOf.get(id)
        if (options.signParts === undefined || plan === undefined)
          throw new UploadError('bad_answer', 'The server gave no URLs for the parts of this file.')
        const { parts, expires_in_s = EXPIRES_IN_S } = await call(options.signParts, { ...refOf(id), plan, partNumbers }, signal)
        if (!Array.isArray(parts) || !parts.every(isSignedPart)) throw new UploadError('bad_answer', 'The server signed no parts.')
        return { parts: parts.map((part) => ({ ...part, url: client.resolve(part.url) })), expires_in_s }
      },
      async listParts(id, signal) {
        const parts = options.listParts === undefined ? [] : await call(options.listParts, refOf(id), signal)
        return Array.isArray(parts) ? parts.filter(isStoredPart) : []
      },
      async complete(id, transfer, signal) {
        const word = options.complete && (await call(options.complete, { ...refOf(id), ...transfer, plan: planOf.get(id) }, signal))
        planOf.delete(id)
        if (word !== undefined && word !== null) return readUpdate(word)
        return processes ? workingOn(id) : undefined
      },
      async cancel(id, signal) {
        const word = options.cancel && (await call(options.cancel, refOf(id), signal))
        planOf.delete(id)
        return word === undefined || word === null ? undefined : readUpdate(word)
      },
      retry: async () => undefined,
      snapshot: follow.snapshot,
      ...(processes && {
        connectSync(sync) {
          const session = follow.connectSync(sync)
          const { progress } = options
          const end =
            progress &&
            reportProgress({
              ...sync,
              send: ({ uploads }, signal) =>
                call(
                  progress,
                  { uploads: uploads.map(({ operation_id, sent_bytes }) => ({ ...refOf(operation_id), sentBytes: sent_bytes })) },
                  signal,
                ),
            })
          return {
            ...session,
            dispose() {
              end?.()
              session.dispose()
            },
          }
        },
      }),
    }
  }
}

function errorOf(error: string | InlineError): InlineError {
  if (typeof error === 'string') return { code: 'refused', message: sanitizeText(error), retryable: false }
  const { code, message, retryable } = error
  return { code: isId(code) ? code : 'refused', message: sanitizeText(String(message)), retryable: retryable === true }
}

/** What the server has all bytes of, as long as it has said nothing of it. */
function workingOn(id: string): SyncStatusUpdate {
  return { operation_id: id, operation_type: 'upload', status: 'in_progress', progress: 0, timestamp: NO_TIME }
}

function chunks<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size))
}
