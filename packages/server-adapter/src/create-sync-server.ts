import type { FileDescription } from '@upload-panel/core/protocol'
import { repeat, settledWithin } from './clock.js'
import { createCore } from './create-core.js'
import { createReadiness } from './handlers/readiness.js'
import { createRequestLog } from './handlers/request-log.js'
import { createRoutes } from './handlers/routes.js'
import { createInFlight } from './in-flight.js'
import type { SyncStatusManager } from './manager/sync-status-manager.js'
import { resolveOptions, type SyncServerOptions } from './options.js'
import { createSsePublisher } from './publishers/sse.js'
import { createAccess } from './security/authorize.js'
import { createClientAddresses } from './security/client-address.js'
import { createCors, originsWithCookies } from './security/cors.js'
import { createFileChecks } from './security/file-checks.js'
import { createRateLimiter } from './security/rate-limits.js'
import { createSubscribeTokens } from './security/subscribe-tokens.js'
import type { StoredObject } from './storage/object-storage.js'

import { createCaretaker } from './uploads/caretaker.js'
import { createCluster } from './uploads/cluster.js'
import { createProcessing } from './uploads/processing.js'
import { createUploads } from './uploads/uploads.js'
import { createWebhooks } from './webhooks/webhooks.js'

/** How often the processes of a cluster look for work that one of them has left, milliseconds. */
const ADOPT_MS = 15_000

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
  /** The bytes of a completed upload; `undefined` where there are none. Asks nobody who may read them: that is the caller's to decide. */
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
  const { records, storage, limits, clock, logger, createId, ...resolved } = resolveOptions(options)
  const cors = createCors(resolved.cors)
  const core = await createCore({ records, clock, logger, createId, progress: resolved.progress })
  const { connections, cursors, operations, manager } = core
  try {
    await storage.open({ clock, logger, urlExpiresMs: limits.urlExpiresMs })
  } catch (error) {
    await core.close()
    throw error
  }

  const addresses = createClientAddresses(resolved.clientAddress)
  const rates = createRateLimiter(resolved.rateLimits, clock)
  const tokens = createSubscribeTokens({ secret: resolved.secret, clock, expiresMs: limits.subscribeTokenExpiresMs })
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
  await core.publish([sse, ...resolved.publishers], { access, addresses, origins: resolved.cors?.origins ?? [] })
  const cluster =
    records.isShared() && storage.isShared === true ? createCluster({ leases: records.leases, clock, logger, createId }) : undefined
  await cluster?.join()
  const processing =
    resolved.process === undefined
      ? undefined
      : createProcessing({ hook: resolved.process, records, operations, storage, nodeId: cluster?.nodeId, limits, clock, logger })
  const uploads = createUploads({
    records,
    operations,
    storage,
    processing,
    checks: createFileChecks(resolved.accept),
    cluster,
    limits,
    clock,
    logger,
    createId,
  })
  const webhooks = createWebhooks({ providers: resolved.webhooks, records, operations, uploads, storage, logger })
  const caretaker = createCaretaker({ records, storage, abandoned: uploads.abandoned, clock, logger })
  await caretaker.load()
  void caretaker.recover()
  const stopSweeping = repeat(clock, Math.min(limits.uploadExpiresMs / 4, 10 * 60_000), caretaker.sweep)
  // A process of a cluster may end at any time, and what it worked on should not wait for the next sweep.
  const stopAdopting = cluster === undefined ? () => {} : repeat(clock, ADOPT_MS, caretaker.adopt)

  let isDraining = false
  let closing: Promise<void> | undefined
  const routes = createRoutes({
    rooms: { access, tokens, uploads, webhooks, records, manager, connections, sse, storage, limits, clock },
    basePath: resolved.basePath,
    cors,
    allowedOrigins: originsWithCookies(resolved.cors),
    isClosing: () => closing !== undefined,
    isReady: createReadiness({ records, storage, clock, logger, isDraining: () => isDraining }),
    log,
    hasOpenApi: resolved.openapi,
    logger,
  })

  const requests = createInFlight()
  async function close({ graceMs = 10_000 }: CloseOptions = {}): Promise<void> {
    isDraining = true
    stopSweeping()
    stopAdopting()
    const caretakerStopped = caretaker.stop()
    await core.hangUp()
    await settledWithin(clock, graceMs, requests.settled())
    await storage.close()
    await settledWithin(clock, graceMs, requests.settled())
    await processing?.close()
    await caretakerStopped
    await cluster?.leave()
    await core.close()
  }

  return {
    fetch(request, peer) {
      addresses.note(request, peer)
      return requests.track(Promise.resolve(routes.fetch(request)))
    },
    manager,
    async readFile(operationId) {
      const description = (await records.get(operationId))?.word.file
      if (description === undefined) return undefined
      const object = await storage.read(operationId)
      return object === undefined ? undefined : { ...object, description }
    },
    drain() {
      isDraining = true
    },
    close: (closeOptions) => (closing ??= close(closeOptions)),
  }
}
