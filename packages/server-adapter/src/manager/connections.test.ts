import { describe, expect, test } from 'vitest'
import { manualClock } from '../testing/manual-clock.js'
import { createConnections } from './connections.js'

function setUp() {
  const clock = manualClock()
  const connections = createConnections(clock)
  return { clock, connections, ids: (subject?: string) => connections.list(subject).map(({ connection_id }) => connection_id) }
}

describe('connections of clients', () => {
  test('are known from their reports, each subject’s its own', () => {
    const { clock, connections, ids } = setUp()
    connections.report('anna', { connection_id: 'a', event: 'connect', transport: 'sse' })
    clock.advance(30_000)
    connections.report('anna', {
      connection_id: 'a',
      event: 'ping',
      status: 'reconnecting',
      transport: 'sse',
      latency: 12,
      reconnect_attempts: 2,
    })
    connections.report('bert', { connection_id: 'a', event: 'connect' })
    expect(connections.list('anna')).toEqual([
      {
        connection_id: 'a',
        subject: 'anna',
        status: 'reconnecting',
        transport: 'sse',
        latency: 12,
        reconnect_attempts: 2,
        connected_at: '2026-01-01T00:00:00.000Z',
        last_ping: '2026-01-01T00:00:30.000Z',
      },
    ])
    expect(connections.list()).toHaveLength(2)
    expect(ids('nobody')).toEqual([])
  })

  test('end by their own word, or when nothing is heard of them', () => {
    const { clock, connections, ids } = setUp()
    connections.report('anna', { connection_id: 'gone', event: 'connect' })
    connections.report('anna', { connection_id: 'silent', event: 'connect' })
    connections.report('anna', { connection_id: 'gone', event: 'disconnect' })
    expect(ids('anna')).toEqual(['silent'])
    clock.advance(100_000)
    connections.report('anna', { connection_id: 'late', event: 'ping' })
    clock.advance(49_999)
    expect(ids('anna')).toEqual(['silent', 'late'])
    clock.advance(1)
    expect(ids('anna')).toEqual(['late'])
  })

  test('are a hundred of one subject, those that were heard last', () => {
    const { connections, ids } = setUp()
    for (let index = 0; index < 100; index += 1) connections.report('anna', { connection_id: `c${index}`, event: 'connect' })
    connections.report('anna', { connection_id: 'c0', event: 'ping' })
    connections.report('anna', { connection_id: 'new', event: 'connect' })
    expect(ids('anna')).toHaveLength(100)
    expect(ids('anna')).toContain('c0')
    expect(ids('anna')).not.toContain('c1')
  })

  test('are ten thousand in all, whoever makes up subjects', () => {
    const { connections, ids } = setUp()
    for (let index = 0; index < 10_500; index += 1) connections.report(`subject-${index}`, { connection_id: 'c', event: 'connect' })
    expect(ids()).toHaveLength(10_000)
    expect(ids('subject-0')).toEqual([])
    expect(ids('subject-10499')).toEqual(['c'])
  })
})
