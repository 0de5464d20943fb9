import { describe, expect, it } from 'vitest'
import { UploadError } from '../errors.js'
import type { SyncStatusUpdate } from '../protocol/index.js'
import { createManualClock, settle } from '../testing/index.js'
import { createCancelOutbox } from './outbox.js'

const word = (operationId: string): SyncStatusUpdate => ({
  operation_id: operationId,
  operation_type: 'upload',
  status: 'cancelled',
  progress: 0,
  timestamp: '2026-01-01T00:00:00Z',
})

function setUp() {
  const clock = createManualClock()
  const calls: { id: string; signal: AbortSignal; checkpoint: unknown; answer(): void; fail(error: UploadError): void }[] = []
  const answers: string[] = []
  const network = { isDown: false, unanswered: 0 }
  const outbox = createCancelOutbox({
    environment: { clock, random: () => 0.5 },
    cancel: (id, signal, checkpoint) =>
      new Promise((resolve, reject) => {
        calls.push({ id, signal, checkpoint, answer: () => resolve(word(id)), fail: reject })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
    onAnswer: (update) => answers.push(update.operation_id),
    isDown: () => network.isDown,
    onUnanswered: () => (network.unanswered += 1),
  })
  return { clock, calls, answers, outbox, network }
}
const network = new UploadError('network', 'Cut.')

describe('the outbox of cancels', () => {
  it('tells each time what the upload left behind', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('a', { url: '/a' })
    calls[0]?.fail(network)
    await clock.advance(1000)
    expect(calls.map(({ checkpoint }) => checkpoint)).toEqual([{ url: '/a' }, { url: '/a' }])
  })

  it('tells the server once, and hands on what it answered', async () => {
    const { outbox, calls, answers, clock } = setUp()
    outbox.add('a')
    outbox.add('a')
    calls[0]?.answer()
    await settle()
    expect(calls).toHaveLength(1)
    expect(answers).toEqual(['a'])
    expect(clock.pending).toBe(0)
  })

  it('tries nothing while nothing can be reached, and all of it when something can', async () => {
    const { outbox, calls, clock, network: line } = setUp()
    outbox.add('a')
    calls[0]?.fail(network)
    await settle()
    expect(line.unanswered).toBe(1)
    line.isDown = true
    outbox.add('b')
    await clock.advance(3_600_000)
    expect(calls.map(({ id }) => id)).toEqual(['a'])
    line.isDown = false
    outbox.wake()
    expect(calls.map(({ id }) => id)).toEqual(['a', 'b', 'a'])
  })

  it('repeats what got no answer until it does, with longer and longer waits', async () => {
    const { outbox, calls, answers, clock } = setUp()
    outbox.add('a')
    for (const wait of [500, 1000, 2000, 4000]) {
      calls.at(-1)?.fail(network)
      await clock.advance(wait - 1)
      const before = calls.length
      await clock.advance(1)
      expect(calls).toHaveLength(before + 1)
    }
    calls.at(-1)?.answer()
    await settle()
    expect(answers).toEqual(['a'])
  })

  it('comes back no sooner than the server asked', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('a')
    calls[0]?.fail(new UploadError('throttled', 'Later.', { retryAfterMs: 20_000 }))
    await clock.advance(19_999)
    expect(calls).toHaveLength(1)
    await clock.advance(1)
    expect(calls).toHaveLength(2)
  })

  it('waits for somebody to sign in again', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('a')
    calls[0]?.fail(new UploadError('auth', 'Sign in.'))
    await clock.advance(500)
    expect(calls).toHaveLength(2)
  })

  it('does not take the page of a hotel’s network for an answer', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('a')
    calls[0]?.fail(new UploadError('bad_answer', 'HTML.'))
    await clock.advance(500)
    expect(calls).toHaveLength(2)
  })

  it('forgets what the server will not hear of', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('a')
    calls[0]?.fail(new UploadError('rejected', 'Unknown.', { status: 404 }))
    await clock.advance(3_600_000)
    expect(calls).toHaveLength(1)
  })

  it('tries at once when the network returns, but nothing twice at a time', async () => {
    const { outbox, calls } = setUp()
    outbox.add('waits')
    outbox.add('in flight')
    calls[0]?.fail(network)
    await settle()
    outbox.wake()
    outbox.wake()
    expect(calls.map(({ id }) => id)).toEqual(['waits', 'in flight', 'waits'])
  })

  it('has a few calls under way at once, whatever was cancelled', async () => {
    const { outbox, calls, answers } = setUp()
    for (let index = 0; index < 1000; index += 1) outbox.add(`operation-${index}`)
    let answered = 0
    while (answered < calls.length) {
      expect(calls.length - answered).toBeLessThanOrEqual(4)
      calls[answered]?.answer()
      answered += 1
      await settle()
    }
    expect(new Set(answers).size).toBe(1000)
  })

  it('ends with dispose: nothing in flight, no timer, nothing new', async () => {
    const { outbox, calls, clock } = setUp()
    outbox.add('waits')
    calls[0]?.fail(network)
    outbox.add('in flight')
    await settle()
    outbox.dispose()
    outbox.add('late')
    outbox.wake()
    await clock.advance(3_600_000)
    expect(calls.map(({ id }) => id)).toEqual(['waits', 'in flight'])
    expect(calls[1]?.signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })
})
