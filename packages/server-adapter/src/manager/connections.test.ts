import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memory } from '../records/memory.js'
import type { OperationRecords } from '../records/operation-records.js'
import { sqlite } from '../records/sqlite.js'
import { temporaryDirectory } from '../testing/harness.js'
import { type ManualClock, manualClock } from '../testing/manual-clock.js'
import { createConnections } from './connections.js'

let clock: ManualClock
let warnings: string[]
let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let opened: OperationRecords[]

beforeEach(async () => {
  clock = manualClock()
  warnings = []
  opened = []
  directory = await temporaryDirectory()
})
afterEach(async () => {
  for (const records of opened) await records.close()
  await directory.remove()
})

async function setUp(records: OperationRecords = memory()) {
  const logger = { debug() {}, info() {}, warn: (message: string) => void warnings.push(message), error() {} }
  await records.open({ clock, logger })
  opened.push(records)
  let ids = 0
  const connections = createConnections({ records, clock, logger, createId: () => `${(ids += 1)}` })
  const ids_ = async (subject?: string) =>
    (await connections.list(subject === undefined ? {} : { subject })).map(({ connection_id }) => connection_id)
  return { records, connections, ids: ids_ }
}

const shared = () => sqlite({ path: join(directory.path, 'records.db') })
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) {
    clock.advance(Math.min(1000, ms - passed))
    await setImmediate()
  }
}

describe('connections of clients', () => {
  test('are known from their reports, each subject’s its own', async () => {
    const { connections, ids } = await setUp()
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
    expect(await connections.list({ subject: 'anna' })).toEqual([
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
    expect(await connections.list()).toHaveLength(2)
    expect(await connections.list({ limit: 1 })).toMatchObject([{ subject: 'bert' }])
    expect(await ids('nobody')).toEqual([])
  })

  test('end by their own word, or when nothing is heard of them', async () => {
    const { connections, records, ids } = await setUp()
    connections.report('anna', { connection_id: 'gone', event: 'connect' })
    connections.report('anna', { connection_id: 'silent', event: 'connect' })
    connections.report('anna', { connection_id: 'gone', event: 'disconnect' })
    expect(await ids('anna')).toEqual(['silent'])
    await pass(100_000)
    connections.report('anna', { connection_id: 'late', event: 'ping' })
    await pass(49_000)
    clock.advance(999)
    expect(await ids('anna')).toEqual(['silent', 'late'])
    clock.advance(1)
    expect(await ids('anna')).toEqual(['late'])
    await pass(60_000)
    expect(await records.clients.list({ limit: 10 })).toHaveLength(1)
  })

  test('are a hundred of one subject, those that were heard last', async () => {
    const { connections, ids } = await setUp()
    for (let index = 0; index < 100; index += 1) connections.report('anna', { connection_id: `c${index}`, event: 'connect' })
    connections.report('anna', { connection_id: 'c0', event: 'ping' })
    connections.report('anna', { connection_id: 'new', event: 'connect' })
    expect(await ids('anna')).toHaveLength(100)
    expect(await ids('anna')).toContain('c0')
    expect(await ids('anna')).not.toContain('c1')
  })

  test('are ten thousand in all, whoever makes up subjects', async () => {
    const { connections, records, ids } = await setUp()
    for (let index = 0; index < 10_500; index += 1) connections.report(`subject-${index}`, { connection_id: 'c', event: 'connect' })
    expect(await ids()).toHaveLength(10_000)
    expect(await ids('subject-0')).toEqual([])
    expect(await ids('subject-10499')).toEqual(['c'])
    expect(await records.clients.list({ limit: 20_000 })).toHaveLength(10_000)
  })

  test('are seen where a client does not report, as long as they are open', async () => {
    const { connections, ids } = await setUp()
    const end = connections.observe('anna', 'sse')
    await pass(600_000)
    expect(await connections.list({ subject: 'anna' })).toMatchObject([
      { connection_id: 'seen:1', status: 'connected', transport: 'sse', connected_at: '2026-01-01T00:00:00.000Z' },
    ])
    end()
    expect(await ids('anna')).toEqual([])
  })

  test('are not counted twice where a client reports what is seen, too', async () => {
    const { connections, ids } = await setUp()
    connections.observe('anna', 'sse')
    connections.observe('anna', 'sse')
    connections.observe('anna', 'socket-io')
    connections.observe('bert', 'sse')
    connections.report('anna', { connection_id: 'told', event: 'connect', transport: 'sse' })
    expect(await ids('anna')).toEqual(['seen:2', 'seen:3', 'told'])
    expect(await ids()).toEqual(['seen:2', 'seen:3', 'seen:4', 'told'])
  })

  test('are written together, and again where that fails', async () => {
    const { connections, records } = await setUp()
    const { save } = records.clients
    const calls: number[] = []
    records.clients.save = async (clients) => {
      calls.push(clients.length)
      throw new Error('locked')
    }
    connections.report('anna', { connection_id: 'a', event: 'connect' })
    connections.report('anna', { connection_id: 'b', event: 'connect' })
    connections.report('anna', { connection_id: 'a', event: 'ping' })
    await pass(1000)
    expect([calls, warnings.length]).toEqual([[2], 1])
    records.clients.save = save
    connections.report('anna', { connection_id: 'b', event: 'disconnect' })
    await pass(1000)
    expect((await records.clients.list({ limit: 10 })).map(({ connection_id }) => connection_id)).toEqual(['a'])
  })

  test('are known to all nodes, and go on where they went to another one', async () => {
    const [first, second] = [await setUp(shared()), await setUp(shared())]
    first.connections.report('anna', { connection_id: 'a', event: 'connect' })
    await pass(1000)
    expect(await second.ids('anna')).toEqual(['a'])
    await pass(20_000)
    second.connections.report('anna', { connection_id: 'a', event: 'ping', latency: 5 })
    await pass(1000)
    expect(await first.connections.list()).toMatchObject([{ latency: 5, connected_at: '2026-01-01T00:00:00.000Z' }])
    second.connections.report('anna', { connection_id: 'a', event: 'disconnect' })
    await second.connections.close()
    expect(await first.ids()).toEqual([])
  })
})
