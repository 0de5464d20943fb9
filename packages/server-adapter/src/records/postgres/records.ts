import { SUPERSEDED } from '@upload-panel/core/protocol'
import { repeat } from '../../clock.js'
import type { JobCounts, OperationRecords, RecordsContext } from '../operation-records.js'
import { type ReadRow, toRecord } from './columns.js'
import type { Statements, Value } from './database.js'
import type { Queries } from './queries.js'
import { createServerState } from './state.js'
import type { StateQueries } from './state-queries.js'
import type { Watch } from './watch.js'
import { createWriteQueue, type WriteQueue } from './write-queue.js'

export type RecordsQueries = Queries & StateQueries

/** A database whose tables are there. */
export interface OpenedDatabase extends Statements {
  readonly epoch: string
  readonly writes: WriteQueue
  readonly watch: Watch
  close(): Promise<void>
}

/** Records in tables of PostgreSQL, by whatever way they are reached. */
export function createRecords(queries: RecordsQueries, open: (context: RecordsContext) => Promise<OpenedDatabase>): OperationRecords {
  let opened: OpenedDatabase | undefined
  function database(): OpenedDatabase {
    if (opened === undefined) throw new Error('The records are not open: createSyncServer opens them, and close() ends their use.')
    return opened
  }
  const query = async (text: string, values: readonly Value[]): Promise<readonly ReadRow[]> => database().query(text, values)
  const records = async (text: string, values: readonly Value[]) => (await query(text, values)).map(toRecord)

  return {
    async open(context) {
      opened = await open(context)
    },
    isShared: () => true,
    epoch: () => database().epoch,
    latestVersion: async () => Number((await query(queries.latestVersion, []))[0]?.['sequence']),
    async claimJob(jobId, subject) {
      await query(queries.bindJob, [jobId, subject])
      const [row] = await query(queries.jobOwner, [jobId])
      return row?.['subject'] === subject
    },
    jobOwner: async (jobId) => (await query(queries.jobOwner, [jobId]))[0]?.['subject'] ?? undefined,
    insert: async (operations) => database().writes.insert(operations),
    get: async (operationId) => (await records(queries.byIds, [[operationId]]))[0],
    update: async (operationId, change) => database().writes.update(operationId, change),
    attempts: (subject, clientRef) => records(queries.attempts, [subject, clientRef]),
    changes({ subject, selection, after, limit }) {
      if (selection === 'all') return records(queries.changesOfAll, [subject, after, limit])
      const { jobIds, operationIds } = selection
      const [jobId] = jobIds
      // The common case gets an index that is already in order: a page costs its own rows, not the job's.
      if (jobIds.length === 1 && jobId !== undefined && operationIds.length === 0) {
        return records(queries.changesOfJob, [subject, after, limit, jobId])
      }
      return records(queries.changesOfSome, [subject, after, limit, operationIds, jobIds])
    },
    everyChange: ({ after, limit }) => records(queries.everyChange, [after, limit]),
    watch: (onChange) => database().watch.add(onChange),
    async countJob(subject, jobId) {
      const counts: { -readonly [K in keyof JobCounts]: number } = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
      for (const row of await query(queries.countJob, [jobId, subject, SUPERSEDED]))
        counts[row['status'] as keyof JobCounts] = Number(row['total'])
      return counts
    },
    unfinished: ({ afterId, limit }) => records(queries.unfinished, [afterId, limit]),
    overdue: (nowMs, limit) => records(queries.overdue, [nowMs, limit]),
    async count() {
      const [row] = await query(queries.count, [])
      return { total: Number(row?.['total']), unfinished: Number(row?.['unfinished']) }
    },
    endedBefore: ({ beforeMs, files, limit }) => records(queries.endedBefore, [String(files), beforeMs, limit]),
    async forget(operationIds, endedBeforeMs) {
      await query(queries.forget, [operationIds, endedBeforeMs])
    },
    ...createServerState(database, queries),
    async close() {
      const closing = opened
      opened = undefined
      await closing?.close()
    },
  }
}

interface DatabaseParts {
  readonly database: Statements
  readonly queries: RecordsQueries
  readonly epoch: string
  readonly watch: Watch
  end(): Promise<void>
}

const FORGET_WRITES_MS = 10 * 60_000

/** Begins what goes on as long as a database is used. */
export function openDatabase({ database, queries, epoch, watch, end }: DatabaseParts, { clock, logger }: RecordsContext): OpenedDatabase {
  const writes = createWriteQueue(database, queries)
  const stopForgetting = repeat(clock, FORGET_WRITES_MS, () =>
    database.query(queries.forgetWrites).then(
      () => {},
      (error: unknown) => logger.warn('Old writes could not be forgotten.', error),
    ),
  )
  return {
    ...database,
    epoch,
    writes,
    watch,
    async close() {
      stopForgetting()
      await Promise.all([writes.close(), watch.close()])
      await end()
    },
  }
}
