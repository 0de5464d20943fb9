import type { RetryOptions } from './backoff.js'
import type { UploadBackendFactory } from './backends/backend.js'
import { browserEnvironment, type Environment } from './environment.js'
import { UploadError } from './errors.js'
import type { Restrictions } from './item/restrictions.js'
import type { WorkerUrl } from './http/spawn-worker.js'
import { isChecksumAlgorithm, isId } from './protocol/index.js'
import type { PersistenceFactory } from './persistence/persistence.js'
import type { Wish } from './queue/wish.js'
import type { PrepareHook, Validator } from './queue/hooks.js'
import type { RealtimeFactory } from './realtime/transport.js'
import type { UploadStrategy } from './strategies/strategy.js'
import { type WorkerEnvironment, workerEnvironment } from './worker-environment.js'

/** What `createUploader` takes. Only `backend` is needed. */
export interface UploaderOptions {
  /** The server that plans uploads and confirms them: `httpBackend({ url })`. */
  readonly backend: UploadBackendFactory
  /** How the server's word arrives: `sse({ url })`. @default polling() */
  readonly realtime?: RealtimeFactory
  /** Keeps the queue for the next page, and shares it between tabs: `indexedDb({ name })`. @default none, a reload forgets what is queued */
  readonly persistence?: PersistenceFactory
  /** The job of an earlier page: its operations come back as items, once somebody listens. @default a new job of 128 random bits */
  readonly jobId?: string
  /** Items in transfer at once. @default 100 */
  readonly concurrency?: number
  /**
   * Byte requests in flight per storage origin, shared by files and parts. `'auto'`: 6 on HTTP/1.1, as browsers allow, but 4 where storage
   * shares the API's origin, so that calls and the event stream get through; `concurrency` on HTTP/2 and 3.
   * @default 'auto'
   */
  readonly requestSlots?: 'auto' | number
  /**
   * Bytes leave from a Worker, so that a hundred uploads cost the page no frame. `'auto'`: its file lies beside the engine's own, where bundlers put it.
   * Else its address: what `@upload-panel/core/transfer-worker` names, from the page's own origin. `false`: the main thread sends, as it does
   * by itself wherever no Worker can be had. Not used with an `environment.http` of yours.
   * @default 'auto'
   */
  readonly worker?: WorkerUrl | false
  /** A preference, in bytes: above it multipart, at or below one PUT. @default 5242880 (5 MiB) */
  readonly multipartFromBytes?: number
  /**
   * A preference, in bytes. `'auto'`: 5 MiB, S3's least; 16 MiB for files from 160 MiB; and as much more as it takes for 10,000 parts to hold the file.
   * @default 'auto'
   */
  readonly partBytes?: 'auto' | number
  /**
   * Checksums of what is sent, for storage to compare: CRC-32C (quick), or SHA-256 (on pages with https). `'auto'`: where the server's plan asks for them.
   * `false`: none, and the server is told so. What makes them is loaded when it is first needed.
   * @default 'auto'
   */
  readonly checksum?: Wish['checksum']
  /** What is refused. @default nothing */
  readonly restrictions?: Restrictions & {
    /** Looks at files, and may ask a server: ten at once, each for 15 s at most. A file that is refused fails, and its row says why. */
    readonly validate?: Validator | readonly Validator[]
  }
  /**
   * Makes the file that is uploaded out of the one that was chosen, two at a time: to compress, rename, or strip what it should not tell.
   * @default the file as it is
   */
  readonly prepare?: PrepareHook
  /** How often, and how soon, what failed is tried again. @default { attempts: 8, baseMs: 500, capMs: 30000 } */
  readonly retry?: RetryOptions
  /** Without a word for this long a processing item is shown as overdue ("still checking"), never as failed. Milliseconds. @default 120000 */
  readonly processingDeadlineMs?: number
  /** Strategies besides those of the backend; of two for the same kind the one given here is used. @default [] */
  readonly strategies?: readonly UploadStrategy[]
  /** Begin to upload when files are added, without `start()`. @default true */
  readonly autoStart?: boolean
  /** Asks before the page is left while there are bytes to send. @default false */
  readonly beforeUnload?: boolean
  /** Keeps the screen on while bytes are sent: a phone that sleeps cuts its uploads. @default false */
  readonly wakeLock?: boolean
  /** Replaces parts of the world around the engine: clock, random, network. @default browserEnvironment() */
  readonly environment?: Partial<Environment>
  /** Says in the console what is dropped or ignored, and why. @default false */
  readonly debug?: boolean
}

/** The options, complete. */
export interface ResolvedOptions {
  readonly backend: UploadBackendFactory
  readonly realtime: RealtimeFactory | undefined
  readonly persistence: PersistenceFactory | undefined
  readonly jobId: string
  readonly isRestored: boolean
  readonly concurrency: number
  readonly requestSlots: 'auto' | number
  readonly wish: Wish
  readonly restrictions: Restrictions
  readonly validators: readonly Validator[]
  readonly prepareFile: PrepareHook | undefined
  readonly retry: { readonly attempts: number; readonly baseMs: number; readonly capMs: number }
  readonly processingDeadlineMs: number
  readonly strategies: readonly UploadStrategy[]
  readonly autoStart: boolean
  readonly beforeUnload: boolean
  readonly wakeLock: boolean
  readonly environment: Environment
  readonly worker: WorkerEnvironment['worker']
  readonly debug: boolean
}

/** Fills in the defaults. Throws where an option cannot be meant. */
export function resolveOptions(options: UploaderOptions): ResolvedOptions {
  const { worker: workerUrl = 'auto', debug = false } = options
  const world = { ...browserEnvironment(), ...options.environment }
  const { environment, worker } =
    workerUrl === false || options.environment?.http !== undefined
      ? { environment: world, worker: undefined }
      : workerEnvironment(world, workerUrl, debug)
  if (typeof options.backend !== 'function') {
    throw new UploadError('validation', 'createUploader needs a backend, such as httpBackend({ url: "/uploads" }).')
  }
  if (options.jobId !== undefined && !isId(options.jobId)) {
    throw new UploadError('validation', 'jobId must be 1 to 200 characters without line breaks, tabs or control characters.')
  }
  return {
    backend: options.backend,
    realtime: options.realtime,
    persistence: options.persistence,
    jobId: options.jobId ?? environment.createId(),
    isRestored: options.jobId !== undefined,
    concurrency: positiveInteger('concurrency', options.concurrency, 100),
    requestSlots: options.requestSlots === 'auto' ? 'auto' : positiveInteger('requestSlots', options.requestSlots, 'auto'),
    wish: {
      multipartFromBytes: notNegative('multipartFromBytes', options.multipartFromBytes, 5 * 2 ** 20),
      partBytes: options.partBytes === 'auto' ? 'auto' : positiveInteger('partBytes', options.partBytes, 'auto'),
      checksum: checksumOption(options.checksum),
    },
    restrictions: options.restrictions ?? {},
    validators: [options.restrictions?.validate ?? []].flat(),
    prepareFile: options.prepare,
    retry: {
      attempts: positiveInteger('retry.attempts', options.retry?.attempts, 8),
      baseMs: notNegative('retry.baseMs', options.retry?.baseMs, 500),
      capMs: notNegative('retry.capMs', options.retry?.capMs, 30_000),
    },
    processingDeadlineMs: notNegative('processingDeadlineMs', options.processingDeadlineMs, 120_000),
    strategies: options.strategies ?? [],
    autoStart: options.autoStart ?? true,
    beforeUnload: options.beforeUnload ?? false,
    wakeLock: options.wakeLock ?? false,
    environment,
    worker,
    debug,
  }
}

function checksumOption(value: UploaderOptions['checksum'] = 'auto'): Wish['checksum'] {
  if (value === 'auto' || value === false || isChecksumAlgorithm(value)) return value
  throw new UploadError('validation', `checksum must be "auto", "crc32c", "sha256" or false, not ${String(value)}.`)
}

function positiveInteger<T>(name: string, value: number | undefined, fallback: T): number | T {
  if (value === undefined) return fallback
  if (!Number.isInteger(value) || value < 1)
    throw new UploadError('validation', `${name} must be a whole number of at least 1, not ${value}.`)
  return value
}

function notNegative(name: string, value: number | undefined, fallback: number): number {
  if (value === undefined) return fallback
  if (!(value >= 0)) throw new UploadError('validation', `${name} must be a number of at least 0, not ${value}.`)
  return value
}
