import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createId } from '../create-id.js'
import type { JobCounts, OperationRecords } from './operation-records.js'
import { type Opened, openDatabase } from './sqlite/database.js'
import { toRecord } from './sqlite/rows.js'
import { createServerState } from './sqlite/state.js'

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /** The database file; its folder is made if it is missing. `:memory:` is one that lasts as long as the process. */
  readonly path: string
  /** How long a write waits for another process that holds the file, in milliseconds. The event loop waits too. @default 5000 */
  readonly busyTimeoutMs?: number
  /** @default 128 random bits */
  readonly createId?: () => string
}

const MEMORY = ':memory:'

/** Records in one SQLite file, by Node's own `node:sqlite`. */
export function sqlite(options: SqliteOptions): OperationRecords {
  let opened: Opened | undefined
  function database(): Opened {
    if (opened === undefined) throw new Error('The records are not open: createSyncServer opens them, and close() ends their use.')
    return opened
  }

  return {
    async open({ clock }) {
      if (options.path !== MEMORY) await mkdir(dirname(options.path), { recursive: true })
      opened = await openDatabase(
        { path: options.path, busyTimeoutMs: options.busyTimeoutMs ?? 5000, createId: options.createId ?? createId },
        clock,
      )
    },
    isShared: () => options.path !== MEMORY,
    epoch: () => database().epoch,
    latestVersion: async () => database().latestVersion(),
    async claimJob(jobId, subject) {
      const { statements } = database()
      statements.bindJob.run(jobId, subject)
      return statements.jobOwner.get(jobId)?.['subject'] === subject
    },
    jobOwner: async (jobId) => database().statements.jobOwner.get(jobId)?.['subject'] as string | undefined,
    insert: async (operations) => {
      const { transaction, statements, write } = database()
      return transaction(() =>
        operations.map((operation) => {
          const { subject, key, word } = operation
          const { client_ref, attempt } = word
          const existing =
            statements.get.get(word.operation_id) ??
            (client_ref === undefined || attempt === undefined ? undefined : statements.byAttempt.get(subject, client_ref, attempt)) ??
            (key === undefined ? undefined : statements.byKey.get(subject, key))
          if (existing !== undefined) return { kind: 'existing', record: toRecord(existing) }
          return { kind: 'inserted', record: write(statements.insert, operation) }
        }),
      )
    },
    get: async (operationId) => database().get(operationId),
    update: async (operationId, change) => {
      const { transaction, statements, write, get } = database()
      return transaction(() => {
        const record = get(operationId)
        if (record === undefined) return undefined
        const next = change(record)
        return next === undefined ? { record, changed: false } : { record: write(statements.update, next), changed: true }
      })
    },
    attempts: async (subject, clientRef) => database().statements.attempts.all(subject, clientRef).map(toRecord),
    changes: async ({ subject, selection, after, limit }) => {
      const { statements } = database()
      if (selection === 'all') return statements.changesOfAll.all(subject, after, limit).map(toRecord)
      const { jobIds, operationIds } = selection
      const [jobId] = jobIds
      // The common case gets an index that is already in order: a page costs its own rows, not the job's.
      if (jobIds.length === 1 && jobId !== undefined && operationIds.length === 0) {
        return statements.changesOfJob.all(jobId, subject, after, limit).map(toRecord)
      }
      return statements.changesOfSome.all(subject, after, JSON.stringify(operationIds), JSON.stringify(jobIds), limit).map(toRecord)
    },
    everyChange: async ({ after, limit }) => database().statements.everyChange.all(after, limit).map(toRecord),
    watch: (onChange) => database().watch(onChange),
    countJob: async (subject, jobId) => {
      const counts: { -readonly [K in keyof JobCounts]: number } = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
      for (const row of database().statements.countJob.all(jobId, subject)) counts[row['status'] as keyof JobCounts] = Number(row['total'])
      return counts
    },
    unfinished: async ({ afterId, limit }) => database().statements.unfinished.all(afterId, limit).map(toRecord),
    overdue: async (nowMs, limit) => database().statements.overdue.all(nowMs, limit).map(toRecord),
    count: async () => {
      const row = database().statements.count.get()
      return { total: Number(row?.['total']), unfinished: Number(row?.['unfinished']) }
    },
    endedBefore: async ({ beforeMs, files, limit }) =>
      database()
        .statements.endedBefore.all(files ? 1 : 0, beforeMs, limit)
        .map(toRecord),
    forget: async (operationIds, endedBeforeMs) => {
      const { transaction, statements } = database()
      transaction(() => {
        const jobs = statements.forget.all(JSON.stringify(operationIds), endedBeforeMs).map((row) => row['job_id'])
        statements.forgetJobs.run(JSON.stringify(jobs))
      })
    },
    ...createServerState(() => database().state),
    async close() {
      opened?.close()
      opened = undefined
    },
  }
}
