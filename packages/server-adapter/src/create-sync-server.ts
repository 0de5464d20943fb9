import type { FileDescription } from '@upload-panel/core/protocol'
import { settledWithin } from './clock.js'
import { createCore } from './create-core.js'
import { createUploadWork } from './create-upload-work.js'
import { createReadiness } from './handlers/readiness.js'
import { createRequestLog } from './handlers/request-log.js'
import { createRoutes } from './handlers/routes.js'
import { createInFlight } from './in-flight.js'
import { createHousekeeping } from './manager/housekeeping.js'
import type { SyncStatusManager } from './manager/sync-status-manager.js'
import { resolveOptions, type SyncServerOptions } from './options.js'
import { createSsePublisher } from './publishers/sse.js'
import { isFile } from './records/operation-records.js'
import { createAccess } from './security/authorize.js'
import { createClientAddresses } from './security/client-address.js'
import { createCors, originsWithCookies } from './security/cors.js'
import { createRateLimiter } from './security/rate-limits.js'
import { createSubscribeTokens } from './security/subscribe-tokens.js'
import type { StoredObject } from './storage/object-storage.js'

import { createWebhooks } from './webhooks/webhooks.js'

/** A stored file, and what its client said about it: a name is data, never a path. */
export interface ReadableFile extends StoredObject {
  readonly description: FileDescription
}

/** Options of {@link SyncServer.close}. */
export interface CloseOptions {
  /** How long requests that are under way may take to end, milliseconds. @default 10000 */
  readonly graceMs?: number
}

/** A server that speaks the protocol. */
export interface SyncServer {
  /**
   * Answers a request. Never rejects. Needs no `this`.
   * @param peer the address of whoever opened the connection, where it is known: failures are counted by it
   */
  fetch(request: Request, peer?: string): Promise<Response>
  /** The server program's own handle on operations. */
  readonly manager: SyncStatusManager
  /**
   * The bytes of an upload that is `completed`; `undefined` where there are none, and of one that is still looked into, was refused or revoked.
   * Asks nobody who may read them: that is the caller's to decide.
   */
  readFile(operationId: string): Promise<ReadableFile | undefined>
  /**
   * Tells a load balancer to send no more requests: `GET health/ready` answers 503 from now on. What comes all the same is answered.
   * Give it the time to look, some seconds, and then close.
   */
  drain(): void
  /**
   * Ends streams, refuses new requests (503), waits for those that are under way, stops processing and closes records and storage.
   * What was going on is taken up by the next start. Idempotent.
   */
  close(options?: CloseOptions): Promise<void>
}

/**
 * Opens records and storage, takes up what an earlier run left, and answers requests.
 *
 * @example
 * const sync = await createSyncServer({ records: sqlite({ path: 'uploads.db' }), storage: disk({ directory: 'files' }), authorize })
 * @throws `TypeError` where an option is missing; an `Error` with what to do where records or storage cannot be opened.
 */
export async function createSyncServer(options: SyncServerOptions): Promise<SyncServer> {
  const resolved = resolveOptions(options)
  const { records, storage, limits, clock, logger, createId } = resolved
  const cors = createCors(resolved.cors)
  const cookieOrigins = originsWithCookies(resolved.cors)
  const core = await createCore(resolved)
  const { connections, cursors, operations, manager } = core
  const addresses = createClientAddresses(resolved.clientAddress, logger)
  const rates = createRateLimiter(resolved.rateLimits, clock)
  const tokens = createSubscribeTokens({
    secret: resolved.secret,
    isShared: records.isShared(),
    clock,
    logger,
    expiresMs: limits.subscribeTokenExpiresMs,
  })
  const log = createRequestLog({ logger, clock, createId })
  const access = createAccess(records, log.watch(resolved.authorize), { rates, addresses, tokens })
  const sse = createSsePublisher({
    records,
    cursors,
    connections,
    clock,
    logger,
    maxStreams: limits.maxEventStreams,
    maxStreamsPerSubject: limits.maxEventStreamsPerSubject,
  })
  try {
    const origins = { origins: resolved.cors?.origins ?? [], cookieOrigins }
    await core.publish([sse, ...resolved.publishers], { access, addresses, ...origins })
    await storage.open({ clock, logger, urlExpiresMs: limits.urlExpiresMs })
  } catch (error) {
    await core.close()
    throw error
  }
  const work = await createUploadWork(resolved, core)
  const { uploads } = work
  // Bytes of other storage come this way only; what another server did with them is its own.
  const looksIntoBytes = storage.kind === 'cloudinary' && (resolved.process !== undefined || (resolved.accept.types ?? []).length > 0)
  const webhooks = createWebhooks({ providers: resolved.webhooks, records, operations, uploads, storage, looksIntoBytes, logger })
  const housekeeping = createHousekeeping({ ...resolved, ...core })
  await housekeeping.start()

  let isDraining = false
  let closing: Promise<void> | undefined
  const routes = createRoutes({
    rooms: { access, tokens, uploads, webhooks, records, manager, connections, sse, storage, limits, clock },
    basePath: resolved.basePath,
    cors,
    allowedOrigins: cookieOrigins,
    isClosing: () => closing !== undefined,
    isReady: createReadiness({ records, storage, clock, logger, isDraining: () => isDraining }),
    log,
    hasOpenApi: resolved.openapi,
    logger,
  })

  const requests = createInFlight()
  async function close({ graceMs = 10_000 }: CloseOptions = {}): Promise<void> {
    isDraining = true
    work.stop()
    await Promise.all([housekeeping.stop(), core.hangUp()])
    await settledWithin(clock, graceMs, Promise.all([requests.settled(), webhooks.settled()]))
    await storage.close()
    await settledWithin(clock, graceMs, requests.settled())
    await work.close()
    await core.close()
  }

  return {
    fetch(request, peer) {
      addresses.note(request, peer)
      return requests.track(Promise.resolve(routes.fetch(request)))
    },
    manager,
    async readFile(operationId) {
      const record = await records.get(operationId)
      const description = record?.word.file
      // In storage lie also bytes that are still looked into, and those that were refused or revoked and are kept for a retry.
      if (record === undefined || description === undefined || !isFile(record)) return undefined
      const object = await storage.read(operationId)
      return object === undefined ? undefined : { ...object, description }
    },
    drain() {
      isDraining = true
    },
    close: (closeOptions) => (closing ??= close(closeOptions)),
  }
}
