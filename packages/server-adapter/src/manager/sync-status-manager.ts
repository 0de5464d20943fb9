import {
  isTerminal,
  sanitizeText,
  type OperationType,
  type RemoteError,
  type SnapshotAnswer,
  type SyncStatusUpdate,
  type SystemHealth,
} from '@upload-panel/core/protocol'
import type { Clock } from '../clock.js'
import { Refusal } from '../errors.js'
import type { Logger } from '../logger.js'
import type { OperationRecord, OperationRecords, Selection, Word } from '../records/operation-records.js'
import type { ClientConnection, SystemSnapshot } from '../records/server-state.js'
import { EVERYONE } from '../security/authorize.js'
import { hasApplied, withKey } from './applied-keys.js'
import type { Connections } from './connections.js'
import type { Cursors } from './cursor.js'
import type { PublisherState } from './feed.js'
import type { Metrics } from './metrics.js'
import type { PerformanceMetrics } from './performance-metrics.js'
import { amend, type Amendment, type Operations } from './operations.js'
import { percent } from './percent.js'
import { createProgress } from './progress.js'
import { checkAmendment, checkId, readCount, readError, readWord } from './read-amendment.js'

/** What every call that changes something can be given. */
export interface CallOptions {
  /**
   * Names the call, for programs that may make it twice, such as after a crash or by a queue that delivers at least once: the same key for the
   * same operation changes nothing any more, in whichever process. The last 20 keys of an operation are known.
   */
  readonly key?: string
}

/** Options of {@link SyncStatusManager.createSyncOperation}. A `key` names the operation: created again by the same subject, it is the same one. */
export interface CreateSyncOperationOptions extends CallOptions {
  readonly operation_type: OperationType
  readonly total_items?: number
  readonly triggered_by?: string
  readonly source?: string
  readonly message?: string
  /** The batch that it belongs to: a new one, or one of the same subject. */
  readonly job_id?: string
  /** Who may see it. @default 'everyone', the subject of an open server */
  readonly subject?: string
}

/** What is known when an operation ends. */
export interface CompletionDetails extends CallOptions {
  readonly message?: string
  /** With `completed`. Written as JSON, of at most 65536 characters. */
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

/** Options of {@link SyncStatusManager.broadcastSyncUpdate}. */
export interface BroadcastOptions extends CallOptions {
  /** Whose it is, where it is new. @default 'everyone' */
  readonly subject?: string
  /** The other system knows better than the end that is kept here: it may reopen an operation, and revoke its completion. @default false */
  readonly overridesEnd?: boolean
}

/**
 * The program's own handle on operations: uploads, and everything else that indicators may follow. Each change resolves with the last word that
 * is kept, and is written before anyone is told.
 *
 * What has ended stays as it is, but for `reopen` and `revoke`: other calls change nothing and answer its last word. A call on an id that is
 * unknown rejects with a `Refusal` (404, `unknown_operation`), one that makes no sense with `invalid_update` (422). Texts are cleaned and cut,
 * numbers brought within their bounds.
 */
export interface SyncStatusManager {
  /** Answers its id. */
  createSyncOperation(options: CreateSyncOperationOptions): Promise<string>
  /**
   * May be called as often as is convenient: ten writes a second and operation, the others are gathered and answered at once with the last word that is kept. The last one is
   * always written; one with a `key` at once.
   * @param progress 0..100
   */
  updateSyncProgress(
    operationId: string,
    progress: number,
    processed?: number,
    failed?: number,
    message?: string,
    options?: CallOptions,
  ): Promise<SyncStatusUpdate>
  /** Writes all progress that was gathered and is not written yet. */
  flush(): Promise<void>
  /** Ends an operation, with the progress that was not written yet, in one word. */
  completeSyncOperation(
    operationId: string,
    status: 'completed' | 'failed' | 'cancelled',
    details?: CompletionDetails,
  ): Promise<SyncStatusUpdate>
  failSyncOperation(operationId: string, error: RemoteError, options?: CallOptions): Promise<SyncStatusUpdate>
  /** Work on an upload that this or another process does stops, and its bytes are deleted. */
  cancelSyncOperation(operationId: string, message?: string, options?: CallOptions): Promise<SyncStatusUpdate>
  /** Takes the end of an operation back: it is going on again. */
  reopen(operationId: string, message?: string, options?: CallOptions): Promise<SyncStatusUpdate>
  /** Takes a completion back, as moderation or a virus scan does. */
  revoke(operationId: string, error: RemoteError, options?: CallOptions): Promise<SyncStatusUpdate>
  /** Keeps and publishes a whole state that another system reported; its version is given here. An operation that is not known yet is created. */
  broadcastSyncUpdate(update: Omit<SyncStatusUpdate, 'timestamp' | 'version'>, options?: BroadcastOptions): Promise<SyncStatusUpdate>
  get(operationId: string): Promise<SyncStatusUpdate | undefined>
  list(options?: ListOptions): Promise<readonly SyncStatusUpdate[]>
  /** A page of what changed since a cursor, by rising version. */
  snapshot(options?: ListOptions): Promise<SnapshotAnswer>
  metrics(): PerformanceMetrics
  health(): SystemHealth
  /** How each publisher stands, in this process. */
  publishers(): readonly PublisherState[]
  /** Clients of a subject, or of all, that are connected to this process or another one; who was heard last comes last. */
  connections(options?: { readonly subject?: string; readonly limit?: number }): Promise<readonly ClientConnection[]>
  /** How everything was, every five minutes; the newest, oldest first. @default limit 100 */
  snapshots(limit?: number): Promise<readonly SystemSnapshot[]>
}

export interface SyncStatusManagerOptions {
  readonly records: OperationRecords
  readonly operations: Operations
  readonly cursors: Cursors
  readonly metrics: Metrics
  readonly connections: Connections
  publishers(): readonly PublisherState[]
  readonly progressWritesPerSecond: number
  readonly clock: Clock
  readonly createId: () => string
  readonly logger: Logger
}

const MAX_SNAPSHOTS = 100

const NOT_RUNNING = { stage: undefined, error: undefined, result: undefined } as const

export function createSyncStatusManager(options: SyncStatusManagerOptions): SyncStatusManager {
  const { records, operations, cursors, metrics, connections, publishers, clock, createId, logger } = options

  /** Says the next word, where there is one to be said and the call has not been made before. */
  async function say(operationId: string, next: (word: Word) => Amendment | undefined, key?: string) {
    const outcome = await operations.change(operationId, (record) => {
      if (hasApplied(record, key)) return undefined
      const amendment = next(record.word)
      return amendment === undefined ? undefined : withKey(amend(record, amendment), key)
    })
    if (outcome === undefined) throw unknown(operationId)
    if (!outcome.changed) logger.debug(`Operation ${operationId} stays ${outcome.record.word.status}.`)
    return { word: outcome.record.word, changed: outcome.changed }
  }

  const going = (word: Word, amendment: Amendment): Amendment | undefined =>
    isTerminal(word.status) ? undefined : { ...amendment, status: 'in_progress' }
  const progress = createProgress({
    clock,
    logger,
    writesPerSecond: options.progressWritesPerSecond,
    write: async (operationId, amendment) => (await say(operationId, (word) => going(word, amendment))).word,
  })

  /** Does something with the progress that waits to be written, or in its place. Where nothing comes of it, the progress waits again. */
  async function withWaiting<W extends SyncStatusUpdate>(
    operationId: string,
    work: (waiting: Amendment) => Promise<{ readonly word: W; readonly changed: boolean }>,
  ): Promise<W> {
    const waiting = await progress.take(operationId)
    let isOver = false
    try {
      const { word, changed } = await work(waiting)
      isOver = changed || isTerminal(word.status)
      return word
    } finally {
      if (!isOver && Object.keys(waiting).length > 0) progress.putBack(operationId, waiting)
    }
  }

  /** Says a word at once, together with the progress that waits to be written. */
  async function sayNow(
    operationId: string,
    next: (word: Word, waiting: Amendment) => Amendment | undefined,
    key: string | undefined,
  ): Promise<Word> {
    checkId('key', key)
    return withWaiting(operationId, (waiting) => say(operationId, (word) => next(word, waiting), key))
  }

  async function end(operationId: string, status: 'completed' | 'failed' | 'cancelled', details: CompletionDetails = {}): Promise<Word> {
    const { message, result, error, performance_data, key } = details
    const amendment: Amendment = {
      ...NOT_RUNNING,
      status,
      message,
      ...(status === 'completed' && { progress: 100, result }),
      ...(status === 'failed' && { error: readError(error, message) }),
      ...(performance_data !== undefined && { performance_data }),
    }
    checkAmendment(amendment)
    return sayNow(operationId, (word, waiting) => (isTerminal(word.status) ? undefined : { ...waiting, ...amendment }), key)
  }

  /** A job is one subject's, so that nobody else's operations are counted in it. */
  async function claimJob(jobId: string | undefined, subject: string): Promise<void> {
    if (jobId === undefined || (await records.claimJob(jobId, subject))) return
    throw new Refusal(409, 'job_taken', 'This job belongs to another subject. Give the operation a job_id of its own.')
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
    async createSyncOperation({ subject = EVERYONE, key, ...fields }) {
      checkId('subject', subject)
      checkId('key', key)
      const total = readCount('total_items', fields.total_items)
      const { total_items: _, ...others } = fields
      const { timestamp: __, ...word } = readWord({
        operation_id: createId(),
        status: 'pending',
        progress: 0,
        ...others,
        ...(total !== undefined && { total_items: total }),
      })
      await claimJob(word.job_id, subject)
      const [outcome] = await operations.insert([{ subject, word, ...(key !== undefined && { key }) }])
      return outcome?.record.word.operation_id ?? word.operation_id
    },
    async updateSyncProgress(operationId, value, processed, failed, message, { key } = {}) {
      const [processedItems, failedItems] = [readCount('processed', processed), readCount('failed', failed)]
      const amendment: Amendment = {
        progress: percent(value),
        ...(processedItems !== undefined && { processed_items: processedItems }),
        ...(failedItems !== undefined && { failed_items: failedItems }),
        ...(message !== undefined && { message }),
      }
      checkAmendment(amendment)
      if (key === undefined) return progress.report(operationId, amendment)
      return sayNow(operationId, (word, waiting) => going(word, { ...waiting, ...amendment }), key)
    },
    flush: progress.flush,
    completeSyncOperation: end,
    failSyncOperation(operationId, given, { key } = {}) {
      const error = readError(given, undefined)
      return end(operationId, 'failed', { message: error.message, error, ...(key !== undefined && { key }) })
    },
    cancelSyncOperation: (operationId, message, { key } = {}) =>
      end(operationId, 'cancelled', { ...(message !== undefined && { message }), ...(key !== undefined && { key }) }),
    async reopen(operationId, message, { key } = {}) {
      checkAmendment({ message })
      return sayNow(
        operationId,
        (word) => (isTerminal(word.status) ? { ...NOT_RUNNING, status: 'in_progress', progress: 0, message } : undefined),
        key,
      )
    },
    async revoke(operationId, given, { key } = {}) {
      const error = readError(given, undefined)
      const amendment: Amendment = { ...NOT_RUNNING, status: 'failed', message: error.message, error }
      checkAmendment(amendment)
      return sayNow(operationId, (word) => (word.status === 'completed' ? amendment : undefined), key)
    },
    async broadcastSyncUpdate(update, { subject = EVERYONE, overridesEnd = false, key } = {}) {
      checkId('subject', subject)
      checkId('key', key)
      const { version: _, timestamp: __, ...word } = readWord(update)
      const { operation_id } = word
      const change = async () => {
        const outcome = await operations.change(operation_id, (record) => {
          if (hasApplied(record, key) || (isTerminal(record.word.status) && !overridesEnd)) return undefined
          return withKey({ ...record, word: { ...identityOf(record.word), ...word, timestamp: '', version: 0 } }, key)
        })
        return outcome && { word: outcome.record.word, changed: outcome.changed }
      }
      // What was gathered is older than the whole state that comes now.
      return withWaiting<SyncStatusUpdate>(operation_id, async () => {
        const changed = await change()
        if (changed !== undefined) return changed
        await claimJob(word.job_id, subject)
        const [outcome] = await operations.insert([{ subject, word, ...(key !== undefined && { appliedKeys: [key] }) }])
        if (outcome?.kind === 'inserted') return { word: outcome.record.word, changed: true }
        // Another process may have been faster.
        return (await change()) ?? { word: outcome?.record.word ?? readWord(update), changed: false }
      })
    },
    get: async (operationId) => (await records.get(operationId))?.word,
    list: async (listOptions) => (await snapshot(listOptions)).operations,
    snapshot,
    metrics: metrics.performance,
    health: metrics.health,
    publishers,
    connections: (query) => connections.list(query),
    snapshots: (limit = MAX_SNAPSHOTS) => records.snapshots.list(limit),
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

function unknown(operationId: string): Refusal {
  return new Refusal(404, 'unknown_operation', `There is no operation ${sanitizeText(String(operationId), 200)}.`)
}
