import type { OperationRecord } from '../operation-records.js'

/** Records in the order of their versions, so that the newest are found without a look at all others. */
export interface ChangeLog {
  /** Takes the newest record. */
  add(record: OperationRecord): void
  /** Records that changed after a version, as they are now, by rising version. */
  after(version: number, limit: number, isWanted?: (record: OperationRecord) => boolean): OperationRecord[]
}

/** Entries that are kept before the stale ones among them are worth a pass. */
const SPARE = 1024

/** @param current the records as they are now: an entry that is none of them is stale */
export function createChangeLog(current: ReadonlyMap<string, OperationRecord>): ChangeLog {
  let entries: OperationRecord[] = []
  const isCurrent = (record: OperationRecord) => current.get(record.word.operation_id) === record

  function firstAfter(version: number): number {
    let low = 0
    let high = entries.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (entries[middle]!.word.version > version) high = middle
      else low = middle + 1
    }
    return low
  }

  return {
    add(record) {
      entries.push(record)
      // At most half of the entries are stale after it, so that it costs each change as much as one more.
      if (entries.length > 2 * current.size + SPARE) entries = entries.filter(isCurrent)
    },
    after(version, limit, isWanted = () => true) {
      const found: OperationRecord[] = []
      for (let index = firstAfter(version); index < entries.length && found.length < limit; index += 1) {
        const record = entries[index]!
        if (isCurrent(record) && isWanted(record)) found.push(record)
      }
      return found
    },
  }
}
