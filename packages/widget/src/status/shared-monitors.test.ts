import { createMemoryTransport, createTestEnvironment } from '@upload-panel/core/testing'
import { createStatusMonitor } from '@upload-panel/core/status'
import { describe, expect, it, vi } from 'vitest'
import { createSharedMonitors, monitorKey, type MonitorSettings } from './shared-monitors.js'

function setUp() {
  const made: ReturnType<typeof createStatusMonitor>[] = []
  const lease = createSharedMonitors(() => {
    const monitor = createStatusMonitor({ realtime: createMemoryTransport().factory, environment: createTestEnvironment() })
    vi.spyOn(monitor, 'dispose')
    made.push(monitor)
    return monitor
  })
  return { made, lease: (settings: Partial<MonitorSettings> = {}) => lease({ endpoint: '/uploads', realtime: 'sse', ...settings }) }
}

describe('a monitor', () => {
  it('is one for all who ask for the same server, and ends with the last of them', () => {
    const { made, lease } = setUp()
    const first = lease()
    const second = lease()
    expect(second.monitor).toBe(first.monitor)
    first.release()
    first.release()
    expect(made[0]?.dispose).not.toHaveBeenCalled()
    second.release()
    expect(made[0]?.dispose).toHaveBeenCalledOnce()
  })

  it('is made anew for who comes after the last one went', () => {
    const { made, lease } = setUp()
    lease().release()
    lease()
    expect(made).toHaveLength(2)
    expect(made[1]?.dispose).not.toHaveBeenCalled()
  })

  it('is another one for another server, or another way to hear of it', () => {
    const { made, lease } = setUp()
    lease()
    lease({ endpoint: '/others' })
    lease({ realtime: 'polling' })
    expect(made).toHaveLength(3)
  })
})

it('knows a server by its address, however it is written', () => {
  const key = (endpoint: string) => monitorKey({ endpoint, realtime: 'sse' })
  expect(key('/uploads/')).toBe(key('/uploads'))
  expect(key('https://example.com/uploads/')).toBe(key('https://EXAMPLE.com:443/uploads'))
  expect(key('/uploads')).not.toBe(key('/Uploads'))
})
