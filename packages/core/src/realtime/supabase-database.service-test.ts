import { createClient } from '@supabase/supabase-js'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../../scripts/services/supabase.js'
import { browserEnvironment } from '../environment.js'
import { row } from '../protocol/index.js'
import { supabase, type SupabaseOptions, tableChanges } from './supabase.js'
import type { Topic } from './transport.js'

const PATIENCE = { timeout: 20_000, interval: 5 }
const JOB = { kind: 'job', id: '1' } as const

describeWithPostgresql('Supabase before a real PostgreSQL', () => {
  let project: Supabase
  beforeAll(async () => {
    project = await startSupabase({ delays: { ...SHORT_DELAYS, coldSubscribe: 500 } })
    await project.query(`
      create policy listen on realtime.messages for select to authenticated using (true);
      create table uploads (id bigserial primary key, batch bigint not null, owner text not null, state text not null, url jsonb, version bigint not null);
      alter table uploads enable row level security;
      create policy own on uploads for select to authenticated using (owner = auth.jwt() ->> 'sub');
      create table unpublished (id bigserial primary key);
      alter publication supabase_realtime add table uploads;

      create table broadcasting (operation_id text primary key, job_id text not null, status text not null, version bigint not null);
      create function tell() returns trigger security definer language plpgsql as $$
      begin
        perform realtime.broadcast_changes('job:' || new.job_id, 'sync-status', tg_op, tg_table_name, tg_table_schema, new, old);
        return null;
      end $$;
      create trigger tell after insert or update on broadcasting for each row execute function tell();`)
  }, 60_000)
  afterAll(() => project.stop())

  const changes = tableChanges({
    table: 'uploads',
    columns: { operation_id: 'id', job_id: 'batch', status: 'state', result: 'url' },
    statuses: { busy: 'in_progress', done: 'completed' },
  })

  /** What a page of the user `me` hears, over a client of our own. */
  function follow(options: Partial<SupabaseOptions>, topics: readonly Topic[] = [JOB], seconds = 60) {
    const accessToken = vi.fn(() => project.token({ sub: 'me', jti: crypto.randomUUID() }, seconds))
    const factory = supabase({ url: project.url, key: project.anonKey, accessToken, ...options })
    const transport = factory({ environment: browserEnvironment() })
    onTestFinished(() => transport.dispose())
    const heard: string[] = []
    for (const topic of topics) {
      const name = topic.kind === 'all' ? 'all' : topic.id
      transport.subscribe(topic, {
        onMessage(raw) {
          const update = transport.decode?.(raw)?.update
          heard.push(
            `${name}: ${update?.operation_id} ${update?.status} ${update?.version} ${String(JSON.stringify(update?.result)?.length)}`,
          )
        },
        onSubscribed: () => heard.push(`${name}: subscribed`),
        onRefused: ({ code, message }) => heard.push(`${name}: ${code}: ${message}`),
      })
    }
    const status = () => transport.$connection.get().status
    const expectHeard = (word: string) => vi.waitFor(() => expect(heard).toContainEqual(expect.stringContaining(word)), PATIENCE)
    return { transport, heard, accessToken, status, expectHeard }
  }

  async function insert(batch = 1, owner = 'me'): Promise<string> {
    const { rows } = await project.query(`insert into uploads (batch, owner, state, version) values ($1, $2, 'busy', 1) returning id`, [
      batch,
      owner,
    ])
    return String(rows[0].id)
  }

  test('what is committed before changes flow is lost, and so only then the subscription holds', async () => {
    await project.kill()
    await project.restart()
    const { heard, status, expectHeard } = follow({ changes })
    await vi.waitUntil(() => status() === 'reconnecting', PATIENCE)
    const [lost] = [await insert()]
    expect(heard).toEqual([])
    await expectHeard('1: subscribed')
    const kept = await insert()
    await expectHeard(`${kept} in_progress 1`)
    expect(heard.join('\n')).not.toContain(`1: ${lost} `)
  })

  test('changes are lost in silence with the slot, while everything seems well', async () => {
    const { heard, status, expectHeard } = follow({ changes })
    await expectHeard('1: subscribed')
    await project.killSlot()
    const lost = await insert()
    await project.untilFollowed()
    const kept = await insert()
    await expectHeard(`${kept} in_progress 1`)
    expect(heard.join('\n')).not.toContain(`1: ${lost} `)
    expect(status()).toBe('connected')
  })

  test('a large value that an update did not touch is what it was; a deletion is no news; others’ rows are not seen', async () => {
    const { heard, expectHeard } = follow({ changes })
    await expectHeard('1: subscribed')
    const [id, foreign] = [await insert(), await insert(1, 'somebody else')]
    // What cannot be compressed is kept beside the row.
    const url = JSON.stringify(randomBytes(20_000).toString('hex'))
    await project.query(`update uploads set state = 'done', url = $2, version = 2 where id = $1`, [id, url])
    await expectHeard(`1: ${id} completed 2 ${url.length}`)
    await project.query(`update uploads set version = 3 where id in ($1, $2)`, [id, foreign])
    await expectHeard(`1: ${id} completed 3 ${url.length}`)
    await project.query('delete from uploads where id in ($1, $2)', [id, foreign])
    const last = await insert()
    await expectHeard(`1: ${last} `)
    expect(heard.filter((word) => !word.includes('subscribed'))).toEqual([
      `1: ${id} in_progress 1 undefined`,
      `1: ${id} completed 2 ${url.length}`,
      `1: ${id} completed 3 ${url.length}`,
      `1: ${last} in_progress 1 undefined`,
    ])
  })

  test('a token that runs out is followed by a fresh one, on a new channel', async () => {
    const { heard, accessToken, status, expectHeard } = follow({ changes }, [JOB], 2)
    await expectHeard('1: subscribed')
    const before = accessToken.mock.calls.length
    await vi.waitUntil(() => status() !== 'connected', PATIENCE)
    await vi.waitUntil(() => status() === 'connected', PATIENCE)
    expect(accessToken.mock.calls.length).toBeGreaterThan(before)
    const id = await insert()
    await expectHeard(`1: ${id} in_progress`)
    expect(heard.join()).not.toContain('auth')
  })

  test('a table that is not published is refused by a mere message', async () => {
    const { expectHeard, status } = follow({ changes: tableChanges({ table: 'unpublished', columns: { job_id: 'id' } }) })
    await expectHeard('1: rejected: Supabase refused the channel: Unable to subscribe to changes with given parameters.')
    expect(status()).toBe('reconnecting')
  })

  test('one id that the column cannot hold does not keep the others from theirs', async () => {
    const topics = ['11', 'twelve', '13', '14'].map((id) => ({ kind: 'job', id }) as const)
    const { expectHeard } = follow({ changes }, topics)
    await expectHeard('twelve: rejected')
    for (const id of ['11', '13', '14']) {
      await expectHeard(`${id}: subscribed`)
      const upload = await insert(Number(id))
      await expectHeard(`${id}: ${upload} in_progress`)
    }
  })

  test('the database broadcasts by itself, once it is followed', async () => {
    const { heard, expectHeard } = follow({ fromDatabase: true, decode: row() })
    // With the answer to the join, and when the server follows the database.
    await vi.waitFor(() => expect(heard).toEqual(['1: subscribed', '1: subscribed']), PATIENCE)
    await project.query(`insert into broadcasting values ('first', '1', 'in_progress', 1)`)
    await expectHeard('1: first in_progress 1')
  })

  test('more channels than one connection may have are spread over two', async () => {
    const topics = Array.from({ length: 120 }, (_, index) => ({ kind: 'operation', id: `${index}` }) as const)
    const { heard } = follow({}, topics)
    await vi.waitFor(() => expect(heard).toHaveLength(120), PATIENCE)
    expect(heard.every((word) => word.endsWith('subscribed'))).toBe(true)
  })

  test('the page’s own client and its channels stay as they were', async () => {
    const client = createClient(project.url, project.anonKey, { accessToken: () => project.token({ sub: 'me' }) })
    onTestFinished(async () => void (await client.realtime.disconnect()))
    const own: string[] = []
    client
      .channel('chat')
      .on('broadcast', { event: 'hello' }, ({ payload }) => own.push(payload.text))
      .subscribe()
    const transport = supabase({ client, changes })({ environment: browserEnvironment() })
    const subscribed = new Promise<void>((onSubscribed) => {
      transport.subscribe(JOB, { onMessage() {}, onSubscribed, onRefused() {} })
    })
    await subscribed
    transport.dispose()
    expect(client.getChannels().map(({ topic }) => topic)).toEqual(['realtime:chat'])
    await client.channel('chat').httpSend('hello', { text: 'still here' })
    await vi.waitFor(() => expect(own).toEqual(['still here']), PATIENCE)
  })
})
