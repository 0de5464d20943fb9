import type { SQLInputValue, SQLOutputValue } from 'node:sqlite'
import { SUPERSEDED } from '@upload-panel/core/protocol'
import { endedAtMs, isFile, type OperationRecord } from '../operation-records.js'

export function toRow(record: OperationRecord): Record<string, SQLInputValue> {
  const { subject, createdAtMs, word, upload, key, appliedKeys } = record
  return {
    $operation_id: word.operation_id,
    $version: word.version,
    $subject: subject,
    $job_id: word.job_id ?? null,
    $client_ref: word.client_ref ?? null,
    $attempt: word.attempt ?? null,
    $status: word.status,
    $superseded: word.error?.code === SUPERSEDED ? 1 : 0,
    $expires_at_ms: (word.status === 'pending' ? upload?.expiresAtMs : undefined) ?? null,
    $created_at_ms: createdAtMs,
    $word: JSON.stringify(word),
    $upload: upload === undefined ? null : JSON.stringify(upload),
    $key: key ?? null,
    $applied_keys: appliedKeys === undefined ? null : JSON.stringify(appliedKeys),
    $ended_at_ms: endedAtMs(record) ?? null,
    $is_file: isFile(record) ? 1 : 0,
  }
}

export function toRecord(row: Record<string, SQLOutputValue>): OperationRecord {
  const { upload, key, applied_keys: appliedKeys } = row
  return {
    subject: String(row['subject']),
    createdAtMs: Number(row['created_at_ms']),
    word: JSON.parse(String(row['word'])) as OperationRecord['word'],
    ...(typeof upload === 'string' && { upload: JSON.parse(upload) as NonNullable<OperationRecord['upload']> }),
    ...(typeof key === 'string' && { key }),
    ...(typeof appliedKeys === 'string' && { appliedKeys: JSON.parse(appliedKeys) as readonly string[] }),
  }
}
