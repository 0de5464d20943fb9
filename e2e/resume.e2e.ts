import type { UploadPhase } from '@upload-panel/core'
import type { UploadPanel } from '@upload-panel/widget/upload-panel'
import type { BrowserContext, LaunchOptions, Page, PlaywrightWorkerArgs } from '@playwright/test'
import { test } from './engine/test.js'
import type { EngineServer } from './engine/server.js'
import { MIB, type TestFile, writeTestFile } from './support/files.js'
import type { DemoResult } from './support/panel-page.js'
import { expect } from './support/test.js'

/** What a page says of the one item that it shows. */
interface SeenItem {
  readonly id: string
  readonly phase: UploadPhase
  readonly attempt: number
  readonly mirrored?: true
  readonly sentBytes?: number
  readonly message?: string
  readonly result?: DemoResult
}

declare global {
  interface Window {
    /** Events of the page so far, as `completed`. */
    told: string[]
  }
}

/** A page of the engine whose queue is kept and shared. */
async function openPersistent(page: Page, server: EngineServer): Promise<void> {
  await page.goto(server.url)
  await start(page)
}

async function start(page: Page): Promise<void> {
  await page.waitForFunction(() => 'startEngine' in window)
  await page.evaluate(() => {
    window.startEngine({}, 'e2e')
    window.told = []
    for (const event of ['completed', 'failed', 'cancelled'] as const) window.engine.on(event, () => window.told.push(event))
  })
}

const itemOf = (page: Page) =>
  page.evaluate((): SeenItem | undefined => {
    const [item] = window.engine.items()
    if (item === undefined) return undefined
    const { id, phase, attempt, mirrored } = item
    return {
      ...{ id, phase, attempt },
      ...(mirrored && { mirrored }),
      ...('sentBytes' in item && { sentBytes: item.sentBytes ?? 0 }),
      ...('error' in item && { message: item.error.message }),
      ...(item.phase === 'completed' && { result: item.result as DemoResult }),
    }
  })

const choose = (page: Page, file: TestFile) => page.getByLabel('Files').setInputFiles(file.path)

/** Whether the bytes of an upload, or its record alone, are in the database. */
const isStored = (page: Page, store: 'uploads' | 'files') =>
  page.evaluate(
    (name) =>
      new Promise<number>((resolve) => {
        const request = indexedDB.open('upload-panel:e2e')
        // It is the engine's to make.
        request.onupgradeneeded = () => request.transaction?.abort()
        request.onerror = () => resolve(0)
        request.onsuccess = () => {
          const count = request.result.transaction(name).objectStore(name).count()
          count.onsuccess = () => {
            request.result.close()
            resolve(count.result)
          }
        }
      }),
    store,
  )

/** Part numbers of the requests that brought bytes, in the order in which they came. */
function partsSent(server: EngineServer): readonly number[] {
  return server.requests.flatMap(({ method, path }) => {
    const number = /^\/uploads\/storage\/.*[?&/]parts?[=/](\d+)/.exec(path)?.[1]
    return method === 'PUT' && number !== undefined ? [Number(number)] : []
  })
}

/** Lets two parts through and holds the others, until the returned function is called. */
async function sendTwoParts(page: Page, server: EngineServer, file: TestFile): Promise<() => void> {
  const letThrough = new Set<string>()
  const release = server.hold(({ method, path }) => {
    if (method !== 'PUT') return false
    if (letThrough.size < 2) letThrough.add(path)
    return !letThrough.has(path)
  })
  await choose(page, file)
  const isAnswered = ({ path, isAnswered }: EngineServer['requests'][number]) => letThrough.has(path) && isAnswered
  await expect.poll(() => server.requests.filter(isAnswered).length, { message: 'two parts are there' }).toBe(2)
  return release
}

/** Of the parts that were let through none came again; every other one came at least once. */
function expectEachPartOnce(sentBefore: readonly number[], sentAfter: readonly number[], answered: readonly number[], count: number): void {
  for (const part of answered) expect(sentAfter, `part ${part} was there already`).not.toContain(part)
  expect([...new Set([...sentBefore, ...sentAfter])].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index + 1))
}

function answeredParts(server: EngineServer): readonly number[] {
  return server.requests.flatMap(({ method, path, isAnswered }) => {
    const number = /[?&/]parts?[=/](\d+)/.exec(path)?.[1]
    return method === 'PUT' && isAnswered && number !== undefined ? [Number(number)] : []
  })
}

test('a page that is reloaded half-way goes on by itself: no part that was there is sent again', async ({ page, server, directory }) => {
  const file = await writeTestFile(directory, 'kept.bin', 25 * MIB, 11)
  await openPersistent(page, server)
  const release = await sendTwoParts(page, server, file)
  const before = await itemOf(page)
  await expect.poll(() => isStored(page, 'files'), { message: 'its bytes are kept' }).toBe(1)
  const answered = answeredParts(server)
  const sent = partsSent(server)
  expect(answered).toHaveLength(2)

  const requests = server.requests.length
  await page.reload()
  release()
  await start(page)
  await expect.poll(() => itemOf(page), { timeout: 30_000 }).toMatchObject({ phase: 'completed', attempt: 1, id: before?.id ?? '' })
  expectEachPartOnce(sent, partsSent({ ...server, requests: server.requests.slice(requests) }), answered, 5)
  expect((await itemOf(page))?.result?.sha256).toBe(file.sha256)
  expect(await page.evaluate(() => window.told)).toEqual(['completed'])
  await expect.poll(() => isStored(page, 'uploads'), { message: 'nothing of it is left' }).toBe(0)
})

test('a file too large to be kept is asked for after a reload, and goes on from where it was', async ({ page, server, directory }) => {
  const file = await writeTestFile(directory, 'large.bin', 40 * MIB, 12)
  await openPersistent(page, server)
  const release = await sendTwoParts(page, server, file)
  await expect.poll(() => isStored(page, 'uploads')).toBe(1)
  const answered = answeredParts(server)
  const sent = partsSent(server)

  const requests = server.requests.length
  await page.reload()
  release()
  await start(page)
  await expect.poll(() => itemOf(page)).toMatchObject({ phase: 'waiting', message: 'Choose the file again to go on.', sentBytes: 0 })
  await page.evaluate(() => {
    const input = document.createElement('input')
    input.type = 'file'
    input.ariaLabel = 'Again'
    input.onchange = () => {
      const [item] = window.engine.items()
      const file = input.files?.[0]
      if (item !== undefined && file !== undefined) window.engine.replaceFile(item.id, file)
    }
    document.body.append(input)
  })
  await page.getByLabel('Again').setInputFiles(file.path)
  await expect.poll(() => itemOf(page), { timeout: 30_000 }).toMatchObject({ phase: 'completed', attempt: 1 })
  expectEachPartOnce(sent, partsSent({ ...server, requests: server.requests.slice(requests) }), answered, 8)
  expect((await itemOf(page))?.result?.sha256).toBe(file.sha256)
})

for (const { words, end } of [
  { words: 'closed', end: (page: Page) => page.close() },
  {
    words: 'killed',
    async end(page: Page, context: BrowserContext) {
      const session = await context.newCDPSession(page)
      void session.send('Page.crash').catch(() => {})
      await page.waitForEvent('crash')
    },
  },
]) {
  test(`an upload whose tab is ${words} goes on in the other one, which has shown it all along`, async ({
    page,
    context,
    server,
    directory,
  }) => {
    const file = await writeTestFile(directory, 'shared.bin', 25 * MIB, 13)
    await openPersistent(page, server)
    const other = await context.newPage()
    await openPersistent(other, server)
    const release = await sendTwoParts(page, server, file)
    await expect.poll(() => itemOf(other)).toMatchObject({ mirrored: true, phase: 'uploading' })
    await expect.poll(async () => (await itemOf(other))?.sentBytes, { message: 'with its progress' }).toBeGreaterThan(0)
    await expect.poll(() => isStored(other, 'files'), { message: 'its bytes are kept' }).toBe(1)
    const answered = answeredParts(server)
    const sent = partsSent(server)

    const requests = server.requests.length
    await end(page, context)
    release()
    await expect.poll(() => itemOf(other), { timeout: 30_000 }).toMatchObject({ phase: 'completed', attempt: 1 })
    expect(await itemOf(other)).not.toHaveProperty('mirrored')
    expectEachPartOnce(sent, partsSent({ ...server, requests: server.requests.slice(requests) }), answered, 5)
    expect((await itemOf(other))?.result?.sha256).toBe(file.sha256)
    expect(await other.evaluate(() => window.told)).toEqual(['completed'])
  })
}

test('two tabs: what is paused in one is paused in the other, and nothing is sent twice', async ({ page, context, server, directory }) => {
  const file = await writeTestFile(directory, 'two.bin', 25 * MIB, 14)
  await openPersistent(page, server)
  const other = await context.newPage()
  await openPersistent(other, server)
  const release = await sendTwoParts(page, server, file)
  await expect.poll(() => itemOf(other)).toMatchObject({ mirrored: true })
  await other.evaluate(() => window.engine.pause(window.engine.items()[0]?.id))
  await expect.poll(() => page.evaluate(() => window.engine.items()[0]?.paused)).toBe(true)
  release()
  await other.evaluate(() => window.engine.resume(window.engine.items()[0]?.id))
  await expect.poll(() => itemOf(other), { timeout: 30_000 }).toMatchObject({ phase: 'completed', mirrored: true })
  expect((await itemOf(page))?.result?.sha256).toBe(file.sha256)
  expect([await page.evaluate(() => window.told), await other.evaluate(() => window.told)]).toEqual([['completed'], []])
  expect(server.requests.filter(({ path }) => path.endsWith('/complete'))).toHaveLength(1)
})

test('a panel with `persist`, from a script tag, shows its queue again after a reload and sends what waits', async ({ panel, page }) => {
  const persist = () => page.locator('upload-panel').evaluate((element) => element.setAttribute('persist', 'e2e'))
  await persist()
  await page.locator('upload-panel').evaluate((element: UploadPanel) => element.pause())
  await panel.add([{ name: 'waits.txt', content: 'waits' }])
  await expect.poll(() => isStored(page, 'files'), { message: 'it is kept' }).toBe(1)
  const [before] = await panel.items()

  await page.reload()
  await persist()
  await expect.poll(panel.items).toMatchObject([{ id: before?.id ?? '', name: 'waits.txt', phase: 'queued' }])
  await page.locator('upload-panel').evaluate((element: UploadPanel) => element.resume())
  await panel.expectAllCompleted(1)
})

test.describe('a page that the browser keeps while another one is looked at', () => {
  /** Playwright's browsers go without the back/forward cache. */
  async function launch(playwright: PlaywrightWorkerArgs['playwright'], options: LaunchOptions): Promise<BrowserContext> {
    const browser = await playwright.chromium.launch({ ...options, ignoreDefaultArgs: ['--disable-back-forward-cache'] })
    return browser.newContext()
  }

  async function leave(page: Page): Promise<void> {
    await page.evaluate(() => {
      window.addEventListener('pageshow', ({ persisted }) => window.told.push(persisted ? 'back' : 'loaded'))
      // Its own navigation: a test that waits for a page out of the cache to load waits for ever.
      setTimeout(() => (location.href = '/engine/page.js'))
    })
    await page.waitForURL('**/page.js')
  }

  async function comeBack(page: Page): Promise<void> {
    await page.evaluate(() => void setTimeout(() => history.back()))
    await expect
      .poll(() => page.evaluate(() => window.told?.includes('back')).catch(() => false), { message: 'it came out of the cache' })
      .toBe(true)
  }

  test('goes on where it was when it is shown again', async ({ playwright, launchOptions, server, directory }) => {
    const context = await launch(playwright, launchOptions)
    const page = await context.newPage()
    const file = await writeTestFile(directory, 'cached.bin', 25 * MIB, 15)
    await openPersistent(page, server)
    const release = await sendTwoParts(page, server, file)
    const answered = answeredParts(server)
    const requests = server.requests.length
    await leave(page)
    release()
    await comeBack(page)
    await expect.poll(() => itemOf(page), { timeout: 30_000 }).toMatchObject({ phase: 'completed', attempt: 1 })
    for (const part of partsSent({ ...server, requests: server.requests.slice(requests) })) expect(answered).not.toContain(part)
    expect((await itemOf(page))?.result?.sha256).toBe(file.sha256)
    await context.browser()?.close()
  })

  test('shows what another tab went on with meanwhile, and tells nothing of it', async ({
    playwright,
    launchOptions,
    server,
    directory,
  }) => {
    const context = await launch(playwright, launchOptions)
    const page = await context.newPage()
    const file = await writeTestFile(directory, 'cached.bin', 25 * MIB, 16)
    await openPersistent(page, server)
    const other = await context.newPage()
    await openPersistent(other, server)
    await page.bringToFront()
    const release = await sendTwoParts(page, server, file)
    await expect.poll(() => isStored(other, 'files'), { message: 'its bytes are kept' }).toBe(1)
    await leave(page)
    await expect.poll(() => itemOf(other), { message: 'the other tab owns it' }).not.toHaveProperty('mirrored')
    release()
    await expect.poll(() => itemOf(other), { timeout: 30_000 }).toMatchObject({ phase: 'completed', attempt: 1 })
    await comeBack(page)
    await expect.poll(() => itemOf(page)).toMatchObject({ phase: 'completed', mirrored: true })
    expect([await page.evaluate(() => window.told), await other.evaluate(() => window.told)]).toEqual([['back'], ['completed']])
    await context.browser()?.close()
  })
})
