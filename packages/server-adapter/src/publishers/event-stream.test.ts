import { describe, expect, test } from 'vitest'
import { consoleLogger } from '../logger.js'
import type { OperationRecord } from '../records/operation-records.js'
import { manualClock } from '../testing/manual-clock.js'
import { newOperation } from '../testing/operation-records-contract.js'
import { createEventStream, type EventStreamOptions } from './event-stream.js'

const record = (id: string, version: number): OperationRecord => ({ ...newOperation(id), word: { ...newOperation(id).word, version } })
const text = new TextDecoder()

/** A stream over a list of records, whose events are `id@version` and, to fill a buffer, spaces. */
function setUp(more: Partial<EventStreamOptions> = {}) {
  const records = new Map<string, OperationRecord>()
  const clock = manualClock()
  let ended = 0
  const encode = ({ word }: OperationRecord) => new TextEncoder().encode(`${word.operation_id}@${word.version}`.padEnd(100 * 1024))
  const stream = createEventStream({
    clock,
    logger: consoleLogger,
    after: 0,
    isBehind: false,
    encode,
    encodePing: (after) => new TextEncoder().encode(`ping ${after ?? 'latest'}`),
    changes: async (after, limit) =>
      [...records.values()]
        .filter(({ word }) => word.version > after)
        .sort((a, b) => a.word.version - b.word.version)
        .slice(0, limit),
    onEnd: () => {
      ended += 1
    },
    ...more,
  })
  const reader = stream.readable.getReader()
  return {
    stream,
    clock,
    reader,
    ended: () => ended,
    commit(id: string, version: number) {
      const next = record(id, version)
      records.set(id, next)
      return () => stream.sendRecord(encode(next), version)
    },
    read: async () => text.decode((await reader.read()).value).trim(),
  }
}

describe('the stream of one client', () => {
  test('that keeps up gets each word as it is published', async () => {
    const { commit, read } = setUp()
    commit('a', 1)()
    commit('a', 2)()
    expect([await read(), await read()]).toEqual(['a@1', 'a@2'])
  })

  test('that is slow gets what fits, and then the current state of what changed meanwhile, with bounded memory', async () => {
    const { commit, read } = setUp()
    for (let version = 1; version <= 50; version += 1) commit(version % 2 === 0 ? 'even' : 'odd', version)()
    expect([await read(), await read(), await read()]).toEqual(['odd@1', 'even@2', 'odd@3'])
    expect([await read(), await read()]).toEqual(['odd@49', 'even@50'])
    commit('odd', 51)()
    expect(await read()).toBe('odd@51')
  })

  test('misses nothing that was committed earlier and published later', async () => {
    const { commit, read } = setUp()
    for (let version = 1; version <= 3; version += 1) commit(`fill${version}`, version)()
    const publishLate = commit('late', 4)
    commit('b', 5)()
    publishLate()
    await read()
    await read()
    await read()
    expect([await read(), await read()].sort()).toEqual(['b@5', 'late@4'])
  })

  test('that is behind is not told a cursor ahead of what it has', async () => {
    const changes = Promise.withResolvers<readonly OperationRecord[]>()
    const { stream, reader } = setUp({ after: 100, isBehind: true, changes: () => changes.promise })
    const first = reader.read()
    stream.ping()
    expect(text.decode((await first).value)).toBe('ping 68')
    changes.resolve([])
  })

  test('that takes nothing for a minute, though something waits for it, is given up', async () => {
    const { stream, clock, commit, reader, ended } = setUp()
    await Promise.resolve()
    for (let version = 1; version <= 5; version += 1) commit('a', version)()
    clock.advance(59_000)
    stream.ping()
    expect(ended()).toBe(0)
    clock.advance(1000)
    stream.ping()
    expect(ended()).toBe(1)
    await expect(reader.read()).rejects.toThrow('took nothing')
    stream.end()
    commit('a', 6)()
    expect(ended()).toBe(1)
  })

  test('ends where what was missed cannot be read: its client comes back for it', async () => {
    const errors: string[] = []
    const { reader } = setUp({
      isBehind: true,
      logger: { ...consoleLogger, error: (message) => errors.push(message) },
      changes: () => Promise.reject(new Error('disk')),
    })
    expect(await reader.read()).toEqual({ done: true, value: undefined })
    expect(errors).toHaveLength(1)
  })
})
