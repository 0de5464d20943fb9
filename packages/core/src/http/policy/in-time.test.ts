import { describe, expect, it } from 'vitest'
import { UploadError } from '../../errors.js'
import { createManualClock } from '../../testing/index.js'
import { inTime } from './in-time.js'

const never = () => new Promise<never>(() => {})

describe('a call that has to be answered in time', () => {
  it('settles as the call does, and leaves no timer', async () => {
    const clock = createManualClock()
    const { signal } = new AbortController()
    const broken = new Error('broken')
    expect(await inTime(clock, 1000, signal, () => 'answer')).toBe('answer')
    expect(await inTime(clock, 1000, signal, () => Promise.reject(broken)).catch((error: unknown) => error)).toBe(broken)
    expect(clock.pending).toBe(0)
  })

  it('has stalled when it is late, and is told to stop', async () => {
    const clock = createManualClock()
    let told: AbortSignal | undefined
    const failure = inTime(
      clock,
      1000,
      new AbortController().signal,
      (signal) => {
        told = signal
        return never()
      },
      () => new UploadError('stalled', 'Too late.'),
    ).catch((error: unknown) => error)
    await clock.advance(999)
    expect(told?.aborted).toBe(false)
    await clock.advance(1)
    expect(await failure).toMatchObject({ code: 'stalled', message: 'Too late.', retryable: true })
    expect(told?.aborted).toBe(true)
  })

  it('ends at once with the signal’s reason, though whoever was called does not look at it', async () => {
    const clock = createManualClock()
    const controller = new AbortController()
    const reason = new Error('stopped')
    const failure = inTime(clock, 1000, controller.signal, never).catch((error: unknown) => error)
    controller.abort(reason)
    expect(await failure).toBe(reason)
    expect(clock.pending).toBe(0)
  })

  it('is not begun for a signal that was aborted before', async () => {
    const reason = new Error('stopped')
    let calls = 0
    const failure = inTime(createManualClock(), 1000, AbortSignal.abort(reason), () => (calls += 1)).catch((error: unknown) => error)
    expect(await failure).toBe(reason)
    expect(calls).toBe(0)
  })
})
