import { describe, expect, it, vi } from 'vitest'
import { createAlarms } from './alarms.js'
import { createManualClock } from './testing/manual-clock.js'

function setUp() {
  const clock = createManualClock(0)
  const fired: string[] = []
  const alarms = createAlarms<string>(clock, (key) => fired.push(`${key} at ${clock.now()}`))
  return { clock, alarms, fired }
}

describe('alarms', () => {
  it('fire once each, in the order of their deadlines, with one timer', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('late', 300)
    alarms.set('early', 100)
    alarms.set('middle', 200)
    expect(clock.pending).toBe(1)
    await clock.advance(1000)
    expect(fired).toEqual(['early at 100', 'middle at 200', 'late at 300'])
    expect(clock.pending).toBe(0)
  })

  it('that were moved fire at the new time alone', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.set('a', 500)
    alarms.set('b', 500)
    alarms.set('b', 200)
    await clock.advance(1000)
    expect(fired).toEqual(['b at 200', 'a at 500'])
  })

  it('that were cleared do not fire, and leave no timer', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.clear('a')
    alarms.clear('never set')
    expect(clock.pending).toBe(0)
    await clock.advance(1000)
    expect(fired).toEqual([])
  })

  it('that were cleared and set to the same time again fire once', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.clear('a')
    alarms.set('a', 100)
    await clock.advance(1000)
    expect(fired).toEqual(['a at 100'])
  })

  it('whose time passed while the page slept fire when it looks', () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    clock.set(5000)
    alarms.check()
    expect(fired).toEqual(['a at 5000'])
    expect(clock.pending).toBe(0)
  })

  it('further away than a timer can reach wait all the same', async () => {
    const { clock, alarms, fired } = setUp()
    const days60 = 60 * 24 * 3_600_000
    alarms.set('a', days60)
    await clock.advance(days60 - 1)
    expect(fired).toEqual([])
    await clock.advance(1)
    expect(fired).toEqual([`a at ${days60}`])
  })

  it('may set alarms themselves', async () => {
    const clock = createManualClock(0)
    const fired: number[] = []
    const alarms = createAlarms<number>(clock, (key) => {
      fired.push(key)
      if (key < 3) alarms.set(key + 1, clock.now() + 10)
    })
    alarms.set(1, 10)
    await clock.advance(100)
    expect(fired).toEqual([1, 2, 3])
  })

  it('end with dispose', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.dispose()
    expect(clock.pending).toBe(0)
    await clock.advance(1000)
    expect(fired).toEqual([])
  })

  it('that ended set nothing any more', () => {
    const { clock, alarms } = setUp()
    alarms.dispose()
    alarms.set('a', 100)
    expect(clock.pending).toBe(0)
  })

  it('do not wait longer because the clock was set back', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.set('b', 200)
    await clock.advance(50)
    clock.set(-3_600_000)
    await clock.advance(150)
    expect(fired).toEqual([`a at ${50 - 3_600_000}`, `b at ${150 - 3_600_000}`])
  })

  it('that are set after the clock was set back are on time, and those before it late by no more than had passed unseen', async () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    await clock.advance(50)
    clock.set(-3_600_000)
    alarms.set('c', clock.now() + 10)
    await clock.advance(10)
    expect(fired).toEqual([`c at ${10 - 3_600_000}`])
    await clock.advance(90)
    expect(fired[1]).toBe(`a at ${100 - 3_600_000}`)
  })

  it('fire at once when the clock was set forward past them and the page looks', () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('a', 100)
    alarms.set('b', 3_700_000)
    clock.set(3_600_000)
    alarms.check()
    expect(fired).toEqual(['a at 3600000'])
  })

  it('keep one timer, however often they are moved', () => {
    const clock = createManualClock(0)
    let timers = 0
    const alarms = createAlarms<string>(
      { ...clock, setTimeout: (callback, ms) => ((timers += 1), clock.setTimeout(callback, ms)) },
      () => {},
    )
    alarms.set('first', 1)
    for (let move = 0; move < 10_000; move += 1) alarms.set('a', 1000 + move)
    expect(timers).toBe(1)
    expect(clock.pending).toBe(1)
  })

  it('do not remember each time that one was moved', () => {
    const { clock, alarms, fired } = setUp()
    alarms.set('first', 1)
    for (let move = 0; move < 100_000; move += 1) alarms.set('a', 1000 + move)
    clock.set(200_000)
    const lookUps = vi.spyOn(Map.prototype, 'get')
    alarms.check()
    const count = lookUps.mock.calls.length
    lookUps.mockRestore()
    expect(fired).toEqual(['first at 200000', 'a at 200000'])
    expect(count).toBeLessThan(5000)
  })

  it('go on after a listener threw', async () => {
    const clock = createManualClock(0)
    const fired: string[] = []
    const alarms = createAlarms<string>(clock, (key) => {
      fired.push(key)
      if (key === 'a') throw new Error('mine')
    })
    alarms.set('a', 100)
    alarms.set('b', 200)
    clock.set(100)
    expect(() => alarms.check()).toThrow('mine')
    await clock.advance(100)
    expect(fired).toEqual(['a', 'b'])
  })
})
