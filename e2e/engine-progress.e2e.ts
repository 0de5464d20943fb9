import { openEngine } from './engine/engine-page.js'
import { startSlowLink } from './engine/slow-link.js'
import { writeSparseFile } from './engine/sparse-file.js'
import { test } from './engine/test.js'
import { MIB } from './support/files.js'
import { expect } from './support/test.js'

const MEBIBYTES = 100
const PER_SECOND = 4

/** How far what is shown may be ahead of the server, and behind it, as a share of the file. */
interface Honesty {
  readonly ahead: number
  readonly behind: number
}

/**
 * Over HTTP/2 the server says how much may be under way. Over HTTP/1.1 a browser counts what the system's buffer has taken, and here, where nothing is
 * lost and nothing far away, that is what Linux allows at most: 4 MiB for each of four connections.
 */
const PROTOCOLS: readonly (readonly ['h2' | 'http/1.1', Honesty])[] = [
  ['h2', { ahead: 0.01, behind: 0.01 }],
  ['http/1.1', { ahead: (4 * 4.5) / MEBIBYTES, behind: 0.01 }],
]

for (const [protocol, { ahead, behind }] of PROTOCOLS) {
  test.describe(`over ${protocol}`, () => {
    test.use({ protocol })

    test(`what is shown of ${MEBIBYTES} MiB on a slow line is what the server has`, { tag: '@nightly' }, async ({
      page,
      server,
      directory,
    }) => {
      test.setTimeout(180_000)
      const file = await writeSparseFile(directory, 'large.bin', MEBIBYTES * MIB)
      const link = await startSlowLink(Number(new URL(server.url).port), PER_SECOND * MIB)
      try {
        const engine = await openEngine(page, server.url.replace(/:\d+\//, `:${link.port}/`))
        const shown = () =>
          page.evaluate(() => {
            const [item] = window.engine.items()
            return item?.phase === 'uploading' ? item.sentBytes : undefined
          })
        const before = link.receivedBytes
        await engine.choose([file.path])
        await expect.poll(shown).toBeGreaterThan(0)

        const most = { ahead: 0, behind: 0 }
        let looks = 0
        for (;;) {
          const earlier = link.receivedBytes - before
          const sent = await shown()
          const later = link.receivedBytes - before
          if (sent === undefined) break
          looks += 1
          most.ahead = Math.max(most.ahead, (sent - later) / file.size)
          most.behind = Math.max(most.behind, (earlier - sent) / file.size)
          await page.waitForTimeout(200)
        }
        expect(looks).toBeGreaterThan(20)
        expect(most.ahead, 'ahead').toBeLessThan(ahead)
        expect(most.behind, 'behind').toBeLessThan(behind)
        await engine.expectAllCompleted(1)
      } finally {
        await link.close()
      }
    })
  })
}
