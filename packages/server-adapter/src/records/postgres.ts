import type { OperationRecords, RecordsContext } from './operation-records.js'
import { createDatabase } from './postgres/database.js'
import { migrate } from './postgres/migrate.js'
import type { PgPool } from './postgres/pool.js'
import { queriesOf } from './postgres/queries.js'
import { createRecords, type OpenedDatabase, openDatabase, type RecordsQueries } from './postgres/records.js'
import { stateQueriesOf } from './postgres/state-queries.js'
import { createWatch } from './postgres/watch.js'

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
      /** Such as `postgres://user:password@host:5432/database`. Needs the package `pg`. Without it, as from a variable that is not set, `postgres` throws. */
      readonly connectionString: string | undefined
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

/**
 * Records in PostgreSQL, 13 or newer, which several nodes may share. The schema is made and brought up to date when they are opened.
 *
 * @throws `TypeError` where an option makes no sense.
 */
export function postgres(options: PostgresOptions): OperationRecords {
  const { schema = DEFAULT_SCHEMA } = options
  checkOptions(options, schema)
  const queries = { ...queriesOf(schema), ...stateQueriesOf(schema) }
  return createRecords(queries, (context) => open(options, schema, queries, context))
}

function checkOptions({ pool, connectionString }: PostgresOptions, schema: string): void {
  if ((pool === undefined) === !connectionString) {
    throw new TypeError(
      'postgres() needs either `pool`, a pg.Pool of yours, or `connectionString`, such as postgres://user:password@host/database. Is the variable set from which it comes?',
    )
  }
  if (!SCHEMA_NAME.test(schema)) {
    throw new TypeError(`postgres() takes a schema of lower-case letters, digits and _, not ${JSON.stringify(schema)}.`)
  }
  if (pool?.options?.max === 1) throw new TypeError('postgres() needs a pool of two connections or more: one of them listens for changes.')
}

async function open(options: PostgresOptions, schema: string, queries: RecordsQueries, context: RecordsContext): Promise<OpenedDatabase> {
  const { clock, logger } = context
  const pool = options.pool ?? (await createPool(options.connectionString))
  // An error of an idle connection that nobody listens to would end the process. The next statement gets another connection.
  const onError = (error: Error) => logger.debug('An idle connection to the database broke.', error)
  pool.on('error', onError)
  async function endPool(): Promise<void> {
    pool.off('error', onError)
    if (options.pool === undefined) await pool.end()
  }

  const prepared = new Map([
    [queries.byIds, `${schema}_by_ids`],
    [queries.write, `${schema}_write`],
    [queries.update, `${schema}_update`],
  ])
  const database = createDatabase({ pool, clock, deadlineMs: STATEMENT_TIMEOUT_MS + GRACE_MS, prepared })
  try {
    const epoch = await migrate(database, schema)
    const watch = createWatch({ database, channel: `${schema}_changes`, latestVersion: queries.latestVersion, clock, logger })
    return openDatabase({ database, queries, epoch, watch, end: endPool }, context)
  } catch (error) {
    await endPool()
    throw error
  }
}

async function createPool(connectionString: string | undefined): Promise<PgPool> {
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
