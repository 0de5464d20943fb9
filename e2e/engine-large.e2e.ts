import { openEngine } from './engine/engine-page.js'
import { memoryOver } from './engine/memory.js'
import { requireRoom } from './engine/room.js'
import { writeSparseFile } from './engine/sparse-file.js'
import { test } from './engine/test.js'
import { MIB, writeTestFile } from './support/files.js'
import { expect } from './support/test.js'

for (const { mebibytes, words, tag } of [
  { mebibytes: 512, words: '512 MiB', tag: [] },
  { mebibytes: 5 * 1024, words: '5 GiB', tag: ['@nightly'] },
]) {
  test(`a file of ${words} goes up in parts, and the page holds none of it`, { tag }, async ({ page, server, directory }) => {
    const patience = 60_000 + mebibytes * 200
    test.setTimeout(60_000 + patience)
    // What the server stores, and a fifth for everything else.
    await requireRoom(server.dataDirectory, 1.2 * mebibytes * MIB)
    const small = await writeTestFile(directory, 'small.bin', MIB, 1)
    const large = await writeSparseFile(directory, 'large.bin', mebibytes * MIB)
    const engine = await openEngine(page, server.url)
    // What the engine and its Worker take by themselves is there before anything is measured.
    await engine.choose([small.path])
    await engine.expectAllCompleted(1)

    const more = await memoryOver(page, async () => {
      await engine.choose([large.path])
      await engine.expectAllCompleted(2, patience)
    })
    const { size, sha256 } = large
    expect((await engine.results())['large.bin']).toMatchObject({ size, sha256 })
    expect(server.requests.filter(({ method }) => method === 'PUT').length).toBeGreaterThan(mebibytes / 20)
    expect(more.heap, 'objects of the page').toBeLessThan(8 * MIB)
    expect(more.renderer, 'process of the page').toBeLessThan(64 * MIB)
    expect(more.browser, 'all processes of the browser').toBeLessThan(160 * MIB)
  })
}
