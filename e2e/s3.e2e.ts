import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Page } from '@playwright/test'
import { build } from 'esbuild'
import { createS3Backend, type S3Backend, type S3BackendOptions } from '../packages/core/src/testing/s3-backend.js'
import { type FaultyNetwork, startFaultyNetwork } from '../scripts/services/faulty-network.js'
import { type HttpService, sendJson, serveHttp } from '../scripts/services/http-service.js'
import { expect, test as base } from './support/services.js'

const MIB = 2 ** 20
const PART = 5 * MIB

/** The network to S3, which is another origin than the page's, and a server that signs for it there. */
const test = base.extend<{
  readonly network: FaultyNetwork
  readonly start: (options?: Partial<S3BackendOptions>) => Promise<{ readonly s3: S3Backend; readonly url: string }>
}>({
  network: async ({ s3 }, use) => {
    const network = await startFaultyNetwork(() => s3.endpoint)
    await use(network)
    await network.close()
  },
  start: async ({ s3, network }, use) => {
    const started: { readonly s3: S3Backend; readonly http: HttpService }[] = []
    await use(async (options) => {
      const backend = createS3Backend({ access: { ...s3, endpoint: network.url }, bucket: s3.bucket, ...options })
      const http = await serveWire(backend)
      started.push({ s3: backend, http })
      return { s3: backend, url: http.url }
    })
    for (const one of started) {
      one.s3.close()
      await one.http.stop()
    }
  },
})

/** The routes that the engine needs, in front of a server that signs for S3. */
function serveWire({ api }: S3Backend): Promise<HttpService> {
  const { signal } = new AbortController()
  const cors = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }

  async function answer(request: IncomingMessage): Promise<unknown> {
    const { pathname } = new URL(request.url ?? '', 'http://s3.test')
    const body = JSON.parse((await text(request)) || '{}')
    const [, id = '', route] = /uploads\/([^/]+)\/(\w+)$/.exec(pathname) ?? []
    if (pathname === '/commands/upload-jobs') return api.createUploads(body, signal)
    if (route === 'parts' && request.method === 'GET') return { parts: await api.listParts(id, signal) }
    if (route === 'parts') return api.signParts(id, body.part_numbers, signal, body.checksums)
    if (route !== 'complete') return { operations: [], cursor: '', more: false }
    await api.complete(id, body, signal)
    const timestamp = new Date().toISOString()
    return { update: { operation_id: id, operation_type: 'upload', status: 'completed', progress: 100, timestamp, version: 2 } }
  }
  return serveHttp(async (request, response) => {
    if (request.method === 'OPTIONS') return void response.writeHead(204, cors).end()
    sendJson(response, 200, await answer(request), cors)
  })
}

/** As an application's bundler makes it. */
async function bundled(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import { createUploader, httpBackend } from '@upload-panel/core'
        import { polling } from '@upload-panel/core/polling'
        window.upload = async (url, file, options) => {
          const backend = httpBackend({ url, credentials: 'omit' })
          const uploader = createUploader({ backend, realtime: polling(), retry: { baseMs: 20 }, requestSlots: 2, ...options })
          const shown = []
          uploader.on('progressed', ({ sentBytes }) => shown.push(sentBytes))
          uploader.add([file])
          const [{ id, phase, error }] = await new Promise((resolve) => uploader.on('batch-completed', resolve))
          return { id, phase, error: error?.message, shown }
        }`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    write: false,
    format: 'esm',
  })
  return outputFiles[0]?.text ?? ''
}

interface PageWindow {
  upload(
    url: string,
    file: File,
    options: object,
  ): Promise<{ readonly id: string; readonly phase: string; readonly error?: string; readonly shown: readonly number[] }>
}

/** Uploads a file that the page makes, of random bytes; answers its SHA-256, too. */
async function upload(page: Page, url: string, size: number, options: object = {}) {
  await page.addScriptTag({ type: 'module', content: await bundled() })
  await page.waitForFunction(() => 'upload' in window)
  return page.evaluate(
    async (given) => {
      const bytes = Uint8Array.from(atob(given.block), (letter) => letter.charCodeAt(0))
      const blocks = Array.from({ length: Math.ceil(given.size / bytes.length) }, (_, index) => [String(index), bytes])
      const file = new File([new Blob(blocks.flat()).slice(0, given.size)], 'file.bin')
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
      const done = await (window as unknown as PageWindow).upload(given.url, file, given.options)
      return { ...done, sha256: Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('') }
    },
    { url, size, options, block: randomBytes(MIB).toString('base64') },
  )
}

async function expectStored(s3: S3Backend, { id, phase, error, sha256 }: Awaited<ReturnType<typeof upload>>): Promise<void> {
  expect({ phase, error }).toEqual({ phase: 'completed', error: undefined })
  expect(
    createHash('sha256')
      .update(await s3.object(id))
      .digest('hex'),
  ).toBe(sha256)
}

/** Numbers of the parts that were sent, and what S3 said to each. */
const partsOf = ({ requests }: FaultyNetwork) =>
  requests.flatMap(({ method, path, status }) => {
    const part = new URL(path, 'http://s3').searchParams.get('partNumber')
    return method === 'PUT' && part !== null ? [{ part: Number(part), status }] : []
  })
const storedParts = (network: FaultyNetwork) =>
  partsOf(network)
    .filter(({ status }) => status === 200)
    .map(({ part }) => part)
    .sort((a, b) => a - b)

test('a file goes to S3 in parts from a page of another origin, which goes on where the network was cut', async ({
  network,
  start,
  stranger,
}) => {
  const { s3, url } = await start()
  const cut = network.cutDuring(({ path }) => path.includes('partNumber=3'), MIB).then(network.mend)
  const done = await upload(stranger, url, 5 * PART + 3)
  await cut
  await expectStored(s3, done)
  expect(storedParts(network)).toEqual([1, 2, 3, 4, 5, 6])
  expect(done.shown.length).toBeGreaterThan(1)
  expect(done.shown).toEqual([...done.shown].sort((a, b) => a - b))
})

test('addresses that S3 takes for expired, which the page cannot read, are signed anew', async ({ network, start, stranger }) => {
  const { s3, url } = await start({ signedAt: (call) => Date.now() - (call === 1 ? 3_600_000 : 0) })
  const done = await upload(stranger, url, 3 * PART)
  await expectStored(s3, done)
  // This storage refuses already when the browser asks first: no byte went out in vain.
  const refused = network.requests.filter(({ status }) => status === 403)
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every(({ sentBytes }) => sentBytes === 0)).toBe(true)
  expect(storedParts(network)).toEqual([1, 2, 3])
})

test('where the bucket hides the ETags the list of parts has them; checksums are made when they are asked for', async ({
  s3: { bucketHidingEtag },
  network,
  start,
  stranger,
}) => {
  const { s3, url } = await start({ bucket: bucketHidingEtag })
  const done = await upload(stranger, url, 2 * PART + 9, { checksum: 'crc32c' })
  await expectStored(s3, done)
  expect(storedParts(network)).toEqual([1, 2, 3])
})
