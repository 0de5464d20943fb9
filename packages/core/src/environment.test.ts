import { describe, expect, test, vi } from 'vitest'
import { browserEnvironment } from './environment.js'

describe('outside a browser', () => {
  test('the next frame comes by a timer', () => {
    vi.useFakeTimers()
    try {
      const calls: string[] = []
      const environment = browserEnvironment()
      environment.nextFrame(() => calls.push('frame'))
      environment.nextFrame(() => calls.push('cancelled'))()
      vi.runAllTimers()
      expect(calls).toEqual(['frame'])
    } finally {
      vi.useRealTimers()
    }
  })

  test('nothing wakes up, and whoever waits for it may leave', () => {
    const stop = browserEnvironment().onWake(() => {})
    expect(stop).not.toThrow()
  })

  test('the network is believed to be there, addresses have no base, and protocols are not known', () => {
    const environment = browserEnvironment()
    expect(environment.isOnline()).toBe(true)
    expect(environment.baseUrl).toBeUndefined()
    expect(environment.protocolOf('https://storage.test')).toBe('')
  })

  test('ids are 32 hexadecimal digits', () => {
    expect(browserEnvironment().createId()).toMatch(/^[0-9a-f]{32}$/)
  })

  test('ids are no two alike, also where one stock of them ends', () => {
    const { createId } = browserEnvironment()
    const ids = Array.from({ length: 600 }, createId)
    expect(new Set(ids).size).toBe(600)
    expect(ids.filter((id) => !/^[0-9a-f]{32}$/.test(id))).toEqual([])
  })

  test('what listeners throw goes to the console', () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const error = new Error('mine')
    browserEnvironment().reportError(error)
    expect(log).toHaveBeenCalledWith(error)
    log.mockRestore()
  })
})
