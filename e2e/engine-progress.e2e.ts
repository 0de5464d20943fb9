import type { UploadItem } from '@upload-panel/core'
import { openPage } from './engine/browsers.js'
import { startSlowLink } from './engine/slow-link.js'
import { writeSparseFile } from './engine/sparse-file.js'
import { test } from './engine/test.js'
import { MIB } from './support/files.js'
import { expect } from './support/test.js'

const MEBIBYTES = 100
const PER_SECOND = 4
const LOOK_MS = 200

/** How far what is shown may be ahead of the server's end of the line, and behind the server, as a share of the file. */
interface Honesty {
  readonly ahead: number
  /** Where the bytes are that it may be ahead of. */
  readonly of: 'receivedBytes' | 'arrivedBytes'
  readonly behind: number
}

/**
 * Over HTTP/2 the server says how much may be under way. Over HTTP/1.1 a browser counts what the system's buffer has taken, and here, where nothing is
 * lost and nothing far away, that is what Linux allows at most: 4 MiB for each of four connections. What a machine that is busy has not yet read at the
 * other end is not counted with it: it has no bound.
 */
const PROTOCOLS: readonly (readonly ['h2' | 'http/1.1', Honesty])[] = [
  ['h2', { ahead: 0.01, of: 'receivedBytes', behind: 0.01 }],
  ['http/1.1', { ahead: (4 * 4) / MEBIBYTES, of: 'arrivedBytes', behind: 0.01 }],
]

for (const [protocol, { ahead, of, behind }] of PROTOCOLS) {
  test.describe(`over ${protocol}`, () => {
    test.use({ protocol })

    for (const engine of ['chromium', 'firefox', 'webkit'] as const) {
      test(`what is shown of ${MEBIBYTES} MiB on a slow line is what the server has, in ${engine}`, { tag: '@nightly' }, async ({
        server,
        directory,
        launchOptions,
      }) => {
        test.setTimeout(180_000)
        const file = await writeSparseFile(directory, 'large.bin', MEBIBYTES * MIB)
        const page = await openPage(engine, launchOptions)
        test.skip(page === undefined, `${engine} is not installed here.`)
        if (page === undefined) return
        const link = await startSlowLink(Number(new URL(server.url).port), PER_SECOND * MIB)
        try {
          await page.open(server.url.replace(/:\d+\//, `:${link.port}/`))
          await expect.poll(() => page.evaluate(`'startEngine' in window`)).toBe(true)
          // WebKitGTK's network process ends where slices of a file on the disk share a connection over HTTP/2, whoever sends them (libsoup 3.2).
          const options = engine === 'webkit' && protocol === 'h2' ? { multipartFromBytes: 2 * file.size } : {}
          await page.evaluate(`startEngine(${JSON.stringify(options)})`)
          const item = () => page.evaluate<UploadItem | undefined>('engine.items()[0]')
          const before = link.receivedBytes
          await page.choose([file.path])
          await expect.poll(async () => (await item())?.phase).toBe('uploading')

          const most = { ahead: 0, behind: 0 }
          let looks = 0
          for (;;) {
            const earlier = link.receivedBytes - before
            const shown = await item()
            const later = link[of] - before
            if (shown?.phase !== 'uploading') break
            looks += 1
            most.ahead = Math.max(most.ahead, (shown.sentBytes - later) / file.size)
            most.behind = Math.max(most.behind, (earlier - shown.sentBytes) / file.size)
            await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
          }
          console.log(`${engine}, ${protocol}: ahead ${percent(most.ahead)}, behind ${percent(most.behind)} at most, in ${looks} looks`)
          expect(looks).toBeGreaterThan(20)
          expect(most.ahead, 'ahead').toBeLessThan(ahead)
          expect(most.behind, 'behind').toBeLessThan(behind)
          await expect.poll(async () => (await item())?.phase, { timeout: 60_000 }).toBe('completed')
        } finally {
          await page.close()
          await link.close()
        }
      })
    }
  })
}

const percent = (share: number) => `${(share * 100).toFixed(2)} %`
