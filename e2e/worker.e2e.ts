import { createPanelPage, type PanelPage } from './support/panel-page.js'
import { expect, test } from './support/test.js'

/** Adds a file and sees it confirmed. */
async function upload(panel: PanelPage, count: number): Promise<void> {
  await panel.add([{ name: `${count}.txt`, content: String(count) }])
  await panel.expectAllCompleted(count)
}

test('bytes leave from a Worker, which the strict policy of the page allows', async ({ page, panel }) => {
  expect(page.workers()).toHaveLength(0)
  let count = 0
  // Before it is ready the main thread sends.
  await expect(async () => {
    await upload(panel, (count += 1))
    const [worker] = page.workers()
    const sent = await worker?.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname))
    expect(sent?.at(-1)).toContain('/uploads/storage/')
  }).toPass()
})

test('where the policy of the page allows no Worker, the main thread sends', async ({ page, demo }) => {
  await page.route(demo.url, async (route) => {
    const response = await route.fetch()
    const policy = response.headers()['content-security-policy']?.replace('worker-src blob:', "worker-src 'none'")
    expect(policy).toContain("worker-src 'none'")
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy ?? '' } })
  })
  const panel = createPanelPage(page)
  await panel.open(demo.url)
  for (const count of [1, 2, 3]) await upload(panel, count)
  expect(page.workers()).toHaveLength(0)
})
