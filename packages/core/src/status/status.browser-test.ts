import { expect } from 'chai'
import { atom } from 'nanostores'
import type { SyncStatusUpdate } from '../protocol/index.js'
import { type ConnectionStatus, NOT_CONNECTED } from '../realtime/transport.js'
import { createMemoryTransport } from '../testing/memory-transport.js'
import { reportConnection } from './connection-reports.js'
import { createStatusMonitor } from './status-monitor.js'

const { fetch: originalFetch } = window
const undo: (() => void)[] = []

afterEach(() => {
  for (const step of undo.splice(0)) step()
  window.fetch = originalFetch
})

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

function word(version: number, more: Partial<SyncStatusUpdate> = {}): SyncStatusUpdate {
  return {
    operation_id: 'a',
    operation_type: 'webhook',
    status: 'in_progress',
    progress: 0,
    timestamp: '2026-01-01T00:00:00Z',
    version,
    ...more,
  }
}

describe('in a real page', () => {
  it('a monitor tells its listeners once a frame, and ends what it began', async () => {
    const transport = createMemoryTransport()
    const monitor = createStatusMonitor({ realtime: transport.factory })
    let told = 0
    const unlisten = monitor.$operations.listen(() => (told += 1))
    transport.connect()
    await frame()
    told = 0
    for (let version = 1; version <= 5000; version += 1) transport.deliver(word(version, { progress: version / 50 }))
    expect(told).to.equal(0)
    await frame()
    await frame()
    expect(told).to.equal(1)
    expect(monitor.$operations.get()[0]?.progress).to.equal(100)
    unlisten()
    await frame()
    expect(transport.topics).to.deep.equal([])
  })

  it('the last report leaves by a request that outlives the page', async () => {
    const sent: RequestInit[] = []
    window.fetch = async (_url, init = {}) => {
      sent.push(init)
      return new Response(null, { status: 204 })
    }
    const $connection = atom<ConnectionStatus>({ ...NOT_CONNECTED, status: 'connected', transport: 'memory' })
    undo.push(reportConnection($connection, { url: '/uploads' }))
    while (sent.length === 0) await frame()
    window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))
    expect(sent).to.have.length(2)
    expect(sent[1]?.keepalive).to.equal(true)
    expect(sent[1]?.body).to.include('"event":"disconnect"')
  })
})
