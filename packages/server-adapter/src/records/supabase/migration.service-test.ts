import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { browserEnvironment } from '@upload-panel/core'
import { parseSyncStatusUpdate } from '@upload-panel/core/protocol'
import { supabase, type SupabaseOptions, tableChanges } from '@upload-panel/core/supabase'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../../../scripts/services/supabase.js'

const PATIENCE = { timeout: 20_000, interval: 5 }
const ANNA = randomUUID()
const BERT = 'auth0|bert'
const BARRED = /permission denied/

describeWithPostgresql('the SQL for a Supabase project', () => {
  let project: Supabase
  let sql = ''
  beforeAll(async () => {
    project = await startSupabase({ delays: SHORT_DELAYS, limits: { eventsPerSecond: 1e6 } })
    sql = await readFile(new URL('../../../sql/supabase.sql', import.meta.url), 'utf8')
    await project.query(sql)
  }, 60_000)
  afterAll(() => project.stop())

  /** Asks as whom a token is about, in a transaction that leaves nothing behind; `undefined`: without one. */
  async function as(subject: string | undefined, statement: string, values: readonly unknown[] = [], topic = '') {
    const client = new Client(project.database.url)
    await client.connect()
    try {
      await client.query('begin')
      const claims = subject === undefined ? { role: 'anon' } : { role: 'authenticated', sub: subject }
      await client.query(
        `select set_config('role', $1, true), set_config('request.jwt.claims', $2, true), set_config('realtime.topic', $3, true)`,
        [claims.role, JSON.stringify(claims), topic],
      )
      return (await client.query(statement, [...values])).rows
    } finally {
      await client.end()
    }
  }

  async function create(subject: string, jobId: string = randomUUID(), key = ''): Promise<{ readonly id: string; readonly jobId: string }> {
    const { rows } = await project.query(
      `select create_sync_operation('upload', subject => $1, job_id => $2, key => nullif($3, '')) as id`,
      [subject, jobId, key],
    )
    return { id: String(rows[0].id), jobId }
  }
  const complete = (id: string, result: unknown = {}) =>
    project.query(`select complete_sync_operation($1, 'completed', jsonb_build_object('result', $2::jsonb))`, [id, JSON.stringify(result)])

  test('whoever has signed in sees his own rows, and the columns that are meant for him', async () => {
    const [own, other] = [await create(ANNA), await create(BERT)]
    const ids = async (subject: string | undefined) =>
      (await as(subject, 'select operation_id from sync_operations')).map((row) => row.operation_id)
    expect(await ids(ANNA)).toContain(own.id)
    expect(await ids(ANNA)).not.toContain(other.id)
    expect(await ids(BERT)).toEqual([other.id])
    expect(await ids(randomUUID())).toEqual([])
    expect(await ids('')).toEqual([])
    await expect(ids(undefined)).rejects.toThrow(BARRED)
    for (const column of ['upload', 'key', 'applied_keys', 'more']) {
      await expect(as(ANNA, `select ${column} from sync_operations`)).rejects.toThrow(BARRED)
    }
  })

  test.each(["' or true --", '%', '_', `${ANNA}%`, 'everyone', 'null', '{}', '*', ANNA.toUpperCase(), `${ANNA}\n`])(
    'a subject named %j sees nothing of others',
    async (subject) => {
      await create(ANNA)
      expect(await as(subject, 'select operation_id from sync_operations where subject <> $1', [subject])).toEqual([])
      expect(await as(subject, 'select sync_may_hear($1) as may', [`all:${ANNA}`])).toEqual([{ may: false }])
    },
  )

  test.each([
    `insert into sync_operations (operation_type, subject) values ('upload', '${ANNA}')`,
    `update sync_operations set status = 'completed'`,
    'delete from sync_operations',
    'truncate sync_operations',
    `insert into connection_status values ('${ANNA}', 'c', 'connected', 'sse', 1, 0, now(), now())`,
    ...['sync_meta', 'sync_jobs', 'sync_writes', 'sync_leases', 'sync_feeds', 'sync_status_snapshots'].map(
      (table) => `select * from ${table}`,
    ),
    `select create_sync_operation('upload', subject => '${ANNA}')`,
    `select update_sync_progress('x', 1)`,
    `select complete_sync_operation('x', 'completed')`,
    'select take_sync_status_snapshot()',
    'select sync_broadcast_changes(true)',
    'select sync_word(o) from sync_operations o',
  ])('nobody but the server may: %s', async (statement) => {
    await expect(as(ANNA, statement)).rejects.toThrow(BARRED)
    await expect(as(undefined, statement)).rejects.toThrow(BARRED)
  })

  test('the secret key may do all that a server does', async () => {
    const client = new Client(project.database.url)
    await client.connect()
    onTestFinished(() => client.end())
    await client.query(`set role service_role`)
    const { rows } = await client.query(`select create_sync_operation('upload', subject => $1, job_id => $2) as id`, [ANNA, randomUUID()])
    await client.query(`select update_sync_progress($1, 50)`, [rows[0].id])
    await client.query(`select complete_sync_operation($1, 'completed')`, [rows[0].id])
    await client.query('select take_sync_status_snapshot()')
    for (const table of [
      'sync_meta',
      'sync_jobs',
      'sync_operations',
      'sync_leases',
      'sync_feeds',
      'connection_status',
      'sync_status_snapshots',
    ]) {
      await client.query(`select * from ${table}`)
    }
    const { rowCount } = await client.query(`delete from sync_operations where operation_id = $1`, [rows[0].id])
    expect(rowCount).toBe(1)
  })

  test('a private topic is heard by whose it is', async () => {
    const { id, jobId } = await create(ANNA)
    const may = async (subject: string | undefined, topic: string) => {
      const client = new Client(project.database.url)
      await client.connect()
      const { rows } = await client.query(`insert into realtime.messages (topic, extension) values ($1, 'broadcast') returning id`, [topic])
      await client.end()
      return (await as(subject, 'select 1 from realtime.messages where id = $1', [rows[0].id], topic)).length === 1
    }
    const own = [`job:${jobId}`, `upload:${id}`, `all:${ANNA}`, `job:${randomUUID()}`]
    for (const topic of own) expect([topic, await may(ANNA, topic)]).toEqual([topic, true])
    for (const topic of own.slice(0, 3)) {
      for (const stranger of [BERT, undefined, '']) expect([topic, await may(stranger, topic)]).toEqual([topic, false])
    }
    const never = [
      'job:',
      'upload:',
      'upload:unknown',
      'all:',
      'all',
      '',
      'chat',
      'JOB:1',
      `xall:${ANNA}`,
      `all:${ANNA} `,
      "all:' or true --",
      `upload:${id}%`,
      'job',
    ]
    for (const topic of never) expect([topic, await may(ANNA, topic)]).toEqual([topic, false])
    // Nobody sends.
    await expect(
      as(ANNA, `insert into realtime.messages (topic, extension) values ('all:${ANNA}', 'broadcast')`, [], `all:${ANNA}`),
    ).rejects.toThrow(/row-level security/)
  })

  test('run again, it changes nothing that is there', async () => {
    const { id } = await create(ANNA, undefined, 'again')
    const state = () =>
      project.query(`select
        (select json_agg(o order by version) from sync_operations o) as rows, (select row_to_json(m) from sync_meta m) as meta,
        (select json_agg(policyname order by policyname) from pg_policies) as policies, (select json_agg(p) from pg_publication p) as publications,
        (select json_agg(proname order by proname) from pg_proc where pronamespace = 'public'::regnamespace) as functions,
        (select json_agg(c.relacl order by relname) from pg_class c where relnamespace = 'public'::regnamespace) as rights,
        current_setting('search_path') as path`)
    const before = (await state()).rows
    await project.query(sql)
    await project.query(sql)
    expect((await state()).rows).toEqual(before)
    expect((await create(ANNA, undefined, 'again')).id).toBe(id)
  })

  test('it says so where the tables are of a newer release, and where the database is no project’s', async () => {
    await project.query('update sync_meta set schema_version = 1000')
    await expect(project.query(sql)).rejects.toThrow('written by a newer release')
    await project.query('update sync_meta set schema_version = 1')
    await project.query('create database plain')
    const plain = new Client(project.database.url.replace(/postgres$/, 'plain'))
    await plain.connect()
    await expect(plain.query(sql)).rejects.toThrow('This is for a database of Supabase')
    await plain.end()
  })

  test('deletions are not published, but where other tables of the project may need them', async () => {
    const flags = async () =>
      (await project.query(`select pubinsert, pubupdate, pubdelete from pg_publication where pubname = 'supabase_realtime'`)).rows
    expect(await flags()).toEqual([{ pubinsert: true, pubupdate: true, pubdelete: false }])
    await project.query(`create table chat (id int primary key); alter publication supabase_realtime add table chat;
      alter publication supabase_realtime set (publish = 'insert, update, delete')`)
    await project.query(sql)
    expect(await flags()).toEqual([{ pubinsert: true, pubupdate: true, pubdelete: true }])
    await project.query('drop table chat')
    await project.query(sql)
    expect(await flags()).toEqual([{ pubinsert: true, pubupdate: true, pubdelete: false }])
  })

  // -- pages ---------------------------------------------------------------------------------------------------------------------------

  /** What a page of somebody's hears of a job of Anna's, and of all that is hers. */
  function follow(sub: string, jobId: string, options: Partial<SupabaseOptions>) {
    const accessToken = () => project.token({ sub })
    const page = supabase({ url: project.url, key: project.anonKey, accessToken, subject: ANNA, ...options })({
      environment: browserEnvironment(),
    })
    onTestFinished(() => page.dispose())
    const heard: string[] = []
    for (const topic of [{ kind: 'job', id: jobId } as const, { kind: 'all' } as const]) {
      page.subscribe(topic, {
        onMessage(raw) {
          const parsed = page.decode === undefined ? parseSyncStatusUpdate(raw) : undefined
          const word = parsed === undefined ? page.decode?.(raw)?.update : parsed.ok ? parsed.value : undefined
          heard.push(`${topic.kind} ${word?.operation_id} ${word?.status} ${JSON.stringify(word?.result)}`)
        },
        onSubscribed: () => heard.push(`${topic.kind} subscribed`),
        onRefused: ({ code }) => heard.push(`${topic.kind} ${code}`),
      })
    }
    const until = (...words: readonly string[]) => vi.waitFor(() => expect(heard).toEqual(expect.arrayContaining([...words])), PATIENCE)
    return { heard, until }
  }

  test('pages follow by the changes of rows; a stranger sees none', async () => {
    const jobId = randomUUID()
    const changes = tableChanges({ columns: { timestamp: 'timestamp' } })
    const [anna, bert] = [follow(ANNA, jobId, { changes }), follow(BERT, jobId, { changes })]
    for (const page of [anna, bert]) await page.until('job subscribed', 'all subscribed')
    const { id } = await create(ANNA, jobId)
    await anna.until(`job ${id} pending undefined`)
    await complete(id, { url: '/a' })
    await anna.until(`job ${id} completed {"url":"/a"}`, `all ${id} completed {"url":"/a"}`)
    await project.query('delete from sync_operations where operation_id = $1', [id])
    const bertsOwn = await create(BERT)
    await bert.until(`all ${bertsOwn.id} pending undefined`)
    expect(bert.heard.join()).not.toContain(id)
    expect(anna.heard.join()).not.toContain(bertsOwn.id)
  })

  test('pages follow by what the database broadcasts; a stranger is refused', async () => {
    await project.query('select sync_broadcast_changes(true)')
    onTestFinished(async () => void (await project.query('select sync_broadcast_changes(false)')))
    const { jobId, id: first } = await create(ANNA)
    const [anna, bert] = [follow(ANNA, jobId, { fromDatabase: true }), follow(BERT, jobId, { fromDatabase: true })]
    // With the answer to the join, and when the server follows the database.
    await vi.waitFor(() => expect(anna.heard.filter((word) => word === 'job subscribed')).toHaveLength(2), PATIENCE)
    await bert.until('job auth', 'all auth')
    await complete(first, { deep: [null, { a: null }] })
    await anna.until(`job ${first} completed {"deep":[null,{"a":null}]}`)
    const { id } = await create(ANNA, jobId)
    await complete(id, 'x'.repeat(300_000))
    // A mere hint, which is not the end.
    await anna.until(`job ${id} pending undefined`, `job ${id} in_progress undefined`)
    expect(bert.heard.every((word) => word.endsWith('auth'))).toBe(true)
  })

  test('what the database broadcasts is the word as records have it', async () => {
    const { id } = await create(ANNA)
    await complete(id, { a: 1 })
    const { rows } = await project.query(
      'select sync_word(o) as word, version, o."timestamp" as time from sync_operations o where operation_id = $1',
      [id],
    )
    const [{ word, version, time }] = rows
    expect(parseSyncStatusUpdate(word)).toMatchObject({
      ok: true,
      value: { operation_id: id, version: Number(version), result: { a: 1 }, status: 'completed' },
    })
    expect(Date.parse(word.timestamp)).toBe(time.getTime())
    expect(Object.keys(word)).not.toEqual(expect.arrayContaining(['subject']))
  })
})
