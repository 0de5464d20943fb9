import { createServer } from 'node:http'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expectProblem } from './support/http.js'
import { SERVER } from './support/demo-process.js'
import { expect, test } from './support/test.js'

test('the page and the console say that the demo is open to everyone', async ({ page, demo }) => {
  await page.goto(demo.url)
  await expect(page.getByText('This demo is open to everyone who can reach it')).toBeVisible()
  expect(demo.output()).toMatch(/open to everyone who can reach it/)
})

test('the page keeps its own strict content security policy', async ({ page, demo }) => {
  const violations: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') violations.push(message.text())
  })
  page.on('pageerror', (error) => violations.push(error.message))
  const response = await page.goto(demo.url)
  expect(response?.headers()['content-security-policy']).toContain("default-src 'none'")
  expect(response?.headers()['content-security-policy']).not.toContain('unsafe')
  await expect(page.getByRole('radio', { name: 'normal' })).toBeChecked()
  expect(violations).toEqual([])
})

test('the behaviour is what the server says, and is set with JSON only', async ({ page, demo }) => {
  const put = (type: string, body: string) =>
    fetch(`${demo.url}/demo/behaviour`, { method: 'PUT', headers: { 'content-type': type }, body })
  await expectProblem(await put('text/plain', '{"behaviour":"slow"}'), 415)
  await expectProblem(await put('application/json', '{"behaviour":"wild"}'), 422)
  await expectProblem(await put('application/json', 'slow'), 422)
  await expectProblem(await put('application/json', `"${'x'.repeat(2000)}"`), 413)
  await expectProblem(await fetch(`${demo.url}/demo/behaviour`, { method: 'DELETE' }), 405)

  await page.goto(demo.url)
  await page.getByRole('radio', { name: 'refusing' }).check()
  await expect(page.getByText('Every file is refused, with a reason.')).toBeVisible()
  expect(await (await fetch(`${demo.url}/demo/behaviour`)).json()).toMatchObject({ behaviour: 'refusing' })
  await page.reload()
  await expect(page.getByRole('radio', { name: 'refusing' })).toBeChecked()
})

test('the panel’s attributes are chosen on the page, shown as code, and kept in the address', async ({ panel }) => {
  const { page } = panel
  const element = page.locator('upload-panel')
  await page.getByLabel('Types').selectOption('Pictures')
  await page.getByLabel('Largest file').selectOption('100 kB')
  await expect(page.locator('.code code')).toContainText('<upload-panel endpoint="/uploads" accept="image/*" max-size="100000"')
  await panel.add([{ name: 'note.txt', content: 'text', type: 'text/plain' }])
  await expect(page.getByText('1 file was not added')).toBeVisible()

  await page.reload()
  await expect(element).toHaveAttribute('accept', 'image/*')
  await expect(page.getByLabel('Largest file')).toHaveValue('100000')
  await page.goto(`${new URL(page.url()).origin}/?theme=%22%3E%3Cimg&accept=script`)
  await expect(page.getByLabel('Types')).toHaveValue('')
  await expect(element).not.toHaveAttribute('accept')
})

test('answers a health check', async ({ demo }) => {
  const response = await fetch(`${demo.url}/healthz`)
  expect([response.status, await response.text()]).toEqual([200, 'ok\n'])
})

test('an address that means nothing is not found', async ({ demo }) => {
  for (const path of ['//', '//x/uploads/queries/health', '/..%2f..%2fpackage.json', '/%'])
    await expectProblem(await fetch(demo.url + path), 404)
  expect(demo.output()).not.toMatch(/Error/)
})

test('ends with exit code 0 when it is asked to, while a page listens', async ({ page, demo }) => {
  test.skip(process.platform === 'win32', 'Windows has no signal that asks: it ends the process at once.')
  const listening = page.waitForResponse((response) => response.url().includes('/events'))
  await page.goto(demo.url)
  await listening
  expect(await demo.terminate()).toBe(0)
})

test('says in one sentence that its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const child = spawn(process.execPath, [SERVER], {
    env: { ...process.env, PORT: String(port), UPLOAD_PANEL_DATA: test.info().outputPath('data') },
  })
  let printed = ''
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk.toString()
  })
  const [code] = await once(child, 'close')
  other.close()
  expect([code, printed]).toEqual([1, `Port ${port} is taken. Stop what runs there, or choose another: PORT=${port + 1} npm start\n`])
})
