import type { Connection, Database } from './database.js'
import { sqlState } from './failures.js'
import { MIGRATIONS } from './migrations.js'

/** How long a step may take: it may have to rewrite all rows. */
const STEP_MS = 10 * 60_000

/** Brings the schema to this release's version. Several processes may do so at once. Answers the database's epoch. */
export async function migrate(database: Database, schema: string): Promise<string> {
  try {
    const connection = await database.connect()
    try {
      return (await currentEpoch(connection, schema)) ?? (await takeSteps(connection, schema))
    } finally {
      connection.release()
    }
  } catch (error) {
    throw explained(error, schema)
  }
}

/** The epoch where there is nothing to do: that needs no right to change the schema. */
async function currentEpoch(connection: Connection, schema: string): Promise<string | undefined> {
  const [table] = await connection.query('SELECT to_regclass($1)::text AS name', [`${schema}.sync_meta`])
  if (table?.['name'] == null) return undefined
  const [meta] = await connection.query(`SELECT schema_version, epoch FROM ${schema}.sync_meta`)
  const version = Number(meta?.['schema_version'])
  if (version > MIGRATIONS.length) {
    throw new Error(
      `The schema ${schema} was written by a newer release (version ${version}, this one knows ${MIGRATIONS.length}). Update this package.`,
    )
  }
  return version === MIGRATIONS.length ? String(meta?.['epoch']) : undefined
}

async function takeSteps(connection: Connection, schema: string): Promise<string> {
  const say = (text: string, values?: readonly string[]) => connection.query(text, values, { deadlineMs: STEP_MS })
  await say('BEGIN')
  try {
    await say(`SET LOCAL statement_timeout = ${STEP_MS}; SET LOCAL lock_timeout = ${STEP_MS}`)
    await say('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`upload-panel ${schema}`])
    const epoch = (await currentEpoch(connection, schema)) ?? (await takeMissing(say, schema))
    await say('COMMIT')
    return epoch
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await say('ROLLBACK').catch(() => {})
    throw error
  }
}

async function takeMissing(
  say: (text: string, values?: readonly string[]) => ReturnType<Connection['query']>,
  schema: string,
): Promise<string> {
  const [found] = await say('SELECT to_regnamespace($1)::text AS name, to_regclass($2)::text AS meta', [schema, `${schema}.sync_meta`])
  if (found?.['name'] == null) await say(`CREATE SCHEMA ${schema}`)
  await say(`SET LOCAL search_path TO ${schema}, pg_temp`)
  const [meta] = found?.['meta'] == null ? [] : await say('SELECT schema_version FROM sync_meta')
  for (const step of MIGRATIONS.slice(Number(meta?.['schema_version'] ?? 0))) await say(step)
  const [row] = await say(`UPDATE sync_meta SET schema_version = ${MIGRATIONS.length} RETURNING epoch`)
  return String(row?.['epoch'])
}

function explained(error: unknown, schema: string): unknown {
  const reason = error instanceof Error ? error.message || String(error) : String(error)
  const state = sqlState(error)
  if (state === '42501') {
    return new Error(
      `The database's user may not make or use the schema ${schema}: ${reason}. Let its owner make it (CREATE SCHEMA ${schema} AUTHORIZATION …), or name another one.`,
      { cause: error },
    )
  }
  if (error instanceof Error && error.message.includes('Update this package')) return error
  return new Error(
    `The PostgreSQL database cannot be opened: ${reason}. See that it runs, and that its address, user and password are right.`,
    {
      cause: error,
    },
  )
}
