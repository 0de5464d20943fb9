import { isTerminal, SUPERSEDED } from '@upload-panel/core/protocol'
import { createId } from '../create-id.js'
import { createChangeLog } from './memory/change-log.js'
import { createServerState } from './memory/state.js'
import {
  endedAtMs,
  isFile,
  type JobCounts,
  type NewOperation,
  type OperationRecord,
  type OperationRecords,
  type RecordsContext,
} from './operation-records.js'

/** Options of {@link memory}. */
export interface MemoryOptions {
  /** @default 128 random bits */
  readonly createId?: () => string
}

/** Records that last as long as the process: for tests and for trying things out. */
export function memory(options: MemoryOptions = {}): OperationRecords {
  const epoch = (options.createId ?? createId)()
  const records = new Map<string, OperationRecord>()
  const log = createChangeLog(records)
  const jobs = new Map<string, string>()
  /** Ids of operations by what must not be there twice. */
  const byKey = new Map<string, string>()
  let version = 0
  let now = () => Date.now()

  function put(record: Omit<OperationRecord, 'word'> & { readonly word: object }): OperationRecord {
    version += 1
    const written = { ...record, word: { position: version, ...record.word, version } } as OperationRecord
    records.set(written.word.operation_id, written)
    log.add(written)
    return written
  }
  const all = () => [...records.values()]

  return {
    async open({ clock }: RecordsContext) {
      now = clock.now
    },
    isShared: () => false,
    epoch: () => epoch,
    latestVersion: () => Promise.resolve(version),
    async claimJob(jobId, subject) {
      if (!jobs.has(jobId)) jobs.set(jobId, subject)
      return jobs.get(jobId) === subject
    },
    jobOwner: (jobId) => Promise.resolve(jobs.get(jobId)),
    async insert(operations) {
      return operations.map((operation) => {
        const keys = uniqueKeys(operation)
        const ids = [operation.word.operation_id, ...keys.map((key) => byKey.get(key) ?? '')]
        const existing = ids.map((id) => records.get(id)).find((record) => record !== undefined)
        if (existing !== undefined) return { kind: 'existing', record: existing }
        for (const key of keys) byKey.set(key, operation.word.operation_id)
        return { kind: 'inserted', record: put(operation) }
      })
    },
    get: (operationId) => Promise.resolve(records.get(operationId)),
    async update(operationId, change) {
      const record = records.get(operationId)
      if (record === undefined) return undefined
      const next = change(record)
      return next === undefined ? { record, changed: false } : { record: put(next), changed: true }
    },
    async attempts(subject, clientRef) {
      return all()
        .filter((record) => record.subject === subject && record.word.client_ref === clientRef && record.word.attempt !== undefined)
        .sort((a, b) => (a.word.attempt ?? 0) - (b.word.attempt ?? 0))
    },
    async changes({ subject, selection, after, limit }) {
      const jobIds = new Set(selection === 'all' ? [] : selection.jobIds)
      const operationIds = new Set(selection === 'all' ? [] : selection.operationIds)
      const isSelected = ({ job_id, operation_id }: OperationRecord['word']) =>
        selection === 'all' || (job_id !== undefined && jobIds.has(job_id)) || operationIds.has(operation_id)
      return log.after(after, limit, (record) => record.subject === subject && isSelected(record.word))
    },
    everyChange: async ({ after, limit }) => log.after(after, limit),
    watch: () => () => {},
    async countJob(subject, jobId) {
      const counts: { -readonly [K in keyof JobCounts]: number } = { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 }
      for (const { subject: owner, word } of records.values()) {
        if (owner === subject && word.job_id === jobId && word.error?.code !== SUPERSEDED) counts[word.status] += 1
      }
      return counts
    },
    async unfinished({ afterId, limit }) {
      return all()
        .filter(({ word }) => !isTerminal(word.status) && word.operation_id > afterId)
        .sort((a, b) => (a.word.operation_id < b.word.operation_id ? -1 : 1))
        .slice(0, limit)
    },
    async overdue(nowMs, limit) {
      const expiry = ({ word, upload }: OperationRecord) =>
        (word.status === 'pending' ? upload?.expiresAtMs : undefined) ?? Number.POSITIVE_INFINITY
      return all()
        .filter((record) => expiry(record) <= nowMs)
        .sort((a, b) => expiry(a) - expiry(b))
        .slice(0, limit)
    },
    async count() {
      return { total: records.size, unfinished: all().filter(({ word }) => !isTerminal(word.status)).length }
    },
    async endedBefore({ beforeMs, files, limit }) {
      return all()
        .filter((record) => hasEndedBefore(record, beforeMs) && isFile(record) === files)
        .sort((a, b) => (endedAtMs(a) ?? 0) - (endedAtMs(b) ?? 0))
        .slice(0, limit)
    },
    async forget(operationIds, endedBeforeMs) {
      const forgotten = all().filter((record) => operationIds.includes(record.word.operation_id) && hasEndedBefore(record, endedBeforeMs))
      for (const record of forgotten) {
        records.delete(record.word.operation_id)
        for (const key of uniqueKeys(record)) byKey.delete(key)
      }
      const left = new Set(all().map(({ word }) => word.job_id))
      for (const { word } of forgotten) if (!left.has(word.job_id)) jobs.delete(word.job_id ?? '')
    },
    ...createServerState(() => now()),
    close: () => Promise.resolve(),
  }
}

function hasEndedBefore(record: OperationRecord, timeMs: number): boolean {
  return (endedAtMs(record) ?? Number.POSITIVE_INFINITY) < timeMs
}

/** What no two operations may share. */
function uniqueKeys({ subject, word: { client_ref, attempt }, key }: NewOperation): readonly string[] {
  return [
    ...(client_ref === undefined || attempt === undefined ? [] : [JSON.stringify([subject, client_ref, attempt])]),
    ...(key === undefined ? [] : [JSON.stringify([subject, key])]),
  ]
}
