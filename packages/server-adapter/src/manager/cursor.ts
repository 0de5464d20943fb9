import type { OperationRecords } from '../records/operation-records.js'

/** Reads and writes the opaque cursor of the wire: a version, and the database that it belongs to. */
export interface Cursors {
  write(version: number): string
  /** The version that a cursor names; `undefined` where it is not one of this database. */
  read(cursor: string): Promise<number | undefined>
}

export function createCursors(records: OperationRecords): Cursors {
  return {
    write: (version) => `${records.epoch()}.${version.toString(36)}`,
    async read(cursor) {
      const [epoch, text, ...rest] = cursor.split('.')
      if (epoch !== records.epoch() || text === undefined || rest.length > 0 || !/^[0-9a-z]{1,11}$/.test(text)) return undefined
      const version = Number.parseInt(text, 36)
      // One from the future is of a database that was since restored from a backup.
      return version <= (await records.latestVersion()) ? version : undefined
    },
  }
}
