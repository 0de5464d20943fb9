import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { Window } from 'happy-dom'
import { createElement, StrictMode } from 'react'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../scripts/services/supabase.js'
import { RealtimeProvider } from './realtime-provider.js'
import { useRealtimeWithResilience } from './use-realtime-with-resilience.js'

// A page in Node's own world: with an environment of a browser the servers would not find their files.
const window = new Window()
vi.stubGlobal('window', window)
vi.stubGlobal('document', window.document)
const { cleanup, renderHook } = await import('@testing-library/react')

interface Job {
  readonly id: number
  readonly owner: string
  readonly state: string
  readonly version: number
}

const TABLE = `
  create table jobs (id bigint generated always as identity primary key, owner text not null, state text not null, version int not null default 1);
  create function next_version() returns trigger language plpgsql as $$ begin new.version := old.version + 1; return new; end $$;
  create trigger next_version before update on jobs for each row execute function next_version();
  alter table jobs enable row level security;
  create policy everyone on jobs for select to anon using (state <> 'secret');
  grant select on jobs to anon;
  alter publication supabase_realtime add table jobs`

describeWithPostgresql('useRealtimeWithResilience before a real PostgreSQL', () => {
  let project: Supabase
  let client: SupabaseClient
  /** What the table's API answers instead of rows. */
  let refusal: { readonly message: string; readonly code: string } | undefined

  beforeAll(async () => {
    project = await startSupabase({ delays: SHORT_DELAYS })
    await project.query(TABLE)
  })
  afterAll(() => project.stop())

  beforeEach(async () => {
    await project.query('delete from jobs')
    refusal = undefined
    client = createClient(project.url, project.anonKey, { global: { fetch: rest } })
  })
  afterEach(async () => {
    cleanup()
    await client.realtime.disconnect()
  })

  /** What PostgREST answers to a question for rows: the project has Realtime alone. */
  async function rest(input: RequestInfo | URL): Promise<Response> {
    if (refusal !== undefined) return Response.json(refusal, { status: 500 })
    const asked = [...new URL(input instanceof Request ? input.url : input).searchParams].filter(([name]) => name !== 'select')
    const conditions = asked.map(([column], index) => `and ${column}::text = $${index + 1}`).join(' ')
    const values = asked.map(([, value]) => value.replace(/^eq\./, ''))
    const { rows } = await project.query(`select * from jobs where state <> 'secret' ${conditions} order by id`, values)
    return Response.json(rows.map((row: { id: string }) => ({ ...row, id: Number(row.id) })))
  }

  function follow(initial: { readonly owner: string }) {
    const view = renderHook(({ owner }) => useRealtimeWithResilience<Job>('jobs', { owner }), {
      initialProps: initial,
      wrapper: ({ children }) => createElement(StrictMode, null, createElement(RealtimeProvider, { client }, children)),
    })
    const jobs = () => view.result.current.data.map(({ owner, state }) => `${owner}: ${state}`)
    const expectThat = (check: () => void) => vi.waitFor(check, { timeout: 20_000 })
    return {
      ...view,
      status: () => view.result.current.connectionStatus.status,
      expectThat,
      expectJobs: (...wanted: readonly string[]) => expectThat(() => expect(jobs()).toEqual(wanted)),
    }
  }

  const write = (owner: string, state: string) => project.query('insert into jobs (owner, state) values ($1, $2)', [owner, state])
  const set = (from: string, to: string) => project.query('update jobs set state = $2 where state = $1', [from, to])

  test('shows the rows that are there, and follows what is added, changed and deleted', async () => {
    await write('me', 'there before')
    const { result, status, expectThat, expectJobs } = follow({ owner: 'me' })
    expect(result.current).toMatchObject({ data: [], isLoaded: false, error: undefined })
    await expectJobs('me: there before')
    await expectThat(() => expect([status(), result.current.isLoaded]).toEqual(['connected', true]))
    await write('me', 'new')
    await expectJobs('me: there before', 'me: new')
    await set('there before', 'done')
    await expectJobs('me: done', 'me: new')
    await project.query(`delete from jobs where state = 'new'`)
    await expectJobs('me: done')
    expect(result.current.error).toBeUndefined()
  })

  test('has the rows of its filter alone, which may become another one, and none that the user may not see', async () => {
    await write('me', 'mine')
    await write('you', 'yours')
    await write('me', 'secret')
    const { rerender, status, expectThat, expectJobs } = follow({ owner: 'me' })
    await expectJobs('me: mine')
    await expectThat(() => expect(status()).toBe('connected'))
    await write('you', 'yours, too')
    await write('me', 'secret')
    await write('me', 'mine, too')
    await expectJobs('me: mine', 'me: mine, too')
    rerender({ owner: 'you' })
    await expectJobs('you: yours', 'you: yours, too')
    await expectThat(() => expect(status()).toBe('connected'))
    await write('me', 'not for you')
    await write('you', 'yours as well')
    await expectJobs('you: yours', 'you: yours, too', 'you: yours as well')
  })

  test('keeps what it knows while the server is away, and has then what changed meanwhile', async () => {
    await write('me', 'before')
    const { status, expectThat, expectJobs } = follow({ owner: 'me' })
    await expectJobs('me: before')
    await expectThat(() => expect(status()).toBe('connected'))
    await project.kill()
    await expectThat(() => expect(status()).toBe('reconnecting'))
    await set('before', 'changed meanwhile')
    await write('me', 'new meanwhile')
    await expectJobs('me: before')
    await project.restart()
    await expectJobs('me: changed meanwhile', 'me: new meanwhile')
    await expectThat(() => expect(status()).toBe('connected'))
    await write('me', 'after')
    await expectJobs('me: changed meanwhile', 'me: new meanwhile', 'me: after')
  })

  test('says why its rows may be old, keeps them, and has new ones as soon as they can be asked for', async () => {
    await write('me', 'known')
    const { result, status, expectThat, expectJobs } = follow({ owner: 'me' })
    await expectThat(() => expect(status()).toBe('connected'))
    await expectJobs('me: known')
    refusal = { message: 'The database is starting.', code: '57P03' }
    result.current.refresh()
    await expectThat(() => expect(result.current.error).toMatchObject({ message: 'The database is starting.', remoteCode: '57P03' }))
    await expectJobs('me: known')
    refusal = undefined
    await expectThat(() => expect(result.current.error).toBeUndefined())
  })

  test('a table that may not be followed is an error, and its rows are shown all the same', async () => {
    await project.query('alter publication supabase_realtime drop table jobs')
    try {
      await write('me', 'shown')
      const { result, status, expectThat, expectJobs } = follow({ owner: 'me' })
      await expectThat(() => expect(result.current.error?.message).toContain('Supabase refused the channel'))
      await expectJobs('me: shown')
      expect(status()).not.toBe('connected')
    } finally {
      await project.query('alter publication supabase_realtime add table jobs')
    }
  })

  test('leaves no channel behind', async () => {
    const { unmount, status, expectThat } = follow({ owner: 'me' })
    await expectThat(() => expect(status()).toBe('connected'))
    expect(client.getChannels()).toHaveLength(1)
    unmount()
    await expectThat(() => expect(client.getChannels()).toEqual([]))
  })
})
