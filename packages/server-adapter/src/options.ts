import type { Clock } from './clock.js'
import { systemClock } from './clock.js'
import type { ProgressOptions } from './create-core.js'
import { createId } from './create-id.js'
import { type Limits, resolveLimits } from './limits.js'
import { asLogger, createLogger, type Logger, type PinoLogger } from './logger.js'
import { type RetentionOptions, resolveRetention } from './manager/housekeeping.js'
import type { StatusPublisher } from './publishers/publisher.js'
import type { OperationRecords } from './records/operation-records.js'
import { type Authorize, authorizeEveryone } from './security/authorize.js'
import type { AcceptOptions } from './security/file-checks.js'
import type { ClientAddress } from './security/client-address.js'
import type { CorsOptions } from './security/cors.js'
import { type RateLimits, resolveRateLimits } from './security/rate-limits.js'
import type { ObjectStorage } from './storage/object-storage.js'
import type { ProcessHook } from './uploads/processing.js'
import type { WebhookProvider } from './webhooks/webhook.js'

/** Options of `createSyncServer`. */
export interface SyncServerOptions {
  /** Where operations are kept: `sqlite({ path })`, or `memory()`. */
  readonly records: OperationRecords
  /** Where bytes are kept: `disk({ directory })`. */
  readonly storage: ObjectStorage
  /** Says whose a request is. Required, unless `open: true` is written. */
  readonly authorize?: Authorize
  /** Everyone who reaches the server may do everything, as one subject. @default false */
  readonly open?: boolean
  /** What happens to an upload after its bytes. @default nothing: it is completed at once */
  readonly process?: ProcessHook
  /** Which files are taken, checked again by their content. @default all that `limits` allow */
  readonly accept?: AcceptOptions
  /** Other channels that updates go out on, beside Server-Sent Events. @default [] */
  readonly publishers?: readonly StatusPublisher[]
  /** Other servers that may say what became of an operation, by the name that stands in `/webhooks/{name}`: `{ cloudinary: cloudinaryWebhook({ apiSecret }) }`. @default none */
  readonly webhooks?: Readonly<Record<string, WebhookProvider>>
  /** Path that the server is mounted at, such as `/uploads`, where `fetch` is given whole URLs. @default '' */
  readonly basePath?: string
  /** Pages of other origins that may use the server. @default none */
  readonly cors?: CorsOptions
  /** @default see `Limits` */
  readonly limits?: Partial<Limits>
  /** How often each subject may ask, and each address in vain; `false` for as often as they like. @default see `RateLimits` */
  readonly rateLimits?: Partial<RateLimits> | false
  /** Which address a request came from, for rate limits: behind a proxy, by the header that it overwrites. @default the connection's */
  readonly clientAddress?: ClientAddress
  /** What subscribe tokens are signed with: from 32 characters, the same on all nodes. @default random: tokens are good for this process alone */
  readonly secret?: string
  /** How long what is over is kept. @default operations 30 days, files for good, see `RetentionOptions` */
  readonly retention?: RetentionOptions
  /** How often it is written down how everything is, milliseconds. @default 5 minutes */
  readonly snapshotIntervalMs?: number
  /** How the progress that a program tells is written. @default ten writes a second and operation */
  readonly progress?: ProgressOptions
  /** Where the server tells its operator what happened: a line of each request at `info`, faults at `error`. A pino logger is taken as it is. @default warnings and errors to the console */
  readonly logger?: Logger | PinoLogger
  /** Tells everything to the console, in lines for people. @default false */
  readonly debug?: boolean
  /** Serves the OpenAPI 3.1 document of the routes at `openapi.json`, to everyone. @default true */
  readonly openapi?: boolean
  /** @default the machine's */
  readonly clock?: Clock
  /** Ids of jobs and operations: letters, digits, `-` and `_`, never the same twice, and not to be guessed. @default 128 random bits */
  readonly createId?: () => string
}

/** Options with a value for each. */
export interface ResolvedOptions
  extends Omit<
    Required<SyncServerOptions>,
    'open' | 'debug' | 'retention' | 'logger' | 'process' | 'cors' | 'limits' | 'rateLimits' | 'secret'
  > {
  readonly process: ProcessHook | undefined
  readonly cors: CorsOptions | undefined
  readonly limits: Limits
  readonly rateLimits: RateLimits | undefined
  readonly secret: string | undefined
  readonly logger: Logger
  readonly retention: Required<RetentionOptions>
}

const MIN_SECRET_LENGTH = 32

/** Fills in the defaults. Throws a `TypeError` that says what is missing. */
export function resolveOptions(given: SyncServerOptions): ResolvedOptions {
  const { records, storage, authorize, open = false, basePath = '', secret } = given
  if (records === undefined) throw new TypeError("createSyncServer needs `records`, such as sqlite({ path: 'uploads.db' }).")
  if (storage === undefined) throw new TypeError("createSyncServer needs `storage`, such as disk({ directory: 'files' }).")
  if (authorize === undefined && !open) {
    throw new TypeError(
      'createSyncServer needs `authorize`, which says whose a request is; or write `open: true`, and everyone may do everything.',
    )
  }
  if (authorize !== undefined && open) throw new TypeError('createSyncServer takes either `authorize` or `open: true`, not both.')
  if (secret !== undefined && secret.length < MIN_SECRET_LENGTH)
    throw new TypeError(`secret must have at least ${MIN_SECRET_LENGTH} characters, and not be guessed.`)
  if (!/^(\/[^/?#]+)*$/.test(basePath)) throw new TypeError('basePath must begin with / and not end with it, such as /uploads.')
  return {
    records,
    storage,
    authorize: authorize ?? authorizeEveryone,
    process: given.process,
    accept: given.accept ?? {},
    publishers: given.publishers ?? [],
    webhooks: given.webhooks ?? {},
    basePath,
    cors: given.cors,
    limits: resolveLimits(given.limits),
    rateLimits: resolveRateLimits(given.rateLimits),
    clientAddress: given.clientAddress ?? ((_request, peer) => peer),
    secret,
    logger: asLogger(given.logger ?? createLogger({ level: given.debug === true ? 'debug' : 'warn' })),
    progress: given.progress ?? {},
    retention: resolveRetention(given.retention),
    snapshotIntervalMs: resolveInterval(given.snapshotIntervalMs),
    openapi: given.openapi ?? true,
    clock: given.clock ?? systemClock,
    createId: given.createId ?? createId,
  }
}

function resolveInterval(ms = 5 * 60_000): number {
  // Timers end where 32 bits do.
  if (!(ms >= 1000 && ms < 2 ** 31)) throw new TypeError(`snapshotIntervalMs must be from 1000 to 2147483647, not ${String(ms)}.`)
  return ms
}
