import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../clock.js'
import { consoleLogger } from '../logger.js'
import { amend } from '../manager/operations.js'
import { temporaryDirectory } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'
import { newOperation, operationRecordsContract } from '../testing/operation-records-contract.js'
import { MIGRATIONS } from './sqlite/migrations.js'
import { sqlite } from './sqlite.js'

let directory: Awaited<ReturnType<typeof temporaryDirectory>>
let files = 0
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(() => directory.remove())

function newPath(): string {
  files += 1
  return join(directory.path, 'made', 'on', 'demand', `${files}.db`)
}

async function openAt(path: string, clock: Clock = systemClock) {
  const records = sqlite({ path })
  await records.open({ clock, logger: consoleLogger })
  return records
}

operationRecordsContract('SQLite', async () => {
  const path = newPath()
  const clock = manualClock()
  return { records: await openAt(path, clock), passTime: clock.advance, openAgain: () => openAt(path, clock) }
})

operationRecordsContract('SQLite, in memory', async () => {
  const clock = manualClock()
  return { records: await openAt(':memory:', clock), passTime: clock.advance }
})

describe('an SQLite database', () => {
  test('keeps its epoch and its operations across a restart', async () => {
    const path = newPath()
    const first = await openAt(path)
    await first.insert([newOperation('a', { message: 'kept' })])
    const epoch = first.epoch()
    await first.close()
    const second = await openAt(path)
    expect(second.epoch()).toBe(epoch)
    expect(await second.get('a')).toMatchObject({ word: { message: 'kept' } })
    await second.close()
  })

  test('never gives out a version again that a power cut has taken back', async () => {
    const path = newPath()
    const first = await openAt(path)
    await first.insert([newOperation('a')])
    const lost = (await first.update('a', (record) => amend(record, { progress: 50 })))!.record.word.version
    await first.close()
    const file = new DatabaseSync(path)
    file.exec('UPDATE meta SET sequence = 1; UPDATE sync_operations SET version = 1')
    file.close()
    const second = await openAt(path)
    expect((await second.update('a', (record) => amend(record, { progress: 10 })))!.record.word.version).toBeGreaterThan(lost)
    await second.close()
  })

  test('can be opened again without being closed, as after a crash, with every commit in place', async () => {
    const path = newPath()
    const crashed = await openAt(path)
    await crashed.insert([newOperation('a')])
    const second = await openAt(path)
    expect(await second.get('a')).toBeDefined()
    await second.close()
    await crashed.close()
  })

  test('writes ahead, so that readers and the writer do not wait for each other', async () => {
    const path = newPath()
    const records = await openAt(path)
    const file = new DatabaseSync(path)
    expect(file.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    file.close()
    await records.close()
    expect((await readFile(path)).subarray(0, 15).toString()).toBe('SQLite format 3')
  })

  test('of the first schema is taken over: versions, epoch, jobs, and when what ended', async () => {
    const path = join(directory.path, 'schema-1.db')
    const file = new DatabaseSync(path)
    file.exec(MIGRATIONS[0]!)
    file.exec(`PRAGMA user_version = 1; INSERT INTO meta VALUES (1, 'old', 40); INSERT INTO jobs VALUES ('j', 'anna')`)
    const insert = file.prepare('INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 1000, ?, ?)')
    const words = Array.from({ length: 40 }, (_, index) => ({
      operation_id: `operation-${index}`,
      operation_type: 'upload',
      status: ['pending', 'in_progress', 'completed', 'failed', 'cancelled'][index % 5]!,
      progress: 1,
      // Each of them another fraction of a second.
      timestamp: new Date(Date.parse('2026-01-01T00:00:00Z') + index * 86_413_579).toISOString(),
      job_id: 'j',
      client_ref: `ref-${index}`,
      attempt: 1,
      version: index + 1,
      position: index + 1,
    }))
    const upload = { kind: 'put', partBytes: 1, bytes: 'stored' }
    for (const word of words) {
      const { operation_id, version, job_id, client_ref, attempt, status } = word
      const expiresAtMs = status === 'pending' ? 20 : null
      insert.run(
        operation_id,
        version,
        'anna',
        job_id,
        client_ref,
        attempt,
        status,
        expiresAtMs,
        JSON.stringify(word),
        JSON.stringify(upload),
      )
    }
    file.close()

    const records = await openAt(path)
    expect(records.epoch()).toBe('old')
    expect((await records.everyChange({ after: 0, limit: 1000 })).map(({ word }) => word)).toEqual(words)
    expect(await records.get('operation-7')).toEqual({ subject: 'anna', createdAtMs: 1000, word: words[7], upload })
    expect(await records.jobOwner('j')).toBe('anna')
    expect(await records.overdue(20, 1000)).toHaveLength(8)
    for (const files of [false, true]) {
      for (const { timestamp, status } of words) {
        const hasEnded = files ? status === 'completed' : status === 'failed' || status === 'cancelled'
        const before = async (beforeMs: number) =>
          (await records.endedBefore({ beforeMs, files, limit: 1000 })).some(({ word }) => word.timestamp === timestamp)
        expect([await before(Date.parse(timestamp)), await before(Date.parse(timestamp) + 1)]).toEqual([false, hasEnded])
      }
    }
    const [outcome] = await records.insert([newOperation('new', {}, { key: 'k' })])
    expect(outcome!.record.word.version).toBeGreaterThan(40)
    await records.close()
    const again = await openAt(path)
    expect(await again.count()).toEqual({ total: 41, unfinished: 17 })
    await again.close()
  })

  test('of a newer release is refused with a sentence that says what to do', async () => {
    const path = newPath()
    await (await openAt(path)).close()
    const file = new DatabaseSync(path)
    file.exec('PRAGMA user_version = 99')
    file.close()
    await expect(openAt(path)).rejects.toThrow('Update this package')
  })

  test('that cannot be opened says so with its path', async () => {
    await expect(openAt(directory.path)).rejects.toThrow(`The database ${directory.path} cannot be opened`)
  })

  test('that is used before it is open says so', async () => {
    await expect(sqlite({ path: newPath() }).get('a')).rejects.toThrow('not open')
  })
})
