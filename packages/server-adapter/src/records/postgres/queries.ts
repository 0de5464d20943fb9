import { GIVEN, NAMES, SELECTED, VALUES } from './columns.js'

export type Queries = ReturnType<typeof queriesOf>

const UNFINISHED = `o.status IN ('pending', 'in_progress')`
const ENDED = `o.status IN ('completed', 'failed', 'cancelled')`
const EXPIRES = `(o.upload ->> 'expiresAtMs')::double precision`

/** All that is said about operations. Names of the schema are checked before they come here. */
export function queriesOf(schema: string) {
  const operations = `${schema}.sync_operations`
  const updated = `UPDATE ${operations} o SET (version, ${NAMES}) = ROW(step.base + i.place, ${VALUES}) FROM given i, step
    WHERE o.operation_id = i.operation_id AND o.version = i.expected RETURNING o.version`
  const inserted = `INSERT INTO ${operations} (version, ${NAMES})
    SELECT step.base + i.place, ${VALUES} FROM given i, step WHERE i.expected IS NULL ORDER BY i.place
    ON CONFLICT DO NOTHING RETURNING version`
  const selectFrom = `SELECT ${SELECTED} FROM ${operations} o`
  return {
    latestVersion: `SELECT sequence FROM ${schema}.sync_meta`,
    bindJob: `INSERT INTO ${schema}.sync_jobs (job_id, subject) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
    jobOwner: `SELECT subject FROM ${schema}.sync_jobs WHERE job_id = $1`,
    byIds: `${selectFrom} WHERE o.operation_id = ANY($1::text[])`,
    /** Who has an id, an attempt or a key that one of the given rows has, and which of these rows it is. */
    taken: `SELECT i.place, ${SELECTED} FROM json_to_recordset($1::json) AS i(place bigint, ${GIVEN}) CROSS JOIN LATERAL (
        SELECT * FROM ${operations} WHERE operation_id = i.operation_id
        UNION ALL SELECT * FROM ${operations}
          WHERE subject = i.subject AND client_ref = i.client_ref AND attempt = i.attempt AND client_ref IS NOT NULL AND attempt IS NOT NULL
        UNION ALL SELECT * FROM ${operations} WHERE subject = i.subject AND key = i.key AND key IS NOT NULL
        LIMIT 1
      ) o`,
    attempts: `${selectFrom} WHERE o.subject = $1 AND o.client_ref = $2 AND o.attempt IS NOT NULL ORDER BY o.attempt`,
    changesOfAll: `${selectFrom} WHERE o.subject = $1 AND o.version > $2 ORDER BY o.version LIMIT $3`,
    changesOfJob: `${selectFrom} WHERE o.job_id = $4 AND o.subject = $1 AND o.version > $2 ORDER BY o.version LIMIT $3`,
    // What is wanted is found first: the planner would otherwise walk everything that the subject has.
    changesOfSome: `WITH wanted AS MATERIALIZED (
        SELECT unnest($4::text[]) AS operation_id
        UNION
        SELECT ofJob.operation_id FROM unnest($5::text[]) AS job CROSS JOIN LATERAL (
          SELECT operation_id FROM ${operations} WHERE job_id = job AND subject = $1 AND version > $2 ORDER BY version LIMIT $3
        ) ofJob
      )
      ${selectFrom} JOIN wanted USING (operation_id) WHERE o.subject = $1 AND o.version > $2 ORDER BY o.version + 0 LIMIT $3`,
    everyChange: `${selectFrom} WHERE o.version > $1 ORDER BY o.version LIMIT $2`,
    countJob: `SELECT o.status, count(*) AS total FROM ${operations} o
      WHERE o.job_id = $1 AND o.subject = $2 AND o.error ->> 'code' IS DISTINCT FROM $3 GROUP BY o.status`,
    unfinished: `${selectFrom} WHERE ${UNFINISHED} AND o.operation_id > $1 ORDER BY o.operation_id LIMIT $2`,
    overdue: `${selectFrom} WHERE o.status = 'pending' AND o.upload ->> 'expiresAtMs' IS NOT NULL AND ${EXPIRES} <= $1
      ORDER BY ${EXPIRES} LIMIT $2`,
    count: `SELECT (SELECT count(*) FROM ${operations}) AS total, (SELECT count(*) FROM ${operations} o WHERE ${UNFINISHED}) AS unfinished`,
    endedBefore: `${selectFrom} WHERE ${ENDED} AND o.is_file = $1 AND o.timestamp < to_timestamp($2::double precision / 1000)
      ORDER BY o.timestamp LIMIT $3`,
    forget: `WITH forgotten AS (
        DELETE FROM ${operations} o WHERE o.operation_id = ANY($1::text[]) AND ${ENDED} AND o.timestamp < to_timestamp($2::double precision / 1000)
        RETURNING o.operation_id, o.job_id
      )
      DELETE FROM ${schema}.sync_jobs j WHERE j.job_id IN (SELECT job_id FROM forgotten) AND NOT EXISTS (
        SELECT FROM ${operations} o WHERE o.job_id = j.job_id AND o.operation_id NOT IN (SELECT operation_id FROM forgotten)
      )`,
    /** Changes and inserts rows. */
    write: writeBy(schema, { updated, inserted }),
    /** The same, where nothing is inserted: it costs a quarter less. */
    update: writeBy(schema, { updated }),
    /** Takes the place of a write that may still be on its way, so that it can no longer be done. It waits for one that is being done. */
    fence: `INSERT INTO ${schema}.sync_writes (write_id) VALUES ($1) ON CONFLICT DO NOTHING`,
    written: `SELECT base, array_to_json(versions) AS versions FROM ${schema}.sync_writes WHERE write_id = $1`,
    forgetWrites: `DELETE FROM ${schema}.sync_writes WHERE written_at < now() - interval '1 hour'`,
  }
}

/**
 * One statement that writes: a statement alone is a transaction that needs no second trip to be committed, so that the sequence is locked for as short as
 * can be. A row is changed only where it still has the version that the change was made from. It forgets a write before it, whose answer has come.
 */
function writeBy(schema: string, changes: Readonly<Record<string, string>>): string {
  const versions = Object.keys(changes).map((name) => `SELECT version FROM ${name}`)
  return `WITH step AS (UPDATE ${schema}.sync_meta SET sequence = sequence + $2 RETURNING sequence - $2 AS base),
    given AS (SELECT * FROM json_to_recordset($1::json) AS i(place bigint, expected bigint, ${GIVEN})),
    ${Object.entries(changes)
      .map(([name, sql]) => `${name} AS (${sql}),`)
      .join('\n    ')}
    forgotten AS (DELETE FROM ${schema}.sync_writes WHERE write_id = $4)
    INSERT INTO ${schema}.sync_writes (write_id, base, versions) SELECT $3, base, ARRAY(${versions.join(' UNION ALL ')}) FROM step
    RETURNING base, array_to_json(versions) AS versions`
}
