import type { DatabaseSync } from 'node:sqlite'

export type Statements = ReturnType<typeof prepareStatements>

export function prepareStatements(database: DatabaseSync) {
  const sql = (text: string) => database.prepare(text)
  return {
    latestVersion: sql('SELECT sequence FROM meta'),
    nextVersion: sql('UPDATE meta SET sequence = sequence + 1 RETURNING sequence'),
    bindJob: sql('INSERT INTO jobs (job_id, subject) VALUES (?, ?) ON CONFLICT DO NOTHING'),
    jobOwner: sql('SELECT subject FROM jobs WHERE job_id = ?'),
    get: sql('SELECT * FROM sync_operations WHERE operation_id = ?'),
    byAttempt: sql('SELECT * FROM sync_operations WHERE subject = ? AND client_ref = ? AND attempt = ?'),
    byKey: sql('SELECT * FROM sync_operations WHERE subject = ? AND key = ?'),
    attempts: sql('SELECT * FROM sync_operations WHERE subject = ? AND client_ref = ? AND attempt IS NOT NULL ORDER BY attempt'),
    insert: sql(`INSERT INTO sync_operations
      (operation_id, version, subject, job_id, client_ref, attempt, status, superseded, expires_at_ms, created_at_ms,
        word, upload, key, applied_keys, ended_at_ms, is_file) VALUES
      ($operation_id, $version, $subject, $job_id, $client_ref, $attempt, $status, $superseded, $expires_at_ms, $created_at_ms,
        $word, $upload, $key, $applied_keys, $ended_at_ms, $is_file)`),
    update:
      sql(`UPDATE sync_operations SET version = $version, subject = $subject, job_id = $job_id, client_ref = $client_ref, attempt = $attempt,
      status = $status, superseded = $superseded, expires_at_ms = $expires_at_ms, created_at_ms = $created_at_ms, word = $word, upload = $upload,
      key = $key, applied_keys = $applied_keys, ended_at_ms = $ended_at_ms, is_file = $is_file
      WHERE operation_id = $operation_id`),
    changesOfAll: sql('SELECT * FROM sync_operations WHERE subject = ? AND version > ? ORDER BY version LIMIT ?'),
    changesOfJob: sql('SELECT * FROM sync_operations WHERE job_id = ? AND subject = ? AND version > ? ORDER BY version LIMIT ?'),
    // The unary plus keeps the planner from walking everything that the subject has: the ids name what is wanted.
    changesOfSome: sql(`SELECT * FROM sync_operations WHERE +subject = ? AND +version > ? AND operation_id IN (
        SELECT value FROM json_each(?) UNION SELECT operation_id FROM sync_operations WHERE job_id IN (SELECT value FROM json_each(?))
      ) ORDER BY version LIMIT ?`),
    everyChange: sql('SELECT * FROM sync_operations WHERE version > ? ORDER BY version LIMIT ?'),
    dataVersion: sql('PRAGMA data_version'),
    countJob: sql(
      'SELECT status, COUNT(*) AS total FROM sync_operations WHERE job_id = ? AND subject = ? AND superseded = 0 GROUP BY status',
    ),
    unfinished: sql(
      "SELECT * FROM sync_operations WHERE status IN ('pending', 'in_progress') AND operation_id > ? ORDER BY operation_id LIMIT ?",
    ),
    overdue: sql('SELECT * FROM sync_operations WHERE expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?'),
    endedBefore: sql('SELECT * FROM sync_operations WHERE is_file = ? AND ended_at_ms < ? ORDER BY ended_at_ms LIMIT ?'),
    forget: sql('DELETE FROM sync_operations WHERE operation_id IN (SELECT value FROM json_each(?)) AND ended_at_ms < ? RETURNING job_id'),
    forgetJobs: sql(`DELETE FROM jobs WHERE job_id IN (SELECT value FROM json_each(?))
      AND NOT EXISTS (SELECT 1 FROM sync_operations WHERE sync_operations.job_id = jobs.job_id)`),
    count: sql(`SELECT (SELECT COUNT(*) FROM sync_operations) AS total,
      (SELECT COUNT(*) FROM sync_operations WHERE status IN ('pending', 'in_progress')) AS unfinished`),
  }
}
