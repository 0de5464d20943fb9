import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeWithPostgresql } from '../../../../../scripts/services/provided.js'
import { type PostgresDatabase, startPostgresDatabase } from '../../testing/postgres-database.js'
import { toRow } from './columns.js'
import { queriesOf } from './queries.js'

const ROWS = 100_000
const SCHEMA = 'plans'
const queries = queriesOf(SCHEMA)

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

function row(id: string) {
  return toRow({
    subject: 'subject-1',
    createdAtMs: 0,
    word: {
      operation_id: id,
      operation_type: 'upload',
      status: 'in_progress',
      progress: 1,
      timestamp: '2026-01-01T00:00:00.000Z',
      client_ref: 'r',
      attempt: 1,
    },
  })
}

/** The statement, its values, the index that it has to use, and how many rows it may look at. */
const HOT: readonly (readonly [title: string, text: string, values: readonly unknown[], index: string, rows: number])[] = [
  ['get and update', queries.byIds, [['operation-5', 'operation-70000']], 'sync_operations_pkey', 2],
  ['all changes since a version', queries.everyChange, [ROWS - 50, 100], 'sync_operations_version', 50],
  ['all changes, from the start', queries.everyChange, [0, 100], 'sync_operations_version', 100],
  ['changes of a subject', queries.changesOfAll, ['subject-1', 100, 500], 'sync_operations_subject', 500],
  ['changes of a subject, the newest', queries.changesOfAll, ['subject-1', ROWS - 1000, 500], 'sync_operations_subject', 100],
  ['changes of a job', queries.changesOfJob, ['subject-1', 0, 50, 'job-11'], 'sync_operations_job', 100],
  [
    'changes of jobs and ids',
    queries.changesOfSome,
    ['subject-1', 0, 50, ['operation-1', 'operation-2'], ['job-11', 'job-21']],
    'sync_operations_job',
    400,
  ],
  ['attempts of an item', queries.attempts, ['subject-1', 'ref-51'], 'sync_operations_attempt', 1],
  ['counts of a job', queries.countJob, ['job-11', 'subject-1', 'superseded'], 'sync_operations_job', 100],
  ['what has not ended', queries.unfinished, ['', 100], 'sync_operations_unfinished', 100],
  ['what is overdue', queries.overdue, [Number.MAX_SAFE_INTEGER, 100], 'sync_operations_expiry', 100],
  ['what ended long ago', queries.endedBefore, ['false', Date.now(), 100], 'sync_operations_ended', 100],
  ['files that ended long ago', queries.endedBefore, ['true', Date.now(), 100], 'sync_operations_ended', 100],
  ['who has an attempt', queries.taken, [JSON.stringify([{ ...row('x'), place: 0 }])], 'sync_operations_attempt', 1],
  [
    'a write',
    queries.write,
    [
      JSON.stringify([
        { ...row('operation-5'), place: 1, expected: 6 },
        { ...row('y'), place: 2, expected: null },
      ]),
      2,
      crypto.randomUUID(),
      crypto.randomUUID(),
    ],
    'sync_operations_version',
    1,
  ],
  ['what is forgotten', queries.forget, [['operation-3', 'operation-4'], Date.now()], 'sync_operations_pkey', 300],
]

describeWithPostgresql(`PostgreSQL with ${ROWS} operations`, () => {
  let database: PostgresDatabase
  beforeAll(async () => {
    database = await startPostgresDatabase()
    await (await database.open(SCHEMA)).close()
    // A thousand jobs of a hundred uploads, ten to a subject; most of them are over.
    await database.pool.query(`
      ALTER TABLE ${SCHEMA}.sync_operations DISABLE TRIGGER USER;
      INSERT INTO ${SCHEMA}.sync_operations (operation_id, version, operation_type, status, job_id, client_ref, attempt, "position", subject, upload)
      SELECT 'operation-' || n, n + 1, 'upload', (ARRAY['pending', 'in_progress', 'failed'])[CASE WHEN n % 100 < 3 THEN 1 + n % 3 ELSE 3 END],
        'job-' || n % 1000, 'ref-' || n, 1, n + 1, 'subject-' || n % 10,
        jsonb_build_object('kind', 'put', 'partBytes', 1, 'bytes', 'expected', 'expiresAtMs', n)
      FROM generate_series(0, ${ROWS - 1}) AS n;
      UPDATE ${SCHEMA}.sync_operations SET status = 'completed', upload = '{"kind": "put", "partBytes": 1, "bytes": "stored"}' WHERE version % 100 > 50;
      UPDATE ${SCHEMA}.sync_meta SET sequence = ${ROWS};
      ALTER TABLE ${SCHEMA}.sync_operations ENABLE TRIGGER USER;
      ANALYZE ${SCHEMA}.sync_operations;`)
  })
  afterAll(() => database.stop())

  test.each(HOT)('finds %s by an index, and looks at few rows', async (_, text, values, index, most) => {
    const client = await database.pool.connect()
    try {
      await client.query('BEGIN')
      const { rows } = await client.query({ text: `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values: [...values] })
      const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan as PlanNode)
      const scans = nodes.filter((node) => node['Relation Name'] === 'sync_operations' && node['Node Type'].includes('Scan'))
      expect(scans.map((node) => node['Node Type'])).not.toContain('Seq Scan')
      expect(nodes.map((node) => node['Index Name'])).toContain(index)
      const seen = scans.map((node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'])
      expect(seen.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(most)
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  })

  test('does what it remembers by name in the same way, whatever the values are', async () => {
    const client = await database.pool.connect()
    await client.query('BEGIN; SET LOCAL plan_cache_mode = force_generic_plan')
    await client.query(`PREPARE by_ids AS ${queries.byIds}; PREPARE write AS ${queries.write}; PREPARE change AS ${queries.update}`)
    const indexes: unknown[] = []
    for (const call of [`by_ids('{a}')`, `write('[]', 1, gen_random_uuid(), NULL)`, `change('[]', 1, gen_random_uuid(), NULL)`]) {
      const { rows } = await client.query(`EXPLAIN (FORMAT JSON) EXECUTE ${call}`)
      const nodes = nodesOf(rows[0]['QUERY PLAN'][0].Plan as PlanNode)
      indexes.push(
        nodes
          .filter((node) => node['Relation Name'] === 'sync_operations' && node['Node Type'].includes('Scan'))
          .map((node) => node['Index Name']),
      )
    }
    await client.query('ROLLBACK')
    client.release()
    expect(indexes).toEqual([['sync_operations_pkey'], ['sync_operations_version'], ['sync_operations_version']])
  })
})
