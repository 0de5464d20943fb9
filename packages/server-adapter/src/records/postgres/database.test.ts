import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../testing/harness.js'
import { compile, run } from '../../testing/program.js'

test('a process that waits for nothing but the database to come back does not end', async () => {
  const directory = await temporaryDirectory()
  const source = join(directory.path, 'program.ts')
  const from = (path: string) => JSON.stringify(new URL(path, import.meta.url).pathname)
  await writeFile(
    source,
    `import { createDatabase } from ${from('./database.ts')}
    import { systemClock } from ${from('../../clock.ts')}
    let attempts = 0
    const client = { query: async () => ({ rows: [] }), on() {}, off() {}, release() {} }
    const pool = {
      async connect() {
        attempts += 1
        if (attempts < 4) throw new Error('Connection refused')
        return client
      },
    }
    const database = createDatabase({ pool, clock: systemClock, deadlineMs: 1000, prepared: new Map() })
    void database.query('SELECT').then(() => console.log('answered after', attempts))`,
  )
  const program = run(await compile(source, directory.path), [])
  await program.prints(/answered after 4/)
  expect(await program.exit).toBe(0)
  await directory.remove()
})
