import { type Clock, settledWithin } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Route } from './rooms.js'

/** Whether requests should be sent here. */
export type Readiness = () => Promise<boolean>

export interface ReadinessOptions {
  readonly records: Pick<OperationRecords, 'latestVersion'>
  readonly storage: Pick<ObjectStorage, 'read'>
  readonly clock: Clock
  readonly logger: Logger
  isDraining(): boolean
}

/** How long database and storage may take to answer, milliseconds: probes wait no longer. */
const PATIENCE_MS = 2000
/** How long an answer holds, milliseconds: anyone may ask, and must not make the database work for each. */
const FRESH_MS = 1000
/** An operation that there is none of: storage answers, and has nothing to send. */
const NOBODY = 'readiness'

export function createReadiness({ records, storage, clock, logger, isDraining }: ReadinessOptions): Readiness {
  let look: { readonly atMs: number; readonly answer: Promise<boolean> } | undefined
  let wasReady = true

  async function answers(): Promise<boolean> {
    let reason: unknown = new Error(`Nothing came for ${PATIENCE_MS} ms.`)
    const asked = Promise.all([records.latestVersion(), storage.read(NOBODY)]).then(
      () => true,
      (error: unknown) => {
        reason = error
        return false
      },
    )
    const isReady = (await settledWithin(clock, PATIENCE_MS, asked)) && (await asked)
    if (isReady !== wasReady) {
      if (isReady) logger.info('Records and storage answer again.')
      else logger.error('Records or storage do not answer: /health/ready says so.', reason)
    }
    wasReady = isReady
    return isReady
  }

  return async () => {
    if (isDraining()) return false
    if (look === undefined || clock.now() - look.atMs >= FRESH_MS) look = { atMs: clock.now(), answer: answers() }
    return look.answer
  }
}

/** `GET /health/live`: the process answers. It does so to its end: who is restarted while it drains loses what it has not finished. */
export const livenessRoute: Route = async () => ({ status: 'live' })

/** `GET /health/ready`: records and storage answer, and the server is not on its way out. Tells nobody why not; the log does. */
export function readinessRoute(isReady: Readiness): Route {
  return async () => {
    if (await isReady()) return { status: 'ready' }
    throw new Refusal(503, 'not_ready', 'The server takes no requests now. Try again in a moment.', { retryable: true })
  }
}
