import { type Clock, repeat } from '../clock.js'
import type { Logger } from '../logger.js'
import { SUPERSEDED } from '@upload-panel/core/protocol'
import type { JobCounts, OperationRecords } from './operation-records.js'
import { type ReadRow, toRecord } from './postgres/columns.js'
import { createDatabase, type Database, type Value } from './postgres/database.js'
import { migrate } from './postgres/migrate.js'
import type { PgPool } from './postgres/pool.js'
import { queriesOf } from './postgres/queries.js'
import { createServerState } from './postgres/state.js'
import { createWatch, type Watch } from './postgres/watch.js'
import { createWriteQueue, type WriteQueue } from './postgres/write-queue.js'

export type { PgClient, PgPool, PgQuery } from './postgres/pool.js'

/** Options of {@link postgres}: a pool, or where to connect to. */
export type PostgresOptions = {
  /** Where the tables are: lower-case letters, digits and `_`. It is made where it is missing. @default 'upload_panel' */
  readonly schema?: string
} & (
  | {
      /** A `pg.Pool` of your own, of two connections or more: one of them listens. It is not ended. */
      readonly pool: PgPool
      readonly connectionString?: never
    }
  | {
      /** Such as `postgres://user:password@host:5432/database`. Needs the package `pg`. */
      readonly connectionString: string
      readonly pool?: never
    }
)

const DEFAULT_SCHEMA = 'upload_panel'
/** The channel of its notifications is named after it, and may have 63 letters. */
const SCHEMA_NAME = /^[a-z_][a-z0-9_]{0,46}$/
/** How long a statement may take, and wait for a lock, milliseconds. All are short: one that is not waits for something that is broken. */
const STATEMENT_TIMEOUT_MS = 15_000
const LOCK_TIMEOUT_MS = 10_000
/** What the answer may take on its way, milliseconds. */
const GRACE_MS = 5000
const FORGET_WRITES_MS = 10 * 60_000

/**
 * Records in PostgreSQL, 13 or newer, which several nodes may share. The schema is made and brought up to date when they are opened.
 *
 * @throws `TypeError` where an option makes no sense.
 */
export function postgres(options: PostgresOptions): OperationRecords {
  const { schema = DEFAULT_SCHEMA } = options
  checkOptions(options, schema)
  const queries = queriesOf(schema)
  let opened: Opened | undefined
  function database(): Opened {
    if (opened === undefined) throw new Error('The records are not open: createSyncServer opens them, and close() ends their use.')
    return opened
  }
  const query = async (text: string, values: readonly Value[]): Promise<readonly ReadRow[]> => database().query(text, values)
  const records = async (text: string, values: readonly Value[]) => (await query(text, values)).map(toRecord)

  return {
    async open({ clock, logger }) {
      opened = await open(options, schema, clock, logger)
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
    ...createServerState(() => database(), schema),
    async close() {
      const closing = opened
      opened = undefined
      await closing?.close()
    },
  }
}

function checkOptions({ pool, connectionString }: PostgresOptions, schema: string): void {
  if ((pool === undefined) === (connectionString === undefined)) {
    throw new TypeError(
      'postgres() needs either `pool`, a pg.Pool of yours, or `connectionString`, such as postgres://user:password@host/database.',
    )
  }
  if (!SCHEMA_NAME.test(schema)) {
    throw new TypeError(`postgres() takes a schema of lower-case letters, digits and _, not ${JSON.stringify(schema)}.`)
  }
  if (pool?.options?.max === 1) throw new TypeError('postgres() needs a pool of two connections or more: one of them listens for changes.')
}

interface Opened extends Database {
  readonly epoch: string
  readonly writes: WriteQueue
  readonly watch: Watch
  close(): Promise<void>
}

async function open(options: PostgresOptions, schema: string, clock: Clock, logger: Logger): Promise<Opened> {
  const pool = options.pool ?? (await createPool(options.connectionString))
  // An error of an idle connection that nobody listens to would end the process. The next statement gets another connection.
  const onError = (error: Error) => logger.debug('An idle connection to the database broke.', error)
  pool.on('error', onError)
  async function endPool(): Promise<void> {
    pool.off('error', onError)
    if (options.pool === undefined) await pool.end()
  }

  const database = createDatabase({ pool, clock, deadlineMs: STATEMENT_TIMEOUT_MS + GRACE_MS })
  const queries = queriesOf(schema)
  try {
    const epoch = await migrate(database, schema)
    const writes = createWriteQueue(database, queries)
    const watch = createWatch({ database, channel: `${schema}_changes`, latestVersion: queries.latestVersion, clock, logger })
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
        await endPool()
      },
    }
  } catch (error) {
    await endPool()
    throw error
  }
}

async function createPool(connectionString: string): Promise<PgPool> {
  // Loaded late: a program that has a pool of its own may have it from elsewhere.
  const { default: pg } = await import('pg').catch((cause: unknown) => {
    throw new Error('postgres({ connectionString }) needs the package pg: npm install pg.', { cause })
  })
  return new pg.Pool({
    connectionString,
    application_name: 'upload-panel',
    keepAlive: true,
    connectionTimeoutMillis: GRACE_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    lock_timeout: LOCK_TIMEOUT_MS,
  })
}
