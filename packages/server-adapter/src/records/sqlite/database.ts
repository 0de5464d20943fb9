import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Clock, repeat } from '../../clock.js'
import type { NewOperation, OperationRecord } from '../operation-records.js'
import { MIGRATIONS } from './migrations.js'
import { toRecord, toRow } from './rows.js'
import { prepareState, type StateStatements } from './state.js'
import { prepareStatements, type Statements } from './statements.js'

/**
 * Versions that are skipped each time a database is opened. A power cut may take back the last commits, though never half of one;
 * without the gap the same versions would be given out twice, with other contents, and clients that saw the first would drop the second.
 */
const RESTART_GAP = 1_000_000
/** How often it is looked at whether another process has written, milliseconds. A look costs a few microseconds. */
const WATCH_MS = 100

/** Where the file is, and how it is treated. */
export interface DatabaseOptions {
  readonly path: string
  readonly busyTimeoutMs: number
  readonly createId: () => string
}

export interface Opened {
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

export async function openDatabase(options: DatabaseOptions, clock: Clock): Promise<Opened> {
  const database = await openFile(options.path)
  database.exec(`PRAGMA busy_timeout = ${Math.trunc(options.busyTimeoutMs)}`)
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

  const epoch = transaction(() => prepareTables(database, options.createId))
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
    state: prepareState(database, clock, transaction),
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
