import { Pool } from 'pg'
import { type Postgres, startPostgres } from '../../../../scripts/services/postgres.js'
import { systemClock } from '../clock.js'
import type { Logger } from '../logger.js'
import type { OperationRecords } from '../records/operation-records.js'
import type { PgPool } from '../records/postgres/pool.js'
import { postgres } from '../records/postgres.js'
import { temporaryDirectory } from './harness.js'

/** A database server of a test file's own. */
export interface PostgresDatabase {
  readonly server: Postgres
  /** Of the database's owner. */
  readonly pool: Pool
  /** The name of a schema that is not there yet. */
  newSchema(): string
  /** What a node of its own would open. Whoever opens it closes it. */
  open(schema: string, more?: { readonly pool?: PgPool; readonly logger?: Logger }): Promise<OperationRecords>
  stop(): Promise<void>
}

/** Tests break connections: what is told of it is not for the eyes of who runs them. */
export const SILENT: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

export async function startPostgresDatabase(): Promise<PostgresDatabase> {
  const directory = await temporaryDirectory()
  const server = await startPostgres({ directory: directory.path })
  const pool = new Pool({ connectionString: server.url })
  pool.on('error', () => {})
  let schemas = 0
  return {
    server,
    pool,
    newSchema() {
      schemas += 1
      return `test_${schemas}`
    },
    async open(schema, more = {}) {
      const records = postgres({ pool: more.pool ?? pool, schema })
      await records.open({ clock: systemClock, logger: more.logger ?? SILENT })
      return records
    },
    async stop() {
      await pool.end()
      await server.stop()
      await directory.remove()
    },
  }
}
