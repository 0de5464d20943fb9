import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startHarness, temporaryDirectory } from '../testing/harness.js'
import { manualClock } from '../testing/manual-clock.js'

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
