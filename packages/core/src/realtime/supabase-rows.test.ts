import { createClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createPhoenixServer, type PhoenixFrame, type PhoenixServer } from '../testing/phoenix-server.js'
import { type FollowRowsOptions, followRows } from './supabase-rows.js'

interface Article {
  readonly id: number
  readonly title: string
  readonly owner: string
  readonly version: number
}

const article = (id: number, more: Partial<Article> = {}): Article => ({ id, title: `Article ${id}`, owner: 'me', version: 1, ...more })

let server: PhoenixServer
/** What the table's API answers, and what it was asked. */
let answer: () => Response
let asked: string[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers()
  server = createPhoenixServer()
  vi.stubGlobal('WebSocket', server.WebSocket)
  asked = []
  answer = () => Response.json([article(1), article(2)])
  stop = () => {}
})

afterEach(() => {
  stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

async function begin(options: Partial<FollowRowsOptions<Article>> = {}) {
  const client = createClient('https://project.supabase.test', 'key', {
    accessToken: async () => 'token',
    global: {
      fetch: async (input) => {
        asked.push(decodeURIComponent(new URL(new Request(input).url).search))
        return answer()
      },
    },
  })
  const rows = followRows<Article>({ client, table: 'articles', ...options, environment: { random: () => 0.5, ...options.environment } })
  stop = rows.start()
  await settle()
  return {
    ...rows,
    titles: () => rows.collection.list().map(({ value }) => value.title),
    error: () => rows.$error.get(),
    status: () => rows.$connection.get().status,
  }
}

type Bindings = { readonly config: { readonly postgres_changes: readonly Readonly<Record<string, unknown>>[] } }
const bindings = (join: PhoenixFrame) => (join.payload as unknown as Bindings).config.postgres_changes

/** The changes flow. */
async function flow(join = server.join('')): Promise<void> {
  server.reply(join, 'ok', { postgres_changes: bindings(join).map((binding, id) => ({ id: id + 1, ...binding })) })
  await settle()
  server.push(join, 'system', { channel: 'x', extension: 'postgres_changes', message: 'Subscribed to PostgreSQL', status: 'ok' })
  await settle()
}

async function change(data: object): Promise<void> {
  const about = { columns: [], schema: 'public', table: 'articles', errors: null, commit_timestamp: '2026-11-20T22:16:58.610Z' }
  server.push(server.join(''), 'postgres_changes', { data: { ...about, ...data }, ids: [1] }, { isOfJoin: false })
  await settle()
}

describe('rows of a table', () => {
  test('are there before their changes flow, and asked for again when they do', async () => {
    const { titles, status, $isLoaded } = await begin({ filter: { owner: 'me', title: 'a,b' } })
    expect([titles(), status(), $isLoaded.get()]).toEqual([['Article 1', 'Article 2'], 'reconnecting', true])
    expect(bindings(server.join(''))).toEqual([
      expect.objectContaining({ event: '*', table: 'articles', filter: 'owner=eq.me' }),
      // The server lets no deletion through a filter.
      { event: 'DELETE', schema: 'public', table: 'articles' },
    ])

    answer = () => Response.json([article(1), article(3)])
    await flow()
    expect([titles(), status()]).toEqual([['Article 1', 'Article 3'], 'connected'])
    expect(asked).toEqual(['?select=*&owner=eq.me&title=eq.a,b', '?select=*&owner=eq.me&title=eq.a,b'])
  })

  test('follow what is added, changed and deleted, in any order', async () => {
    const { titles } = await begin()
    await flow()
    await change({ type: 'INSERT', record: article(3) })
    await change({ type: 'UPDATE', record: article(1, { title: 'Newest', version: 3 }), old_record: {} })
    await change({ type: 'UPDATE', record: article(1, { title: 'Late', version: 2 }), old_record: {} })
    await change({ type: 'DELETE', old_record: { id: 2 } })
    expect(titles()).toEqual(['Newest', 'Article 3'])
  })

  test('leave with an update that takes them out of the filter', async () => {
    const { titles } = await begin({ filter: { owner: 'me' } })
    await flow()
    await change({ type: 'UPDATE', record: article(1, { owner: 'somebody else', version: 2 }), old_record: {} })
    expect(titles()).toEqual(['Article 2'])
  })

  test('are those of the filter where its value is of another type than the column, as the server has it', async () => {
    const { titles } = await begin({ filter: { id: '1' } })
    await flow()
    await change({ type: 'UPDATE', record: article(1, { title: 'Newest', version: 2 }), old_record: {} })
    expect(titles()).toContain('Newest')
  })

  test('stay as they were last known while the connection is away, and are true again after it', async () => {
    const { titles, status } = await begin()
    await flow()
    server.close(1006)
    await settle()
    expect([titles(), status()]).toEqual([['Article 1', 'Article 2'], 'reconnecting'])
    answer = () => Response.json([article(2, { title: 'Changed meanwhile', version: 2 })])
    await settle(5000)
    await flow()
    expect([titles(), status()]).toEqual([['Changed meanwhile'], 'connected'])
  })

  test('that cannot be asked for are asked for again, and those that are known stay', async () => {
    const { titles, error } = await begin()
    await flow()
    answer = () => Response.json({ message: 'The database is starting.', code: '57P03' }, { status: 500 })
    server.close(1006)
    await settle(5000)
    await flow()
    expect(titles()).toEqual(['Article 1', 'Article 2'])
    expect(error()).toMatchObject({ code: 'remote_error', remoteCode: '57P03', message: 'The database is starting.' })
    answer = () => Response.json([article(2)])
    await settle(20_000)
    expect([titles(), error()]).toEqual([['Article 2'], undefined])
  })

  test('take optimistic changes, which the row itself confirms', async () => {
    const { collection, titles } = await begin()
    await flow()
    collection.updateOptimistic('change', '1', { title: 'Mine' })
    expect(titles()[0]).toBe('Mine')
    collection.confirm('change', article(1, { title: 'Mine', version: 2 }))
    await change({ type: 'UPDATE', record: article(1, { title: 'Mine', version: 2 }), old_record: {} })
    expect(collection.get('1')?.status).toBe('confirmed')
  })

  /** As a server does that gives two rows at once: with an exact count of what was asked for, in a header. */
  function giveTwoAtOnce(ids: readonly number[]): void {
    answer = () => {
      const above = Number(/id=gt\.(\d+)/.exec(asked.at(-1) ?? '')?.[1] ?? 0)
      const wanted = ids.filter((id) => id > above)
      const sorted = asked.at(-1)?.includes('order=id') ? [...wanted].sort((x, y) => x - y) : wanted
      const rows = sorted.slice(0, 2).map((id) => article(id))
      return Response.json(rows, { status: 206, headers: { 'content-range': `0-${rows.length - 1}/${wanted.length}` } })
    }
  }

  test('are all there, also where the server gives no more than some at once', async () => {
    giveTwoAtOnce([3, 1, 5, 4, 2])
    const { titles, error } = await begin({ filter: { owner: 'me' } })
    expect(titles()).toEqual(['Article 1', 'Article 2', 'Article 3', 'Article 4', 'Article 5'])
    expect(error()).toBeUndefined()
    expect(asked).toEqual([
      '?select=*&owner=eq.me',
      '?select=*&owner=eq.me&order=id.asc',
      '?select=*&owner=eq.me&id=gt.2&order=id.asc',
      '?select=*&owner=eq.me&id=gt.4&order=id.asc',
    ])
  })

  test('are not taken for deleted where the server gives only some, and there is no id to ask for the others by', async () => {
    const { titles, error, refresh } = await begin({ key: ({ title }) => title })
    giveTwoAtOnce([7, 8, 9])
    refresh()
    await settle()
    expect(titles()).toEqual(['Article 1', 'Article 2'])
    expect(error()).toMatchObject({
      code: 'validation',
      message: 'The server gives only 2 rows of articles at once. Ask for them in parts, by `load`.',
    })
  })

  test('are asked for in a way of the page’s own', async () => {
    const load = vi.fn(async () => [article(9)])
    const { titles, refresh } = await begin({ load })
    expect([titles(), asked]).toEqual([['Article 9'], []])
    refresh()
    await settle()
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('are followed again after an end, and nothing goes on after it', async () => {
    const { start, status, $isLoaded } = await begin()
    await flow()
    stop()
    stop()
    await settle(60_000)
    const before = asked.length
    await settle(60_000)
    expect([asked.length, status()]).toEqual([before, 'disconnected'])
    stop = start()
    await settle()
    await flow()
    expect([status(), $isLoaded.get()]).toEqual(['connected', true])
  })
})
