import { expect, test } from 'vitest'
import { systemClock } from '../clock.js'
import { consoleLogger } from '../logger.js'
import { operationRecordsContract } from '../testing/operation-records-contract.js'
import { memory } from './memory.js'

operationRecordsContract('memory', async () => {
  const records = memory()
  await records.open({ clock: systemClock, logger: consoleLogger })
  return records
})

test('records in memory of two servers have different epochs', () => {
  expect(memory().epoch()).not.toBe(memory().epoch())
})
