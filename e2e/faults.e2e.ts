import type { FaultyNetwork, ProxiedRequest } from '../scripts/services/faulty-network.js'
import { MIB, writeTestFile } from './support/files.js'
import { createPanelPage } from './support/panel-page.js'
import { expect, test } from './support/test.js'

/** Requests that brought one part of a file, by part number, in the order in which they came. */
function partRequests(network: FaultyNetwork): ReadonlyMap<number, readonly ProxiedRequest[]> {
  const byPart = new Map<number, ProxiedRequest[]>()
  for (const request of network.requests) {
    const part = partOf(request)
    if (part !== undefined) byPart.set(part, [...(byPart.get(part) ?? []), request])
  }
  return byPart
}

/** Parts that the server has accepted so far. */
function finishedParts(network: FaultyNetwork): readonly number[] {
  return [...partRequests(network)].filter(([, requests]) => requests.some(({ status }) => status === 200)).map(([part]) => part)
}

function partOf({ method, path }: ProxiedRequest): number | undefined {
  const number = /^PUT \/uploads\/storage\/.*[?&/]parts?[=/](\d+)/.exec(`${method} ${path}`)?.[1]
  return number === undefined ? undefined : Number(number)
}

test('the network is cut in the middle of a part and comes back: the upload finishes, and no finished part is sent again', async ({
  panel,
  network,
  directory,
}) => {
  const file = await writeTestFile(directory, 'cut.bin', 50 * MIB, 3)
  const cut = network.cutDuring((request) => partOf(request) === 7, 2 * MIB)
  await panel.choose([file.path])
  await cut
  const finished = finishedParts(network)
  await expect.poll(async () => (await panel.items())[0]?.phase).toBe('waiting')
  network.mend()

  await panel.expectAllCompleted(1)
  const parts = partRequests(network)
  expect([...parts.keys()].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(finished.length).toBeGreaterThan(0)
  for (const part of finished) expect(parts.get(part), `part ${part} was finished before the cut`).toHaveLength(1)
  expect(parts.get(7)?.length).toBeGreaterThan(1)
  expect((await panel.items())[0]).toMatchObject({ attempt: 1, result: { sha256: file.sha256 } })
})

test('the server is killed and started again while items are processing: all end right without a reload', async ({ panel, demo, page }) => {
  let loads = 0
  page.on('load', () => (loads += 1))
  await panel.setBehaviour('slow')
  const names = Array.from({ length: 8 }, (_, index) => `survivor ${index}.txt`)
  await panel.add(names.map((name) => ({ name, content: `content of ${name}` })))
  await expect.poll(async () => (await panel.items()).map((item) => item.phase)).toEqual(names.map(() => 'processing'))

  await demo.kill()
  await demo.restart()
  await panel.expectAllCompleted(names.length)
  expect(loads).toBe(0)
})

test('the server is killed and started again while bytes are under way: the upload finishes', async ({
  panel,
  demo,
  network,
  directory,
}) => {
  const file = await writeTestFile(directory, 'crash.bin', 40 * MIB, 4)
  const cut = network.cutDuring((request) => partOf(request) === 5, MIB)
  await panel.choose([file.path])
  await cut
  await demo.kill()
  await demo.restart()
  network.mend()
  await panel.expectAllCompleted(1)
  expect((await panel.items())[0]).toMatchObject({ result: { sha256: file.sha256 } })
})

test('an upload whose signed addresses expire on the way asks for new ones and goes on', async ({ panel, demo, network, directory }) => {
  const file = await writeTestFile(directory, 'patient.bin', 40 * MIB, 5)
  const cut = network.cutDuring((request) => partOf(request) === 5, MIB)
  await panel.choose([file.path])
  await cut
  await demo.kill()
  await demo.restart({ hoursLater: 2 })
  network.mend()
  await panel.expectAllCompleted(1)
  expect((await panel.items())[0]).toMatchObject({ result: { sha256: file.sha256 } })
})

test('a paused upload keeps its parts, and sends only the others when it is resumed', async ({ panel, network, directory }) => {
  const file = await writeTestFile(directory, 'paused.bin', 50 * MIB, 6)
  const reached = network.seen((request) => partOf(request) === 6)
  // A machine may be so busy that everything has arrived before the button is pressed.
  const release = network.hold((request) => (partOf(request) ?? 0) > 6)
  await panel.choose([file.path])
  await reached
  await panel.press('Pause', file.name)
  await panel.expectBadge(file.name, 'Paused')
  release()
  const finished = finishedParts(network)
  await panel.press('Resume', file.name)
  await panel.expectAllCompleted(1)
  for (const part of finished) expect(partRequests(network).get(part), `part ${part} was finished before the pause`).toHaveLength(1)
  expect((await panel.items())[0]).toMatchObject({ attempt: 1, result: { sha256: file.sha256 } })
})

test('an upload waits while the browser is offline, and goes on by itself', async ({ panel, page, network, directory }) => {
  const file = await writeTestFile(directory, 'offline.bin', 30 * MIB, 7)
  const reached = network.seen((request) => partOf(request) === 3)
  const release = network.hold((request) => (partOf(request) ?? 0) > 3)
  await panel.choose([file.path])
  await reached
  await page.context().setOffline(true)
  // The browser's switch lets go on what is under way; a real one does not.
  network.cut()
  await expect.poll(async () => (await panel.items())[0]).toMatchObject({ phase: 'waiting', reason: 'offline' })
  network.mend()
  release()
  await page.context().setOffline(false)
  await panel.expectAllCompleted(1)
  expect((await panel.items())[0]).toMatchObject({ attempt: 1, result: { sha256: file.sha256 } })
})

test('a server that is away for an hour costs no upload', async ({ page, demo, network, directory }) => {
  await page.clock.install()
  const panel = createPanelPage(page)
  await panel.open(network.url)
  const file = await writeTestFile(directory, 'patient.bin', 30 * MIB, 8)
  const cut = network.cutDuring((request) => partOf(request) === 3, MIB)
  await panel.choose([file.path])
  await cut
  await demo.kill()
  await panel.expectBadge(file.name, 'No connection')
  await page.clock.fastForward('01:00:00')
  await panel.expectBadge(file.name, 'No connection')
  await demo.restart()
  network.mend()
  await page.clock.fastForward('00:30')
  await panel.expectAllCompleted(1)
  expect((await panel.items())[0]).toMatchObject({ attempt: 1, result: { sha256: file.sha256 } })
})

test('an hour without a word decides nothing: the item is still being checked, and ends when the server speaks again', async ({
  page,
  demo,
  network,
}) => {
  await page.clock.install()
  const panel = createPanelPage(page)
  await panel.open(network.url)
  await panel.setBehaviour('slow')
  await panel.add([{ name: 'silent.txt', content: 'silence' }])
  await panel.expectBadge('silent.txt', 'Processing')
  await demo.kill()
  await page.clock.fastForward('01:00:00')
  await panel.expectBadge('silent.txt', 'Still checking…')
  await demo.restart()
  // The waits between its attempts to reconnect have grown.
  await page.clock.fastForward('00:30')
  await panel.expectBadge('silent.txt', 'Completed')
})

test("a page reload shows the server's truth", async ({ panel, page }) => {
  await panel.add([{ name: 'good.txt', content: 'good' }])
  await panel.expectBadge('good.txt', 'Completed')
  await panel.setBehaviour('refusing')
  await panel.add([{ name: 'bad.txt', content: 'bad' }])
  await panel.expectBadge('bad.txt', 'Failed')
  await panel.setBehaviour('slow')
  await panel.add([{ name: 'under way.txt', content: 'under way' }])
  await panel.expectBadge('under way.txt', 'Processing')

  await page.reload()
  await panel.expectBadge('good.txt', 'Completed')
  await panel.expectBadge('bad.txt', 'Failed')
  await expect(panel.row('bad.txt')).toContainText('This server was told to refuse every file.')
  await panel.expectBadge('under way.txt', 'Processing')
  await panel.setBehaviour('normal')
  await panel.expectBadge('under way.txt', 'Completed')
})
