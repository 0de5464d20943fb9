import type { OperationRecord } from '../records/operation-records.js'

/** A call that is repeated later than by so many others is not known any more. */
const MAX_APPLIED_KEYS = 20

/** Whether a call of this name has changed an operation before. */
export function hasApplied({ appliedKeys }: OperationRecord, key: string | undefined): boolean {
  return key !== undefined && appliedKeys?.includes(key) === true
}

/** A record that remembers the call that changes it. */
export function withKey(record: OperationRecord, key: string | undefined): OperationRecord {
  return key === undefined ? record : { ...record, appliedKeys: [...(record.appliedKeys ?? []), key].slice(-MAX_APPLIED_KEYS) }
}
