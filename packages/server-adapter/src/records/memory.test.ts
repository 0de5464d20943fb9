import { expect, test } from 'vitest'
import { consoleLogger } from '../logger.js'
import { manualClock } from '../testing/manual-clock.js'
import { operationRecordsContract } from '../testing/operation-records-contract.js'
import { memory } from './memory.js'

operationRecordsContract('memory', async () => {
  const records = memory()
  const clock = manualClock()
  await records.open({ clock, logger: consoleLogger })
  return { records, passTime: clock.advance }
})

test('records in memory of two servers have different epochs', () => {
  expect(memory().epoch()).not.toBe(memory().epoch())
})
