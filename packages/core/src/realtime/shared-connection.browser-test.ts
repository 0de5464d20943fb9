import { expect } from 'chai'
import { browserEnvironment } from '../environment.js'
import { browserTabs } from '../tabs.js'
import { createMemoryTransport, type MemoryTransport } from '../testing/memory-transport.js'
import { sharedConnection } from './shared-connection.js'
import { shareTransport } from './shared-transport.js'
import type { RealtimeTransport, Topic } from './transport.js'

const open: RealtimeTransport[] = []
let names = 0
let name: string
/** Those that were made so far, by tab. */
let connections: MemoryTransport[][]

beforeEach(() => {
  name = `browser-test-${Date.now()}-${(names += 1)}`
  connections = []
})
afterEach(() => {
  for (const transport of open.splice(0)) transport.dispose()
})

/** Several in one page stand for tabs: each has a lock and a channel of its own, and those are the browser's. */
function openTab(isHung = () => false) {
  const made: MemoryTransport[] = []
  connections.push(made)
  const { locks, openChannel } = browserTabs()
  const environment = {
    ...browserEnvironment(),
    // Seconds are milliseconds.
    clock: {
      now: () => Date.now(),
      setTimeout(callback: () => void, ms: number) {
        const timer = setTimeout(callback, ms / 20)
        return () => clearTimeout(timer)
      },
    },
  }
  const factory = shareTransport(
    (context) => {
      const memory = createMemoryTransport()
      made.push(memory)
      memory.connect()
      return memory.factory(context)
    },
    {
      name,
      locks,
      page: undefined,
      // One that hangs hears nothing.
      openChannel(channelName) {
        const channel = openChannel(channelName)
        return channel === undefined
          ? undefined
          : {
              set onmessage(listener: ((event: MessageEvent) => unknown) | null) {
                channel.onmessage = (event) => isHung() || listener?.(event)
              },
              postMessage: (message: unknown) => channel.postMessage(message),
              close: () => channel.close(),
            }
      },
    },
  )
  const transport = factory({ environment })
  open.push(transport)
  return { transport, ...follow(transport, { kind: 'job', id: `${connections.length}` }) }
}

function follow(transport: RealtimeTransport, topic: Topic) {
  const told: unknown[] = []
  const unsubscribe = transport.subscribe(topic, {
    onMessage: (raw) => told.push(raw),
    onSubscribed: () => told.push('subscribed'),
    onRefused: (error) => told.push(error),
  })
  return { told, unsubscribe }
}

/** What each tab's own connection follows. */
const followed = () =>
  connections.map((made) => made.flatMap(({ topics }) => topics.map((topic) => ('id' in topic ? topic.id : 'all'))).join(' '))

async function until(isTrue: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !isTrue(); await new Promise((resolve) => setTimeout(resolve, 5)))
    if (Date.now() > end) throw new Error(`It never happened: ${what}. ${JSON.stringify(followed())}`)
}

const untilFollowed = (...topics: readonly string[]) =>
  until(() => followed().join('|') === topics.join('|'), `connections that follow ${topics.join(' | ')}`)

it('has one connection for all tabs, and passes messages on as they are', async () => {
  openTab()
  await untilFollowed('1')
  const { transport, told } = openTab()
  await untilFollowed('1 2', '')
  await until(() => told.length === 1, 'subscribed')
  connections[0]?.[0]?.deliver({ operation_id: 'a', result: { sizes: [1, 2] } })
  connections[0]?.[0]?.deliver('{"operation_id":"b"}')
  await until(() => told.length === 3, 'two messages')
  expect(told).to.deep.equal(['subscribed', { operation_id: 'a', result: { sizes: [1, 2] } }, '{"operation_id":"b"}'])
  expect(transport.$connection.get()).to.include({ status: 'connected', transport: 'memory' })
})

it('is handed over when its tab is done', async () => {
  const first = openTab()
  await untilFollowed('1')
  const second = openTab()
  await untilFollowed('1 2', '')
  first.transport.dispose()
  await untilFollowed('', '2')
  await until(() => second.told.length === 2, 'subscribed again')
})

it('is taken from a tab that hangs, which follows once it runs again', async () => {
  let isHung = false
  openTab(() => isHung)
  await untilFollowed('1')
  openTab()
  await untilFollowed('1 2', '')
  isHung = true
  // The loss of its lock it hears at once: a tab that really hangs does so later.
  await until(() => followed()[1]?.includes('2') === true, 'another one leads')
  isHung = false
  await untilFollowed('', '2 1')
})

it('is made of what the page has', async () => {
  const memory = createMemoryTransport()
  memory.connect()
  const transport = sharedConnection(memory.factory, { name })({ environment: browserEnvironment() })
  open.push(transport)
  const { told } = follow(transport, { kind: 'all' })
  await until(() => told.length === 1, 'subscribed')
  expect(transport.$connection.get().status).to.equal('connected')
})
