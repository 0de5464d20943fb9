import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import { createPanelPage } from './support/panel-page.js'
import { expect, test } from './support/test.js'

const JOB_KEY = 'upload-panel-demo-job'

test('files that another page adds to a job are counted here, as the server has them', async ({ panel, demo, browser }) => {
  const header = panel.page.locator('upload-panel [part=job]')
  await panel.add([{ name: 'from here.txt', content: 'one' }])
  await expect(header).toHaveText(/Completed\s+1 of 1 completed\s*$/)

  const context = await browser.newContext()
  const jobId = await panel.page.locator('upload-panel').evaluate((element: UploadPanel) => element.uploader?.jobId ?? '')
  await context.addInitScript(([key, id]) => sessionStorage.setItem(key, id), [JOB_KEY, jobId] as const)
  const other = createPanelPage(await context.newPage())
  await other.open(demo.url)
  await other.expectAllCompleted(1)
  await other.setBehaviour('failing')
  await other.add([
    { name: 'from elsewhere.txt', content: 'two' },
    { name: 'also from elsewhere.txt', content: 'three' },
  ])
  await expect(header).toHaveText(/Completed in part\s+1 of 3 completed · 2 failed\s*$/)

  // The server works on a file again that this page has never had.
  await other.setBehaviour('normal')
  await other.press('Retry', 'from elsewhere.txt')
  await expect(header).toHaveText(/Completed in part\s+2 of 3 completed · 1 failed\s*$/)
  expect((await panel.items()).map(({ name }) => name)).toEqual(['from here.txt'])
  await context.close()
})
