import { expect, test } from './support/test.js'

const POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self'; worker-src blob:; require-trusted-types-for 'script'; trusted-types lit-html upload-panel"
const PAGE = `<!doctype html><script type="module" src="/own.js"></script><upload-panel placement="inline"></upload-panel>`
/** As in the README of the widget. */
const SCRIPT = `
  import { createUploader, putTo } from './upload-panel.min.js'
  const backend = putTo(async ({ name }) => ({ url: '/storage/' + name, result: { key: name } }))
  document.querySelector('upload-panel').uploader = createUploader({ backend })
`

test('the file for a script tag sends to a backend of the page, from a Worker, under a strict policy with Trusted Types', async ({
  page,
  demo,
}) => {
  const said: string[] = []
  page.on('console', (message) => said.push(message.text()))
  page.on('pageerror', (error) => said.push(error.message))
  const bodies: (string | null)[] = []
  await page.route('**/own.html', (route) =>
    route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': POLICY }, body: PAGE }),
  )
  await page.route('**/own.js', (route) => route.fulfill({ contentType: 'text/javascript', body: SCRIPT }))
  await page.route('**/storage/*', (route) => {
    bodies.push(route.request().postData())
    return route.fulfill({ status: 200 })
  })
  await page.goto(new URL('/own.html', demo.url).href)
  for (const name of ['a.txt', 'b.txt']) {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choose files' }).click()
    await (await chooser).setFiles([{ name, mimeType: 'text/plain', buffer: Buffer.from(name) }])
    await expect(page.getByRole('listitem').filter({ hasText: name })).toContainText('Completed')
    await expect.poll(() => page.workers().length).toBe(1)
  }
  expect(bodies).toHaveLength(2)
  expect(said).toEqual([])
})
