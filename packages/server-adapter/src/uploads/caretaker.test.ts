import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { consoleLogger } from '../logger.js'
import { memory } from '../records/memory.js'
import { disk } from '../storage/disk.js'
import { startHarness, temporaryDirectory } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'
import { wordRecord } from '../testing/word-record.js'
import type { Abandoned } from './abandoned.js'
import { createCaretaker } from './caretaker.js'

test('bytes that no operation needs are deleted while the server runs, once a day; those that are waited for are kept', async () => {
  const directory = await temporaryDirectory()
  const clock = manualClock()
  const server = await startHarness(directory.path, { clock, limits: { uploadExpiresMs: 10 * 86_400_000 } })
  const { operation_id } = await server.create({ size: 5 })
  const uploads = join(directory.path, 'files', 'uploads')
  await mkdir(join(uploads, 'nobody-knows-this'))
  clock.advance(23 * 3_600_000)
  expect((await readdir(uploads)).sort()).toEqual([operation_id, 'nobody-knows-this'].sort())
  // The next sweeps are due; each begins when the one before has ended.
  await expect
    .poll(async () => {
      clock.advance(3_600_000)
      return readdir(uploads)
    })
    .toEqual([operation_id])
  await server.close()
  await directory.remove()
})

test('a file is kept though a crash has left its folder behind', async () => {
  const make = wordRecord()
  const file = { ...make('file', { status: 'completed' }), upload: { kind: 'put', partBytes: 1, bytes: 'stored' } as const }
  const records = memory()
  await records.insert([file])
  const discarded: string[] = []
  const caretaker = createCaretaker({
    records,
    storage: {
      ...disk({ directory: 'nowhere' }),
      async *unsealed() {
        yield* ['file', 'orphan']
      },
      discard: async (operationId) => void discarded.push(operationId),
    },
    abandoned: {} as Abandoned,
    clock: manualClock(),
    logger: consoleLogger,
  })
  await caretaker.recover()
  await caretaker.stop()
  expect(discarded).toEqual(['orphan'])
})
