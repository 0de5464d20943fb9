import fc from 'fast-check'
import { expect, test } from 'vitest'
import { settle } from '../testing/manual-clock.js'
import { createTestEnvironment } from '../testing/test-environment.js'
import { pageConnection } from './page-connection.js'
import { sse } from './sse.js'
import type { Topic } from './transport.js'

const TOPICS = ['all=1', 'job_id=a', 'operation_id=b'] as const
type Name = (typeof TOPICS)[number]

function topicOf(name: Name): Topic {
  const [kind, id = ''] = name.split('_id=')
  return kind === 'job' || kind === 'operation' ? { kind, id } : { kind: 'all' }
}

/** What a server may keep to itself, as it says so. */
const refusalOf = (name: Name) =>
  JSON.stringify(name === 'all=1' ? { all: true, code: 'forbidden' } : { [name.slice(0, -2)]: name.slice(-1), code: 'forbidden' })

/** A server that follows what it may, and says what it may not. */
function createServer() {
  const refused = new Set<Name>()
  const streams = new Map<ReadableStreamDefaultController<Uint8Array>, ReadonlySet<Name>>()
  const encoder = new TextEncoder()
  const said = (event: string, data: string) => encoder.encode(`event: ${event}\ndata: ${data}\n\n`)

  return {
    refused,
    streams,
    async fetch(input: RequestInfo | URL, { signal }: RequestInit = {}): Promise<Response> {
      signal?.throwIfAborted()
      const asked = TOPICS.filter((name) => new Request(input).url.split(/[?&]/).includes(name))
      const allowed = asked.filter((name) => !refused.has(name))
      if (allowed.length === 0)
        return new Response('{"code":"forbidden"}', { status: 403, headers: { 'content-type': 'application/problem+json' } })
      const body = new ReadableStream<Uint8Array>({
        start(stream) {
          streams.set(stream, new Set(allowed))
          for (const name of asked) if (refused.has(name)) stream.enqueue(said('refused', refusalOf(name)))
          stream.enqueue(said('ping', '{}'))
          signal?.addEventListener('abort', () => {
            if (streams.delete(stream)) stream.error(signal.reason)
          })
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
    ping() {
      for (const stream of streams.keys()) stream.enqueue(said('ping', '{}'))
    },
    /** To each stream once, as one word may be about several of its topics. */
    say(name: Name) {
      const { kind, ...topic } = topicOf(name)
      const ids = { job_id: 'none', operation_id: 'none', ...('id' in topic && { [`${kind}_id`]: topic.id }) }
      for (const [stream, names] of streams)
        if (names.has(name)) stream.enqueue(said('sync-status', JSON.stringify({ ...ids, about: name })))
    },
    end() {
      for (const stream of streams.keys()) stream.close()
      streams.clear()
    },
  }
}

const step = fc.record({
  what: fc.constantFrom('open', 'follow', 'follow', 'leave', 'dispose', 'refuse', 'allow', 'end', 'pass', 'pass', 'wake'),
  which: fc.nat(100),
  name: fc.constantFrom(...TOPICS),
  ms: fc.constantFrom(0, 10, 49, 50, 600, 16_000),
})

test('whatever comes and goes, is refused or allowed, and breaks: each on a page hears of what he follows, or that he may not', async () => {
  const run = async (steps: readonly { readonly what: string; readonly which: number; readonly name: Name; readonly ms: number }[]) => {
    const server = createServer()
    server.refused.add('operation_id=b')
    const world = createTestEnvironment()
    const environment = { ...world, baseUrl: 'https://server.test/', fetch: server.fetch }
    const realtime = pageConnection(sse({ url: '/events' }))
    const users = new Set<ReturnType<typeof realtime>>()
    interface Follower {
      readonly user: ReturnType<typeof realtime>
      readonly name: Name
      state: string
      messages: number
      stop(): void
    }
    const followers = new Set<Follower>()
    const one = <T>(some: ReadonlySet<T>, which: number): T | undefined => [...some][which % Math.max(1, some.size)]

    async function pass(ms: number): Promise<void> {
      await settle()
      // The server shows every four seconds that it is there.
      for (let left = ms; left > 0; left -= 4000) {
        await world.clock.advance(Math.min(left, 4000))
        await settle()
        server.ping()
        await settle()
      }
    }

    for (const { what, which, name, ms } of steps) {
      const user = one(users, which)
      if (what === 'open' || users.size === 0) users.add(realtime({ environment }))
      else if (what === 'follow' && user !== undefined) {
        const follower: Follower = { user, name, state: 'waiting', messages: 0, stop() {} }
        followers.add(follower)
        follower.stop = user.subscribe(topicOf(name), {
          onMessage: () => (follower.messages += 1),
          onSubscribed: () => (follower.state = 'subscribed'),
          onRefused: () => (follower.state = 'refused'),
        })
      } else if (what === 'leave') {
        const follower = one(followers, which)
        follower?.stop()
        if (follower !== undefined) followers.delete(follower)
      } else if (what === 'dispose' && user !== undefined) {
        user.dispose()
        users.delete(user)
        for (const follower of followers) if (follower.user === user) followers.delete(follower)
      } else if (what === 'refuse') server.refused.add(name)
      else if (what === 'allow') server.refused.delete(name)
      else if (what === 'end') server.end()
      else if (what === 'wake') user?.wake()
      else await pass(ms)
    }
    function check(): void {
      const wanted = new Set([...followers].map(({ name }) => name))
      const [held = new Set<Name>()] = server.streams.values()
      expect(server.streams.size).toBe([...held].some((name) => wanted.has(name)) ? 1 : 0)
      for (const { name, state } of followers) expect([name, state]).toEqual([name, held.has(name) ? 'subscribed' : 'refused'])
    }

    await pass(40_000)
    check()
    // What the server has decided since counts from the next stream on.
    server.end()
    await pass(40_000)
    check()
    for (const { name, state } of followers) expect([name, state]).toEqual([name, server.refused.has(name) ? 'refused' : 'subscribed'])
    for (const follower of followers) follower.messages = 0
    for (const name of TOPICS) server.say(name)
    await settle()
    for (const { name, state, messages } of followers) {
      if (state === 'refused') continue
      // Who follows everything hears of the rest as well.
      if (name === 'all=1') expect(messages).toBeGreaterThan(0)
      else expect([name, messages]).toEqual([name, 1])
    }
    for (const user of users) user.dispose()
    await settle()
    expect(server.streams.size).toBe(0)
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), run), {
    numRuns: 200,
    ...(process.env['CI'] ? {} : { seed: 1 }),
  })
})
