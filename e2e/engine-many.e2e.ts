import { openEngine } from './engine/engine-page.js'
import { test } from './engine/test.js'
import { MIB, writeTestFile } from './support/files.js'
import { expect } from './support/test.js'

// A trace notes every request: with thousands of them it takes longer than they do.
test.use({ trace: 'off' })

for (const { count, size, words } of [
  { count: 2000, size: 2048, words: 'two thousand files of 2 KiB' },
  { count: 100, size: 2 * MIB, words: 'a hundred files of 2 MiB' },
]) {
  test(`${words} are stored as they were on the disk, each sent once and planned with others`, async ({ page, server, directory }) => {
    test.setTimeout(180_000)
    const files = []
    for (let index = 0; index < count; index += 1) files.push(await writeTestFile(directory, `${index}.bin`, size, index + 1))

    const engine = await openEngine(page, server.url)
    await engine.choose(files.map(({ path }) => path))
    await engine.expectAllCompleted(count, 150_000)

    const hashes = Object.entries(await engine.results()).map(([name, { sha256 }]) => [name, sha256])
    expect(Object.fromEntries(hashes)).toEqual(Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])))
    const calls = (method: string, path: string) =>
      server.requests.filter((request) => request.method === method && request.path.startsWith(`/uploads/${path}`)).length
    expect(calls('PUT', '')).toBe(count)
    expect(calls('POST', 'commands/upload-jobs')).toBeLessThanOrEqual(Math.ceil(count / 50))
    // What a file has brought with its bytes needs no call that says so.
    expect(calls('POST', 'commands/uploads/')).toBe(0)
  })
}
