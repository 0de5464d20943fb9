import type { BrowserContext } from '@playwright/test'
import { type EnginePage, openEngine } from './engine/engine-page.js'
import type { EngineServer } from './engine/server.js'
import { test } from './engine/test.js'
import { writeTestFile } from './support/files.js'
import { expect } from './support/test.js'

const openStreams = ({ requests }: EngineServer) =>
  requests.filter(({ path, isAnswered }) => path.includes('/events?') && !isAnswered).length

async function openTabs(context: BrowserContext, server: EngineServer, count: number): Promise<readonly EnginePage[]> {
  const tabs: EnginePage[] = []
  for (let tab = 0; tab < count; tab += 1) tabs.push(await openEngine(await context.newPage(), server.url, {}, 'e2e'))
  return tabs
}

/** Pages that are behind another one load slowly, but all of them upload. */
async function uploadInEach(tabs: readonly EnginePage[], directory: string, expected: number): Promise<void> {
  const name = `${expected}.bin`
  const { path } = await writeTestFile(directory, name, 10_000, expected)
  for (const tab of tabs) await tab.choose([path])
  for (const tab of tabs) await tab.expectAllCompleted(expected)
}

test('more tabs than HTTP/1.1 has connections share one stream, and when the tab that has it is closed another one takes it over', async ({
  context,
  server,
  directory,
}) => {
  const tabs = await openTabs(context, server, 8)
  await uploadInEach(tabs, directory, 1)
  await expect.poll(() => openStreams(server)).toBe(1)

  const [leader, ...others] = tabs
  await leader?.page.close()
  await expect.poll(() => openStreams(server)).toBe(1)
  await uploadInEach(others, directory, 2)
  await expect.poll(() => openStreams(server)).toBe(1)
  for (const { page } of others) expect(await page.evaluate(() => window.engine.$connection.get().status)).toBe('connected')
})

test('when the tab that has the stream hangs another one takes it over, and follows for it once it runs again', async ({
  context,
  server,
  directory,
}) => {
  const tabs = await openTabs(context, server, 3)
  await uploadInEach(tabs, directory, 1)
  await expect.poll(() => openStreams(server)).toBe(1)

  const [leader, ...others] = tabs as [EnginePage, ...EnginePage[]]
  const session = await context.newCDPSession(leader.page)
  await session.send('Debugger.enable')
  const paused = new Promise((resolve) => session.once('Debugger.paused', resolve))
  await session.send('Debugger.pause')
  void leader.page.evaluate(() => 'the debugger stops at the next statement').catch(() => {})
  await paused
  // The server still believes in the one that nobody reads.
  await expect.poll(() => openStreams(server), { timeout: 15_000 }).toBe(2)
  await uploadInEach(others, directory, 2)

  await session.send('Debugger.resume')
  await expect.poll(() => openStreams(server)).toBe(1)
  await uploadInEach([leader], directory, 2)
})
