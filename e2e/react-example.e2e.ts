import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test as base } from '@playwright/test'
import { fromRoot } from '../scripts/lib/paths.mjs'
import { dropFromDesktop } from './support/desktop-drop.js'
import { exampleFolder, type Running, runToEnd, startProgram, tool } from './support/example.js'

const FOLDER = exampleFolder('react')

const test = base.extend<{ directory: string; example: Running }>({
  directory: async ({}, use) => {
    const directory = await mkdtemp(join(tmpdir(), 'upload-panel-react-'))
    await use(directory)
    await rm(directory, { recursive: true, force: true })
  },
  example: async ({ directory }, use) => {
    const example = await startProgram(() => ['server.mjs'], FOLDER, { UPLOAD_PANEL_DATA: directory })
    await use(example)
    await example.stop()
  },
})

test.beforeAll(() => runToEnd([tool('vite', 'bin/vite.js'), 'build'], FOLDER))

const choose = (page: Page, ...files: readonly (readonly [name: string, content: string])[]) =>
  page
    .locator('input[type=file]')
    .setInputFiles(files.map(([name, content]) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })))
const row = (page: Page, name: string) => page.getByRole('list', { name: 'Uploads' }).getByRole('listitem').filter({ hasText: name })
const onServer = (page: Page) => page.getByRole('list', { name: 'On the server' }).getByRole('link')

test('files go up and are confirmed, and the app’s own list follows without a reload', async ({ page, example }) => {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  await page.goto(example.url)
  await expect(page.getByText('Live')).toBeVisible()
  await choose(page, ['one.txt', 'one two three'], ['two.txt', 'x'.repeat(100_000)], ['empty.txt', ''])
  await expect(page.getByText('3 of 3 confirmed')).toBeVisible()
  await expect(row(page, 'one.txt').getByText('Confirmed')).toBeVisible()
  // In the order in which the server was done with them, which may be any.
  await expect.poll(async () => (await onServer(page).allTextContents()).sort()).toEqual(['empty.txt', 'one.txt', 'two.txt'])

  await page.getByRole('button', { name: 'Clear completed' }).click()
  await expect(row(page, 'one.txt')).toHaveCount(0)
  await page.reload()
  await expect(onServer(page)).toHaveCount(3)
  expect(faults).toEqual([])
})

test('the drop area opens the picker with the keyboard', async ({ page, example }) => {
  await page.goto(example.url)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('button', { name: 'Add files' })).toBeFocused()
  const chooser = page.waitForEvent('filechooser')
  await page.keyboard.press('Enter')
  await (await chooser).setFiles({ name: 'typed.txt', mimeType: 'text/plain', buffer: Buffer.from('typed') })
  await expect(row(page, 'typed.txt').getByText('Confirmed')).toBeVisible()
})

test('a folder that is dropped from the desktop goes up with all that is in it', async ({ page, example, directory }) => {
  const folder = join(directory, 'desktop', 'album')
  await mkdir(join(folder, 'summer'), { recursive: true })
  await writeFile(join(folder, 'cover.txt'), 'cover')
  await writeFile(join(folder, 'summer', 'sea.txt'), 'sea')
  const added = page.waitForRequest((request) => request.method() === 'POST' && (request.postData() ?? '').includes('sea.txt'))
  await page.goto(example.url)
  await dropFromDesktop(page, page.getByRole('button', { name: 'Add files' }), [folder])
  await expect(page.getByText('2 of 2 confirmed')).toBeVisible()
  await expect(row(page, 'sea.txt').getByText('Confirmed')).toBeVisible()
  expect((await added).postData()).toContain('album/summer/sea.txt')
})

test('what is under way is held, and goes on', async ({ page, example }) => {
  await page.route('**', async (route) => {
    if (route.request().method() === 'PUT') await held
    await route.continue()
  })
  let release = () => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  await page.goto(example.url)
  await choose(page, ['one.txt', 'one'])
  await page.getByRole('button', { name: 'Pause' }).click()
  await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible()
  release()
  await page.getByRole('button', { name: 'Resume' }).click()
  await expect(page.getByText('1 of 1 confirmed')).toBeVisible()
})

test('a hot reload of the app’s own code takes nothing from its uploads', async ({ page, example }) => {
  // Below the checkout, where the packages are found.
  const cache = fromRoot('.cache')
  await mkdir(cache, { recursive: true })
  const copy = await mkdtemp(join(cache, 'react-'))
  for (const name of ['index.html', 'package.json', 'src', 'vite.config.mjs'])
    await cp(join(FOLDER, name), join(copy, name), { recursive: true })
  const proxy = JSON.stringify({ '/uploads': example.url, '/documents': example.url })
  await writeFile(
    join(copy, 'hot.config.mjs'),
    `import own from './vite.config.mjs'\nexport default { ...own, server: { proxy: ${proxy} } }`,
  )
  const vite = await startProgram(
    (port) => [tool('vite', 'bin/vite.js'), '--config', 'hot.config.mjs', '--host', '127.0.0.1', '--port', String(port), '--strictPort'],
    copy,
    {},
  )
  try {
    await page.goto(vite.url)
    await choose(page, ['one.txt', 'one'])
    await expect(page.getByText('1 of 1 confirmed')).toBeVisible({ timeout: 30_000 })
    await page.evaluate(() => (document.title = 'not loaded anew'))
    const totals = join(copy, 'src', 'totals.tsx')
    await writeFile(totals, (await readFile(totals, 'utf8')).replace('{total} confirmed', '{total} safe and sound'))
    await expect(page.getByText('1 of 1 safe and sound')).toBeVisible({ timeout: 30_000 })
    await expect(row(page, 'one.txt').getByText('Confirmed')).toBeVisible()
    expect(await page.title()).toBe('not loaded anew')
  } finally {
    await vite.stop()
    await rm(copy, { recursive: true, force: true })
  }
})
