import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { readFile } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { describeWithPostgresql } from '../../../../scripts/services/provided.js'
import { SHORT_DELAYS } from '../../../../scripts/services/supabase/options.js'
import { type Supabase, startSupabase } from '../../../../scripts/services/supabase.js'
import { createOptimisticCollection, type OptimisticChange } from './optimistic-collection.js'

// From here on as in docs/recipes/optimistic-rows.md.
interface Photo {
  readonly id?: number
  readonly title: string
  readonly version?: number
  readonly client_ref?: string
}

function followPhotos(supabase: SupabaseClient) {
  const photos = createOptimisticCollection<Photo>()

  async function send(change: OptimisticChange<Photo>, id?: string): Promise<void> {
    const table = supabase.from('photos')
    const client_ref = change.id
    const request =
      change.kind === 'add'
        ? table.insert({ ...change.row, client_ref })
        : change.kind === 'update'
          ? // The fields of `rename`; an update that is a function has to be worked out first.
            table.update(Object.assign({ client_ref }, change.update)).eq('id', id)
          : table.delete().eq('id', id)
    const { data, error } = await request.select().single()
    if (error === null) photos.confirm(change.id, data)
    else photos.rollback(change.id, error)
  }

  const load = () => photos.load(async () => (await supabase.from('photos').select().throwOnError()).data)

  const channel = supabase
    .channel('photos')
    .on('postgres_changes', { event: '*', schema: 'public', table: 'photos' }, photos.applyRemote)
    // Only now do changes flow, seconds after the channel says that it is subscribed; and again after each reconnect.
    .on('system', {}, ({ extension, status }) => void (extension === 'postgres_changes' && status === 'ok' && load()))
    .subscribe()

  const newId = () => crypto.randomUUID()
  return {
    photos,
    add: (title: string) => send(photos.addOptimistic(newId(), { title })),
    rename: (id: string, title: string) => send(photos.updateOptimistic(newId(), id, { title }), id),
    remove: (id: string) => send(photos.removeOptimistic(newId(), id), id),
    retry: (key: string) => photos.retry(key).map((change) => send(change, photos.get(key)?.id)),
    close: () => supabase.removeChannel(channel),
  }
}
// So far.

const TABLE = `
  create table photos (id bigint generated always as identity primary key, title text not null check (title <> ''), version int not null default 1, client_ref text);
  create function next_version() returns trigger language plpgsql as $$ begin new.version := old.version + 1; return new; end $$;
  create trigger next_version before update on photos for each row execute function next_version();
  alter table photos enable row level security;
  create policy everyone on photos for select to anon using (true);
  grant select on photos to anon;
  alter publication supabase_realtime add table photos`

test('the recipe shows what is tested here', async () => {
  const [recipe, self] = await Promise.all(
    ['../../../../docs/recipes/optimistic-rows.md', './supabase-rows.service-test.ts'].map((path) =>
      readFile(new URL(path, import.meta.url), 'utf8'),
    ),
  )
  const code = /recipes\/optimistic-rows\.md\.\n([\s\S]+?)\n\/\/ So far\./.exec(self ?? '')?.[1]
  expect(recipe).toContain(code)
})

describeWithPostgresql('rows of a Supabase table', () => {
  let project: Supabase
  let client: SupabaseClient
  let page: ReturnType<typeof followPhotos>
  /** Requests wait here while it is set. */
  let hold: Promise<void> | undefined

  beforeAll(async () => {
    project = await startSupabase({ delays: SHORT_DELAYS })
    await project.query(TABLE)
  })
  afterAll(() => project.stop())

  beforeEach(async () => {
    await project.query('delete from photos')
    hold = undefined
    client = createClient(project.url, project.anonKey, { global: { fetch: rest } })
    page = followPhotos(client)
    await write('Seen by the snapshot')
    await expectShown('Seen by the snapshot')
  })
  afterEach(async () => {
    await page.close()
    await client.realtime.disconnect()
  })

  const write = async (title: string) => project.query('insert into photos (title) values ($1)', [title])
  const shown = () => page.photos.list().map(({ value, status }) => `${value.title}${{ confirmed: '', pending: '…', failed: '!' }[status]}`)
  const expectShown = (...rows: readonly string[]) => vi.waitFor(() => expect(shown()).toEqual(rows), { timeout: 10_000 })
  const keyOf = (title: string) => page.photos.list().find(({ value }) => value.title === title)?.key ?? ''

  /** What PostgREST does with the requests of the recipe: its project has Realtime alone. */
  async function rest(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input)
    const id = url.searchParams.get('id')?.replace('eq.', '')
    const row: Partial<Photo> = typeof init?.body === 'string' ? JSON.parse(init.body) : {}
    const values = [row.title, row.client_ref]
    try {
      const { rows } = await {
        POST: () => project.query('insert into photos (title, client_ref) values ($1, $2) returning *', values),
        PATCH: () => project.query('update photos set title = $1, client_ref = $2 where id = $3 returning *', [...values, id]),
        DELETE: () => project.query('delete from photos where id = $1 returning *', [id]),
        GET: () => project.query('select * from photos order by id'),
      }[init?.method ?? 'GET']!()
      const answer = rows.map((one: { id: string }) => ({ ...one, id: Number(one.id) }))
      await hold
      return Response.json(init?.method === 'GET' ? answer : answer[0])
    } catch (error) {
      return Response.json({ code: '23514', message: String(error), details: null, hint: null }, { status: 400 })
    }
  }

  test('are shown as the server has them, and what is done here at once', async () => {
    const added = page.add('Lake')
    expect(shown()).toEqual(['Seen by the snapshot', 'Lake…'])
    await added
    expect(shown()).toEqual(['Seen by the snapshot', 'Lake'])
    await write('Someone else’s')
    await expectShown('Seen by the snapshot', 'Lake', 'Someone else’s')

    const { id = '' } = page.photos.get(keyOf('Lake')) ?? {}
    const renamed = page.rename(id, 'Pond')
    expect(shown()).toEqual(['Seen by the snapshot', 'Pond…', 'Someone else’s'])
    await renamed
    await page.remove(page.photos.get(keyOf('Someone else’s'))?.id ?? '')
    await project.query(`update photos set title = title || '!' where id = $1`, [id])
    await expectShown('Seen by the snapshot', 'Pond!')
    await project.query('delete from photos where id = $1', [id])
    await expectShown('Seen by the snapshot')
  })

  test('are confirmed by the change of the row, where that comes before the answer', async () => {
    let release = () => {}
    hold = new Promise((resolve) => (release = resolve))
    const added = page.add('Lake')
    await expectShown('Seen by the snapshot', 'Lake')
    const [, before] = page.photos.list()
    expect(before?.id).toMatch(/^\d+$/)
    release()
    await added
    expect(page.photos.list()[1]).toBe(before)
  })

  test('that the server refuses stay with the error, and can be sent again', async () => {
    await page.add('')
    expect(shown()).toEqual(['Seen by the snapshot', '!'])
    expect(page.photos.list()[1]?.error).toMatchObject({ code: '23514' })
    await project.query('alter table photos drop constraint photos_title_check')
    await Promise.all(page.retry(keyOf('')))
    expect(shown()).toEqual(['Seen by the snapshot', ''])
    await project.query(`delete from photos where title = ''; alter table photos add check (title <> '')`)
  })

  test('that changed while the server was away are found by the snapshot', async () => {
    await project.kill()
    await project.query(`update photos set title = 'Changed meanwhile'`)
    await write('New')
    await project.restart()
    await expectShown('Changed meanwhile', 'New')
  })
})
