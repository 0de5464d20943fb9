import { launchHideableBrowser } from './support/hideable-browser.js'
import { MIB, writeTestFile } from './support/files.js'
import { createPanelPage } from './support/panel-page.js'
import { expect, test } from './support/test.js'

test('a hidden tab goes on uploading, and shows it when it is looked at again', async ({ network, directory, launchOptions }) => {
  const files = []
  for (let index = 0; index < 12; index += 1) files.push(await writeTestFile(directory, `hidden ${index}.bin`, 7 * MIB, index + 1))
  const browser = await launchHideableBrowser(launchOptions)
  try {
    const page = await browser.newPage()
    const panel = createPanelPage(page)
    await panel.open(network.url)
    const other = await browser.newPage()
    await page.waitForFunction(() => document.visibilityState === 'hidden', undefined, { polling: 50 })

    await panel.choose(files.map((file) => file.path))
    await panel.expectAllCompleted(files.length)
    expect(await page.evaluate(() => document.visibilityState)).toBe('hidden')

    await other.close()
    await page.bringToFront()
    await panel.expectBadge('hidden 0.bin', 'Completed')
  } finally {
    await browser.close()
  }
})
