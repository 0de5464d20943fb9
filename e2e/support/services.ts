import { test as base, type Page } from '@playwright/test'
import type { S3Service } from '../../scripts/services/ceph.js'
import { serveHttp } from '../../scripts/services/http-service.js'
import { type Services, startServices } from '../../scripts/services/start-services.js'

export { expect } from '@playwright/test'

/** Tests with the real servers, and a page whose origin is none of theirs. */
export const test = base.extend<{ readonly s3: S3Service; readonly stranger: Page }, { readonly services: Services }>({
  services: [
    async ({}, use) => {
      const { services, stop } = await startServices()
      await use(services)
      await stop()
    },
    { scope: 'worker' },
  ],
  s3: async ({ services: { s3 } }, use) => {
    if (s3 === undefined) base.skip(true, 'Ceph is missing.')
    else await use(s3)
  },
  stranger: async ({ page }, use) => {
    const site = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html>')
    })
    await page.goto(site.url)
    await use(page)
    await site.stop()
  },
})
