import { describe, expect, it } from 'vitest'
import { createManualClock } from '../testing/index.js'
import type { HttpRequest } from './http-client.js'
import { type WorkerLike, workerClient } from './worker-client.js'
import { WORKER_VERSION, type WorkerOrder, type WorkerOutcome, type WorkerWord } from './worker-messages.js'

/** A Worker in the hands of a test. */
function createFakeWorker() {
  const orders: WorkerOrder[] = []
  let isPrevented = false
  const worker: WorkerLike & { isTerminated: boolean } = {
    isTerminated: false,
    onmessage: null,
    onmessageerror: null,
    onerror: null,
    postMessage: (order) => orders.push(structuredClone(order)),
    terminate() {
      worker.isTerminated = true
    },
  }
  const call = (handler: ((event: never) => unknown) | null, event: object) => (handler as ((event: object) => unknown) | null)?.(event)
  return {
    worker,
    orders,
    sends: () => orders.filter((order) => 'send' in order),
    say: (word: WorkerWord) => call(worker.onmessage, { data: word }),
    end: (id: number, result: WorkerOutcome['result'], sentBytes?: number) =>
      call(worker.onmessage, { data: { ended: id, sentBytes, protocol: undefined, result } }),
    fail(message: string) {
      call(worker.onerror, { message, preventDefault: () => (isPrevented = true) })
      return isPrevented
    },
    garble: () => call(worker.onmessageerror, {}),
  }
}

function setUp(spawn?: () => WorkerLike) {
  const clock = createManualClock()
  const workers: ReturnType<typeof createFakeWorker>[] = []
  const reasons: string[] = []
  let direct = 0
  const client = workerClient({
    clock,
    fallback: {
      send() {
        direct += 1
        return Promise.resolve({ status: 299, text: 'direct', header: () => undefined })
      },
    },
    spawn: spawn ?? (() => workers[workers.push(createFakeWorker()) - 1]!.worker),
    onUnavailable: (reason) => reasons.push(reason),
  })
  const send = (more: Partial<HttpRequest> = {}) =>
    client.send({ method: 'PUT', url: 'https://s.test/a', body: new Blob(['x']), signal: new AbortController().signal, ...more })
  /** As after a first request. */
  async function begin() {
    await send()
    const fake = workers.at(-1)!
    fake.say({ ready: WORKER_VERSION })
    direct = 0
    return fake
  }
  return { clock, client, workers, reasons, send, begin, direct: () => direct }
}
const OK = { response: { status: 200, headers: 'etag: "t"\r\n', text: 'thanks' } }
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('where requests go', () => {
  it('there is no Worker before the first request', () => {
    expect(setUp().workers).toHaveLength(0)
  })

  it('can be begun before the first request, once', async () => {
    const { client, workers, send, direct } = setUp()
    client.start()
    client.start()
    workers[0]?.say({ ready: WORKER_VERSION })
    void failureOf(send())
    expect(workers).toHaveLength(1)
    expect(workers[0]?.orders).toHaveLength(1)
    expect(direct()).toBe(0)
  })

  it('nobody waits for the Worker: until it is ready, the main thread sends', async () => {
    const { workers, send, direct } = setUp()
    expect(await send()).toMatchObject({ text: 'direct' })
    expect(await send()).toMatchObject({ text: 'direct' })
    expect(direct()).toBe(2)
    expect(workers).toHaveLength(1)
    expect(workers[0]?.orders).toEqual([])
  })

  it('once it is ready, the Worker sends, with what can cross to it', async () => {
    const { begin, send, direct } = setUp()
    const fake = await begin()
    const answer = send({ headers: { a: 'b' }, onProgress() {} })
    const body = expect.any(Blob) as unknown
    expect(fake.orders).toEqual([{ send: 1, request: { method: 'PUT', url: 'https://s.test/a', headers: { a: 'b' }, body } }])
    fake.end(1, OK)
    const response = await answer
    expect([response.status, response.text, response.header('etag'), response.header('absent')]).toEqual([200, 'thanks', '"t"', undefined])
    expect(direct()).toBe(0)
  })

  it.each<[string, (fake: ReturnType<typeof createFakeWorker>) => unknown]>([
    ['cannot be loaded', (fake) => fake.fail('')],
    ['throws', (fake) => fake.fail('Oops')],
    ['says what cannot be read', (fake) => fake.garble()],
    ['is of another version', (fake) => fake.say({ ready: WORKER_VERSION + 1 })],
  ])('a Worker that %s is ended for good, and the main thread sends', async (_what, go) => {
    const { clock, workers, reasons, send, direct } = setUp()
    await send()
    go(workers[0]!)
    expect(workers[0]?.worker.isTerminated).toBe(true)
    await send()
    expect(direct()).toBe(2)
    expect(workers).toHaveLength(1)
    expect(reasons).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  it('a Worker’s error is not the page’s', async () => {
    const { workers, send } = setUp()
    await send()
    expect(workers[0]?.fail('Oops')).toBe(true)
  })

  it('a Worker that cannot be made (Trusted Types) is not tried again', async () => {
    let attempts = 0
    const { reasons, send, direct } = setUp(() => {
      attempts += 1
      throw new TypeError('This document requires TrustedScriptURL assignment.')
    })
    await send()
    await send()
    expect([attempts, direct(), reasons.length]).toEqual([1, 2, 1])
  })

  it('a Worker that never says that it is ready is given up', async () => {
    const { clock, workers, reasons, send, direct } = setUp()
    await send()
    await clock.advance(30_000)
    expect(workers[0]?.worker.isTerminated).toBe(true)
    expect(reasons).toEqual(['It did not start in time.'])
    workers[0]?.say({ ready: WORKER_VERSION })
    await send()
    expect(direct()).toBe(2)
  })
})

describe('a request in the Worker', () => {
  it('hears progress, the last of it before the answer and none after', async () => {
    const { begin, send } = setUp()
    const fake = await begin()
    const heard: number[] = []
    const answer = send({ onProgress: (sent) => heard.push(sent) }).then(() => heard.push(-1))
    fake.say({ progress: [[1, 10]] })
    fake.end(1, OK, 20)
    await answer
    fake.say({ progress: [[1, 30]] })
    expect(heard).toEqual([10, 20, -1])
  })

  it.each(['network', 'stalled'] as const)('rejects as %s', async (code) => {
    const { begin, send } = setUp()
    const fake = await begin()
    const failure = failureOf(send())
    fake.end(1, { failure: { code, message: 'Why.' } })
    expect(await failure).toMatchObject({ name: 'UploadError', code, message: 'Why.', retryable: true })
  })

  it('that the browser refuses rejects, and is not tried again', async () => {
    const { begin, send } = setUp()
    const fake = await begin()
    const failure = failureOf(send())
    fake.end(1, { failure: { code: undefined, message: 'No such header.' } })
    expect(await failure).toMatchObject({ name: 'UploadError', message: 'No such header.', retryable: false })
  })

  it('rejects with the signal’s reason at once, and stops in the Worker', async () => {
    const { begin, send } = setUp()
    const fake = await begin()
    const controller = new AbortController()
    const reason = new Error('stopped')
    const failure = failureOf(send({ signal: controller.signal }))
    controller.abort(reason)
    expect(await failure).toBe(reason)
    expect(fake.orders.at(-1)).toEqual({ abort: 1 })
    fake.end(1, OK)
  })

  it('is not sent for a signal that was aborted before', async () => {
    const { begin, send } = setUp()
    const fake = await begin()
    const reason = new Error('stopped')
    expect(await failureOf(send({ signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(fake.orders).toEqual([])
  })

  it('tells which protocol its origin speaks', async () => {
    const { client, begin } = setUp()
    const fake = await begin()
    expect(client.protocolOf('https://s.test')).toBe('')
    fake.say({ ended: 0, sentBytes: undefined, protocol: ['https://s.test', 'h2'], result: OK })
    expect(client.protocolOf('https://s.test')).toBe('h2')
  })
})

describe('a Worker that dies', () => {
  it.each<[string, (fake: ReturnType<typeof createFakeWorker>) => unknown]>([
    ['by an exception', (fake) => fake.fail('Oops')],
    ['by a word that cannot be read', (fake) => fake.garble()],
  ])('%s: its requests reject as network, which is tried again, and later ones go by the main thread', async (_what, go) => {
    const { clock, begin, send, direct } = setUp()
    const fake = await begin()
    const failures = [failureOf(send()), failureOf(send())]
    go(fake)
    for (const failure of await Promise.all(failures)) expect(failure).toMatchObject({ code: 'network', retryable: true })
    expect(await send()).toMatchObject({ text: 'direct' })
    expect(direct()).toBe(1)
    expect(clock.pending).toBe(0)
  })

  it('in silence is found out by two pings', async () => {
    const { clock, reasons, begin, send } = setUp()
    const fake = await begin()
    const failure = failureOf(send())
    await clock.advance(15_000)
    expect(fake.orders.at(-1)).toEqual({ ping: true })
    await clock.advance(30_000)
    expect(await failure).toMatchObject({ code: 'network' })
    expect(reasons).toEqual(['It does not answer.'])
    expect(clock.pending).toBe(0)
  })

  it('is not one whose answer to a ping comes after the timer, as when a page was frozen between them', async () => {
    const { clock, reasons, begin, send } = setUp()
    const fake = await begin()
    const answer = send()
    for (let thaw = 0; thaw < 3; thaw += 1) {
      await clock.advance(30_000)
      fake.say({ progress: [] })
    }
    fake.end(1, OK)
    expect(await answer).toMatchObject({ status: 200 })
    expect(reasons).toEqual([])
  })

  it('is not one that answers pings, however long a request takes', async () => {
    const { clock, reasons, begin, send } = setUp()
    const fake = await begin()
    const answer = send()
    for (let pulse = 0; pulse < 20; pulse += 1) {
      await clock.advance(15_000)
      expect(fake.orders.at(-1)).toEqual({ ping: true })
      fake.say({ progress: [] })
    }
    fake.end(1, OK)
    expect(await answer).toMatchObject({ status: 200 })
    expect(reasons).toEqual([])
  })

  it('is not one of which nothing was asked for a while', async () => {
    const { clock, reasons, begin, send } = setUp()
    const fake = await begin()
    await clock.advance(15_000)
    void failureOf(send())
    await clock.advance(15_000)
    expect(reasons).toEqual([])
    expect(fake.orders.at(-1)).toEqual({ ping: true })
  })
})

describe('an end', () => {
  it('a Worker that has nothing to do is ended, and another begun when there is', async () => {
    const { clock, workers, reasons, begin } = setUp()
    const fake = await begin()
    await clock.advance(30_000)
    expect(fake.worker.isTerminated).toBe(true)
    expect(clock.pending).toBe(0)
    expect(await begin()).not.toBe(fake)
    expect(workers).toHaveLength(2)
    expect(reasons).toEqual([])
  })

  it('dispose ends the Worker and its requests, and leaves no timer', async () => {
    const { clock, client, begin, send } = setUp()
    const fake = await begin()
    const failure = failureOf(send())
    client.dispose()
    client.dispose()
    expect(fake.worker.isTerminated).toBe(true)
    expect(await failure).toMatchObject({ code: 'network' })
    expect(clock.pending).toBe(0)
  })

  it('dispose of a client that was never used does nothing', () => {
    const { client, workers } = setUp()
    client.dispose()
    expect(workers).toHaveLength(0)
  })
})
