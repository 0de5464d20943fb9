import { describe, expect, test } from 'vitest'
import { manualClock } from '../../testing/manual-clock.js'
import { createLocker } from './locker.js'

const never = new AbortController().signal
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
}

describe('the lock of an upload', () => {
  function start() {
    const clock = manualClock()
    const locker = createLocker(clock)
    const log: string[] = []
    async function take(who: string, signal = never, id = 'a') {
      const lock = locker.newLock(id)
      await lock.lock(signal, () => void log.push(`${who} is asked`))
      log.push(`${who} has it`)
      return lock
    }
    return { clock, log, take }
  }

  test('is had by one at a time, who is asked to let go', async () => {
    const { log, take } = start()
    const first = await take('first')
    const second = take('second')
    const third = take('third')
    await settle()
    expect(log).toEqual(['first has it', 'first is asked', 'first is asked'])
    await first.unlock()
    const lock = await second
    await settle()
    expect(log.slice(3).sort()).toEqual(['second has it', 'second is asked'])
    await lock.unlock()
    await third
    expect(log.at(-1)).toBe('third has it')
  })

  test('is another one for another upload', async () => {
    const { log, take } = start()
    await take('first')
    await take('second', never, 'b')
    expect(log).toEqual(['first has it', 'second has it'])
  })

  test('is not waited for longer than half a minute', async () => {
    const { clock, log, take } = start()
    await take('first')
    const second = take('second')
    await settle()
    clock.advance(29_999)
    await settle()
    clock.advance(1)
    await expect(second).rejects.toMatchObject({ status: 423, code: 'upload_locked', retryable: true })
    expect(log).toEqual(['first has it', 'first is asked'])
  })

  test('is not waited for by a request that has ended', async () => {
    const { log, take } = start()
    const first = await take('first')
    const controller = new AbortController()
    const second = take('second', controller.signal)
    await settle()
    controller.abort()
    await expect(second).rejects.toMatchObject({ code: 'upload_locked' })
    await first.unlock()
    await take('third')
    expect(log.at(-1)).toBe('third has it')
  })
})
