import type { OperationRecord, Word } from '../records/operation-records.js'

/** Makes records as publishers are given them, each with the next version. */
export function wordRecord(): (id: string, word?: Partial<Word>, subject?: string) => OperationRecord {
  let version = 0
  return (id, word = {}, subject = 'anna') => {
    version += 1
    const timestamp = '2026-01-01T00:00:00.000Z'
    return {
      subject,
      createdAtMs: 0,
      word: { operation_id: id, operation_type: 'upload', status: 'pending', progress: 0, timestamp, version, ...word },
    }
  }
}
