import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type RealtimeChannel } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithPostgresql } from './provided.ts'
import { type Supabase, startSupabase } from './supabase.ts'
import { SHORT_DELAYS } from './supabase/options.ts'

describeWithPostgresql('Supabase, through its own client', () => {
  let directory = ''
  let supabase: Supabase

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'upload-panel-supabase-'))
    supabase = await startSupabase({ directory, delays: SHORT_DELAYS })
    await supabase.query(`
      create table jobs (id int primary key, status text, owner uuid);
      alter publication supabase_realtime add table jobs;
    `)
  })

  afterAll(async () => {
    await supabase?.stop()
    await rm(directory, { recursive: true, force: true })
  })

  /** What a channel on all jobs tells, in its order. */
  async function follow({ filter = '', token = '' } = {}) {
    const client = createClient(supabase.url, supabase.anonKey)
    onTestFinished(async () => void (await client.removeAllChannels()))
    if (token !== '') await client.realtime.setAuth(token)
    const heard: string[] = []
    const channel: RealtimeChannel = client
      .channel('jobs')
      .on(
        'postgres_changes',
        { event: '*', schema: 'public', table: 'jobs', ...(filter && { filter }) },
        ({ eventType, new: row, old }) => {
          heard.push(`${eventType} ${JSON.stringify({ ...old, ...row })}`)
        },
      )
      .on('system', {}, ({ message }: { readonly message: string }) => heard.push(message))
    channel.subscribe((status, problem) => heard.push(problem ? `${status} ${problem.message}` : status))
    await vi.waitFor(() => expect(heard).toContain('Subscribed to PostgreSQL'), 10_000)
    return heard
  }

  const expectHeard = (heard: readonly string[], expected: readonly string[]) => vi.waitFor(() => expect(heard).toEqual(expected), 10_000)

  test('rows that are committed arrive, and what they were is told with their keys alone', async () => {
    const heard = await follow()
    await supabase.query(`insert into jobs values (1, 'queued')`)
    await supabase.query(`begin; update jobs set status = 'failed' where id = 1; rollback`)
    await supabase.query(`update jobs set status = 'done' where id = 1`)
    await supabase.query('delete from jobs where id = 1')
    await expectHeard(heard, [
      'SUBSCRIBED',
      'Subscribed to PostgreSQL',
      'INSERT {"id":1,"owner":null,"status":"queued"}',
      'UPDATE {"id":1,"owner":null,"status":"done"}',
      'DELETE {"id":1}',
    ])
  })
})
