import { describe, expect, test } from 'vitest'
import { createTraffic } from './traffic.js'

const never = new AbortController().signal
/** Work that a test ends by hand. */
function manualWork() {
  const begun = Promise.withResolvers<AbortSignal>()
  const end = Promise.withResolvers<string>()
  return {
    begun: begun.promise,
    end: end.resolve,
    fail: end.reject,
    run(signal: AbortSignal = never) {
      begun.resolve(signal)
      signal.addEventListener('abort', () => end.reject(signal.reason))
      return end.promise
    },
  }
}

describe('the traffic of uploads', () => {
  test('lets different parts be written side by side', async () => {
    const traffic = createTraffic()
    const [one, two] = [manualWork(), manualWork()]
    const written = Promise.all([traffic.write('a', 1, never, one.run), traffic.write('a', 2, never, two.run)])
    await Promise.all([one.begun, two.begun])
    expect(traffic.isWriting('a')).toBe(true)
    one.end('1')
    two.end('2')
    expect(await written).toEqual(['1', '2'])
    expect(traffic.isWriting('a')).toBe(false)
  })

  test('ends an earlier request for the same part before the later one begins', async () => {
    const traffic = createTraffic()
    const [earlier, later] = [manualWork(), manualWork()]
    const first = traffic.write('a', 1, never, earlier.run)
    await earlier.begun
    const second = traffic.write('a', 1, never, later.run)
    await expect(first).rejects.toMatchObject({ code: 'part_replaced' })
    await later.begun
    later.end('done')
    expect(await second).toBe('done')
  })

  test('keeps writers waiting while an upload is sealed, and no others', async () => {
    const traffic = createTraffic()
    const [sealing, waiting, other] = [manualWork(), manualWork(), manualWork()]
    const order: string[] = []
    const sealed = traffic.exclusively('a', sealing.run).then(() => order.push('sealed'))
    const written = traffic.write('a', 1, never, waiting.run).then(() => order.push('written'))
    const elsewhere = traffic.write('b', 1, never, other.run)
    await other.begun
    expect(traffic.isWriting('a')).toBe(false)
    waiting.end('')
    other.end('')
    sealing.end('')
    await Promise.all([sealed, written, elsewhere])
    expect(order).toEqual(['sealed', 'written'])
  })

  test('seals and discards one after the other, also where one fails', async () => {
    const traffic = createTraffic()
    const [first, second] = [manualWork(), manualWork()]
    const failing = traffic.exclusively('a', first.run)
    const following = traffic.exclusively('a', second.run)
    first.fail(new RangeError('no'))
    await expect(failing).rejects.toThrow('no')
    await second.begun
    second.end('yes')
    expect(await following).toBe('yes')
  })

  test('never lets a writer in between the end of one wait and the next sealing', async () => {
    const traffic = createTraffic()
    let isSealing = false
    let met = 0
    const seal = () =>
      traffic.exclusively('a', async () => {
        if (traffic.isWriting('a')) return
        isSealing = true
        await Promise.resolve()
        await Promise.resolve()
        isSealing = false
      })
    const write = (part: number) =>
      traffic.write('a', part, never, async () => {
        if (isSealing) met += 1
        await Promise.resolve()
        if (isSealing) met += 1
      })
    await Promise.all(Array.from({ length: 200 }, (_, index) => (index % 3 === 0 ? seal() : write(index))))
    expect(met).toBe(0)
  })

  test('stops the writers of one upload, or all', async () => {
    const traffic = createTraffic()
    const works = [manualWork(), manualWork()]
    const writes = works.map((work, index) => traffic.write(`upload-${index}`, 1, never, work.run))
    await Promise.all(works.map(({ begun }) => begun))
    const results = Promise.allSettled(writes)
    await traffic.stop(new RangeError('gone'), 'upload-0')
    expect([traffic.isWriting('upload-0'), traffic.isWriting('upload-1')]).toEqual([false, true])
    await traffic.stop(new RangeError('closing'))
    expect((await results).map((result) => result.status)).toEqual(['rejected', 'rejected'])
  })
})
