import { randomUUID } from 'node:crypto'
import type { ReadRow, WrittenRow } from './columns.js'
import { RETRY_PAUSES_MS, type Statements } from './database.js'
import { failureOf } from './failures.js'
import type { Queries } from './queries.js'

/** A row to be written. */
export interface PlacedRow {
  readonly row: WrittenRow
  /** The version that it must still have there; `null` for one that must not be there. */
  readonly expected: number | null
  /** Its version becomes the write's base and this. From 1, each place once. */
  readonly place: number
}

export interface Written {
  readonly base: number
  /** Places of the rows that were written: the others were not as they were expected to be. */
  readonly places: ReadonlySet<number>
}

/** Writes rows in one transaction, once: a write whose answer was lost is never done a second time. Not to be called again before it has settled. */
export type Writer = (rows: readonly PlacedRow[]) => Promise<Written>

export function createWriter(database: Statements, queries: Queries): Writer {
  /** The last write that is known to be done: nobody will ask for it any more. */
  let settled: string | null = null

  return async (rows) => {
    const json = JSON.stringify(rows.map(({ row, expected, place }) => ({ ...row, expected, place })))
    const statement = rows.some(({ expected }) => expected === null) ? queries.write : queries.update
    const last = Math.max(...rows.map(({ place }) => place))
    for (let attempt = 0; ; attempt += 1) {
      const writeId = randomUUID()
      try {
        const written = read(await database.queryOnce(statement, [json, last, writeId, settled]))
        settled = writeId
        return written
      } catch (error) {
        const failure = failureOf(error)
        if (failure === 'refused' || failure === 'unavailable') throw error
        const written = failure === 'lost' ? await afterLoss(database, queries, writeId) : undefined
        if (written !== undefined) {
          settled = writeId
          return written
        }
        const pauseMs = RETRY_PAUSES_MS[attempt]
        if (pauseMs === undefined) throw error
        await database.pause(pauseMs)
      }
    }
  }
}

/** What became of a write whose answer was lost. Where it was not done, it never will be. */
async function afterLoss(database: Statements, queries: Queries, writeId: string): Promise<Written | undefined> {
  await database.query(queries.fence, [writeId])
  const rows = await database.query(queries.written, [writeId])
  // The fence has no base.
  return rows[0]?.['base'] == null ? undefined : read(rows)
}

function read([row]: readonly ReadRow[]): Written {
  const base = Number(row?.['base'])
  const versions = JSON.parse(String(row?.['versions'])) as readonly number[]
  return { base, places: new Set(versions.map((version) => version - base)) }
}
