import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base } from '@playwright/test'
import { type Demo, startDemo } from './demo-process.js'
import { type FaultyProxy, startProxy } from './faulty-proxy.js'
import { type Api, createApi } from './http.js'
import { createPanelPage, type PanelPage } from './panel-page.js'

interface Fixtures {
  /** The real server, of this test alone. */
  demo: Demo
  /** The network before it. */
  proxy: FaultyProxy
  /** The server's routes, without a browser and without the proxy. */
  api: Api
  /** The demo's page, opened through the proxy. */
  panel: PanelPage
  /** A folder for the files that a test makes. */
  directory: string
}

export { expect } from '@playwright/test'

export const test = base.extend<Fixtures>({
  demo: async ({}, use) => {
    const demo = await startDemo()
    await use(demo)
    await demo.dispose()
  },
  proxy: async ({ demo }, use) => {
    const proxy = await startProxy(() => demo.url)
    await use(proxy)
    await proxy.close()
  },
  api: async ({ demo }, use) => {
    await use(createApi(demo.url))
  },
  panel: async ({ page, proxy }, use) => {
    const panel = createPanelPage(page)
    await panel.open(proxy.url)
    await use(panel)
  },
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'upload-panel-e2e-files-'))
    await use(directory)
    await rm(directory, { recursive: true, force: true })
  },
})
