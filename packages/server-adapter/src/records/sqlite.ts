import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { SUPERSEDED } from '@upload-panel/core/protocol'
import { type Clock, repeat } from '../clock.js'
import { createId } from '../create-id.js'
import { endedAtMs, isFile, type JobCounts, type NewOperation, type OperationRecord, type OperationRecords } from './operation-records.js'
import { MIGRATIONS } from './schema.js'
import { createServerState, prepareState, type StateStatements } from './sqlite-state.js'

/** Options of {@link sqlite}. */
export interface SqliteOptions {
  /** The database file; its folder is made if it is missing. `:memory:` is one that lasts as long as the process. */
  readonly path: string
  /** How long a write waits for another process that holds the file, in milliseconds. The event loop waits too. @default 5000 */
  readonly busyTimeoutMs?: number
  /** @default 128 random bits */
  readonly createId?: () => string
}

/**
 * Versions that are skipped each time a database is opened. A power cut may take back the last commits, though never half of one;
 * without the gap the same versions would be given out twice, with other contents, and clients that saw the first would drop the second.
 */
const RESTART_GAP = 1_000_000
const MEMORY = ':memory:'
/** How often it is looked at whether another process has written, milliseconds. A look costs a few microseconds. */
const WATCH_MS = 100

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
      opened = await openDatabase(options, clock)
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

interface Opened {
  readonly epoch: string
  readonly statements: Statements
  latestVersion(): number
  get(operationId: string): OperationRecord | undefined
  /** Gives an operation the next version and writes it. */
  write(statement: StatementSync, operation: NewOperation): OperationRecord
  transaction<T>(work: () => T): T
  watch(onChange: () => void): () => void
  readonly state: StateStatements
  close(): void
}

async function openFile(path: string): Promise<DatabaseSync> {
  // Loaded late, so that memory records do not need it.
  const sqliteModule = await import('node:sqlite').catch((cause: unknown) => {
    throw new Error(`This Node (${process.version}) has no node:sqlite. Use Node 22.13 or newer.`, { cause })
  })
  try {
    return new sqliteModule.DatabaseSync(path)
  } catch (cause) {
    throw new Error(`The database ${path} cannot be opened. See that it is a file which this user may write.`, { cause })
  }
}

async function openDatabase(options: SqliteOptions, clock: Clock): Promise<Opened> {
  const database = await openFile(options.path)
  database.exec(`PRAGMA busy_timeout = ${Math.trunc(options.busyTimeoutMs ?? 5000)}`)
  // Readers and the writer do not wait for each other, and a commit costs no fsync; see RESTART_GAP for what a power cut may take.
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')

  // IMMEDIATE: a transaction that reads first and writes later could otherwise fail half-way, when another process wrote in between.
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  function transaction<T>(work: () => T): T {
    begin.run()
    try {
      const value = work()
      commit.run()
      return value
    } catch (error) {
      try {
        database.exec('ROLLBACK')
      } catch {
        // Some errors, such as a full disk, have rolled back already; the first error is the one that tells something.
      }
      throw error
    }
  }

  const epoch = transaction(() => prepareTables(database, options.createId ?? createId))
  const statements = prepareStatements(database)
  const watches = new Set<() => void>()
  return {
    epoch,
    statements,
    latestVersion: () => Number(statements.latestVersion.get()?.['sequence']),
    get(operationId) {
      const row = statements.get.get(operationId)
      return row === undefined ? undefined : toRecord(row)
    },
    write(statement, operation) {
      const version = Number(statements.nextVersion.get()?.['sequence'])
      const record = { ...operation, word: { position: version, ...operation.word, version } }
      statement.run(toRow(record))
      return record
    },
    transaction,
    state: prepareState(database, clock),
    watch(onChange) {
      let seen = statements.dataVersion.get()?.['data_version']
      const stop = repeat(clock, WATCH_MS, () => {
        const now = statements.dataVersion.get()?.['data_version']
        if (now === seen) return
        seen = now
        onChange()
      })
      watches.add(stop)
      return stop
    },
    close() {
      for (const stop of watches) stop()
      database.close()
    },
  }
}

function prepareTables(database: DatabaseSync, newEpoch: () => string): string {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version > MIGRATIONS.length) {
    throw new Error(
      `The database was written by a newer release (schema ${version}, this one knows ${MIGRATIONS.length}). Update this package.`,
    )
  }
  for (const step of MIGRATIONS.slice(version)) database.exec(step)
  database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
  if (version === 0) database.prepare('INSERT INTO meta (id, epoch, sequence) VALUES (1, ?, 0)').run(newEpoch())
  else database.prepare('UPDATE meta SET sequence = sequence + ?').run(RESTART_GAP)
  return String(database.prepare('SELECT epoch FROM meta').get()?.['epoch'])
}

type Statements = ReturnType<typeof prepareStatements>

function prepareStatements(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text)
  return {
    latestVersion: sql('SELECT sequence FROM meta'),
    nextVersion: sql('UPDATE meta SET sequence = sequence + 1 RETURNING sequence'),
    bindJob: sql('INSERT INTO jobs (job_id, subject) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    jobOwner: sql('SELECT subject FROM jobs WHERE job_id = ?'),
    get: sql('SELECT * FROM sync_operations WHERE operation_id = ?'),
    byAttempt: sql('SELECT * FROM sync_operations WHERE subject = ? AND client_ref = ? AND attempt = ?'),
    byKey: sql('SELECT * FROM sync_operations WHERE subject = ? AND key = ?'),
    attempts: sql('SELECT * FROM sync_operations WHERE subject = ? AND client_ref = ? AND attempt IS NOT NULL ORDER BY attempt'),
    insert: sql(`INSERT INTO sync_operations
      (operation_id, version, subject, job_id, client_ref, attempt, status, superseded, expires_at_ms, created_at_ms,
        word, upload, key, applied_keys, ended_at_ms, is_file) VALUES
      ($operation_id, $version, $subject, $job_id, $client_ref, $attempt, $status, $superseded, $expires_at_ms, $created_at_ms,
        $word, $upload, $key, $applied_keys, $ended_at_ms, $is_file)`),
    update:
      sql(`UPDATE sync_operations SET version = $version, subject = $subject, job_id = $job_id, client_ref = $client_ref, attempt = $attempt,
      status = $status, superseded = $superseded, expires_at_ms = $expires_at_ms, created_at_ms = $created_at_ms, word = $word, upload = $upload,
      key = $key, applied_keys = $applied_keys, ended_at_ms = $ended_at_ms, is_file = $is_file
      WHERE operation_id = $operation_id`),
    changesOfAll: sql('SELECT * FROM sync_operations WHERE subject = ? AND version > ? ORDER BY version LIMIT ?'),
    changesOfJob: sql('SELECT * FROM sync_operations WHERE job_id = ? AND subject = ? AND version > ? ORDER BY version LIMIT ?'),
    // The unary plus keeps the planner from walking everything that the subject has: the ids name what is wanted.
    changesOfSome: sql(`SELECT * FROM sync_operations WHERE +subject = ? AND +version > ? AND operation_id IN (
        SELECT value FROM json_each(?) UNION SELECT operation_id FROM sync_operations WHERE job_id IN (SELECT value FROM json_each(?))
      ) ORDER BY version LIMIT ?`),
    everyChange: sql('SELECT * FROM sync_operations WHERE version > ? ORDER BY version LIMIT ?'),
    dataVersion: sql('PRAGMA data_version'),
    countJob: sql(
      'SELECT status, COUNT(*) AS total FROM sync_operations WHERE job_id = ? AND subject = ? AND superseded = 0 GROUP BY status',
    ),
    unfinished: sql(
      "SELECT * FROM sync_operations WHERE status IN ('pending', 'in_progress') AND operation_id > ? ORDER BY operation_id LIMIT ?",
    ),
    overdue: sql('SELECT * FROM sync_operations WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?'),
    endedBefore: sql('SELECT * FROM sync_operations WHERE is_file = ? AND ended_at_ms < ? ORDER BY ended_at_ms LIMIT ?'),
    forget: sql('DELETE FROM sync_operations WHERE operation_id IN (SELECT value FROM json_each(?)) AND ended_at_ms < ? RETURNING job_id'),
    forgetJobs: sql(`DELETE FROM jobs WHERE job_id IN (SELECT value FROM json_each(?))
      AND NOT EXISTS (SELECT 1 FROM sync_operations WHERE sync_operations.job_id = jobs.job_id)`),
    count: sql(`SELECT (SELECT COUNT(*) FROM sync_operations) AS total,
      (SELECT COUNT(*) FROM sync_operations WHERE status IN ('pending', 'in_progress')) AS unfinished`),
  }
}

function toRow(record: OperationRecord): Record<string, SQLInputValue> {
  const { subject, createdAtMs, word, upload, key, appliedKeys } = record
  return {
    $operation_id: word.operation_id,
    $version: word.version,
    $subject: subject,
    $job_id: word.job_id ?? null,
    $client_ref: word.client_ref ?? null,
    $attempt: word.attempt ?? null,
    $status: word.status,
    $superseded: word.error?.code === SUPERSEDED ? 1 : 0,
    $expires_at_ms: (word.status === 'pending' ? upload?.expiresAtMs : undefined) ?? null,
    $created_at_ms: createdAtMs,
    $word: JSON.stringify(word),
    $upload: upload === undefined ? null : JSON.stringify(upload),
    $key: key ?? null,
    $applied_keys: appliedKeys === undefined ? null : JSON.stringify(appliedKeys),
    $ended_at_ms: endedAtMs(record) ?? null,
    $is_file: isFile(record) ? 1 : 0,
  }
}

function toRecord(row: Record<string, SQLOutputValue>): OperationRecord {
  const { upload, key, applied_keys: appliedKeys } = row
  return {
    subject: String(row['subject']),
    createdAtMs: Number(row['created_at_ms']),
    word: JSON.parse(String(row['word'])) as OperationRecord['word'],
    ...(typeof upload === 'string' && { upload: JSON.parse(upload) as NonNullable<OperationRecord['upload']> }),
    ...(typeof key === 'string' && { key }),
    ...(typeof appliedKeys === 'string' && { appliedKeys: JSON.parse(appliedKeys) as readonly string[] }),
  }
}
