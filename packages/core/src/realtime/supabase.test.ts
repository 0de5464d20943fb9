import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { browserEnvironment } from '../environment.js'
import type { UploadError } from '../errors.js'
import { createPhoenixServer, type PhoenixFrame, type PhoenixServer } from '../testing/phoenix-server.js'
import { supabase, type SupabaseOptions, tableChanges } from './supabase.js'
import type { RealtimeTransport, Topic } from './transport.js'

const URL_OF_PROJECT = 'https://project.supabase.test'
const EXPIRED = { extension: 'system', message: 'Token has expired 0 seconds ago', status: 'error' }
const FLOWS = { extension: 'postgres_changes', message: 'Subscribed to PostgreSQL', status: 'ok' }
const JOB = { kind: 'job', id: 'a' } as const

let server: PhoenixServer
let tokens: number
let client: SupabaseClient
let transport: RealtimeTransport

beforeEach(() => {
  vi.useFakeTimers()
  server = createPhoenixServer()
  vi.stubGlobal('WebSocket', server.WebSocket)
  tokens = 0
  client = createClient(URL_OF_PROJECT, 'key', { accessToken: async () => `token-${(tokens += 1)}` })
})

afterEach(() => {
  transport.dispose()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** What a follower of a topic heard. */
function follow(topic: Topic = JOB) {
  const messages: unknown[] = []
  const refusals: UploadError[] = []
  const heard = { messages, refusals, subscribed: 0, stop: () => {} }
  heard.stop = transport.subscribe(topic, {
    onMessage: (raw) => messages.push(raw),
    onSubscribed: () => (heard.subscribed += 1),
    onRefused: (error) => refusals.push(error),
  })
  return heard
}

function begin(options: Partial<SupabaseOptions> = {}): void {
  // Half of each backoff.
  transport = supabase({ client, ...options })({ environment: { ...browserEnvironment(), random: () => 0.5 } })
}

function beginAlone(options: { readonly heartbeatMs?: number } = {}): void {
  const accessToken = async () => `token-${(tokens += 1)}`
  const factory = supabase({ url: URL_OF_PROJECT, key: 'key', accessToken, ...options })
  // Soon enough to meet the connection before the client has closed it.
  transport = factory({ environment: { ...browserEnvironment(), random: () => 0.1 } })
}

const status = () => transport.$connection.get().status

describe('broadcast', () => {
  async function joined(options: Partial<SupabaseOptions> = {}) {
    begin(options)
    const heard = follow()
    await settle()
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    return heard
  }

  test('joins a private channel with a token that was asked for before, and is complete with the answer', async () => {
    begin()
    const heard = follow()
    await settle()
    const { topic, payload } = server.join('job:a')
    expect([topic, payload]).toEqual([
      'realtime:job:a',
      {
        config: {
          broadcast: { ack: false, self: false },
          presence: { key: '', enabled: false },
          postgres_changes: [],
          private: true,
        },
        access_token: expect.stringMatching(/^token-/),
      },
    ])
    expect([status(), heard.subscribed]).toEqual(['reconnecting', 0])
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect([status(), heard.subscribed]).toEqual(['connected', 1])
  })

  test('hands on what is said, as text and as binary', async () => {
    const { messages } = await joined()
    const join = server.join('job:a')
    server.push(join, 'broadcast', { event: 'sync-status', payload: { progress: 1 }, type: 'broadcast' }, { isOfJoin: false })
    server.push(join, 'broadcast', { event: 'other', payload: { progress: 2 }, type: 'broadcast' }, { isOfJoin: false })
    server.broadcast(join, 'sync-status', { progress: 3 })
    expect(messages).toEqual([{ progress: 1 }, { progress: 3 }])
    await settle(1000)
    expect(transport.$connection.get()).toMatchObject({ messagesPerSecond: 2, bytesPerSecond: 2 * JSON.stringify({ progress: 1 }).length })
  })

  test('has one channel for all that follow a topic, and leaves with the last of them', async () => {
    const first = await joined()
    const second = follow()
    expect(second.subscribed).toBe(1)
    server.broadcast(server.join('job:a'), 'sync-status', { progress: 1 })
    expect([first.messages.length, second.messages.length]).toEqual([1, 1])
    first.stop()
    expect(server.sent('phx_leave')).toEqual([])
    second.stop()
    await settle()
    expect([server.sent('phx_join').length, server.sent('phx_leave').length]).toEqual([1, 1])
    expect([client.getChannels(), status()]).toEqual([[], 'disconnected'])
  })

  test('takes two that follow a topic with the same handlers for two', async () => {
    begin()
    const handlers = { onMessage() {}, onSubscribed() {}, onRefused() {} }
    const [first, second] = [transport.subscribe(JOB, handlers), transport.subscribe(JOB, handlers)]
    await settle()
    first()
    await settle()
    expect(server.sent('phx_leave')).toEqual([])
    second()
    await settle()
    expect(server.sent('phx_leave')).toHaveLength(1)
  })

  test('joins nothing for a topic that is left at once', async () => {
    begin()
    follow().stop()
    await settle()
    expect(server.frames).toEqual([])
  })

  test('has names of its own for every kind of topic', async () => {
    begin({ subject: 'user-1' })
    follow({ kind: 'operation', id: 'b' })
    follow({ kind: 'all' })
    await settle()
    expect(server.sent('phx_join').map(({ topic }) => topic)).toEqual(['realtime:upload:b', 'realtime:all:user-1'])
  })

  test('makes a new channel with a fresh token when the server closes the one whose token has expired', async () => {
    const heard = await joined()
    await settle(60_000)
    const before = server.join('job:a')
    server.push(before, 'system', { channel: 'job:a', ...EXPIRED })
    server.push(before, 'phx_close', {})
    expect(status()).toBe('reconnecting')
    await settle()
    const after = server.join('job:a')
    expect(after.joinRef).not.toBe(before.joinRef)
    expect(after.payload['access_token']).not.toBe(before.payload['access_token'])
    server.reply(after, 'ok', { postgres_changes: [] })
    await settle()
    expect([status(), heard.subscribed, heard.refusals]).toEqual(['connected', 2, []])
    expect(client.getChannels()).toHaveLength(1)
  })

  test('of a topic that is refused says so to all who follow it, and the others’ connection stands', async () => {
    await joined()
    const all = follow({ kind: 'all' })
    await settle()
    const reason = 'Unauthorized: You do not have permissions to read from this Channel topic: all'
    server.reply(server.join('all'), 'error', { reason })
    await settle()
    const late = follow({ kind: 'all' })
    expect([all.refusals.length, late.refusals.length, status()]).toEqual([1, 1, 'connected'])
    await settle(16_000)
    server.reply(server.join('all'), 'ok', { postgres_changes: [] })
    await settle()
    const last = follow({ kind: 'all' })
    expect([all.subscribed, late.subscribed, last.subscribed, last.refusals.length, status()]).toEqual([1, 1, 1, 0, 'connected'])
  })

  test('says that it was refused, and asks again later with a fresh token', async () => {
    begin()
    const heard = follow()
    await settle()
    const refused = server.join('job:a').payload['access_token']
    const reason = 'Unauthorized: You do not have permissions to read from this Channel topic: job:a'
    server.reply(server.join('job:a'), 'error', { reason })
    await settle()
    expect(heard.refusals).toMatchObject([{ code: 'auth', message: `Supabase refused the channel: ${reason}` }])
    expect(status()).toBe('reconnecting')
    await settle(15_000)
    expect(server.sent('phx_join')).toHaveLength(1)
    await settle(500)
    expect(server.join('job:a').payload['access_token']).not.toBe(refused)
    server.reply(server.join('job:a'), 'error', { reason })
    await settle(16_000)
    expect(heard.refusals).toHaveLength(1)
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect([status(), heard.subscribed]).toEqual(['connected', 1])
  })

  test('leaves it to the client to connect again, and holds anew when it has', async () => {
    const heard = await joined()
    server.close(1006)
    expect([status(), transport.$connection.get().reconnectAttempts]).toEqual(['reconnecting', 1])
    await settle(1000)
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect([status(), heard.subscribed, server.sent('phx_leave').length]).toEqual(['connected', 2, 0])
  })

  test('connects at once when the network returns, with a fresh token', async () => {
    const heard = await joined()
    server.accept(false)
    server.close(1006)
    await settle(20_000)
    server.accept(true)
    const tried = server.urls.length
    transport.wake()
    await settle(1)
    expect(server.urls).toHaveLength(tried + 1)
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect([status(), heard.subscribed]).toEqual(['connected', 2])
  })

  test('leaves the page’s client alone while nothing is followed', async () => {
    begin()
    transport.wake()
    await settle()
    expect(server.urls).toEqual([])
  })

  test('tries again where a channel cannot be opened', async () => {
    const topic = vi
      .fn(() => 'job:a')
      .mockImplementationOnce(() => {
        throw new Error('Not yet.')
      })
    begin({ topic })
    follow()
    await settle(500)
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect(status()).toBe('connected')
  })

  test('leaves a connection alone that stands', async () => {
    await joined()
    transport.wake()
    await settle(10_000)
    expect([server.urls.length, server.sent('phx_join').length]).toEqual([1, 1])
  })

  test('makes a channel anew, with a fresh token, that could not be joined, and waits longer each time', async () => {
    begin()
    const heard = follow()
    await settle()
    for (const wait of [500, 1000, 2000, 4000]) {
      const before = server.join('job:a')
      server.reply(before, 'error', { reason: 'DatabaseLackOfConnections: No connections' })
      await settle(wait - 1)
      expect(server.join('job:a')).toBe(before)
      await settle(1)
      expect(server.join('job:a').payload['access_token']).not.toBe(before.payload['access_token'])
    }
    expect([client.getChannels().length, heard.refusals, status()]).toEqual([1, [], 'error'])
    server.reply(server.join('job:a'), 'ok', { postgres_changes: [] })
    await settle()
    expect(transport.$connection.get()).toMatchObject({ status: 'connected', reconnectAttempts: 0 })
  })

  test('is not misled by a channel of somebody else that has its name', async () => {
    client.channel('job:a').subscribe()
    const heard = await joined()
    expect(heard.refusals).toMatchObject([{ code: 'rejected', message: expect.stringContaining('has its name') }])
    expect([heard.subscribed, status()]).toEqual([0, 'reconnecting'])
  })

  test('can be told by the server when the database is followed, and then asks what was missed', async () => {
    const heard = await joined({ fromDatabase: true })
    const join = server.join('job:a')
    expect(join.payload).toMatchObject({ config: { broadcast: { replication_ready: true } } })
    expect(heard.subscribed).toBe(1)
    server.push(join, 'system', { extension: 'system', message: 'Replication connection established', status: 'ok' })
    expect(heard.subscribed).toBe(2)
  })

  test('does not take the announcement of a restart for good news', async () => {
    const heard = await joined()
    server.push(server.join('job:a'), 'system', { extension: 'system', message: 'Server requested disconnect', status: 'ok' })
    expect(heard.subscribed).toBe(1)
  })

  test('is believed where only the server can write', () => {
    begin()
    expect(transport.authoritative).toBe(true)
    begin({ private: false })
    expect(transport.authoritative).toBe(false)
    begin({ private: false, trusted: true })
    expect(transport.authoritative).toBe(true)
  })

  test('measures the round trip of heartbeats, and the page’s own callback goes on', async () => {
    const own: unknown[] = []
    client.realtime.onHeartbeat((said) => own.push(said))
    await joined()
    expect(transport.$connection.get().latency).toBeNull()
    await settle(25_000)
    expect(transport.$connection.get().latency).toBe(0)
    expect(own).toEqual(['sent', 'ok'])
  })
})

describe('a client of our own', () => {
  const joinAll = () => {
    for (const join of server.sent('phx_join')) server.reply(join, 'ok', { postgres_changes: [] })
  }

  test('connects to the project with the key', async () => {
    beginAlone()
    follow()
    await settle()
    expect(server.urls).toEqual(['wss://project.supabase.test/realtime/v1/websocket?apikey=key&vsn=2.0.0'])
    expect(server.join('job:a').payload).toMatchObject({ access_token: expect.stringMatching(/^token-/) })
  })

  test('asks again for a token that does not come', async () => {
    const never = new Promise<string>(() => {})
    const accessToken = vi.fn(async () => 'token').mockImplementationOnce(() => never)
    transport = supabase({ url: URL_OF_PROJECT, key: 'key', accessToken })({ environment: { ...browserEnvironment(), random: () => 0.5 } })
    follow()
    await settle(20_000)
    expect([server.frames.length, transport.$connection.get().reconnectAttempts]).toEqual([0, 1])
    await settle(500)
    joinAll()
    await settle()
    expect(status()).toBe('connected')
  })

  test.each([
    [undefined, 10_000],
    [3000, 3000],
  ])('with heartbeatMs %s finds out within %i ms that a connection is half-open', async (heartbeatMs, most) => {
    beginAlone(heartbeatMs === undefined ? {} : { heartbeatMs })
    const heard = follow()
    await settle()
    joinAll()
    await settle(20_000)
    expect(status()).toBe('connected')
    server.freeze()
    await settle(most)
    expect(status()).toBe('reconnecting')
    await settle(3000)
    joinAll()
    await settle()
    expect([status(), heard.subscribed, server.connections()]).toEqual(['connected', 2, 1])
    // The client joins again what it had: whatever is joined over a dead connection is lost.
    expect([server.sent('phx_join').length, server.sent('phx_leave').length]).toEqual([2, 0])
  })

  test('has as many connections as its channels need', async () => {
    beginAlone()
    const all = Array.from({ length: 101 }, (_, index) => follow({ kind: 'operation', id: `${index}` }))
    await settle()
    expect(server.connections()).toBe(2)
    joinAll()
    await settle()
    expect(status()).toBe('connected')
    all[0]?.stop()
    follow({ kind: 'operation', id: 'more' })
    await settle()
    expect(server.connections()).toBe(2)
  })

  test('does not connect any more when it wakes up at its end', async () => {
    beginAlone()
    follow()
    await settle()
    server.close(1006)
    transport.wake()
    transport.dispose()
    await settle(10_000)
    expect([server.urls.length, server.connections()]).toEqual([1, 0])
  })

  test('leaves nothing behind', async () => {
    beginAlone()
    for (let round = 0; round < 1000; round += 1) {
      const { stop } = follow({ kind: 'operation', id: `${round % 7}` })
      if (round % 3 === 0) await settle()
      stop()
    }
    follow()
    await settle()
    transport.dispose()
    await settle(10_000)
    expect([server.connections(), vi.getTimerCount(), status()]).toEqual([0, 0, 'disconnected'])
  })
})

describe('changes of rows', () => {
  type Changes = { readonly config: { readonly postgres_changes: readonly Readonly<Record<string, unknown>>[] } }
  const bindingsOf = (join: PhoenixFrame) => (join.payload as unknown as Changes).config.postgres_changes
  const filters = (join: PhoenixFrame) => bindingsOf(join).map(({ filter }) => filter)
  const last = () => server.join('')

  /** Answers as the server does: the same bindings, each with an id. */
  function accept(join = last()): void {
    server.reply(join, 'ok', { postgres_changes: bindingsOf(join).map((binding, id) => ({ id: id + 1, ...binding })) })
  }

  const flows = (join = last()) => server.push(join, 'system', { channel: 'x', ...FLOWS })
  const problem = (message: string, join = last()) =>
    server.push(join, 'system', { channel: 'x', extension: 'postgres_changes', message, status: 'error' })

  async function complete(join = last()) {
    accept(join)
    await settle()
    flows(join)
    await settle()
  }

  const change = (join: PhoenixFrame, data: object, ids: readonly number[] = [1]) =>
    server.push(
      join,
      'postgres_changes',
      { data: { columns: [], schema: 'public', table: 'sync_operations', errors: null, ...data }, ids },
      { isOfJoin: false },
    )
  const update = (record: object) => ({ type: 'UPDATE', record, old_record: {}, commit_timestamp: '2026-11-20T22:16:58.610Z' })
  const decoded = (raw: unknown) => transport.decode?.(raw)?.update

  test('are complete when the server says so, not when the channel is joined', async () => {
    begin({ changes: tableChanges() })
    const heard = follow()
    await settle()
    expect(bindingsOf(last())).toEqual([{ event: '*', schema: 'public', table: 'sync_operations', filter: 'job_id=eq.a' }])
    accept()
    await settle(2000)
    expect([status(), heard.subscribed]).toEqual(['reconnecting', 0])
    flows()
    expect([status(), heard.subscribed]).toEqual(['connected', 1])
    // Again after each new token.
    flows()
    expect(heard.subscribed).toBe(2)
  })

  test('come to those who follow them, as updates', async () => {
    begin({ changes: tableChanges({ select: ['status'] }) })
    const [a, b, other] = [follow(), follow({ kind: 'job', id: 'b' }), follow({ kind: 'operation', id: 'op-1' })]
    await settle()
    expect(bindingsOf(last())).toMatchObject([
      { filter: 'job_id=in.(a,b)', select: ['operation_id', 'job_id', 'status'] },
      { filter: 'operation_id=eq.op-1' },
    ])
    await complete()
    change(last(), update({ operation_id: 'op-1', job_id: 'a', status: 'in_progress', progress: 5, version: 2 }), [2, 1])
    change(last(), update({ operation_id: 'op-2', job_id: 'b', status: 'in_progress', progress: 5, version: 2 }))
    expect([a.messages.length, b.messages.length, other.messages.length]).toEqual([1, 1, 1])
    expect(decoded(a.messages[0])).toMatchObject({ operation_id: 'op-1', job_id: 'a', version: 2 })
  })

  test('that are deletions are no news', async () => {
    begin({ changes: tableChanges() })
    const { messages } = follow({ kind: 'operation', id: 'op-1' })
    await settle()
    await complete()
    change(last(), { type: 'DELETE', old_record: { operation_id: 'op-1' } })
    expect(messages).toEqual([])
  })

  test('that are deletions are news where the page says what they mean', async () => {
    begin({ changes: tableChanges({ deleted: 'cancelled' }) })
    const { messages } = follow({ kind: 'operation', id: 'op-1' })
    await settle()
    await complete()
    change(last(), { type: 'DELETE', old_record: { operation_id: 'op-1' } })
    expect(decoded(messages[0])).toMatchObject({ operation_id: 'op-1', status: 'cancelled' })
  })

  test('that the server may not show are dropped with its reason', async () => {
    begin({ changes: tableChanges() })
    const { messages } = follow()
    await settle()
    await complete()
    change(last(), { type: 'INSERT', record: {}, errors: ['Error 401: Unauthorized'] })
    expect(() => decoded(messages[0])).toThrow('Error 401: Unauthorized')
  })

  test('are refused by a mere message, and asked for again later', async () => {
    begin({ changes: tableChanges({ table: 'ghost' }) })
    const heard = follow()
    follow({ kind: 'job', id: 'b' })
    await settle()
    accept()
    await settle()
    problem('Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: …')
    expect(heard.refusals).toMatchObject([{ code: 'rejected' }])
    expect(status()).toBe('reconnecting')
    await settle(15_500)
    expect(server.sent('phx_join')).toHaveLength(2)
    await complete()
    expect([status(), heard.subscribed]).toEqual(['connected', 1])
  })

  test('of one topic that the database cannot look for do not keep the others from theirs', async () => {
    begin({ changes: tableChanges() })
    const done = new Set<PhoenixFrame>()
    const all = ['a', 'b', 'bad', 'd'].map((id) => follow({ kind: 'job', id }))
    await settle()
    for (;;) {
      const open = server.sent('phx_join').filter((join) => !done.has(join))
      if (open.length === 0) break
      for (const join of open) {
        done.add(join)
        accept(join)
        await settle()
        if (filters(join).join().includes('bad'))
          problem('Unable to subscribe … Exception: ERROR 22P02 (invalid_text_representation)', join)
        else flows(join)
      }
      await settle()
    }
    expect(all.map(({ subscribed, refusals }) => [subscribed, refusals.length])).toEqual([
      [1, 0],
      [1, 0],
      [0, 1],
      [1, 0],
    ])
    const held = server.sent('phx_join').map(filters)
    expect(held).toEqual([['job_id=in.(a,b,bad,d)'], ['job_id=in.(a,b)'], ['job_id=in.(bad,d)'], ['job_id=eq.bad'], ['job_id=eq.d']])
  })

  test('are asked for anew where the server never says that they flow', async () => {
    begin({ changes: tableChanges() })
    const heard = follow()
    await settle()
    accept()
    await settle(20_000)
    await settle(500)
    expect(server.sent('phx_join')).toHaveLength(2)
    await complete()
    expect([heard.subscribed, status()]).toEqual([1, 'connected'])
  })

  test('are waited for as long after the connection was lost', async () => {
    begin({ changes: tableChanges() })
    const heard = follow()
    await settle()
    await complete()
    server.accept(false)
    server.close(1006)
    await settle(10_000)
    server.accept(true)
    await settle(9000)
    accept()
    await settle(5000)
    expect([heard.subscribed, server.sent('phx_leave').length]).toEqual([1, 0])
    flows()
    expect([heard.subscribed, status()]).toEqual([2, 'connected'])
  })

  test('of topics that come one by one share few channels, and none is missed while they move', async () => {
    begin({ changes: tableChanges() })
    const first = follow()
    await settle()
    const before = last()
    await complete()
    const second = follow({ kind: 'job', id: 'b' })
    await settle()
    const after = last()
    expect(filters(after)).toEqual(['job_id=in.(b,a)'])
    accept(after)
    await settle()
    // The old one holds until the new one does.
    change(before, update({ operation_id: 'op-1', job_id: 'a', status: 'in_progress', progress: 5, version: 2 }))
    expect([first.messages.length, server.sent('phx_leave').length]).toEqual([1, 0])
    flows(after)
    await settle()
    expect([first.subscribed, second.subscribed, server.sent('phx_leave').length]).toEqual([1, 1, 1])

    for (let index = 0; index < 60; index += 1) {
      follow({ kind: 'job', id: `more-${index}` })
      await settle()
      await complete()
    }
    expect(client.getChannels().length).toBeLessThanOrEqual(6)
    expect([status(), first.subscribed]).toEqual(['connected', 1])
  })

  test('with a new topic that the server refuses leave those that hold alone', async () => {
    begin({ changes: tableChanges() })
    const first = follow()
    await settle()
    await complete()
    const second = follow({ kind: 'job', id: 'bad' })
    await settle()
    accept()
    await settle()
    const parse = 'Error parsing `filter` params: ["foo", "x"]'
    problem(parse)
    await settle()
    expect(filters(last())).toEqual(['job_id=eq.bad'])
    accept()
    await settle()
    problem(parse)
    expect([first.refusals, second.refusals.length, server.sent('phx_leave').length]).toEqual([[], 1, 2])
  })

  test('are asked for in words that a filter cannot misread', async () => {
    begin({ changes: tableChanges({ columns: { job_id: 'batch' } }) })
    for (const id of ['plain', 'a,b', 'say "yes"\\', 'x)']) follow({ kind: 'job', id })
    for (let index = 0; index < 150; index += 1) follow({ kind: 'job', id: `n${index}` })
    await settle()
    const [many, rest, ...quoted] = filters(last())
    expect(String(many).split(',')).toHaveLength(100)
    expect(String(rest).split(',')).toHaveLength(51)
    expect(quoted).toEqual(['batch=eq."a,b"', 'batch=eq."say \\"yes\\"\\\\"', 'batch=eq."x)"'])
  })
})
