import { createClient } from '@supabase/supabase-js'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Word } from '../records/operation-records.js'
import { manualClock } from '../testing/manual-clock.js'
import { wordRecord } from '../testing/word-record.js'
import { supabasePublisher, type SupabasePublisherOptions } from './supabase.js'

interface Message {
  readonly topic: string
  readonly event: string
  readonly private: boolean
  readonly payload: Word
}

const URL = 'https://project.supabase.co'
const KEY = 'sb_secret_1'
const jwt = (role: string) => ['', JSON.stringify({ role }), ''].map((part) => Buffer.from(part).toString('base64url')).join('.')
const record = wordRecord()

/** A project that takes everything until it is told otherwise. */
async function open(options: Partial<SupabasePublisherOptions> = {}) {
  const calls: { readonly url: string; readonly headers: Headers; readonly messages: readonly Message[]; readonly signal: AbortSignal }[] =
    []
  let answer = (_messages: readonly Message[]): Response | Promise<Response> => new Response('', { status: 202 })
  const fetch: typeof globalThis.fetch = async (...given) => {
    const request = new Request(...given)
    const { url, headers, signal } = request
    const { messages } = JSON.parse(await request.text())
    calls.push({ url, headers, messages, signal })
    return answer(messages)
  }
  const publisher = supabasePublisher({ url: URL, key: KEY, fetch, ...options })
  const clock = manualClock()
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  await publisher.open({ clock, logger })
  onTestFinished(async () => publisher.close())
  return {
    publisher,
    clock,
    logger,
    calls,
    messages: () => calls.flatMap((call) => call.messages),
    answer(how: typeof answer) {
      answer = how
    },
  }
}

const never = (signal: AbortSignal) =>
  new Promise<Response>((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason))
  })
const problem = (status: number, body: object, headers = {}) => new Response(JSON.stringify(body), { status, headers })

describe('the Supabase publisher', () => {
  test('tells a word, as it is, to its job, to its operation and to its subject, in one call', async () => {
    const { publisher, calls } = await open()
    const told = record('o', { job_id: 'j', result: { name: 'a\u{1F600}"' } })
    await publisher.publish([told])
    expect(calls).toHaveLength(1)
    const [{ url, headers, messages } = expect.fail()] = calls
    expect(url).toBe('https://project.supabase.co/realtime/v1/api/broadcast')
    expect(headers.get('apikey')).toBe(KEY)
    const common = { event: 'sync-status', private: true, payload: told.word }
    expect(messages).toEqual([
      { topic: 'job:j', ...common },
      { topic: 'upload:o', ...common },
      { topic: 'all:anna', ...common },
    ])
  })

  test('names topics and the event as it is told', async () => {
    const topic = ({ kind, id, subject }: { kind: string; id: string; subject: string }) =>
      kind === 'all' ? null : `uploads:${subject}:${kind}:${id}`
    const { publisher, messages } = await open({ topic, event: 'news', private: false })
    await publisher.publish([record('o', { job_id: 'j' })])
    expect(messages().map(({ topic: name, event, private: isPrivate }) => [name, event, isPrivate])).toEqual([
      ['uploads:anna:job:j', 'news', false],
      ['uploads:anna:operation:o', 'news', false],
    ])
  })

  test('tells no more in one call than Supabase takes, in order', async () => {
    const { publisher, calls, messages } = await open()
    await publisher.publish(Array.from({ length: 101 }, (_, index) => record(`o${index}`)))
    expect(calls.map((call) => call.messages.length)).toEqual([100, 100, 2])
    expect(
      messages()
        .filter(({ topic }) => topic === 'all:anna')
        .map(({ payload }) => payload.operation_id),
    ).toEqual(Array.from({ length: 101 }, (_, index) => `o${index}`))
  })

  test('tells no more bytes in one call than a proxy lets through', async () => {
    const { publisher, calls } = await open()
    await publisher.publish(Array.from({ length: 5 }, (_, index) => record(`o${index}`, { result: 'é'.repeat(120_000) })))
    expect(calls.map((call) => call.messages.length)).toEqual([4, 4, 2])
  })

  test('tells of a word that is too large only that there is one, and not that it is the end', async () => {
    const { publisher, messages } = await open({ maxPayloadBytes: 1000 })
    const word = { status: 'completed', progress: 100, job_id: 'j', client_ref: 'r', attempt: 1, result: 'x'.repeat(1000) } as const
    await publisher.publish([record('o', word)])
    const timestamp = '2026-01-01T00:00:00.000Z'
    const hint = {
      operation_id: 'o',
      operation_type: 'upload',
      status: 'in_progress',
      progress: 100,
      timestamp,
      job_id: 'j',
      client_ref: 'r',
      attempt: 1,
    }
    expect(messages().map(({ payload }) => payload)).toEqual([hint, hint, hint])
  })

  test.each([
    [401, { message: 'Unauthorized' }, /answered 401: Unauthorized\. See that `key`/],
    [404, {}, /answered 404\. See that `url`/],
    [500, { message: 'a\nb' }, /answered 500: a b\.$/],
    [503, {}, /answered 503\.$/],
  ])('has not told what was answered with %i', async (status, body, problemText) => {
    const { publisher, answer } = await open()
    answer(() => problem(status, body))
    await expect(publisher.publish([record('o')])).rejects.toThrow(problemText)
    answer(() => new Response('', { status: 202 }))
    await publisher.publish([record('o')])
  })

  test.each([
    ['3', 3000],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5000],
    ['nonsense', 1000],
    [null, 1000],
    ['3600', 60_000],
  ])('leaves a project alone that says it is too much, with Retry-After %s', async (retryAfter, ms) => {
    const { publisher, clock, calls, answer } = await open()
    const body = { message: 'You have exceeded your rate limit' }
    answer(() => problem(429, body, retryAfter === null ? {} : { 'retry-after': retryAfter }))
    await expect(publisher.publish([record('o')])).rejects.toThrow('429: You have exceeded')
    answer(() => new Response('', { status: 202 }))
    clock.advance(ms - 1)
    await expect(publisher.publish([record('o')])).rejects.toThrow('left alone')
    expect(calls).toHaveLength(1)
    clock.advance(1)
    await publisher.publish([record('o')])
    expect(calls).toHaveLength(2)
  })

  test('does not tell again what was taken of a batch that failed later', async () => {
    const { publisher, messages, answer } = await open()
    const records = Array.from({ length: 60 }, (_, index) => record(`o${index}`))
    let count = 0
    answer(() => new Response('', { status: ++count === 2 ? 500 : 202 }))
    await expect(publisher.publish(records)).rejects.toThrow('500')
    const newer = record('o0', { progress: 50 })
    await publisher.publish([...records.slice(1), newer])
    const toldTwice = messages().map(({ topic, payload }) => `${topic} ${payload.operation_id} ${payload.version}`)
    // The second call, of 20, was told in vain.
    expect(toldTwice.length - new Set(toldTwice).size).toBe(20)
    expect(messages().filter(({ payload }) => payload.version === newer.word.version)).toHaveLength(2)
    await publisher.publish(records)
    expect(messages().length).toBe(120 + 22 + 120)
  })

  test('finds what Supabase does not take: it is told as a hint, or left out, and holds up nothing', async () => {
    const { publisher, messages, answer, logger } = await open()
    answer((some) => {
      if (some.some(({ payload }) => payload.operation_id === 'never'))
        return problem(422, { errors: { messages: [{ payload: ['is invalid'] }] } })
      const isLarge = some.some(({ payload }) => payload.result !== undefined)
      return isLarge
        ? problem(422, { errors: { messages: [{ payload: ['Payload size exceeds tenant limit'] }] } })
        : new Response('', { status: 202 })
    })
    const records = ['a', 'b', 'large', 'c', 'never', 'd'].map((id) => record(id, id === 'large' ? { result: 'x' } : {}))
    await publisher.publish(records)
    const alone = messages().filter(({ payload }) => payload.operation_id === 'large' && payload.version === undefined)
    expect(alone.map(({ topic }) => topic)).toEqual(['upload:large', 'all:anna'])
    expect(logger.error.mock.calls.map(([text]) => text)).toEqual(Array(2).fill(expect.stringContaining('operation never')))
    expect(logger.error.mock.calls.flat().join()).not.toContain('"result"')
  })

  test('tells less at once where a project takes fewer messages', async () => {
    const { publisher, answer, calls } = await open()
    answer((some) =>
      some.length > 30
        ? problem(429, { message: 'Too many messages to broadcast, please reduce the batch size' })
        : new Response('', { status: 202 }),
    )
    await publisher.publish(Array.from({ length: 50 }, (_, index) => record(`o${index}`)))
    expect(calls.map((call) => call.messages.length)).toEqual([100, 50, 25, 25, 50, 25, 25])
  })

  test('gives up an answer that does not come in time, and one that is not wanted any more', async () => {
    const { publisher, clock, calls, answer } = await open({ timeoutMs: 5000 })
    answer(() => never(calls.at(-1)?.signal ?? expect.fail()))
    const slow = publisher.publish([record('o')])
    clock.advance(5000)
    await expect(slow).rejects.toThrow('Supabase did not answer within 5 s.')
    const closing = publisher.publish([record('o')])
    void publisher.close()
    await expect(closing).rejects.toThrow('The publisher is closed.')
    await expect(publisher.publish([record('o')])).rejects.toThrow('The publisher is closed.')
  })

  test('says so where Supabase cannot be reached, without what is secret', async () => {
    const { publisher, answer } = await open()
    answer(() => Promise.reject(new TypeError(`fetch failed with ${KEY}`)))
    await expect(publisher.publish([record('o')])).rejects.toThrow(/^Supabase cannot be reached\.$/)
  })

  test('uses the client that the server has', async () => {
    const calls: Request[] = []
    const own: typeof fetch = async (...request) => {
      calls.push(new Request(...request))
      return new Response('', { status: 202 })
    }
    const client = createClient(URL, KEY, { realtime: { fetch: own } })
    const publisher = supabasePublisher({ client })
    await publisher.open({ clock: manualClock(), logger: console })
    await publisher.publish([record('o')])
    expect(calls.map(({ url, headers }) => [url, headers.get('apikey')])).toEqual([[`${URL}/realtime/v1/api/broadcast`, KEY]])
  })

  test.each([
    [{ url: URL, key: '' }, /needs the project’s secret key/],
    [{ url: URL, key: 'sb_publishable_1' }, /for pages/],
    [{ url: URL, key: jwt('anon') }, /for pages/],
    [{ url: 'project.supabase.co', key: KEY }, /address of a Supabase project/],
    [{ client: createClient(URL, 'sb_publishable_1') }, /for pages/],
  ])('refuses options that cannot be meant', (options, problemText) => {
    expect(() => supabasePublisher(options)).toThrow(problemText)
    expect(() => supabasePublisher({ url: URL, key: jwt('service_role') })).not.toThrow()
  })
})
