import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { Operations } from '../manager/operations.js'
import type { ObjectStorage } from '../storage/object-storage.js'
import type { Cluster } from './cluster.js'
import type { KeyedLock } from './keyed-lock.js'
import type { Processing } from './processing.js'
import type { Steps } from './steps.js'
import { asEnded, targetOf, type UploadRecord } from './upload-record.js'

/** What is done about uploads that no request comes for. */
export interface Abandoned {
  /** Ends the wait for bytes that did not come in time, or takes them over where they did and nobody said so. */
  expire(operationId: string): Promise<void>
  /** Processes again what an earlier run of the server was processing; leaves alone what has changed since its last version. */
  resume(operationId: string, lastVersion: number): Promise<void>
  /** Processes again what another process had begun that has ended since: the cluster knows, or nothing was heard of it for long. */
  adopt(record: UploadRecord): Promise<void>
  /** Completes an upload that has all its bytes though nobody said so; leaves alone what has changed since that version. */
  takeOver(operationId: string, lastVersion: number): Promise<void>
}

export interface AbandonedOptions {
  readonly operations: Operations
  readonly storage: ObjectStorage
  readonly processing: Processing | undefined
  readonly cluster: Cluster | undefined
  readonly steps: Steps
  readonly exclusively: KeyedLock
  readonly clock: Clock
  readonly logger: Logger
}

/** How long nothing is heard of work before it counts as abandoned where no cluster knows better, milliseconds. */
const SILENCE_MS = 10 * 60_000

export function createAbandoned(options: AbandonedOptions): Abandoned {
  const { operations, storage, processing, cluster, steps, exclusively, clock, logger } = options
  const fail = (operationId: string, code: string, message: string) =>
    operations.change(operationId, (record) => asEnded(record, 'failed', { code, message, retryable: true }))

  async function restart(record: UploadRecord): Promise<void> {
    const { operation_id } = record.word
    try {
      // Idempotent: after a power cut the bytes may have to be sealed again.
      await storage.complete(targetOf(record))
    } catch (cause) {
      if (!(cause instanceof Refusal)) throw cause
      logger.error(`The stored bytes of operation ${operation_id} are gone.`, cause)
      await fail(operation_id, 'bytes_lost', 'The server has lost the bytes of this file. Send it again.')
      return
    }
    await steps.start(operation_id)
  }

  /** Without a hook of ours it is the program itself that works on it. */
  const isBeingProcessed = ({ word }: UploadRecord) => word.status === 'in_progress' && processing !== undefined

  /** Whether another process, or this one, still works on it. */
  async function isLookedAfter({ word, upload }: UploadRecord): Promise<boolean> {
    if (processing?.has(word.operation_id)) return true
    const { worker } = upload
    if (cluster !== undefined && worker !== undefined && worker !== cluster.nodeId) return cluster.isAlive(worker)
    return clock.now() - Date.parse(word.timestamp) < SILENCE_MS
  }

  return {
    expire: (operationId) =>
      exclusively(operationId, async () => {
        const record = await steps.get(operationId)
        const { expiresAtMs } = record.upload
        if (record.word.status !== 'pending' || expiresAtMs === undefined || expiresAtMs > clock.now()) return
        if (await steps.hasAllBytes(record)) {
          await steps.accept(record)
          return
        }
        await fail(operationId, 'upload_expired', 'The bytes of this file did not arrive in time.')
        await steps.letGo(operationId)
      }),
    resume: (operationId, lastVersion) =>
      exclusively(operationId, async () => {
        const record = await steps.get(operationId)
        if (!isBeingProcessed(record) || record.word.version > lastVersion) return
        // Alone with its storage, a process that starts knows that nobody else is at work.
        if (cluster === undefined || !(await isLookedAfter(record))) await restart(record)
      }),
    async adopt(seen) {
      // Most are looked after: not each of them is worth a lock.
      if (!isBeingProcessed(seen) || (await isLookedAfter(seen))) return
      const { operation_id } = seen.word
      await exclusively(operation_id, async () => {
        const record = await steps.get(operation_id)
        if (isBeingProcessed(record) && !(await isLookedAfter(record))) await restart(record)
      })
    },
    takeOver: (operationId, lastVersion) =>
      exclusively(operationId, async () => {
        const record = await steps.get(operationId)
        const isLeft = record.word.status === 'pending' && record.word.version <= lastVersion
        if (isLeft && (await steps.hasAllBytes(record))) await steps.accept(record)
      }),
  }
}
