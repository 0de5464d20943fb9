import { type Clock, systemClock } from './clock.js'
import { createCore, type ProgressOptions } from './create-core.js'
import { createId } from './create-id.js'
import { asLogger, createLogger, type Logger, type PinoLogger } from './logger.js'
import type { SyncStatusManager } from './manager/sync-status-manager.js'
import type { StatusPublisher } from './publishers/publisher.js'
import type { OperationRecords } from './records/operation-records.js'
import type { Access } from './security/authorize.js'
import { unauthorized } from './security/refusals.js'

/** Options of {@link createSyncManager}. */
export interface SyncManagerOptions {
  /** The same records as those of the servers: a database that several processes may use. */
  readonly records: OperationRecords
  /** Channels that reach all listeners, wherever they are, such as a broker. Servers have them, too; one process at a time tells. @default [] */
  readonly publishers?: readonly StatusPublisher[]
  /** How progress is written. @default ten writes a second and operation */
  readonly progress?: ProgressOptions
  /** @default warnings and errors to the console */
  readonly logger?: Logger | PinoLogger
  /** @default the machine's */
  readonly clock?: Clock
  /** Ids of operations: letters, digits, `-` and `_`, never the same twice, and not to be guessed. @default 128 random bits */
  readonly createId?: () => string
}

/** The manager of a process that answers no requests. */
export interface SyncManager {
  readonly manager: SyncStatusManager
  /** Writes and tells what is still waiting, and closes the records. Idempotent. */
  close(): Promise<void>
}

/**
 * For worker processes: drives operations over the same records as the servers, and whoever follows them there hears of it.
 *
 * @example
 * const { manager, close } = await createSyncManager({ records: sqlite({ path: 'uploads.db' }) })
 * await manager.updateSyncProgress(id, 50)
 */
export async function createSyncManager(options: SyncManagerOptions): Promise<SyncManager> {
  const { records, publishers = [], clock = systemClock } = options
  const core = await createCore({
    records,
    clock,
    logger: asLogger(options.logger ?? createLogger()),
    createId: options.createId ?? createId,
    progress: options.progress,
  })
  try {
    await core.publish(publishers, { access: nobody, addresses: { note() {} }, origins: [], cookieOrigins: [] })
  } catch (error) {
    await core.close()
    throw error
  }
  let closing: Promise<void> | undefined
  return { manager: core.manager, close: () => (closing ??= core.close()) }
}

const refuse = () => Promise.reject(unauthorized())

/** Listeners come to servers, which know who they are. */
const nobody: Access = { subject: refuse, authorized: refuse, operation: refuse, follower: refuse, proven: refuse, beginsJob() {} }
