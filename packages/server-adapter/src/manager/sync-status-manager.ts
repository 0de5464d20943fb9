import {
  isTerminal,
  parseSyncStatusUpdate,
  type OperationType,
  type RemoteError,
  type SnapshotAnswer,
  type SyncStatusUpdate,
  type SystemHealth,
} from '@upload-panel/core/protocol'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { OperationRecord, OperationRecords, Selection, Word } from '../records/operation-records.js'
import type { ClientConnection } from '../records/server-state.js'
import { EVERYONE } from '../security/authorize.js'
import type { Connections } from './connections.js'
import type { Cursors } from './cursor.js'
import type { Metrics, PerformanceMetrics } from './metrics.js'
import { amend, type Amendment, type Operations } from './operations.js'
import { percent } from './percent.js'

/** Options of {@link SyncStatusManager.createSyncOperation}. */
export interface CreateSyncOperationOptions {
  readonly operation_type: OperationType
  readonly total_items?: number
  readonly triggered_by?: string
  readonly source?: string
  readonly message?: string
  /** The batch that it belongs to. */
  readonly job_id?: string
  /** Who may see it. @default 'everyone', the subject of an open server */
  readonly subject?: string
}

/** What is known when an operation ends. */
export interface CompletionDetails {
  readonly message?: string
  /** With `completed`. Written as JSON. */
  readonly result?: unknown
  /** With `failed`. @default a general sentence, retryable */
  readonly error?: RemoteError
  readonly performance_data?: Readonly<Record<string, unknown>>
}

/** Which operations to list. */
export interface ListOptions {
  /** @default 'everyone' */
  readonly subject?: string
  /** @default 'all' */
  readonly selection?: Selection
  /** Where an earlier answer ended; one of another database counts as none. */
  readonly cursor?: string
  /** @default 500 */
  readonly limit?: number
}

/**
 * The server program's own handle on operations: uploads, and everything else that indicators may follow.
 * A word that changes nothing, and one on an unknown id, is a no-op that answers what is known (`undefined` for an unknown id) and says so in debug mode.
 */
export interface SyncStatusManager {
  createSyncOperation(options: CreateSyncOperationOptions): Promise<string>
  /** @param progress 0..100 */
  updateSyncProgress(
    operationId: string,
    progress: number,
    processed?: number,
    failed?: number,
    message?: string,
  ): Promise<SyncStatusUpdate | undefined>
  completeSyncOperation(
    operationId: string,
    status: 'completed' | 'failed' | 'cancelled',
    details?: CompletionDetails,
  ): Promise<SyncStatusUpdate | undefined>
  /** Takes the end of an operation back: it is going on again. */
  reopen(operationId: string, message?: string): Promise<SyncStatusUpdate | undefined>
  /** Takes a completion back, as moderation or a virus scan does. */
  revoke(operationId: string, error: RemoteError): Promise<SyncStatusUpdate | undefined>
  /** Keeps and publishes a whole state that another system reported; its version is given here. Throws a `Refusal` where it is malformed. */
  broadcastSyncUpdate(
    update: Omit<SyncStatusUpdate, 'timestamp' | 'version'>,
    options?: { readonly subject?: string },
  ): Promise<SyncStatusUpdate>
  get(operationId: string): Promise<SyncStatusUpdate | undefined>
  list(options?: ListOptions): Promise<readonly SyncStatusUpdate[]>
  /** A page of what changed since a cursor, by rising version. */
  snapshot(options?: ListOptions): Promise<SnapshotAnswer>
  metrics(): PerformanceMetrics
  health(): SystemHealth
  /** Clients of all subjects that report how their realtime connection stands; who was heard last comes last. */
  connections(): readonly ClientConnection[]
}

export interface SyncStatusManagerOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly cursors: Cursors
  readonly metrics: Metrics
  readonly connections: Connections
  readonly createId: () => string
  readonly logger: Logger
}

const NOT_RUNNING = { stage: undefined, error: undefined, result: undefined } as const

export function createSyncStatusManager(options: SyncStatusManagerOptions): SyncStatusManager {
  const { records, operations, cursors, metrics, connections, createId, logger } = options

  async function say(operationId: string, next: (word: Word) => Amendment | undefined): Promise<SyncStatusUpdate | undefined> {
    const outcome = await operations.change(operationId, (record) => {
      const amendment = next(record.word)
      return amendment === undefined ? undefined : amend(record, amendment)
    })
    if (outcome === undefined) logger.debug(`There is no operation ${operationId}.`)
    else if (!outcome.changed) logger.debug(`Operation ${operationId} stays ${outcome.record.word.status}.`)
    return outcome?.record.word
  }

  async function snapshot({ subject = EVERYONE, selection = 'all', cursor, limit = 500 }: ListOptions = {}): Promise<SnapshotAnswer> {
    // Read before the page: what changes in between is above it, and comes again with the next call.
    const latest = await records.latestVersion()
    const after = (cursor === undefined ? undefined : await cursors.read(cursor)) ?? 0
    const page = await records.changes({ subject, selection, after, limit: limit + 1 })
    const more = page.length > limit
    const shown = page.slice(0, limit)
    const last = shown.at(-1)?.word.version ?? after
    return { operations: shown.map(wordOf), cursor: cursors.write(more ? last : Math.max(last, latest)), more }
  }

  return {
    async createSyncOperation({ subject = EVERYONE, ...fields }) {
      const operation_id = createId()
      await operations.insert([{ subject, word: { operation_id, status: 'pending', progress: 0, ...fields } }])
      return operation_id
    },
    updateSyncProgress: (operationId, progress, processed, failed, message) =>
      say(operationId, (word) =>
        isTerminal(word.status)
          ? undefined
          : {
              status: 'in_progress',
              progress: percent(progress),
              ...(processed !== undefined && { processed_items: processed }),
              ...(failed !== undefined && { failed_items: failed }),
              ...(message !== undefined && { message }),
            },
      ),
    completeSyncOperation: (operationId, status, details = {}) =>
      say(operationId, (word) => {
        if (isTerminal(word.status)) return undefined
        const { message, result, error, performance_data } = details
        return {
          ...NOT_RUNNING,
          status,
          message,
          ...(status === 'completed' && { progress: 100, result }),
          ...(status === 'failed' && { error: error ?? { code: 'failed', message: message ?? 'The operation failed.', retryable: true } }),
          ...(performance_data !== undefined && { performance_data }),
        }
      }),
    reopen: (operationId, message) =>
      say(operationId, (word) => (isTerminal(word.status) ? { ...NOT_RUNNING, status: 'in_progress', progress: 0, message } : undefined)),
    revoke: (operationId, error) =>
      say(operationId, (word) =>
        word.status === 'completed' ? { ...NOT_RUNNING, status: 'failed', message: error.message, error } : undefined,
      ),
    async broadcastSyncUpdate(update, { subject = EVERYONE } = {}) {
      // The time is given when the word is kept; any valid one will do here.
      const parsed = parseSyncStatusUpdate({ ...update, timestamp: new Date(0).toISOString() })
      if (!parsed.ok) throw new Refusal(422, 'invalid_update', `The update was not sent: ${parsed.reason}.`)
      const { version: _, timestamp: __, ...word } = parsed.value
      const changed = await operations.change(word.operation_id, (record) => ({
        ...record,
        word: { ...identityOf(record.word), ...word, timestamp: '', version: 0 },
      }))
      if (changed !== undefined) return changed.record.word
      const [outcome] = await operations.insert([{ subject, word }])
      if (outcome === undefined) throw new TypeError('Records answered nothing for an insert.')
      return outcome.record.word
    },
    get: async (operationId) => (await records.get(operationId))?.word,
    list: async (listOptions) => (await snapshot(listOptions)).operations,
    snapshot,
    metrics: metrics.performance,
    health: metrics.health,
    connections: () => connections.list(),
  }
}

/** What an operation is about: another system that reports on it need not know. */
function identityOf({ job_id, client_ref, attempt, file }: Word): Pick<SyncStatusUpdate, 'job_id' | 'client_ref' | 'attempt' | 'file'> {
  return {
    ...(job_id !== undefined && { job_id }),
    ...(client_ref !== undefined && { client_ref }),
    ...(attempt !== undefined && { attempt }),
    ...(file !== undefined && { file }),
  }
}

function wordOf(record: OperationRecord): SyncStatusUpdate {
  return record.word
}
