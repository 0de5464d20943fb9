import { atom } from 'nanostores'
import { describe, expect, test } from 'vitest'
import { createUploader } from '../create-uploader.js'
import { UploadError } from '../errors.js'
import { createStatusMonitor } from '../status/status-monitor.js'
import { createMemoryServer } from '../testing/memory-server.js'
import { settle } from '../testing/manual-clock.js'
import { createTestEnvironment } from '../testing/test-environment.js'
import { createTestFile } from '../testing/test-file.js'
import type { Environment } from '../environment.js'
import { pageConnection } from './page-connection.js'
import { type ConnectionStatus, NOT_CONNECTED, type Topic, type TopicHandlers } from './transport.js'

const ALL: Topic = { kind: 'all' }
const job = (id: string): Topic => ({ kind: 'job', id })
const nameOf = (topic: Topic) => (topic.kind === 'all' ? 'all' : topic.id)

const silent: TopicHandlers = { onMessage() {}, onSubscribed() {}, onRefused() {} }

/** A transport that notes what is asked of it, and the worlds that it is made for. */
function setUp() {
  const facts: string[] = []
  const followed = new Map<TopicHandlers, Topic>()
  const made: Environment[] = []
  const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, transport: 'test' })
  const realtime = pageConnection(({ environment }) => {
    made.push(environment)
    return {
      $connection,
      authoritative: true,
      subscribe(topic, handlers) {
        const name = nameOf(topic)
        const own = { ...handlers }
        facts.push(`follow ${name}`)
        followed.set(own, topic)
        return () => {
          facts.push(`leave ${name}`)
          followed.delete(own)
        }
      },
      wake: () => void facts.push('wake'),
      dispose: () => void facts.push('dispose'),
    }
  })
  const world = createTestEnvironment()
  return {
    facts,
    made,
    world,
    realtime,
    open: (environment: Environment = world) => realtime({ environment }),
    status: (status: ConnectionStatus['status']) => $connection.set({ ...$connection.get(), status }),
    listeners: () => $connection.lc,
    refuse(name: string) {
      for (const [handlers, topic] of followed) if (nameOf(topic) === name) handlers.onRefused(new UploadError('rejected', 'No.'))
    },
  }
}

describe('a connection of a page', () => {
  test('is one for all who are given it, and ends with the last of them', () => {
    const { facts, made, open } = setUp()
    const [one, other] = [open(), open()]
    expect(made).toHaveLength(1)
    one.subscribe(job('a'), silent)
    other.subscribe(ALL, silent)
    one.dispose()
    one.dispose()
    expect(facts).toEqual(['follow a', 'follow all', 'leave a'])
    other.dispose()
    expect(facts.slice(3)).toEqual(['leave all', 'dispose'])
  })

  test('is made anew for who comes after the last one went, and nobody ends it twice', () => {
    const { facts, made, open } = setUp()
    const gone = open()
    gone.subscribe(ALL, silent)()
    gone.dispose()
    const next = open()
    next.subscribe(ALL, silent)
    gone.dispose()
    expect([made.length, facts]).toEqual([2, ['follow all', 'leave all', 'dispose', 'follow all']])
  })

  test('is kept for who follows something else next', () => {
    const { facts, made, open } = setUp()
    const one = open()
    one.subscribe(job('a'), silent)()
    one.subscribe(job('b'), silent)
    expect([made.length, facts]).toEqual([1, ['follow a', 'leave a', 'follow b']])
  })

  test('shows how it stands to those who follow something, and holds nobody else', () => {
    const { open, status, listeners } = setUp()
    const [one, other] = [open(), open()]
    one.subscribe(ALL, silent)
    status('connected')
    expect([one, other].map(({ $connection }) => $connection.get())).toMatchObject([
      { status: 'connected', transport: 'test' },
      { status: 'disconnected', transport: 'test' },
    ])
    expect(listeners()).toBe(1)
    other.subscribe(job('a'), silent)
    expect(other.$connection.get().status).toBe('connected')
    other.dispose()
    status('reconnecting')
    expect([one, other].map(({ $connection }) => $connection.get().status)).toEqual(['reconnecting', 'disconnected'])
    one.dispose()
    expect(listeners()).toBe(0)
  })

  test('refuses to him alone who follows what is refused', () => {
    const { open, refuse } = setUp()
    const told: string[] = []
    open().subscribe(job('a'), { ...silent, onRefused: () => told.push('one') })
    open().subscribe(ALL, { ...silent, onRefused: () => told.push('other') })
    refuse('all')
    expect(told).toEqual(['other'])
  })

  test('is tried once where all of them hear that the page wakes', async () => {
    const { facts, open, world } = setUp()
    const [one, other] = [open(), open()]
    for (const user of [one, other]) user.subscribe(ALL, silent)
    facts.length = 0
    one.wake()
    expect(facts).toEqual(['wake'])
    await world.clock.advance(19)
    other.wake()
    expect(facts).toEqual(['wake'])
    await world.clock.advance(1)
    other.wake()
    expect(facts).toEqual(['wake', 'wake'])
  })

  test('asks by the network of one who lives', async () => {
    const { made, open, world } = setUp()
    const asked: string[] = []
    const user = (name: string) => {
      const transport = open({
        ...world,
        async fetch() {
          asked.push(name)
          return new Response()
        },
      })
      transport.subscribe(ALL, silent)
      return transport
    }
    const [one, other] = [user('one'), user('other')]
    await made[0]?.fetch('/events')
    one.dispose()
    await made[0]?.fetch('/events')
    other.dispose()
    expect(asked).toEqual(['one', 'other'])
  })
})

test('an uploader and a status monitor follow what is theirs on one connection, whichever of them goes first', async () => {
  const { facts, made, realtime, world: environment } = setUp()
  const server = createMemoryServer()
  const uploader = createUploader({ backend: server.backend, realtime, environment, jobId: 'j' })
  const monitor = createStatusMonitor({ backend: server.backend, realtime, environment })
  const stop = monitor.$operations.listen(() => {})
  uploader.add([createTestFile('a.png', 4)])
  await settle()
  expect([made.length, facts]).toEqual([1, ['follow all', 'follow j']])
  await uploader.dispose()
  expect(facts.slice(2)).toEqual(['leave j'])
  stop()
  await settle()
  expect(facts.slice(3)).toEqual(['leave all', 'dispose'])
  // It comes back with who listens again.
  monitor.$operations.listen(() => {})
  expect([made.length, facts.slice(5)]).toEqual([2, ['follow all']])
  monitor.dispose()
})
