import { createHash, randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import { type FaultyNetwork, startFaultyNetwork } from '../scripts/services/faulty-network.js'
import { expect, test as base } from './support/services.js'

const MIB = 2 ** 20

/** The network to the tus server, which is another origin than the page's. */
const test = base.extend<{ readonly network: FaultyNetwork }>({
  network: async ({ services: { tus } }, use) => {
    const network = await startFaultyNetwork(() => tus.endpoint)
    await use(network)
    await network.close()
  },
})

/** As an application's bundler makes it, tus-js-client included. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createUploader } from '@upload-panel/core'
        import { tus } from '@upload-panel/core/tus'
        window.upload = async (endpoint, files) => {
          const uploader = createUploader({ backend: tus({ endpoint }), retry: { baseMs: 20 } })
          const shown = []
          uploader.on('progressed', ({ sentBytes }) => shown.push(sentBytes))
          uploader.add(files)
          const items = await new Promise((resolve) => uploader.on('batch-completed', resolve))
          return { items: items.map(({ phase, result }) => ({ phase, result })), shown }
        }`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'esm',
  })
  return outputFiles[0]?.text ?? ''
}

/** Uploads files that the page makes, of random bytes and these sizes; answers their SHA-256, too. */
async function upload(page: Page, endpoint: string, sizes: readonly number[]) {
  await page.addScriptTag({ type: 'module', content: await bundled() })
  await page.waitForFunction(() => 'upload' in window)
  return page.evaluate(
    async ({ to, of, block }) => {
      const bytes = Uint8Array.from(atob(block), (letter) => letter.charCodeAt(0))
      const files = of.map((size, index) => {
        const whole = Array.from({ length: Math.ceil(size / bytes.length) }, () => bytes)
        return new File([new Blob([`${index}`, ...whole]).slice(0, size)], `${index}.bin`)
      })
      const hashes = files.map(async (file) => new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())))
      const { items, shown } = await (window as unknown as PageWindow).upload(to, files)
      const sha256 = (await Promise.all(hashes)).map((hash) => Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join(''))
      return { items, shown, sha256, isStored: Object.keys(localStorage).length > 0 }
    },
    { to: endpoint, of: sizes, block: randomBytes(MIB).toString('base64') },
  )
}

interface PageWindow {
  upload(
    endpoint: string,
    files: readonly File[],
  ): Promise<{ items: { phase: string; result: { readonly url: string } }[]; shown: number[] }>
}

async function expectStored({ items, sha256 }: Awaited<ReturnType<typeof upload>>): Promise<void> {
  for (const [index, { phase, result }] of items.entries()) {
    expect(phase).toBe('completed')
    const stored = await (await fetch(result.url)).arrayBuffer()
    expect(createHash('sha256').update(Buffer.from(stored)).digest('hex')).toBe(sha256[index])
  }
}

const sentBy = ({ requests }: FaultyNetwork, method: string) => requests.filter((request) => request.method === method)

test('small files to tus cost one request each, from a page of another origin', async ({ services: { tus }, network, stranger }) => {
  const { pathname } = new URL(tus.endpoint)
  const done = await upload(stranger, network.url + pathname, [0, ...Array<number>(30).fill(10_000)])
  await expectStored(done)
  expect([sentBy(network, 'POST').length, sentBy(network, 'PATCH').length, sentBy(network, 'HEAD').length]).toEqual([31, 0, 0])
  expect(done.isStored).toBe(false)
})

test('a large file to tus goes on where it was cut, and shows progress that only rises', async ({
  services: { tus },
  network,
  stranger,
}) => {
  const { pathname } = new URL(tus.endpoint)
  const cut = network.cutDuring(({ method }) => method === 'PATCH', 20 * MIB)
  const offset = cut.then(async ({ path }) => {
    const { headers } = await fetch(new URL(path, tus.endpoint), { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
    network.mend()
    return Number(headers.get('upload-offset'))
  })
  const done = await upload(stranger, network.url + pathname, [64 * MIB])
  await expectStored(done)
  expect(sentBy(network, 'POST')).toHaveLength(1)
  expect(sentBy(network, 'PATCH').map(({ sentBytes }) => sentBytes)).toEqual([expect.any(Number), 64 * MIB - (await offset)])
  expect(done.shown.length).toBeGreaterThan(1)
  expect(done.shown).toEqual([...done.shown].sort((a, b) => a - b))
})
