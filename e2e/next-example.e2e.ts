import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'
import { fromRoot } from '../scripts/lib/paths.mjs'
import { exampleFolder, runToEnd, startProgram, tool } from './support/example.js'

/** Next.js compiles, on a machine that may be busy. */
test.setTimeout(300_000)

test('the example with Next.js builds, renders on its server, and confirms an upload by its own route handler', async ({ page }) => {
  // A copy below the checkout, where the packages are found: Next.js writes into the folder that it builds.
  await mkdir(fromRoot('.cache'), { recursive: true })
  const copy = await mkdtemp(join(fromRoot('.cache'), 'next-example-'))
  const next = tool('next', 'dist/bin/next')
  const env = { NEXT_TELEMETRY_DISABLED: '1', UPLOAD_PANEL_DATA: join(copy, 'data') }
  try {
    for (const name of ['app', 'lib', 'next.config.mjs', 'package.json', 'tsconfig.json']) {
      await cp(join(exampleFolder('next'), name), join(copy, name), { recursive: true })
    }
    await runToEnd([next, 'build'], copy)
    const app = await startProgram((port) => [next, 'start', '--port', String(port), '--hostname', '127.0.0.1'], copy, env)
    try {
      const html = await (await fetch(app.url)).text()
      expect(html).toContain('Uploads so far: 0')
      expect(html).toContain('<upload-panel')
      // A component in the tree of the server, with no client component of the app around it.
      expect(html).toContain('<sync-status')

      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      await page.goto(app.url)
      await expect(page.getByRole('button', { name: 'Choose files' })).toBeVisible()
      await expect(page.locator('sync-status').getByText('Live')).toBeVisible()
      await page
        .locator('upload-panel input[type=file]')
        .first()
        .setInputFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('A note.') })
      await expect(page.getByText('1 of 1 confirmed')).toBeVisible({ timeout: 30_000 })
      await page.reload()
      await expect(page.getByText('Uploads so far: 1')).toBeVisible()
      expect(faults, 'nothing differs between what the server rendered and what hydrates').toEqual([])
    } finally {
      await app.stop()
    }
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
})
