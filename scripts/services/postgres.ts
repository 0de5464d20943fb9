import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { freePort } from '../lib/free-port.mjs'
import { postgresqlProgram } from '../lib/postgresql.mjs'
import { type Daemon, startDaemon } from './daemon.ts'
import type { ServiceOptions, Stoppable } from './service.ts'

const run = promisify(execFile)

export interface Postgres extends Stoppable {
  /** For `pg`; the same after a restart. */
  readonly url: string
  /** Ends it as `systemctl stop` would: every client is cut off, and every temporary replication slot is gone. */
  shutDown(): Promise<void>
  /** Starts it again after `shutDown`. */
  restart(): Promise<void>
}

export interface PostgresOptions extends ServiceOptions {
  /** More of its configuration. @default none */
  readonly settings?: Readonly<Record<string, string>>
}

/** What may be lost is of no worth, so nothing waits for the disk. */
const SETTINGS = {
  wal_level: 'logical',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  fsync: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  shared_buffers: '16MB',
  max_connections: '50',
}

/** A private PostgreSQL with logical decoding, which only 127.0.0.1 reaches. */
export async function startPostgres({ directory, log, settings: own = {} }: PostgresOptions): Promise<Postgres> {
  const data = join(directory, 'postgres')
  await mkdir(data)
  const asUser = await otherUser(directory)
  await run(
    ...command([...asUser, postgresqlProgram('initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N']),
  )

  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const settings = Object.entries({ ...SETTINGS, ...own, port }).flatMap(([name, value]) => ['-c', `${name}=${value}`])

  async function start(): Promise<Daemon> {
    // Ended by SIGKILL, it would leave shared memory behind, also when this process dies.
    const program = ['setpriv', '--pdeathsig=QUIT', postgresqlProgram('postgres'), '-D', data, ...settings]
    const started = startDaemon(...command([...asUser, ...program]), log)
    await started.ready(() => answers(url))
    return started
  }

  let daemon = await start()
  return {
    url,
    stop: () => daemon.kill('SIGQUIT'),
    shutDown: () => daemon.kill('SIGINT'),
    async restart() {
      daemon = await start()
    },
  }
}

/** PostgreSQL refuses to run as root: root hands the folder to the user that Debian's package makes, and runs it as that one. */
async function otherUser(directory: string): Promise<readonly string[]> {
  if (process.getuid?.() !== 0) return []
  await run('chown', ['-R', 'postgres:postgres', directory])
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups']
}

const command = ([program = '', ...args]: readonly string[]): [string, string[]] => [program, args]

async function answers(url: string): Promise<boolean> {
  const client = new Client(url)
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}
