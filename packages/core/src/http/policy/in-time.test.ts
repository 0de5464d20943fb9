import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../testing/manual-clock.js'
import { inTime, untilAborted } from './in-time.js'

const never = () => new Promise<never>(() => {})

describe('a call that may never answer', () => {
  it('is over after its time, with a reason, and its signal says so', async () => {
    const clock = createManualClock()
    const seen: AbortSignal[] = []
    const result = inTime(clock, 1000, new AbortController().signal, (signal) => {
      seen.push(signal)
      return never()
    })
    await Promise.all([expect(result).rejects.toMatchObject({ code: 'stalled' }), clock.advance(1000)])
    expect(seen[0]?.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  it('that answers leaves no timer', async () => {
    const clock = createManualClock()
    expect(await inTime(clock, 1000, new AbortController().signal, () => 'answer')).toBe('answer')
    expect(clock.pending).toBe(0)
  })

  it.each([
    ['never does', never],
    [
      'fails for that reason',
      (signal: AbortSignal) =>
        new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new DOMException('Aborted.', 'AbortError')))),
    ],
  ])('rejects with the signal’s reason when it is aborted, whether the call answers that or %s', async (_what, call) => {
    const controller = new AbortController()
    const result = untilAborted(controller.signal, call)
    controller.abort(new Error('Enough.'))
    await expect(result).rejects.toThrow('Enough.')
  })

  it('is not made at all where the signal is aborted already', async () => {
    let calls = 0
    await expect(untilAborted(AbortSignal.abort(new Error('Enough.')), () => (calls += 1))).rejects.toThrow('Enough.')
    expect(calls).toBe(0)
  })

  it('fails as it fails', async () => {
    await expect(untilAborted(new AbortController().signal, () => Promise.reject(new Error('Its own.')))).rejects.toThrow('Its own.')
  })
})
