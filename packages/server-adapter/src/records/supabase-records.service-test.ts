import { readFile } from 'node:fs/promises'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../../scripts/services/supabase.js'
import { systemClock } from '../clock.js'
import { amend } from '../manager/operations.js'
import { newOperation, operationRecordsContract } from '../testing/operation-records-contract.js'
import { PATIENCE } from '../testing/patience.js'
import { SILENT } from '../testing/postgres-database.js'
import type { OperationRecords } from './operation-records.js'
import { STATEMENTS } from './supabase/statements.js'
import { supabaseRecords } from './supabase-records.js'

describeWithPostgresql('Supabase, over HTTP', () => {
  let project: Supabase
  beforeAll(async () => {
    project = await startSupabase({ delays: SHORT_DELAYS })
    await project.query(await readFile(new URL('../../sql/supabase.sql', import.meta.url), 'utf8'))
  }, 60_000)
  afterAll(() => project.stop())

  async function open(key = project.serviceRoleKey): Promise<OperationRecords> {
    const records = supabaseRecords({ client: createClient(project.url, key), watchMs: 50 })
    await records.open({ clock: systemClock, logger: SILENT })
    return records
  }
  async function openEmpty(): Promise<OperationRecords> {
    await project.query(`truncate sync_jobs, sync_operations, sync_writes, sync_leases, sync_feeds, connection_status, sync_status_snapshots;
      update sync_meta set sequence = 0`)
    return open()
  }

  operationRecordsContract('a Supabase project, over HTTP', async () => ({
    records: await openEmpty(),
    openAgain: () => open(),
    passTime: async (ms) => {
      await project.query(`update sync_leases set until = until - $1 * interval '1 ms'`, [ms])
    },
  }))

  test('nobody but the secret key can say a statement', async () => {
    for (const key of [project.anonKey, await project.token({ sub: 'anna' })]) {
      await expect(open(key)).rejects.toThrow(/cannot be used: permission denied.+secret key/)
    }
    const expired = await project.token({ role: 'service_role' }, -10)
    await expect(open(expired)).rejects.toThrow(/cannot be used: Token has expired/)
  })

  test('nothing but the statements of this package can be said', async () => {
    const client = createClient(project.url, project.serviceRoleKey)
    for (const name of ['select 1', '', 'byIds; drop table sync_operations', 'toString']) {
      const { error } = await client.rpc('sync_statement', { name, parameters: [] })
      expect(error?.message).toContain('There is no statement')
    }
  })

  test.each([
    `'; drop table sync_operations; --`,
    `\\'; drop table sync_operations; --`,
    '%1$L %s %I %%',
    '$1 $2 $$ $statement$ $project$ $upload_panel$',
    '{"a","b"}, {}, NULL, "\\"',
    'null',
    '\u{1F600}\u2028\u0001\uD800\0',
  ])('whatever a text holds, it is a text: %j', async (text) => {
    const records = await openEmpty()
    const id = text.replaceAll(/[\0\uD800]/g, '\uFFFD')
    await records.insert([newOperation(text, { job_id: text, message: text, result: { [text]: [text] } }, { subject: text, key: text })])
    expect((await records.get(text))?.word).toMatchObject({ operation_id: id, message: id, result: { [id]: [id] } })
    expect(
      await records.changes({ subject: text, selection: { jobIds: [text], operationIds: [text, '{}', '"'] }, after: 0, limit: 5 }),
    ).toHaveLength(1)
    expect(await records.leases.acquire(text, text, 1000)).toBe(true)
    expect(await records.claimJob(text, 'anna')).toBe(true)
    await records.close()
  })

  test('changes that two processes make at once are all made', async () => {
    const [one, other] = [await openEmpty(), await open()]
    await one.insert([newOperation('a', { total_items: 0 })])
    const count = (records: OperationRecords) =>
      records.update('a', (record) => amend(record, { processed_items: (record.word.processed_items ?? 0) + 1 }))
    for (let round = 0; round < 10; round += 1) await Promise.all([count(one), count(other), count(one), count(other)])
    expect((await one.get('a'))?.word.processed_items).toBe(40)
    await Promise.all([one.close(), other.close()])
  })

  test('another process’s change is noticed by looking, and nothing else is', async () => {
    const [one, other] = [await openEmpty(), await open()]
    const heard = vi.fn()
    const stop = one.watch(heard)
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), PATIENCE)
    await other.insert([newOperation('a')])
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), PATIENCE)
    stop()
    await Promise.all([one.close(), other.close()])
  })

  test('while the project is away every call says so; a write that was begun is done once', async () => {
    const records = await openEmpty()
    onTestFinished(() => records.close())
    await records.insert([newOperation('a')])
    await project.kill()
    await expect(records.get('a')).rejects.toMatchObject({ status: 503, code: 'records_unavailable' })
    const coming = records.update('a', (record) => amend(record, { processed_items: (record.word.processed_items ?? 0) + 1 }))
    coming.catch(() => {})
    await project.restart()
    const outcome = await coming.then(
      ({ record } = expect.fail()) => record.word.processed_items,
      () => 0,
    )
    expect((await records.get('a'))?.word.processed_items ?? 0).toBe(outcome)
  })

  test('a project without the SQL, or with that of another release, is refused with what to do', async () => {
    await project.query('update sync_meta set schema_version = schema_version + 1')
    await expect(open()).rejects.toThrow('written by a newer release')
    await project.query('update sync_meta set schema_version = schema_version - 2')
    await expect(open()).rejects.toThrow('Run its sql/supabase.sql again')
    await project.query('update sync_meta set schema_version = schema_version + 1')
    await project.query(`alter function sync_statements rename to before;
      create function sync_statements() returns text language sql as $$ select 'other' $$`)
    await expect(open()).rejects.toThrow('Run its sql/supabase.sql again')
    await project.query('drop function sync_statements; alter function before rename to sync_statements')
    await project.query('alter function sync_statement rename to gone')
    await expect(open()).rejects.toThrow('See that it has sql/supabase.sql')
    await project.query('alter function gone rename to sync_statement')
  })

  test('every statement is known to the project', async () => {
    const client = createClient(project.url, project.serviceRoleKey)
    for (const name of Object.keys(STATEMENTS)) {
      const { error } = await client.rpc('sync_statement', { name, parameters: [] })
      expect(error?.message ?? '').not.toContain('There is no statement')
    }
  })
})
