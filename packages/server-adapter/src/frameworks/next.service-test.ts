import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { frameworkContract } from '../testing/framework-contract.js'
import { temporaryDirectory } from '../testing/harness.js'
import { createNextApp, type NextApp } from '../testing/next-app.js'

/** Next.js compiles: on a machine that is busy for minutes. */
const PATIENT_MS = 300_000
let app: NextApp

beforeAll(async () => {
  app = await createNextApp()
  await app.build()
}, PATIENT_MS)
afterAll(() => app.remove())

frameworkContract({
  name: 'Next.js 16',
  async mount(directory) {
    const { origin, program } = await app.start('start', directory)
    return {
      url: `${origin}/api/uploads`,
      ownUrl: `${origin}/own`,
      async close() {
        const code = await program.stop('SIGTERM')
        if (code !== 143) throw new Error(`It ended with ${code}: ${program.output()}`)
      },
    }
  },
})

test(
  'a hot reload in development goes on with the server that is there',
  async () => {
    const data = await temporaryDirectory()
    const { origin, program } = await app.start('dev', data.path)
    try {
      const dots = async (name: string) => (await readFile(join(data.path, name), 'utf8')).length
      const ready = async () => (await fetch(`${origin}/api/uploads/health/ready`)).status
      expect(await ready()).toBe(200)
      const evaluated = await dots('evaluated')
      await appendFile(app.library, '\n// Changed.\n')
      await vi.waitFor(
        async () => {
          expect(await ready()).toBe(200)
          expect(await dots('evaluated')).toBeGreaterThan(evaluated)
        },
        { interval: 100, timeout: 30_000 },
      )
      expect(await dots('made')).toBe(1)
    } finally {
      await program.stop('SIGTERM')
      await data.remove()
    }
  },
  PATIENT_MS,
)
