import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../clock.js'
import { consoleLogger } from '../logger.js'
import { amend } from '../manager/operations.js'
import { temporaryDirectory } from '../testing/harness.js'
import { newOperation, operationRecordsContract } from '../testing/operation-records-contract.js'
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

async function openAt(path: string) {
  const records = sqlite({ path })
  await records.open({ clock: systemClock, logger: consoleLogger })
  return records
}

operationRecordsContract('SQLite', () => openAt(newPath()))

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
