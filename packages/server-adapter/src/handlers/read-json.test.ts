import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.js'
import { readBytes } from './read-json.js'

/** A request whose body comes in pieces, as a test gives them. */
function setUp(maxBytes = 100_000) {
  const clock = manualClock()
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
    },
  })
  const init = { method: 'POST', body, duplex: 'half' }
  const read = readBytes(new Request('http://server/', init), maxBytes, clock)
  const settled = read.then(
    (bytes) => ({ bytes }),
    (error: unknown) => ({ error }),
  )
  /** Lets what waits for the last piece take it. */
  const taken = () => new Promise((resolve) => setImmediate(resolve))
  return { clock, settled, taken, push: (bytes: Uint8Array) => controller.enqueue(bytes), end: () => controller.close() }
}

describe('a body', () => {
  test.each([0, 1, 16_384, 16_385, 70_000, 100_000])('of %i bytes is read whole, in whatever pieces it comes', async (size) => {
    const { settled, push, end } = setUp()
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 251))
    for (let at = 0; at < size; at += 1013) push(bytes.subarray(at, at + 1013))
    end()
    expect(await settled).toEqual({ bytes })
  })

  test('of one byte more than it may have is refused', async () => {
    const { settled, push } = setUp(5)
    push(Buffer.from('hello'))
    push(Buffer.from('!'))
    expect(await settled).toMatchObject({ error: { status: 413, code: 'body_too_large' } })
  })

  test('that comes by the byte has five minutes', async () => {
    const { clock, settled, taken, push } = setUp()
    for (let count = 0; count < 8; count += 1) {
      push(Buffer.from('x'))
      await taken()
      clock.advance(50_000)
    }
    expect(await settled).toMatchObject({ error: { status: 408, code: 'stalled' } })
  })
})
