import { startDisplay } from '../scripts/lib/browsers/display.mjs'
import { findBrowsers } from '../scripts/lib/browsers/find.mjs'
import { openEngine } from './engine/engine-page.js'
import { test } from './engine/test.js'
import { writeTestFile } from './support/files.js'
import { launchHideableBrowser } from './support/hideable-browser.js'
import { expect } from './support/test.js'

test.use({ protocol: 'h2' })

for (const worker of ['auto', false] as const) {
  const sender = worker === false ? 'the page itself' : 'its Worker'
  test(`a hundred uploads at once go on in a tab that is behind another one, sent by ${sender}`, async ({
    server,
    directory,
    launchOptions,
  }) => {
    const { webkit } = await findBrowsers()
    const display = typeof webkit === 'object' ? await startDisplay(webkit.display) : undefined
    const args = [...(launchOptions.args ?? []), '--ignore-certificate-errors']
    const browser = await launchHideableBrowser({ ...launchOptions, args }, display?.name)
    try {
      const paths = []
      for (let index = 0; index < 200; index += 1) paths.push((await writeTestFile(directory, `${index}.bin`, 20_000, index)).path)
      const page = await browser.newPage()
      const engine = await openEngine(page, server.url, { worker })
      await engine.choose(paths.slice(0, 1))
      await engine.expectAllCompleted(1)

      const release = server.hold(({ method }) => method === 'PUT')
      await engine.choose(paths.slice(1, 150))
      await expect.poll(() => server.requests.filter(({ method, isAnswered }) => method === 'PUT' && !isAnswered).length).toBe(100)
      expect(page.workers()).toHaveLength(worker === false ? 0 : 1)
      await browser.newPage()
      await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden')

      release()
      await engine.expectAllCompleted(150)
      // Also those that come when nobody looks any more.
      await engine.choose(paths.slice(150))
      await engine.expectAllCompleted(200)
      expect(await page.evaluate(() => document.visibilityState)).toBe('hidden')
    } finally {
      await browser.close()
      display?.stop()
    }
  })
}
