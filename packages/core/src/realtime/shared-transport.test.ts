import fc from 'fast-check'
import { atom } from 'nanostores'
import { describe, expect, test } from 'vitest'
import { UploadError } from '../errors.js'
import { settle } from '../testing/manual-clock.js'
import { createTabWorld, type FakeTab } from '../testing/tab-world.js'
import { createTestEnvironment, type TestEnvironment } from '../testing/test-environment.js'
import { shareTransport, type SharedTransportOptions } from './shared-transport.js'
import { NOT_CONNECTED, type ConnectionStatus, type RealtimeTransport, type Topic, type TopicHandlers } from './transport.js'

const job = (id: string): Topic => ({ kind: 'job', id })

interface Page {
  readonly name: string
  readonly transport: RealtimeTransport
  readonly world: TestEnvironment
  readonly tab: FakeTab
  /** What the followers of this page were told, as `subscribed 1` and `message 1 hello`. */
  readonly told: string[]
  follow(topic: Topic): () => void
  status(): string
}

/** A server, and a browser with tabs that share a connection to it. */
function start() {
  const tabs = createTabWorld()
  const streams = new Set<{
    readonly page: string
    readonly topics: Map<TopicHandlers, string>
    readonly status: (status: ConnectionStatus['status']) => void
  }>()
  const dead = new Set<string>()
  let pages = 0
  let woken = 0

  function open(change: (tab: FakeTab) => Partial<SharedTransportOptions> = () => ({})): Page {
    const name = `page ${(pages += 1)}`
    const told: string[] = []
    let ids = 0
    const world = { ...createTestEnvironment(), createId: () => `${name}, ${(ids += 1)}` }
    const tab = tabs.tab()
    const factory = shareTransport(
      () => {
        const topics = new Map<TopicHandlers, string>()
        const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, transport: 'test' })
        const stream = {
          page: name,
          topics,
          status: (status: ConnectionStatus['status']) => $connection.set({ ...$connection.get(), status }),
        }
        return {
          $connection,
          authoritative: true,
          subscribe(topic, handlers) {
            if (dead.has(name)) return () => {}
            topics.set(handlers, topic.kind === 'all' ? 'all' : topic.id)
            streams.add(stream)
            if ($connection.get().status !== 'connected') stream.status('connected')
            queueMicrotask(() => topics.has(handlers) && handlers.onSubscribed())
            return () => {
              topics.delete(handlers)
              if (topics.size === 0) streams.delete(stream)
            }
          },
          wake: () => void (woken += 1),
          dispose() {
            topics.clear()
            streams.delete(stream)
            stream.status('disconnected')
          },
        }
      },
      { name: 'test', locks: tab.locks, openChannel: tab.openChannel, page: tab.page, ...change(tab) },
    )
    const transport = factory({ environment: world })
    const page: Page = {
      name,
      transport,
      world,
      tab,
      told,
      follow(topic) {
        const id = topic.kind === 'all' ? 'all' : topic.id
        return transport.subscribe(topic, {
          onMessage: (raw) => told.push(`message ${id} ${typeof raw === 'string' ? raw : JSON.stringify(raw)}`),
          onSubscribed: () => told.push(`subscribed ${id}`),
          onRefused: ({ name: error, code, message, status }) => told.push(`refused ${id} ${error} ${code} ${status} ${message}`),
        })
      },
      status: () => transport.$connection.get().status,
    }
    return page
  }

  return {
    open,
    streams: () => [...streams].map(({ page, topics }) => `${page}: ${[...topics.values()].join(' ')}`),
    say(id: string, raw: unknown) {
      for (const { topics } of streams) for (const [handlers, topic] of topics) if (topic === id) handlers.onMessage(raw)
    },
    refuse(id: string) {
      const error = new UploadError('auth', 'Not yours.', { status: 403 })
      for (const { topics } of streams) for (const [handlers, topic] of topics) if (topic === id) handlers.onRefused(error)
    },
    status(status: ConnectionStatus['status'], page = 'page 1') {
      for (const stream of streams) if (stream.page === page) stream.status(status)
    },
    woken: () => woken,
    /** The tab ends without a word; the server notices, for its connection is closed. */
    kill(page: Page) {
      page.tab.kill()
      dead.add(page.name)
      for (const stream of streams) if (stream.page === page.name) streams.delete(stream)
    },
    async pass(...running: readonly Page[]) {
      for (let second = 0; second < 10; second += 1) for (const page of running) await page.world.clock.advance(1000)
    },
  }
}

async function twoPages() {
  const site = start()
  const a = site.open()
  const b = site.open()
  a.follow(job('1'))
  await settle()
  b.follow(job('2'))
  await settle()
  return { site, a, b }
}

describe('tabs that share a connection', () => {
  test('have one, for what all of them follow, and each is told of its own', async () => {
    const { site, a, b } = await twoPages()
    expect(site.streams()).toEqual(['page 1: 1 2'])
    site.say('1', 'to a')
    site.say('2', { progress: 50 })
    await settle()
    expect(a.told).toEqual(['subscribed 1', 'message 1 to a'])
    expect(b.told).toEqual(['subscribed 2', 'message 2 {"progress":50}'])
  })

  test('know how it stands', async () => {
    const { site, a, b } = await twoPages()
    expect([a.status(), b.status()]).toEqual(['connected', 'connected'])
    site.status('reconnecting')
    await settle()
    expect([a.status(), b.status()]).toEqual(['reconnecting', 'reconnecting'])
    expect(b.transport.$connection.get().transport).toBe('test')
  })

  test('follow a topic once at the server, for as long as any of them wants it', async () => {
    const { site, a, b } = await twoPages()
    const leave = a.follow({ kind: 'all' })
    b.follow({ kind: 'all' })
    await settle()
    expect(site.streams()).toEqual(['page 1: 1 2 all'])
    expect(b.told).toEqual(['subscribed 2', 'subscribed all'])
    leave()
    site.say('all', 'x')
    await settle()
    expect(site.streams()).toEqual(['page 1: 1 2 all'])
    expect([a.told.at(-1), b.told.at(-1)]).toEqual(['subscribed all', 'message all x'])
  })

  test('do not ask the server again because another tab follows the same', async () => {
    const { site, b } = await twoPages()
    site.open().follow(job('2'))
    await settle()
    expect(b.told).toEqual(['subscribed 2'])
  })

  test('are told of what was refused, also those who ask later', async () => {
    const { site, a, b } = await twoPages()
    b.follow(job('secret'))
    await settle()
    site.refuse('secret')
    a.follow(job('secret'))
    await settle()
    expect(b.told.at(-1)).toBe('refused secret UploadError auth 403 Not yours.')
    expect(a.told.at(-1)).toBe('refused secret UploadError auth 403 Not yours.')
  })

  test('are told of it by whichever of a tab asks', async () => {
    const { site, b } = await twoPages()
    b.follow(job('secret'))
    await settle()
    site.refuse('secret')
    await settle()
    const { length } = b.told
    b.follow(job('secret'))
    await settle()
    expect(b.told.slice(length)).toEqual(['refused secret UploadError auth 403 Not yours.'])
  })

  test('give up what a tab that is gone has followed', async () => {
    const { site, b } = await twoPages()
    b.tab.kill()
    await settle()
    expect(site.streams()).toEqual(['page 1: 1'])
  })

  test('look whether the connection stands when any of them wakes', async () => {
    const { site, a, b } = await twoPages()
    a.transport.wake()
    b.transport.wake()
    await settle()
    expect(site.woken()).toBe(2)
  })

  test('ask the server instead, where a message cannot be cloned', async () => {
    const { site, b } = await twoPages()
    site.say('2', { result: () => 'a function' })
    await settle()
    expect(b.told).toEqual(['subscribed 2', 'subscribed 2'])
  })

  test('hear anew of a topic that they leave and follow again at once', async () => {
    const { site, a, b } = await twoPages()
    for (const [page, id] of [
      [a, '3'],
      [b, '4'],
    ] as const) {
      const leave = page.follow(job(id))
      await settle()
      leave()
      page.follow(job(id))
      await settle()
      expect(page.told.filter((fact) => fact === `subscribed ${id}`)).toHaveLength(2)
    }
    expect(site.streams()).toEqual(['page 1: 1 2 3 4'])
  })

  test('are heard in all that they ask for, and ask for it together', async () => {
    const { site } = await twoPages()
    let posted = 0
    const c = site.open((tab) => ({
      openChannel(name) {
        const channel = tab.openChannel(name)
        const post = channel.postMessage.bind(channel)
        channel.postMessage = (message) => {
          posted += 1
          post(message)
        }
        return channel
      },
    }))
    c.follow(job('3'))
    await settle()
    const before = posted
    for (let id = 100; id < 1100; id += 1) c.follow(job(`${id}`))
    c.follow(job('x'.repeat(300)))
    await settle()
    expect(site.streams()[0]?.split(' ')).toHaveLength(2 + 3 + 1000)
    expect(posted - before).toBe(1)
  })

  test('tell a second listener of a topic that it is followed already', async () => {
    const { a } = await twoPages()
    a.follow(job('1'))
    expect(a.told).toEqual(['subscribed 1'])
    await settle()
    expect(a.told).toEqual(['subscribed 1', 'subscribed 1'])
  })
})

describe('the connection is handed over, and everybody subscribes again,', () => {
  const afterwards = ['subscribed 2', 'subscribed 2', 'message 2 still here']

  test('when the tab that has it is gone', async () => {
    const { site, a, b } = await twoPages()
    site.kill(a)
    await settle()
    expect(site.streams()).toEqual(['page 2: 2'])
    site.say('2', 'still here')
    expect(b.told).toEqual(afterwards)
    expect(b.status()).toBe('connected')
  })

  test('when the tab that has it is left, and comes back out of the cache', async () => {
    const { site, a, b } = await twoPages()
    const statuses: string[] = []
    b.transport.$connection.listen(({ status }) => statuses.push(status))
    a.tab.page.dispatchEvent(new Event('pagehide'))
    await settle()
    expect(site.streams()).toEqual(['page 2: 2'])
    a.tab.page.dispatchEvent(new Event('pageshow'))
    await settle()
    expect(site.streams()).toEqual(['page 2: 2 1'])
    site.say('1', 'hello again')
    await settle()
    expect(a.told).toEqual(['subscribed 1', 'subscribed 1', 'message 1 hello again'])
    expect(b.told).toEqual(['subscribed 2', 'subscribed 2'])
    expect(statuses).not.toContain('disconnected')
  })

  test('also when a tab is left before it has joined the others, and each message is heard once', async () => {
    const site = start()
    const a = site.open()
    const b = site.open()
    a.follow(job('1'))
    b.follow(job('2'))
    b.tab.page.dispatchEvent(new Event('pagehide'))
    await settle()
    expect(site.streams()).toEqual(['page 1: 1'])
    b.tab.page.dispatchEvent(new Event('pageshow'))
    await settle()
    site.say('2', 'once')
    await settle()
    expect(b.told).toEqual(['subscribed 2', 'message 2 once'])
  })

  test('when it does not want it any more', async () => {
    const site = start()
    const a = site.open()
    const b = site.open()
    const leave = a.follow(job('1'))
    b.follow(job('2'))
    await settle()
    leave()
    await settle()
    expect(site.streams()).toEqual(['page 2: 2'])
    expect(a.status()).toBe('disconnected')
  })

  test('to one of the others when it is frozen, and it follows that one when it thaws', async () => {
    const { site, a, b } = await twoPages()
    const c = site.open()
    c.follow(job('3'))
    await settle()
    a.tab.freeze()
    await site.pass(b, c)
    expect(site.streams()).toEqual(['page 1: 1 2 3', 'page 2: 2 3'])
    site.status('error')
    await settle()
    expect([b.status(), c.status()]).toEqual(['connected', 'connected'])
    await a.tab.thaw()
    await settle()
    expect(site.streams()).toEqual(['page 2: 2 3 1'])
    site.say('2', 'still here')
    site.say('1', 'for a')
    await settle()
    expect(b.told).toEqual(afterwards)
    expect(a.told).toEqual(['subscribed 1', 'subscribed 1', 'message 1 for a'])
    expect([a.status(), b.status(), c.status()]).toEqual(['connected', 'connected', 'connected'])
    // And is in line for the lock again.
    site.kill(b)
    site.kill(c)
    await settle()
    expect(site.streams()).toEqual(['page 1: 1'])
  })

  test('but not for as long as the one who has it answers', async () => {
    const { site, a, b } = await twoPages()
    await site.pass(b)
    await site.pass(b)
    expect(site.streams()).toEqual(['page 1: 1 2'])
    expect(a.told).toEqual(['subscribed 1'])
  })
})

describe('a tab has a connection of its own', () => {
  test.each<[string, Partial<SharedTransportOptions>]>([
    ['there are no locks', { locks: undefined }],
    ['there are no channels', { openChannel: () => undefined }],
    ['locks are refused', { locks: { request: () => Promise.reject(new DOMException('Not here.', 'SecurityError')) } }],
    ['locks are never granted', { locks: { request: () => new Promise(() => {}) } }],
  ])('where %s', async (_, options) => {
    const site = start()
    const a = site.open(() => options)
    const b = site.open(() => options)
    a.follow(job('1'))
    b.follow(job('1'))
    await settle()
    await site.pass(a, b)
    expect(site.streams()).toEqual(['page 1: 1', 'page 2: 1'])
    site.say('1', 'x')
    expect(b.told).toEqual(['subscribed 1', 'message 1 x'])
  })

  test('where nobody can take the lock of one that is frozen, and keeps to it when that one is back', async () => {
    const site = start()
    const a = site.open()
    const b = site.open((tab) => ({
      locks: {
        request: (name, options, act) =>
          'steal' in options ? Promise.reject(new DOMException('Not here.', 'NotSupportedError')) : tab.locks.request(name, options, act),
      },
    }))
    a.follow(job('1'))
    await settle()
    b.follow(job('2'))
    await settle()
    a.tab.freeze()
    await site.pass(b)
    expect(site.streams()).toEqual(['page 1: 1 2', 'page 2: 2'])
    await a.tab.thaw()
    a.tab.page.dispatchEvent(new Event('pagehide'))
    a.tab.page.dispatchEvent(new Event('pageshow'))
    await settle()
    site.say('2', 'x')
    expect(b.told.at(-1)).toBe('message 2 x')
  })

  test('where its name is another one', async () => {
    const { site } = await twoPages()
    site.open(() => ({ name: 'someone else' })).follow(job('1'))
    await settle()
    expect(site.streams()).toEqual(['page 1: 1 2', 'page 3: 1'])
  })
})

test('nothing is left of a connection that is disposed', async () => {
  const { site, a, b } = await twoPages()
  a.transport.dispose()
  b.transport.dispose()
  await settle()
  expect(site.streams()).toEqual([])
  expect([a.world.clock.pending, b.world.clock.pending]).toEqual([0, 0])
  const c = site.open()
  c.follow(job('3'))
  await settle()
  expect(site.streams()).toEqual(['page 3: 3'])
})

test('whatever becomes of the tabs, in the end there is one connection, and everybody hears what he follows', async () => {
  const step = fc.record({
    what: fc.constantFrom('open', 'follow', 'leave', 'hide', 'show', 'freeze', 'thaw', 'kill', 'wait'),
    which: fc.nat(),
    topic: fc.nat(3),
  })
  const run = async (steps: readonly { readonly what: string; readonly which: number; readonly topic: number }[]) => {
    const site = start()
    const states = new Map<Page, { state: 'running' | 'hidden' | 'frozen'; readonly follows: Map<string, () => void> }>()
    const running = () => [...states].flatMap(([page, { state }]) => (state === 'running' ? [page] : []))

    for (const { what, which, topic } of steps) {
      if (what === 'open' && states.size < 5) states.set(site.open(), { state: 'running', follows: new Map() })
      if (what === 'wait') await site.pass(...running())
      const [page, one] = [...states][which % Math.max(1, states.size)] ?? []
      if (page === undefined || one === undefined) continue
      if (what === 'follow' && one.state === 'running' && !one.follows.has(`${topic}`))
        one.follows.set(`${topic}`, page.follow(job(`${topic}`)))
      if (what === 'leave' && one.state === 'running') {
        one.follows.get(`${topic}`)?.()
        one.follows.delete(`${topic}`)
      }
      if (what === 'hide' && one.state === 'running') {
        page.tab.page.dispatchEvent(new Event('pagehide'))
        one.state = 'hidden'
      }
      if (what === 'show' && one.state === 'hidden') {
        page.tab.page.dispatchEvent(new Event('pageshow'))
        one.state = 'running'
      }
      if (what === 'freeze' && one.state === 'running') {
        page.tab.freeze()
        one.state = 'frozen'
      }
      if (what === 'thaw' && one.state === 'frozen') {
        one.state = 'running'
        await page.tab.thaw()
      }
      if (what === 'kill') {
        site.kill(page)
        states.delete(page)
      }
      if (which % 2 === 0) await settle()
    }

    for (const [page, one] of states) {
      if (one.state === 'frozen') await page.tab.thaw()
      if (one.state === 'hidden') page.tab.page.dispatchEvent(new Event('pageshow'))
      one.state = 'running'
    }
    await site.pass(...running())
    await site.pass(...running())

    const wanted = new Set([...states.values()].flatMap(({ follows }) => [...follows.keys()]))
    const streams = site.streams()
    expect(streams).toHaveLength(Math.min(1, wanted.size))
    expect(new Set(streams[0]?.split(': ')[1]?.split(' '))).toEqual(wanted.size === 0 ? new Set() : wanted)
    for (const { told } of states.keys()) told.length = 0
    for (const topic of wanted) site.say(topic, 'hello')
    await settle()
    for (const [page, { follows }] of states) {
      expect([...page.told].sort()).toEqual([...follows.keys()].map((topic) => `message ${topic} hello`).sort())
      if (follows.size > 0) expect(page.status()).toBe('connected')
    }
    for (const page of states.keys()) page.transport.dispose()
  }
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: 'max' }), run), {
    numRuns: 150,
    ...(process.env['CI'] ? {} : { seed: 1 }),
  })
})
