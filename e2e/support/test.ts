import { mkdir, rm } from 'node:fs/promises'
import { expect, test as base } from '@playwright/test'
import { type Demo, startDemo } from './demo-process.js'
import { type FaultyNetwork, startFaultyNetwork } from '../../scripts/services/faulty-network.js'
import { type Api, createApi } from './http.js'
import { createPanelPage, type PanelPage } from './panel-page.js'

interface Fixtures {
  /** The real server, of this test alone. */
  demo: Demo
  /** The network before it. */
  network: FaultyNetwork
  /** The server's routes, without a browser and without the network. */
  api: Api
  /** The demo's page, opened through the network. */
  panel: PanelPage
  /** A folder for the files that a test makes. */
  directory: string
}

export { expect }

export const test = base.extend<Fixtures>({
  // A click that finds nothing says so before the whole test has timed out.
  actionTimeout: 10_000,
  demo: async ({}, use) => {
    const demo = await startDemo()
    await use(demo)
    await demo.dispose()
  },
  network: async ({ demo }, use) => {
    const network = await startFaultyNetwork(() => demo.url)
    await use(network)
    await network.close()
  },
  api: async ({ demo }, use) => {
    await use(createApi(demo.url))
  },
  panel: async ({ page, network }, use) => {
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.stack ?? error.message))
    page.on('console', (message) => {
      // Playwright's own trace asks for what pictures of the page show.
      const isOfTrace = message.text().startsWith("Connecting to 'blob:")
      if (message.text().includes('Content Security Policy') && !isOfTrace) faults.push(message.text())
    })
    const panel = createPanelPage(page)
    await panel.open(network.url)
    await use(panel)
    expect(faults, 'the page has no fault of its own').toEqual([])
  },
  directory: async ({}, use, testInfo) => {
    // What a run that was killed has left here, the next one clears away.
    const directory = testInfo.outputPath('files')
    await mkdir(directory, { recursive: true })
    await use(directory)
    await rm(directory, { recursive: true, force: true })
  },
})
