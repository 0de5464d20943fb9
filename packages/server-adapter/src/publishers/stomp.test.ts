import { setImmediate } from 'node:timers/promises'
import { Client } from '@stomp/stompjs'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { OperationRecord } from '../records/operation-records.js'
import { manualClock } from '../testing/manual-clock.js'
import { PATIENCE } from '../testing/patience.js'
import {
  CONNECTED,
  HANG_UP,
  type ReceivedFrame,
  receiptFor,
  type StompBroker,
  startStompBroker,
  wellAnswer,
} from '../testing/stomp-broker.js'
import { wordRecord } from '../testing/word-record.js'
import { stompPublisher, type StompPublisherOptionsWithUrl } from './stomp.js'
import { socketsTo } from './stomp-socket.js'

let broker: StompBroker
beforeEach(async () => {
  broker = await startStompBroker()
})
afterEach(() => broker.close())

const record = wordRecord()

async function open(options: Partial<StompPublisherOptionsWithUrl> = {}) {
  const publisher = stompPublisher({ url: broker.url, ...options })
  const clock = manualClock()
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  await publisher.open({ clock, logger })
  onTestFinished(async () => publisher.close())
  /** How a call stands: `undefined` while it is open. */
  function publish(...records: readonly OperationRecord[]) {
    const call: { outcome?: string } = {}
    Promise.resolve(publisher.publish(records)).then(
      () => (call.outcome = 'told'),
      (error: unknown) => (call.outcome = String(error)),
    )
    return { call, ends: () => vi.waitFor(() => call.outcome ?? expect.fail('It has not ended.'), PATIENCE) }
  }
  return { publisher, clock, logger, publish }
}

const sent = () => broker.frames.filter(({ command }) => command === 'SEND')
const destinations = () => sent().map(({ headers }) => headers['destination'])
const waitForSent = (count: number) => vi.waitFor(() => expect(sent()).toHaveLength(count), PATIENCE)

describe('the STOMP publisher', () => {
  test('tells a word, as it is, to its job, to its operation and to its subject', async () => {
    const { publish } = await open()
    const told = record('o', { job_id: 'j', message: 'a "b"\n\u{1F600}\0', file: { name: '\r\nSEND\0', size: 1, type: '' } })
    expect(await publish(told).ends()).toBe('told')
    expect(destinations()).toEqual(['/topic/job/j', '/topic/upload/o', '/topic/all/anna'])
    for (const { body, headers } of sent()) {
      expect(JSON.parse(body)).toEqual(told.word)
      expect(headers['content-type']).toBe('application/json')
    }
  })

  test('names destinations as it is told, and tells nothing where there is none', async () => {
    const dots = await open({ destination: { job: '/topic/job.{jobId}', operation: null, all: '/topic/everything' } })
    await dots.publish(record('o', { job_id: 'j' }), record('p')).ends()
    const own = await open({ destination: ({ kind, id, subject }) => (kind === 'operation' ? `/queue/${subject}.${id}` : null) })
    await own.publish(record('o', { job_id: 'j' })).ends()
    expect(destinations()).toEqual(['/topic/job.j', '/topic/everything', '/topic/everything', '/queue/anna.o'])
  })

  test.each(['a.b', 'a/b', '#', '*', 'a b', 'a%2Eb', 'é', 'a\nb', '>', 'x'.repeat(201)])(
    'tells nothing where an id would mean something to a broker: %j',
    async (id) => {
      const { publish } = await open()
      expect(await publish(record('o', { job_id: id }, id)).ends()).toBe('told')
      expect(destinations()).toEqual(['/topic/upload/o'])
    },
  )

  test('has told a batch when the broker has confirmed the last of it', async () => {
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : ''))
    const { publish } = await open({ destination: { operation: null, all: null } })
    const { call } = publish(record('a', { job_id: '1' }), record('b', { job_id: '2' }))
    await waitForSent(2)
    expect(destinations()).toEqual(['/topic/job/1', '/topic/job/2'])
    expect(sent().map(({ headers }) => 'receipt' in headers)).toEqual([false, true])
    expect(call.outcome).toBeUndefined()
  })

  test('has what is to outlive the broker confirmed one by one', async () => {
    const { publish } = await open({ headers: { persistent: 'true', expiration: '60000' } })
    broker.answer((frame) => {
      if (frame.headers['destination'] === '/topic/upload/b') return ''
      // All others are confirmed when this comes.
      return wellAnswer(frame) + (sent().length === 6 ? 'ERROR\nmessage:the disk is full\n\n\0' : '')
    })
    expect(await publish(record('a'), record('b'), record('c')).ends()).toContain('the disk is full')
    expect(sent().every(({ headers }) => headers['persistent'] === 'true' && headers['expiration'] === '60000')).toBe(true)
    expect(new Set(sent().map(({ headers }) => headers['receipt'])).size).toBe(6)
  })

  test('tells no more at once than a broker may be given', async () => {
    let confirmations = 0
    broker.answer((frame) => {
      if (frame.headers['receipt'] !== undefined) confirmations += 1
      return wellAnswer(frame)
    })
    const { publish } = await open({ destination: { operation: null } })
    await publish(...Array.from({ length: 1201 }, (_, index) => record(`o${index}`))).ends()
    expect(sent()).toHaveLength(1201)
    expect(confirmations).toBe(3)
    await publish(record('large', { message: 'x'.repeat(600_000) }), record('large', { message: 'x'.repeat(600_000) })).ends()
    expect(confirmations).toBe(5)
  })

  test('keeps its connection', async () => {
    const { publish } = await open()
    await publish(record('a')).ends()
    await publish(record('b')).ends()
    expect(broker.connections()).toBe(1)
  })

  test('does not connect before there is something to tell', async () => {
    await open()
    await setImmediate()
    expect(broker.connections()).toBe(0)
  })

  test('has not told what the broker refuses, and tells it over another connection', async () => {
    broker.answer((frame) =>
      frame.command === 'CONNECT' ? CONNECTED : `ERROR\nmessage:Invalid destination\n\nno such\ttopic\u0007\0${receiptFor(frame)}`,
    )
    const { publish } = await open()
    expect(await publish(record('a')).ends()).toBe('RefusedError: The broker refused it: Invalid destination: no such topic')
    broker.answer(wellAnswer)
    expect(await publish(record('a')).ends()).toBe('told')
    expect(broker.connections()).toBe(2)
  })

  test('has not told what a broker was told that hung up, and connects again with fresh headers', async () => {
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : ''))
    let tokens = 0
    const connectHeaders = async () => ({ login: 'server', passcode: `token-${++tokens}` })
    const { publish } = await open({ connectHeaders })
    const lost = publish(record('a'))
    await waitForSent(2)
    broker.hangUp()
    expect(await lost.ends()).toBe('RefusedError: The broker is not reached, or hung up.')
    broker.answer(wellAnswer)
    await publish(record('a')).ends()
    const connects = broker.frames.filter(({ command }) => command === 'CONNECT')
    expect(connects.map(({ headers }) => headers['passcode'])).toEqual(['token-1', 'token-2'])
  })

  test('gives up a broker that does not confirm in time', async () => {
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : ''))
    const { publish, clock } = await open({ timeoutMs: 5000 })
    const slow = publish(record('a'))
    await waitForSent(2)
    clock.advance(4999)
    await setImmediate()
    expect(slow.call.outcome).toBeUndefined()
    clock.advance(1)
    expect(await slow.ends()).toMatch(/not confirmed within 5 s.+`receipts: false`/)
    broker.answer(wellAnswer)
    expect(await publish(record('a')).ends()).toBe('told')
    expect(broker.connections()).toBe(2)
  })

  test('gives up a broker that does not let it in in time, or refuses to', async () => {
    broker.answer(() => '')
    const { publish, clock } = await open()
    const silent = publish(record('a'))
    await vi.waitFor(() => expect(broker.frames).toHaveLength(1), PATIENCE)
    clock.advance(10_000)
    expect(await silent.ends()).toBe('Error: The broker did not answer in time.')
    broker.answer(() => "ERROR\nmessage:Bad CONNECT\n\nAccess refused for user 'server'\0")
    expect(await publish(record('a')).ends()).toBe("Error: The broker refused it: Bad CONNECT: Access refused for user 'server'")
  })

  test('says so where no broker is, or no header can be had', async () => {
    const { publisher } = await open({ url: 'stomp://127.0.0.1:1' })
    const cause = expect.objectContaining({ code: 'ECONNREFUSED' })
    await expect(publisher.publish([record('a')])).rejects.toMatchObject({ message: 'The broker is not reached, or hung up.', cause })
    const connectHeaders = () => Promise.reject(new Error('The vault is sealed.'))
    const other = await open({ connectHeaders })
    expect(await other.publish(record('a')).ends()).toBe('Error: The vault is sealed.')
  })

  test('needs no confirmation of a broker that gives none', async () => {
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : ''))
    const { publish } = await open({ receipts: false })
    expect(await publish(record('a')).ends()).toBe('told')
    await waitForSent(2)
    expect(sent().some(({ headers }) => 'receipt' in headers)).toBe(false)
  })

  describe.each([
    ['refuses', (frame: ReceivedFrame) => `ERROR\nmessage:Too large\n\n\0${receiptFor(frame)}`],
    ['hangs up on', () => HANG_UP],
  ])('by a broker that %s a word', (_how, no) => {
    const isLarge = ({ body }: ReceivedFrame) => body.length > 1000
    const large = () => record('large', { status: 'completed', result: 'x'.repeat(2000) })
    const bodies = (id: string) =>
      sent().flatMap(({ headers, body }) => (headers['destination'] === `/topic/upload/${id}` ? [JSON.parse(body)] : []))

    test('tells the others, and of this one that there is one', async () => {
      broker.answer((frame) => (isLarge(frame) ? no(frame) : wellAnswer(frame)))
      const { publish, logger } = await open()
      const records = [record('a'), large(), record('b')]
      expect(await publish(...records).ends()).toMatch(/^RefusedError/)
      expect(await publish(...records).ends()).toBe('told')
      expect(bodies('b')).toContainEqual(records[2]?.word)
      expect(bodies('large').at(-1)).toEqual({
        operation_id: 'large',
        operation_type: 'upload',
        status: 'in_progress',
        progress: 0,
        timestamp: expect.any(String),
      })
      expect(logger.error).not.toHaveBeenCalled()
      const connections = broker.connections()
      await publish(record('c'), record('d')).ends()
      expect([broker.connections(), sent().at(-1)?.headers['destination']]).toEqual([connections, '/topic/all/anna'])
    })

    test('passes over what is refused in every form, and says so', async () => {
      broker.answer((frame) => (frame.body.includes('"never"') ? no(frame) : wellAnswer(frame)))
      const { publish, logger } = await open()
      const records = [record('never', { result: 'secret' }), record('a')]
      await publish(...records).ends()
      expect(await publish(...records).ends()).toBe('told')
      expect(logger.error.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining('operation never')])
    })

    test('passes over nothing where everything is refused: that is not for what is in it', async () => {
      broker.answer((frame) => (frame.command === 'SEND' ? no(frame) : wellAnswer(frame)))
      const { publish, logger } = await open()
      const records = Array.from({ length: 50 }, (_, index) => record(`o${index}`))
      for (const connections of [1, 4, 7]) {
        expect(await publish(...records).ends()).toMatch(/^RefusedError/)
        expect(broker.connections()).toBe(connections)
      }
      broker.answer(wellAnswer)
      expect(await publish(...records).ends()).toBe('told')
      expect(logger.error).not.toHaveBeenCalled()
    })
  })

  test('says goodbye; what is still unconfirmed is not told', async () => {
    broker.answer((frame) => (frame.command === 'SEND' ? '' : wellAnswer(frame)))
    const { publisher, publish } = await open()
    const { ends } = publish(record('a'))
    await waitForSent(2)
    await publisher.close()
    expect(await ends()).toMatch(/Error/)
    expect(broker.frames.at(-1)?.command).toBe('DISCONNECT')
  })

  test.each([
    [{ url: 'amqp://broker' }, /address of a broker/],
    [{ url: 'broker:61613' }, /address of a broker/],
    [{}, /address of a broker/],
    [{ url: 'stomp://broker', headers: { Receipt: '1' } }, /cannot set Receipt/],
    [{ url: 'stomp://broker', destination: { job: '/topic/\n{jobId}' } }, /without line breaks/],
  ])('refuses options that cannot be meant: %j', (options, problem) => {
    expect(() => stompPublisher(options)).toThrow(problem)
  })

  test.each(['ws://broker', 'wss://broker/ws', 'https://broker/ws', 'stomp+ssl://broker', 'stomp://[::1]:61613'])('takes %s', (url) => {
    expect(() => stompPublisher({ url })).not.toThrow()
  })
})

describe('the STOMP publisher by a client of its user’s', () => {
  function clientFor(onStompError = () => {}): Client {
    const client = new Client({ webSocketFactory: socketsTo(broker.url), reconnectDelay: 0, onStompError })
    onTestFinished(() => client.deactivate({ force: true }))
    return client
  }
  const openWith = async (client: Client) => {
    const publisher = stompPublisher({ client })
    const clock = manualClock()
    await publisher.open({ clock, logger: console })
    onTestFinished(async () => publisher.close())
    return { publisher, clock }
  }

  test('tells when it connects, and leaves it connected', async () => {
    const client = clientFor()
    const { publisher } = await openWith(client)
    const telling = publisher.publish([record('a')])
    client.activate()
    await telling
    expect(destinations()).toEqual(['/topic/upload/a', '/topic/all/anna'])
    await publisher.close()
    expect(client.connected).toBe(true)
  })

  test('keeps the handlers of its user, and hears of ERROR frames and of its end', async () => {
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : 'ERROR\nmessage:no\n\n\0'))
    const onStompError = vi.fn()
    const client = clientFor(onStompError)
    const { publisher } = await openWith(client)
    client.activate()
    await expect(publisher.publish([record('a')])).rejects.toThrow('The broker refused it: no:')
    expect(onStompError).toHaveBeenCalled()
    broker.answer((frame) => (frame.command === 'CONNECT' ? CONNECTED : ''))
    const lost = publisher.publish([record('a')])
    await waitForSent(4)
    broker.hangUp()
    await expect(lost).rejects.toThrow('The connection to the broker was lost.')
    await publisher.close()
    expect(client.onStompError).toBe(onStompError)
  })

  test('says so where it is not connected in time', async () => {
    const { publisher, clock } = await openWith(clientFor())
    const waiting = publisher.publish([record('a')])
    clock.advance(10_000)
    await expect(waiting).rejects.toThrow('The STOMP client is not connected.')
  })
})
