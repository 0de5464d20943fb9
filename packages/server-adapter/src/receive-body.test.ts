import { describe, expect, test } from 'vitest'
import { receiveBody } from './receive-body.js'
import { manualClock } from './testing/manual-clock.js'

/** A body that a test fills by hand. */
function manualBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  let cancelled: { readonly reason: unknown } | undefined
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
    cancel(reason) {
      cancelled = { reason }
    },
  })
  return {
    stream,
    send: (text: string) => controller.enqueue(Buffer.from(text)),
    end: () => controller.close(),
    isCancelled: () => cancelled !== undefined,
    reason: () => cancelled?.reason,
  }
}
const textOf = async (chunks: AsyncIterable<Uint8Array>) => {
  let text = ''
  for await (const chunk of chunks) text += Buffer.from(chunk).toString()
  return text
}

describe('a body that is received', () => {
  test('comes chunk by chunk to its end', async () => {
    const body = manualBody()
    const text = textOf(receiveBody(body.stream, manualClock(), new AbortController().signal))
    body.send('hel')
    body.send('lo')
    body.end()
    expect(await text).toBe('hello')
  })

  test('that is none is empty', async () => {
    expect(await textOf(receiveBody(null, manualClock(), new AbortController().signal))).toBe('')
  })

  test('is given up when nothing comes for a minute', async () => {
    const body = manualBody()
    const clock = manualClock()
    const chunks = receiveBody(body.stream, clock, new AbortController().signal)
    body.send('a')
    await chunks.next()
    clock.advance(59_000)
    const second = chunks.next()
    clock.advance(59_999)
    body.send('b')
    expect((await second).done).toBe(false)
    const third = chunks.next()
    clock.advance(120_000)
    await expect(third).rejects.toMatchObject({ status: 408, code: 'stalled', retryable: true })
    expect(body.reason()).toMatchObject({ code: 'stalled' })
  })

  test('is not given up while it is we who are slow', async () => {
    const body = manualBody()
    const clock = manualClock()
    const chunks = receiveBody(body.stream, clock, new AbortController().signal)
    body.send('a')
    await chunks.next()
    clock.advance(600_000)
    body.send('b')
    expect((await chunks.next()).done).toBe(false)
    await chunks.return(undefined)
  })

  test('ends with the reason of an abort, before it began or in the middle', async () => {
    const body = manualBody()
    const controller = new AbortController()
    const chunks = receiveBody(body.stream, manualClock(), controller.signal)
    const first = chunks.next()
    controller.abort(new RangeError('enough'))
    await expect(first).rejects.toThrow('enough')
    await expect(receiveBody(manualBody().stream, manualClock(), controller.signal).next()).rejects.toThrow('enough')
  })

  /** One whose reader has had enough after the first chunk. */
  async function stoppedBody() {
    const body = manualBody()
    const clock = manualClock()
    const chunks = receiveBody(body.stream, clock, new AbortController().signal)
    body.send('a')
    await chunks.next()
    await chunks.return(undefined)
    return { body, clock }
  }

  test('of which its reader has had enough is listened to for a while, so that its sender hears the answer, and then let go of', async () => {
    const { body, clock } = await stoppedBody()
    clock.advance(4_999)
    body.send('b')
    expect(body.isCancelled()).toBe(false)
    clock.advance(1)
    expect(body.isCancelled()).toBe(true)
  })

  test('of which its reader has had enough is let go of when it is long', async () => {
    const { body } = await stoppedBody()
    for (let sent = 0; sent < 16; sent += 1) body.send('x'.repeat(2 ** 20))
    await expect.poll(body.isCancelled).toBe(true)
  })
})
