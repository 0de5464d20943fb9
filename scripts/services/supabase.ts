import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SignJWT } from 'jose'
import { Pool, type QueryResult } from 'pg'
import { freePort } from '../lib/free-port.mjs'
import { type Daemon, startDaemon } from './daemon.ts'
import { type Postgres, startPostgres } from './postgres.ts'
import type { ServiceOptions, Stoppable } from './service.ts'
import { type Delays, type Limits, serverOptions } from './supabase/options.ts'
import { SCHEMA } from './supabase/schema.ts'

/** What a client needs to know of a project. */
export interface SupabaseService {
  /** For `createClient`. Only Realtime answers there. */
  readonly url: string
  /** Of the role `anon`, good for a day. */
  readonly anonKey: string
  /** Of the role `service_role`, which row level security does not hold. */
  readonly serviceRoleKey: string
}

export interface SupabaseOptions extends Pick<ServiceOptions, 'log'> {
  /** Those that are left out are as they were measured at Supabase. */
  readonly delays?: Partial<Delays>
  readonly limits?: Partial<Limits>
}

/**
 * A project whose Realtime server speaks as Supabase's was recorded to (2.122.0), before a real PostgreSQL; and all that may go wrong with it. What
 * it lacks: other projects, the gateway before them, keys that are not secrets, long polling, and that tables which are made anew are followed anew.
 */
export interface Supabase extends SupabaseService, Stoppable {
  /** As the database's owner. Tables are followed once they are in the publication `supabase_realtime`. */
  query(sql: string, values?: readonly unknown[]): Promise<QueryResult>
  /** A token of the role `authenticated`, unless the claims say otherwise. @param seconds until it expires; below 0: how long ago it did */
  token(claims?: Readonly<Record<string, unknown>>, seconds?: number): Promise<string>
  /** Ends the Realtime server in the middle of whatever it does. */
  kill(): Promise<void>
  /** Tells it to end, which it tells its clients (1012). */
  shutDown(): Promise<void>
  /** Starts it again, where it was. */
  restart(): Promise<void>
  /** Holds it still, so that its sockets stay open and say nothing. */
  freeze(): void
  thaw(): void
  /** Every channel's token expires now. */
  expireTokens(): Promise<void>
  /** While deaf, it loses what is committed and says nothing of it, as it does over its limit. Once resolved, this holds. */
  setDeaf(isDeaf: boolean): Promise<void>
  /** Ends the replication slot's process: what is committed until the next one is lost in silence. */
  killSlot(): Promise<void>
  /** Until what is committed arrives again, after the slot, the database or the server was gone. */
  untilFollowed(): Promise<void>
  /** Ends every connection as the operator of the real one may, with a message that says `ok`. */
  disconnect(): Promise<void>
  readonly database: Pick<Postgres, 'url' | 'shutDown' | 'restart'>
}

const DAY = 86_400
/** A slot that is being made has no place in the log yet. */
const FOLLOWED = 'select from pg_replication_slots where confirmed_flush_lsn is not null'
const SERVER = fileURLToPath(new URL('supabase/main.ts', import.meta.url))

/** Starts a project of its own, whose files are gone when it stops. */
export async function startSupabase({ log, delays, limits }: SupabaseOptions = {}): Promise<Supabase> {
  const directory = await mkdtemp(join(tmpdir(), 'upload-panel-supabase-'))
  const postgres = await startPostgres({ directory, ...(log && { log }) })
  const pool = new Pool({ connectionString: postgres.url })
  // Tests stop the database, which ends connections that nobody waits for.
  pool.on('error', () => {})
  const query: Supabase['query'] = (sql, values = []) => (values.length === 0 ? pool.query(sql) : pool.query(sql, [...values]))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const jwtSecret = crypto.randomUUID()

  function token(claims: Readonly<Record<string, unknown>> = {}, seconds = DAY): Promise<string> {
    const exp = Math.floor(Date.now() / 1000) + seconds
    return new SignJWT({ role: 'authenticated', exp, ...claims })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(Buffer.from(jwtSecret))
  }

  async function endDatabase(): Promise<void> {
    await postgres.stop()
    await rm(directory, { recursive: true, force: true })
  }

  async function start(): Promise<Daemon> {
    const options = serverOptions({ port, postgresUrl: postgres.url, jwtSecret }, delays, limits)
    const started = startDaemon(process.execPath, [SERVER, JSON.stringify(options)], log)
    await started.ready(async () => (await fetch(`${url}/control/ready`).catch(() => undefined))?.ok === true)
    return started
  }

  async function control(word: string): Promise<void> {
    const response = await fetch(`${url}/control/${word}`, { method: 'POST' })
    if (!response.ok) throw new Error(`The server answered ${response.status} to ${word}.`)
  }

  try {
    await query(SCHEMA)
    let server = await start()
    return {
      url,
      anonKey: await token({ role: 'anon' }),
      serviceRoleKey: await token({ role: 'service_role' }),
      query,
      token,
      kill: () => server.kill(),
      shutDown: () => server.kill('SIGTERM'),
      async restart() {
        server = await start()
      },
      freeze: () => server.signal('SIGSTOP'),
      thaw: () => server.signal('SIGCONT'),
      expireTokens: () => control('expire'),
      setDeaf: (isDeaf) => control(`deaf?on=${isDeaf}`),
      async killSlot() {
        await query('select pg_terminate_backend(active_pid, 10000) from pg_replication_slots where active_pid is not null')
      },
      async untilFollowed() {
        while ((await query(FOLLOWED)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      },
      disconnect: () => control('disconnect'),
      database: postgres,
      async stop() {
        await pool.end()
        await server.kill()
        await endDatabase()
      },
    }
  } catch (error) {
    await endDatabase()
    throw error
  }
}
