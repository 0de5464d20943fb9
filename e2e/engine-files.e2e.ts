import { mkdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AnyPage, openPage } from './engine/browsers.js'
import { openEngine } from './engine/engine-page.js'
import { test } from './engine/test.js'
import { dropFromDesktop } from './support/desktop-drop.js'
import { MIB, type TestFile, writeTestFile } from './support/files.js'
import { expect } from './support/test.js'

const FILE_GONE = 'waiting, file: The file cannot be read any more. Choose it again to go on.'
/** With marks that turn the direction of what follows, as names do that pose as another type; and as it is shown. */
const TURNED = { name: '\u202Egpj.\u2066photo\u200F.exe', shown: 'gpj.photo\u200F.exe' }

/** What became of each file, by its name: its phase and why; or the hash that the server confirmed. */
const states = (page: AnyPage) =>
  page.evaluate<Record<string, string>>(`Object.fromEntries(engine.items().map((item) => [
    item.name,
    item.phase === 'waiting' ? 'waiting, ' + item.reason + ': ' + item.error.message : item.phase === 'completed' ? item.result.sha256 : item.phase,
  ]))`)

for (const engine of ['chromium', 'firefox', 'webkit'] as const) {
  test(`files that were deleted, cut short or changed after they were chosen are asked for again, in ${engine}`, async ({
    server,
    directory,
    launchOptions,
  }) => {
    const page = await openPage(engine, launchOptions)
    test.skip(page === undefined, `${engine} is not installed here.`)
    if (page === undefined) return
    try {
      const write = (name: string, size: number, seed = 1) => writeTestFile(directory, name, size, seed)
      const files: Record<string, TestFile> = {}
      for (const name of ['deleted', 'shortened', 'changed', TURNED.name]) files[name] = await write(name, 100_000)
      files['large'] = await write('large', 8 * MIB)
      files['empty'] = await write('empty', 0)
      await utimes(join(directory, 'changed'), 1_700_000_000, 1_700_000_000)

      await page.open(server.url)
      await expect.poll(() => page.evaluate(`'startEngine' in window`)).toBe(true)
      await page.evaluate('startEngine({ autoStart: false })')
      await page.choose(Object.values(files).map(({ path }) => path))
      await expect.poll(() => page.evaluate('engine.items().length')).toBe(6)
      await rm(join(directory, 'deleted'))
      await rm(join(directory, 'large'))
      await truncate(join(directory, 'shortened'), 50_000)
      const changed = await write('changed', 100_000, 2)
      await page.evaluate('engine.start()')

      const expected = {
        deleted: FILE_GONE,
        shortened: FILE_GONE,
        large: FILE_GONE,
        // Firefox reads what is there, as long as it is no shorter, and tells nobody.
        changed: engine === 'firefox' ? changed.sha256 : FILE_GONE,
        empty: files['empty'].sha256,
        [TURNED.shown]: files[TURNED.name]!.sha256,
      }
      await expect.poll(() => states(page), { timeout: 30_000 }).toEqual(expected)
      const requests = server.requests.filter(({ method }) => method === 'PUT').length

      // The same file again, and it goes on.
      const again = await write('deleted', 100_000)
      await page.choose([again.path])
      await expect.poll(() => page.evaluate('engine.items().length')).toBe(7)
      await page.evaluate(`(() => {
        const [item, chosen] = engine.items().filter(({ name }) => name === 'deleted')
        engine.remove(chosen.id)
        engine.replaceFile(item.id, document.querySelector('input').files[0])
      })()`)
      await expect.poll(() => states(page), { timeout: 30_000 }).toEqual({ ...expected, deleted: again.sha256 })
      expect(
        server.requests.filter(({ method }) => method === 'PUT').length - requests,
        'nothing else was tried again',
      ).toBeLessThanOrEqual(2)
    } finally {
      await page.close()
    }
  })
}

test('a folder that is dropped on a page which asks for files is not sent as one', async ({ page, server, directory }) => {
  const folder = join(directory, 'a folder')
  await mkdir(folder)
  await writeFile(join(folder, 'inside.txt'), 'inside')
  const file = await writeTestFile(directory, 'beside.bin', 1000, 1)
  const engine = await openEngine(page, server.url)
  await dropFromDesktop(page, page.locator('body'), [folder, file.path])
  await expect.poll(engine.phases).toEqual({ 'waiting: The file cannot be read any more. Choose it again to go on.': 1, completed: 1 })
})

test('a file that is deleted while its parts go is asked for again, and goes on with those that are there', async ({
  page,
  server,
  directory,
}) => {
  const file = await writeTestFile(directory, 'large.bin', 60 * MIB, 1)
  const engine = await openEngine(page, server.url)
  const isPart = ({ method }: { readonly method: string }) => method === 'PUT'
  const release = server.hold(isPart)
  await engine.choose([file.path])
  await expect.poll(() => server.requests.filter(isPart).length).toBe(4)
  await rm(file.path)
  release()
  await expect.poll(engine.phases).toEqual({ 'waiting: The file cannot be read any more. Choose it again to go on.': 1 })

  const again = await writeTestFile(join(directory, 'again'), 'large.bin', 60 * MIB, 1)
  await engine.choose([again.path])
  await page.waitForFunction(() => window.engine.items().length === 2)
  await page.evaluate(() => {
    const [item, chosen] = window.engine.items()
    window.engine.remove(chosen!.id)
    window.engine.replaceFile(item!.id, document.querySelector('input')!.files![0]!)
  })
  await engine.expectAllCompleted(1)
  expect((await engine.results())['large.bin']).toMatchObject({ sha256: file.sha256 })
})
