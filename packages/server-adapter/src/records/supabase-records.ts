import { isRecord } from '@upload-panel/core/protocol'
import { type Clock, repeat } from '../clock.js'
import type { OperationRecords, RecordsContext } from './operation-records.js'
import type { ReadRow } from './postgres/columns.js'
import { pauseBy, retried, type Statements, storableValue, type Value, withinDeadline } from './postgres/database.js'
import { MIGRATIONS } from './postgres/migrations.js'
import { createRecords, type OpenedDatabase, openDatabase } from './postgres/records.js'
import type { Watch } from './postgres/watch.js'
import { RELEASE, STATEMENTS } from './supabase/statements.js'

/** What is used of a client of supabase-js 2, made with the secret key. */
export interface SupabaseRecordsClient {
  rpc(
    name: string,
    parameters: { readonly name: string; readonly parameters: readonly unknown[] },
  ): PromiseLike<{
    readonly data: unknown
    readonly error: { readonly message: string; readonly code?: string } | null
    readonly status: number
  }>
}

export interface SupabaseRecordsOptions {
  readonly client: SupabaseRecordsClient
  /** How often it is looked at whether another process has written, milliseconds. @default 1000 */
  readonly watchMs?: number
}

/** How long an answer may take, milliseconds. */
const DEADLINE_MS = 20_000
const NAMES: ReadonlyMap<string, string> = new Map(Object.entries(STATEMENTS).map(([name, text]) => [text, name]))

/**
 * Records in a Supabase project, over its HTTP interface: for servers that have supabase-js and no connection to the database. The project needs `sql/supabase.sql`.
 * With a connection, `postgres()` does the same in a fraction of the time.
 */
export function supabaseRecords({ client, watchMs = 1000 }: SupabaseRecordsOptions): OperationRecords {
  return createRecords(STATEMENTS, (context) => open(client, watchMs, context))
}

async function open(client: SupabaseRecordsClient, watchMs: number, context: RecordsContext): Promise<OpenedDatabase> {
  const { clock } = context
  const database = createStatements(client, clock)
  const epoch = await checkedEpoch(database)
  const watch = createLook(database, watchMs, clock)
  return openDatabase({ database, queries: STATEMENTS, epoch, watch, end: async () => {} }, context)
}

function createStatements(client: SupabaseRecordsClient, clock: Clock): Statements {
  async function queryOnce(text: string, values: readonly Value[] = []): Promise<readonly ReadRow[]> {
    const name = NAMES.get(text)
    if (name === undefined) throw new TypeError('A statement without a name cannot be said over HTTP.')
    const asked = Promise.resolve(client.rpc('sync_statement', { name, parameters: values.map(storableValue) }))
    const { data, error, status } = await withinDeadline(clock, DEADLINE_MS, asked)
    if (error !== null) throw failureFor(error, status)
    if (!Array.isArray(data) || !data.every(isReadRow)) throw new TypeError('The project answered with something else than rows.')
    return data
  }
  const pause = pauseBy(clock)
  return { queryOnce, pause, query: retried(queryOnce, pause) }
}

const isReadRow = (row: unknown): row is ReadRow =>
  isRecord(row) && Object.values(row).every((value) => value === null || typeof value === 'string')

/** As `pg` would throw it: with the code of the database, where it has said something. */
function failureFor({ message, code = '' }: { readonly message: string; readonly code?: string }, status: number): Error {
  // PGRST000 to PGRST003: PostgREST does not reach the database. Other answers without a code are of what stands before it.
  const isSaid = code !== '' && !code.startsWith('PGRST00')
  if (!isSaid && status !== 401 && status !== 403) return new Error(message)
  return Object.assign(new Error(message), { code: isSaid ? code : '28000', severity: 'ERROR' })
}

async function checkedEpoch(database: Statements): Promise<string> {
  let rows: readonly ReadRow[]
  try {
    rows = await database.query(STATEMENTS.meta)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(
      `The Supabase project cannot be used: ${reason} See that it has sql/supabase.sql, and that the client has its secret key.`,
      { cause },
    )
  }
  const [meta] = rows
  const version = Number(meta?.['schema_version'])
  if (version < MIGRATIONS.length || (version === MIGRATIONS.length && meta?.['statements'] !== RELEASE))
    throw new Error('The SQL of the Supabase project is of another release than this package. Run its sql/supabase.sql again.')
  if (version > MIGRATIONS.length)
    throw new Error('The tables of the Supabase project were written by a newer release. Update this package.')
  return String(meta?.['epoch'])
}

/** Asks again and again for the last version while anyone wants to hear. */
function createLook(database: Statements, everyMs: number, clock: Clock): Watch {
  const listeners = new Set<{ readonly onChange: () => void }>()
  let stop: (() => void) | undefined
  let seen: string | null | undefined

  async function look(): Promise<void> {
    try {
      const [row] = await database.query(STATEMENTS.latestVersion)
      const isNew = row?.['sequence'] !== seen
      seen = row?.['sequence']
      if (isNew) for (const { onChange } of [...listeners]) onChange()
    } catch {
      // The next look finds what this one has missed.
    }
  }
  function end(): void {
    stop?.()
    stop = undefined
    seen = undefined
  }
  return {
    add(onChange) {
      const listener = { onChange }
      listeners.add(listener)
      stop ??= repeat(clock, everyMs, look)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) end()
      }
    },
    async close() {
      listeners.clear()
      end()
    },
  }
}
