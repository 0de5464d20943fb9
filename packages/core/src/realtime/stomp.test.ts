import { Client } from '@stomp/stompjs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTestEnvironment, settle } from '../testing/index.js'
import { stomp, type StompOptions, type StompOptionsWithUrl, type StompSocket } from './stomp.js'
import type { Topic } from './transport.js'

interface Frame {
  readonly command: string
  readonly headers: Readonly<Record<string, string>>
}

/** One connection to a broker that a test plays. */
interface Connection {
  /** What the client sent and `next` did not yet take, but CONNECT. */
  readonly frames: Frame[]
  readonly connect: () => Frame | undefined
  open(): Promise<void>
  /** The oldest frame that was not taken yet. */
  next(): Frame
  send(command: string, headers?: Readonly<Record<string, string>>, body?: string): Promise<void>
  /** Confirms the oldest frame that was not taken yet. */
  confirm(): Promise<Frame>
  hangUp(wasClean: boolean): Promise<void>
  /** From now on the other end says nothing, and the socket does not say either that it is closed: it waits for an answer. */
  goSilent(): void
  isClosed(): boolean
}

function createBroker() {
  const connections: Connection[] = []

  function webSocketFactory(): StompSocket {
    const frames: Frame[] = []
    let connect: Frame | undefined
    let isSilent = false
    const socket = {
      url: 'ws://broker',
      readyState: 0,
      onopen: null,
      onclose: null,
      onerror: null,
      onmessage: null,
      close() {
        if (socket.readyState === 3) return
        socket.readyState = 3
        if (!isSilent) socket.onclose?.({ code: 1000, wasClean: true })
      },
      send(data) {
        for (const text of (typeof data === 'string' ? data : '').split('\0')) {
          const [command = '', ...lines] = (text.split('\n\n')[0] ?? '').trim().split('\n')
          if (command === '') continue
          const headers = Object.fromEntries(lines.map((line) => line.split(/:(.*)/s)))
          if (command === 'CONNECT') connect = { command, headers }
          else frames.push({ command, headers })
        }
      },
    } as { -readonly [Key in keyof StompSocket]: StompSocket[Key] }

    const connection: Connection = {
      frames,
      connect: () => connect,
      async open() {
        socket.readyState = 1
        socket.onopen?.({})
        await settle()
      },
      next: () => frames.shift() ?? expect.fail('The client has sent nothing.'),
      async send(command, headers = {}, body = '') {
        const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
        socket.onmessage?.({ data: `${command}\n${lines.join('')}\n${body}\0` })
        await settle()
      },
      async confirm() {
        const frame = connection.next()
        await connection.send('RECEIPT', { 'receipt-id': frame.headers['receipt'] ?? '' })
        return frame
      },
      async hangUp(wasClean) {
        socket.readyState = 3
        socket.onclose?.({ code: wasClean ? 1000 : 1006, wasClean })
        await settle()
      },
      goSilent() {
        isSilent = true
      },
      isClosed: () => socket.readyState === 3,
    }
    connections.push(connection)
    return socket
  }

  const last = () => connections.at(-1) ?? expect.fail('There is no connection.')
  return {
    connections,
    webSocketFactory,
    last,
    /** Opens the socket of the last connection. */
    async open() {
      await settle()
      await last().open()
    },
    /** Opens it, and lets the client in. */
    async accept() {
      await settle()
      await last().open()
      await last().send('CONNECTED', { version: '1.2', 'heart-beat': '0,0' })
    },
  }
}

const JOB: Topic = { kind: 'job', id: 'job-1' }

async function setUp(options: (broker: ReturnType<typeof createBroker>) => StompOptions) {
  const broker = createBroker()
  const environment = createTestEnvironment()
  const transport = stomp(options(broker))({ environment })
  ends.push(() => transport.dispose())
  await settle()
  return {
    broker,
    environment,
    transport,
    clock: environment.clock,
    status: () => transport.$connection.get(),
    follow(topic: Topic = JOB) {
      const facts: string[] = []
      const unsubscribe = transport.subscribe(topic, {
        onMessage: (raw, bytes) => facts.push(`message ${String(raw)} of ${bytes}`),
        onSubscribed: () => facts.push('subscribed'),
        onRefused: ({ code, message }) => facts.push(`refused ${code} ${message}`),
      })
      return { facts, unsubscribe }
    },
  }
}
const setUpOwn = (options: StompOptionsWithUrl = {}) => setUp(({ webSocketFactory }) => ({ webSocketFactory, ...options }))

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

describe('a STOMP subscription', () => {
  it('holds when the broker has confirmed it, which tells the latency', async () => {
    const { broker, clock, follow, status } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    expect([status().status, facts]).toEqual(['reconnecting', []])
    await clock.advance(40)
    const { command, headers } = await broker.last().confirm()
    expect([command, headers['destination']]).toEqual(['SUBSCRIBE', '/topic/job/job-1'])
    expect(facts).toEqual(['subscribed'])
    expect(status()).toMatchObject({ status: 'connected', latency: 40, reconnectAttempts: 0, transport: 'stomp' })
  })

  it('hands on what is said there, with its size in bytes', async () => {
    const { broker, follow, status } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    const { headers } = await broker.last().confirm()
    await broker.last().send('MESSAGE', { subscription: headers['id'] ?? '', 'message-id': '1' }, '{"é":1}')
    await broker.last().send('MESSAGE', { subscription: 'of-somebody-else' }, '{}')
    expect(facts).toEqual(['subscribed', 'message {"é":1} of 8'])
    expect(status().lastPing).not.toBe('')
  })

  it('holds after some seconds where the broker gives no receipts, and then soon', async () => {
    const { broker, clock, follow, status } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    await clock.advance(4999)
    expect(facts).toEqual([])
    await clock.advance(1)
    expect(facts).toEqual(['subscribed'])
    expect(status()).toMatchObject({ status: 'connected', latency: null })
    const other = follow({ kind: 'operation', id: 'op-1' })
    await clock.advance(250)
    expect(other.facts).toEqual(['subscribed'])
  })

  it('holds with the first message where the broker gives no receipts', async () => {
    const { broker, follow, status } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    const { headers } = broker.last().next()
    await broker.last().send('MESSAGE', { subscription: headers['id'] ?? '' }, '1')
    expect([facts, status().status]).toEqual([['subscribed', 'message 1 of 1'], 'connected'])
  })

  it('is refused by an ERROR that names its receipt', async () => {
    const { broker, follow, status } = await setUpOwn()
    const [first, second] = [follow(), follow({ kind: 'operation', id: 'op-1' })]
    await broker.accept()
    const [, frame] = [broker.last().next(), broker.last().next()]
    await broker.last().send('ERROR', { message: 'Denied', 'receipt-id': frame.headers['receipt'] ?? '' }, 'not\r\nyours')
    expect(second.facts).toEqual(['refused auth The broker refused the subscription: Denied: not yours'])
    expect([first.facts, status().status]).toEqual([[], 'reconnecting'])
  })

  it('is refused by an ERROR that names nothing, when it is the oldest one that was not answered', async () => {
    const { broker, follow, status } = await setUpOwn()
    const [first, second] = [follow(), follow({ kind: 'operation', id: 'op-1' })]
    await broker.accept()
    await broker.last().confirm()
    await broker.last().send('ERROR', { message: 'Invalid destination' })
    expect([first.facts, second.facts]).toEqual([['subscribed'], [expect.stringMatching(/^refused auth .+: Invalid destination/)]])
    expect(status().status).toBe('connected')
    second.unsubscribe()
    // RabbitMQ would answer with one more ERROR, and hang up after some of them.
    expect(broker.last().frames.map(({ command }) => command)).toEqual(['SUBSCRIBE'])
  })

  it('stays refused when its receipt comes after the ERROR, as RabbitMQ gives it; words that come show that it holds', async () => {
    const { broker, follow } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    await broker.last().send('ERROR', { message: 'access_refused' })
    const { headers } = await broker.last().confirm()
    expect(facts).toEqual([expect.stringMatching(/^refused/)])
    await broker.last().send('MESSAGE', { subscription: headers['id'] ?? '' }, '1')
    expect(facts.slice(1)).toEqual(['subscribed', 'message 1 of 1'])
  })

  it('is asked for again a minute after it was refused; the refusal is told once', async () => {
    const { broker, clock, follow } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    broker.last().next()
    await broker.last().send('ERROR', { message: 'No' })
    await clock.advance(60_000)
    broker.last().next()
    await broker.last().send('ERROR', { message: 'No' })
    await clock.advance(60_000)
    await broker.last().confirm()
    expect(facts).toEqual([expect.stringMatching(/^refused/), 'subscribed'])
  })

  it('is refused where the broker hangs up twice when it is asked for it; the others hold', async () => {
    const { broker, clock, follow, status } = await setUpOwn()
    const [bad, good] = [follow({ kind: 'operation', id: 'bad' }), follow()]
    for (let time = 0; time < 2; time += 1) {
      await broker.accept()
      // Asked last the second time.
      if (time === 1) await broker.last().confirm()
      expect(bad.facts).toEqual([])
      await broker.last().hangUp(true)
      await clock.advance(2000)
    }
    expect(bad.facts).toEqual([expect.stringMatching(/^refused auth The broker hangs up/)])
    await broker.accept()
    expect((await broker.last().confirm()).headers['destination']).toBe('/topic/job/job-1')
    expect([good.facts, broker.last().frames, status().status]).toEqual([['subscribed', 'subscribed'], [], 'connected'])
  })

  it('is asked for alone once the broker hung up, so that it takes no other with it', async () => {
    const { broker, clock, follow, status } = await setUpOwn()
    const good = follow()
    const bad = follow({ kind: 'operation', id: 'bad' })
    // As RabbitMQ, which answers nothing more of what was asked together with the one that it refuses.
    for (let time = 0; time < 4; time += 1) {
      await broker.accept()
      while (broker.last().frames.length > 0) {
        if (broker.last().frames.some(({ headers }) => headers['destination']?.endsWith('bad') === true)) await broker.last().hangUp(true)
        else await broker.last().confirm()
        if (broker.last().isClosed()) break
      }
      if (broker.last().isClosed()) await clock.advance(8000)
    }
    expect(bad.facts).toEqual([expect.stringMatching(/^refused auth The broker hangs up/)])
    expect([new Set(good.facts), status().status]).toEqual([new Set(['subscribed']), 'connected'])
  })

  it('is not taken for refused where the broker hangs up because of another one', async () => {
    const { broker, clock, follow } = await setUpOwn()
    const [bad, good] = [follow({ kind: 'operation', id: 'bad' }), follow()]
    for (let time = 0; time < 2; time += 1) {
      await broker.accept()
      const [frame] = broker.last().frames
      await broker.last().send('ERROR', { message: 'No', 'receipt-id': frame?.headers['receipt'] ?? '' })
      await broker.last().hangUp(true)
      await clock.advance(60_000)
    }
    await broker.accept()
    expect([bad.facts, good.facts]).toEqual([[expect.stringMatching(/^refused/)], []])
    // Twice for each of the two, without an ERROR.
    for (let time = 0; time < 4; time += 1) {
      await broker.last().hangUp(true)
      await clock.advance(8000)
      await broker.accept()
    }
    expect(good.facts).toEqual([expect.stringMatching(/^refused auth The broker hangs up/)])
  })

  it('is not taken for refused where the connection breaks while it is asked for', async () => {
    const { broker, clock, follow } = await setUpOwn()
    const { facts } = follow()
    for (let time = 0; time < 3; time += 1) {
      await broker.accept()
      await broker.last().hangUp(false)
      await clock.advance(8000)
    }
    await broker.accept()
    await broker.last().confirm()
    expect(facts).toEqual(['subscribed'])
  })

  it('that is left before the answer ends with it', async () => {
    const { broker, follow } = await setUpOwn()
    const { facts } = follow()
    const second = follow({ kind: 'operation', id: 'op-1' })
    await broker.accept()
    second.unsubscribe()
    second.unsubscribe()
    await broker.last().confirm()
    await broker.last().send('MESSAGE', { subscription: broker.last().frames[0]?.headers['id'] ?? '' }, 'late')
    await broker.last().confirm()
    expect(broker.last().frames.map(({ command }) => command)).toEqual(['UNSUBSCRIBE'])
    expect([facts, second.facts]).toEqual([['subscribed'], []])
  })
})

describe('a STOMP destination', () => {
  it.each<[string, Topic, StompOptionsWithUrl, string]>([
    ['of an operation', { kind: 'operation', id: 'a_B-9:~=' }, {}, '/topic/upload/a_B-9\\c~='],
    ['of everything', { kind: 'all' }, { subject: 'user-7' }, '/topic/all/user-7'],
    ['of everything, without a subject', { kind: 'all' }, { destination: { all: '/topic/all' } }, '/topic/all'],
    ['by a template', JOB, { destination: { job: '/topic/job.{jobId}' } }, '/topic/job.job-1'],
    ['by a function', JOB, { destination: ({ kind }) => `/exchange/jobs/${kind}` }, '/exchange/jobs/job'],
  ])('is named %s', async (_what, topic, options, destination) => {
    const { broker, follow } = await setUpOwn(options)
    follow(topic)
    await broker.accept()
    expect(broker.last().next().headers['destination']).toBe(destination)
  })

  it.each(['a/b', 'a.b', '*', '#', 'a>', 'a%2Eb', 'a\nb', '', 'a b', 'a,b', 'a?b', '$1é', 'x'.repeat(201)])(
    'is never that of another id: %j',
    async (id) => {
      const { broker, follow } = await setUpOwn()
      expect(follow({ kind: 'job', id }).facts).toEqual([expect.stringMatching(/^refused validation [^]+ cannot be a part/)])
      expect(broker.connections).toEqual([])
    },
  )

  it.each<[string, StompOptionsWithUrl]>([
    ['everything is followed and nobody said whose', {}],
    ['the function names none', { destination: () => '' }],
    ['the function names it with a line break', { destination: () => '/topic/a\nid:b' }],
    [
      'the function throws',
      {
        destination() {
          throw new Error('Unknown.')
        },
      },
    ],
  ])('is refused where %s', async (_what, options) => {
    const { follow } = await setUpOwn(options)
    expect(follow({ kind: 'all' }).facts).toEqual([expect.stringMatching(/^refused validation/)])
  })
})

describe('a STOMP connection of ours', () => {
  it('is open while anything is followed', async () => {
    const { broker, follow, status } = await setUpOwn()
    expect(broker.connections).toEqual([])
    const { unsubscribe } = follow()
    await broker.accept()
    await broker.last().confirm()
    unsubscribe()
    await settle()
    expect([broker.last().isClosed(), status().status]).toEqual([true, 'disconnected'])
    follow()
    await settle()
    expect(broker.connections).toHaveLength(2)
  })

  it('comes back by itself and subscribes anew', async () => {
    const { broker, clock, follow, status } = await setUpOwn()
    const { facts } = follow()
    await broker.accept()
    await broker.last().confirm()
    await broker.last().hangUp(false)
    expect(status()).toMatchObject({ status: 'reconnecting', reconnectAttempts: 1, latency: null })
    await clock.advance(500)
    await broker.accept()
    await broker.last().confirm()
    expect(broker.connections).toHaveLength(2)
    expect(facts).toEqual(['subscribed', 'subscribed'])
  })

  it('is tried at once when the page wakes up, also where an attempt hangs', async () => {
    const { broker, clock, follow, transport } = await setUpOwn()
    follow()
    await settle()
    await broker.last().hangUp(false)
    transport.wake()
    await settle()
    expect(broker.connections).toHaveLength(2)
    transport.wake()
    await settle()
    expect(broker.connections).toHaveLength(2)
    await clock.advance(1000)
    transport.wake()
    await settle()
    expect(broker.connections).toHaveLength(3)
    expect(broker.connections[1]?.isClosed()).toBe(true)
  })

  it('is given up where the broker does not answer in time', async () => {
    const { broker, clock, follow, status } = await setUpOwn({ heartbeatMs: 3000 })
    follow()
    await broker.open()
    await clock.advance(3000)
    expect([broker.last().isClosed(), status().status]).toEqual([true, 'reconnecting'])
  })

  it('asks for heartbeats by which a dead connection is found in time', async () => {
    const { broker, follow } = await setUpOwn({ heartbeatMs: 3000 })
    follow()
    await broker.open()
    expect(broker.last().connect()?.headers).toMatchObject({ 'accept-version': '1.2,1.1,1.0', 'heart-beat': '40000,1000' })
  })

  it.each([
    [undefined, 10_000],
    [3000, 3000],
  ])('with heartbeatMs %s is given up within %i ms when it is half-open, though its socket does not end', async (heartbeatMs, most) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    onTestFinished(() => void vi.useRealTimers())
    const { broker, clock, follow, status } = await setUpOwn(heartbeatMs === undefined ? {} : { heartbeatMs })
    const { facts } = follow()
    await broker.open()
    await broker.last().send('CONNECTED', { version: '1.2', 'heart-beat': '1000,40000' })
    await broker.last().confirm()
    broker.last().goSilent()
    vi.advanceTimersByTime(most)
    await settle()
    expect([broker.last().isClosed(), status().status]).toEqual([true, 'reconnecting'])
    await clock.advance(500)
    await broker.accept()
    await broker.last().confirm()
    expect([broker.connections.length, status().status, ...facts]).toEqual([2, 'connected', 'subscribed', 'subscribed'])
  })

  it('asks for fresh headers when the broker does not want the first ones, and says that it was refused after that', async () => {
    const attempts: number[] = []
    const connectHeaders = ({ attempt }: { readonly attempt: number }) => {
      attempts.push(attempt)
      return { passcode: `token ${attempt}` }
    }
    const { broker, clock, follow, status } = await setUpOwn({ connectHeaders })
    const { facts } = follow()
    for (let time = 0; time < 2; time += 1) {
      expect([facts, status().status]).toEqual([[], 'reconnecting'])
      await broker.open()
      await broker.last().send('ERROR', { message: 'Bad CONNECT' }, 'Access refused')
      // RabbitMQ leaves it open.
      expect(broker.last().isClosed()).toBe(true)
      if (time === 0) await clock.advance(1000)
    }
    expect(facts).toEqual(['refused auth The broker refused the connection: Bad CONNECT: Access refused'])
    expect(status().status).toBe('error')
    await clock.advance(20_000)
    await broker.accept()
    await broker.last().confirm()
    expect(attempts).toEqual([1, 2, 2])
    expect(facts.at(-1)).toBe('subscribed')
  })

  it('asks for fresh headers after three failures', async () => {
    const attempts: number[] = []
    const { broker, clock, follow } = await setUpOwn({
      connectHeaders({ attempt }) {
        attempts.push(attempt)
        return {}
      },
      heartbeatMs: 60_000,
    })
    follow()
    for (let time = 0; time < 4; time += 1) {
      await settle()
      await broker.last().hangUp(false)
      await clock.advance(15_000)
    }
    expect(attempts).toEqual([1, 1, 1, 2, 2])
  })

  it('survives a socket that cannot be made', async () => {
    let count = 0
    const { clock, follow, status } = await setUpOwn({
      webSocketFactory() {
        count += 1
        throw new Error('Blocked.')
      },
    })
    follow()
    await settle()
    expect(status()).toMatchObject({ status: 'reconnecting', reconnectAttempts: 1 })
    await clock.advance(1000)
    expect(count).toBe(2)
  })

  it.each(['ftp://broker', 'javascript:alert(1)', 'https://'])('has to have an address: %s is none', async (url) => {
    await expect(setUp(() => ({ url }))).rejects.toMatchObject({ code: 'validation' })
  })

  it('leaves nothing behind', async () => {
    const { broker, clock, follow, transport } = await setUpOwn()
    follow()
    follow({ kind: 'operation', id: 'op-1' })
    await broker.accept()
    await broker.last().send('ERROR', { message: 'No' })
    transport.dispose()
    await settle()
    expect([broker.last().isClosed(), clock.pending]).toEqual([true, 0])
    follow()
    await settle()
    transport.dispose()
    await settle()
    expect([broker.last().isClosed(), clock.pending]).toEqual([true, 0])
  })
})

describe('a STOMP client of the page', () => {
  async function setUpClient() {
    const said: string[] = []
    const client = new Client({
      reconnectDelay: 0,
      onConnect: () => said.push('connect'),
      onStompError: () => said.push('error'),
      onWebSocketClose: () => said.push('close'),
    })
    const scene = await setUp(({ webSocketFactory }) => {
      client.webSocketFactory = webSocketFactory
      return { client }
    })
    ends.push(() => void client.deactivate({ force: true }))
    return { ...scene, client, said }
  }

  it('is followed when its user activates it, and keeps its handlers', async () => {
    const { broker, client, follow, said, status } = await setUpClient()
    const { facts } = follow()
    expect(status().status).toBe('disconnected')
    client.activate()
    await broker.accept()
    await broker.last().confirm()
    await broker.last().send('ERROR', { message: 'Of the page’s own' })
    await broker.last().hangUp(true)
    expect([facts, said]).toEqual([['subscribed'], ['connect', 'error', 'close']])
    expect(status()).toMatchObject({ status: 'reconnecting', reconnectAttempts: 1 })
  })

  it('may be connected already, and get other handlers later', async () => {
    const { broker, client, follow, said } = await setUpClient()
    client.activate()
    await settle()
    await broker.accept()
    const { facts } = follow()
    client.onStompError = () => said.push('another')
    broker.last().next()
    await broker.last().send('ERROR', { message: 'Invalid' })
    expect(facts).toEqual([expect.stringMatching(/^refused/)])
    expect(said).toEqual(['connect', 'another'])
  })

  it('may get a handler later that calls the one before', async () => {
    const { broker, client, follow, said, status, transport } = await setUpClient()
    const { facts } = follow()
    const before = client.onConnect
    client.onConnect = (frame) => {
      before(frame)
      said.push('connect, wrapped')
    }
    const beforeClose = client.onWebSocketClose
    client.onWebSocketClose = (event) => beforeClose(event)
    client.activate()
    await broker.accept()
    await broker.last().confirm()
    expect([said, facts]).toEqual([['connect', 'connect, wrapped'], ['subscribed']])
    await broker.last().hangUp(false)
    expect([said.splice(2), status().reconnectAttempts]).toEqual([['close'], 1])
    transport.dispose()
    client.onConnect({ command: '', headers: {}, isBinaryBody: false, body: '', binaryBody: new Uint8Array() })
    expect(said.slice(2)).toEqual(['connect', 'connect, wrapped'])
  })

  it('may be asked to follow more while it is about to end', async () => {
    const { client, follow } = await setUpClient()
    follow()
    client.onConnect({ command: '', headers: {}, isBinaryBody: false, body: '', binaryBody: new Uint8Array() })
    expect(follow({ kind: 'operation', id: 'op-1' }).facts).toEqual([])
  })

  it('gets its handlers back and stays connected when nobody follows any more, in whatever order they leave', async () => {
    const { broker, client, environment, follow, transport, said } = await setUpClient()
    const own = client.onConnect
    client.activate()
    await settle()
    await broker.accept()
    const { unsubscribe } = follow()
    const second = stomp({ client })({ environment })
    second.subscribe(JOB, { onMessage() {}, onSubscribed() {}, onRefused() {} })
    await broker.last().confirm()
    transport.dispose()
    unsubscribe()
    expect(client.onConnect).not.toBe(own)
    await broker.last().confirm()
    second.dispose()
    expect(client.onConnect).toBe(own)
    expect(Object.getOwnPropertyDescriptor(client, 'onConnect')).toMatchObject({ writable: true, value: own })
    expect(broker.last().frames.map(({ command }) => command)).toEqual(['UNSUBSCRIBE', 'UNSUBSCRIBE'])
    expect([client.connected, said, environment.clock.pending]).toEqual([true, ['connect'], 0])
  })

  it('whose handler throws is followed all the same', async () => {
    const { broker, client, follow } = await setUpClient()
    // Where the client says that it ignores what a handler throws.
    onTestFinished(vi.spyOn(console, 'log').mockReturnValue().mockRestore)
    client.onConnect = () => {
      throw new Error('Of the page.')
    }
    const { facts } = follow()
    client.activate()
    await broker.accept()
    await broker.last().confirm()
    expect(facts).toEqual(['subscribed'])
  })

  it('that is not let in says so, and stays as it is', async () => {
    const { broker, client, follow, status } = await setUpClient()
    const { facts } = follow()
    client.activate()
    await broker.open()
    await broker.last().send('ERROR', { message: 'Bad CONNECT' })
    expect([facts, status().status]).toEqual([[expect.stringMatching(/^refused auth/)], 'error'])
    expect(broker.last().isClosed()).toBe(false)
  })

  it('is subscribed anew when it is back', async () => {
    const { broker, client, follow, status } = await setUpClient()
    const { facts } = follow()
    for (let time = 0; time < 2; time += 1) {
      client.activate()
      await broker.accept()
      await broker.last().confirm()
      expect(status()).toMatchObject({ status: 'connected', reconnectAttempts: 0 })
      await broker.last().hangUp(false)
      await client.deactivate()
    }
    expect(facts).toEqual(['subscribed', 'subscribed'])
  })

  it('that its user ends is disconnected', async () => {
    const { broker, client, follow, status } = await setUpClient()
    follow()
    client.activate()
    await broker.accept()
    await broker.last().confirm()
    await client.deactivate({ force: true })
    expect(status().status).toBe('disconnected')
  })
})

it('is believed only where its user says so', async () => {
  const { transport } = await setUpOwn()
  expect(transport.authoritative).toBe(false)
  const trusted = await setUpOwn({ trusted: true, decode: () => null })
  expect(trusted.transport.authoritative).toBe(true)
  expect(trusted.transport.decode?.({})).toBeNull()
})
