import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type FaultyNetwork, startFaultyNetwork } from '../../../../scripts/services/faulty-network.js'
import { services } from '../../../../scripts/services/provided.js'
import { startTus, type TusOptions as TusServerOptions } from '../../../../scripts/services/tus.js'
import { createUploader } from '../create-uploader.js'
import { fetchClient } from '../http/fetch-client.js'
import type { HttpClient, HttpRequest } from '../http/http-client.js'
import { storageError } from '../http/policy/classify.js'
import type { UploadItem } from '../item/item.js'
import type { TusPlan } from '../protocol/index.js'
import type { TransferResult } from '../strategies/strategy.js'
import { createTusStrategy } from '../strategies/tus/tus-strategy.js'
import { sha256Of, strategyContract } from '../testing/strategy-contract.js'
import { tus, type TusOptions } from './tus.js'

const MIB = 2 ** 20

/** The upload as the server holds it. */
async function storedAt(result: unknown): Promise<Blob> {
  const { url } = result as { readonly url: string }
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return response.blob()
}

function openReal(plan: Partial<TusPlan>) {
  return {
    plan: { kind: 'tus' as const, endpoint: services().tus.endpoint, ...plan },
    answer: (request: HttpRequest) => fetchClient().send(request),
    sha256: async ({ result }: TransferResult) => sha256Of(await storedAt(result)),
  }
}

strategyContract('tus on a real server, chunk by chunk', {
  strategy: createTusStrategy({ refusal: storageError }),
  open: ({ name }) => openReal({ chunk_bytes: 4, extensions: [], metadata: { name } }),
  refusal: 'rejected',
  takesPages: false,
})

strategyContract('tus on a real server, with the first chunk in the creation', {
  strategy: createTusStrategy({ refusal: storageError }),
  open: () => openReal({ chunk_bytes: 4, extensions: ['creation-with-upload'] }),
  refusal: 'rejected',
  takesPages: false,
})

/** A tus server of the test's own, behind a network that fails when it is told to. */
async function startServer(options: Omit<TusServerOptions, 'directory'> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'upload-panel-tus-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  let server = await startTus({ directory, ...options })
  onTestFinished(() => server.stop())
  const network = await startFaultyNetwork(() => server.endpoint)
  onTestFinished(() => network.close())
  const { pathname } = new URL(server.endpoint)
  return {
    network,
    endpoint: network.url + pathname,
    /** What the server itself says of an upload. */
    async tell(path: string): Promise<{ readonly status: number; readonly offset: number }> {
      const { status, headers } = await fetch(new URL(path, server.endpoint), { method: 'HEAD', headers: { 'tus-resumable': '1.0.0' } })
      return { status, offset: Number(headers.get('upload-offset')) }
    },
    stop: () => server.stop(),
    async startAgain() {
      server = await startTus({ directory, ...options, port: Number(new URL(server.endpoint).port) })
    },
  }
}

/** An uploader that repeats soon. */
function start(options: TusOptions, http?: HttpClient) {
  const uploader = createUploader({
    backend: tus(options),
    retry: { baseMs: 20, capMs: 200 },
    environment: { random: () => 0.1, ...(http && { http }) },
  })
  onTestFinished(() => uploader.dispose())
  const ended = () => new Promise<readonly UploadItem[]>((resolve) => uploader.on('batch-completed', resolve))
  return {
    uploader,
    /** Adds files and waits for their end. */
    async upload(files: readonly File[]) {
      const all = ended()
      uploader.add(files)
      return all
    },
    ended,
  }
}

function randomFile(size: number, name = 'random.bin'): File {
  return new File([randomBytes(size)], name)
}

async function expectStored(item: UploadItem | undefined, file: File | undefined): Promise<void> {
  if (item?.phase !== 'completed' || file === undefined) throw new Error(`The item is ${item?.phase}, with ${JSON.stringify(item)}`)
  expect(await sha256Of(await storedAt(item.result))).toBe(await sha256Of(file))
}

const sentBy = ({ requests }: FaultyNetwork, method: string) => requests.filter((request) => request.method === method)
const isPatch = ({ method }: { readonly method: string }) => method === 'PATCH'

describe('files to a tus server', () => {
  it('arrive whole, whatever their size, the small ones by one request each', async () => {
    const { endpoint, network } = await startServer()
    const files = [0, 1, 1000, 2 * MIB, 2 * MIB + 1, 7 * MIB].map((size) => randomFile(size))
    const items = await start({ endpoint }).upload(files)
    for (const [index, file] of files.entries()) await expectStored(items[index], file)
    expect([sentBy(network, 'OPTIONS').length, sentBy(network, 'POST').length, sentBy(network, 'PATCH').length]).toEqual([1, 6, 2])
  })

  it('arrive in chunks where the server, or a proxy, takes no more', async () => {
    const { endpoint, network } = await startServer()
    const file = randomFile(10 * MIB)
    const [item] = await start({ endpoint, chunkBytes: 3 * MIB }).upload([file])
    await expectStored(item, file)
    expect(sentBy(network, 'PATCH').map(({ sentBytes }) => sentBytes / MIB)).toEqual([3, 3, 3, 1])
  })

  it('go in one piece where the server cannot put pieces together', async () => {
    const { endpoint, network } = await startServer()
    const file = randomFile(16 * MIB)
    const [item] = await start({ endpoint, parallel: 3 }).upload([file])
    await expectStored(item, file)
    expect(sentBy(network, 'POST').map(({ status }) => status)).toEqual([201])
  })

  it('bring their names along', async () => {
    const names: unknown[] = []
    const { endpoint } = await startServer({
      hooks: {
        onUploadCreate: async (_request, { metadata }) => {
          names.push(metadata)
          return {}
        },
      },
    })
    await start({ endpoint }).upload([randomFile(3, 'שלום, 世界.png')])
    expect(names).toEqual([{ filename: 'שלום, 世界.png' }])
  })

  it('are done also where the server’s own code changes the status, and so loses the address', async () => {
    const { endpoint } = await startServer({ hooks: { onUploadFinish: async () => ({ status_code: 200, body: '{}' }) } })
    const [item] = await start({ endpoint }).upload([randomFile(10)])
    expect(item).toMatchObject({ phase: 'completed' })
  })

  it('that the server finds too large are refused before their bytes go', async () => {
    const { endpoint, network } = await startServer({ hooks: { maxSize: MIB } })
    const [item] = await start({ endpoint }).upload([randomFile(5 * MIB)])
    expect(item).toMatchObject({ phase: 'failed', error: { code: 'rejected', status: 413, retryable: false } })
    expect(sentBy(network, 'PATCH')).toHaveLength(0)
  })

  it('go on with a fresh token where the old one has expired on the way', async () => {
    let valid = 'first'
    const refusals: string[] = []
    const { endpoint, network } = await startServer({
      hooks: {
        onIncomingRequest: async ({ method, headers }) => {
          if (method === 'GET' || headers.get('authorization') === valid) return
          refusals.push(method)
          throw Object.assign(new Error(), { status_code: 401, body: 'expired' })
        },
      },
    })
    const file = randomFile(5 * MIB)
    let token = valid
    const { upload } = start({
      endpoint,
      chunkBytes: MIB,
      headers({ attempt }) {
        if (attempt === 2) token = valid
        return { authorization: token }
      },
    })
    void network.seen((request) => sentBy(network, 'PATCH').length === 3 && isPatch(request)).then(() => (valid = 'second'))
    const [item] = await upload([file])
    await expectStored(item, file)
    expect(refusals.length).toBeGreaterThan(0)
    expect(sentBy(network, 'POST')).toHaveLength(1)
  })
})

describe('an upload to a tus server that is cut', () => {
  it('goes on where the server has got to, and sends nothing twice that it had', async () => {
    const { endpoint, network, tell } = await startServer()
    const file = randomFile(24 * MIB)
    const cut = network.cutDuring(isPatch, 9 * MIB)
    const done = start({ endpoint }).upload([file])
    const { path } = await cut
    const { offset } = await tell(path)
    network.mend()
    const [item] = await done
    await expectStored(item, file)
    expect(sentBy(network, 'POST')).toHaveLength(1)
    expect(sentBy(network, 'PATCH').map(({ sentBytes }) => sentBytes)).toEqual([expect.any(Number), file.size - offset])
  })

  it('after its last byte is found complete, and no byte goes again', async () => {
    const { endpoint, network } = await startServer()
    const file = randomFile(5 * MIB)
    const lost = network.loseAnswer(isPatch)
    const done = start({ endpoint }).upload([file])
    await lost
    const [item] = await done
    await expectStored(item, file)
    expect(sentBy(network, 'PATCH')).toHaveLength(1)
    expect(sentBy(network, 'HEAD').length).toBeGreaterThanOrEqual(1)
  })

  it('goes on when the server is back after a restart', async () => {
    const { endpoint, network, stop, startAgain } = await startServer()
    const file = randomFile(24 * MIB)
    const seen = network.cutDuring(isPatch, 9 * MIB)
    const done = start({ endpoint }).upload([file])
    await seen
    await stop()
    network.mend()
    await startAgain()
    const [item] = await done
    await expectStored(item, file)
    expect(sentBy(network, 'POST')).toHaveLength(1)
  })

  it('begins anew when it has expired meanwhile', async () => {
    const { endpoint, network, tell } = await startServer({ expiresInMs: 1500 })
    const file = randomFile(24 * MIB)
    const cut = network.cutDuring(isPatch, 9 * MIB)
    const done = start({ endpoint }).upload([file])
    const { path } = await cut
    await expect.poll(() => tell(path), { timeout: 10_000 }).toMatchObject({ status: 410 })
    network.mend()
    const [item] = await done
    await expectStored(item, file)
    // More than one, and more than two where this machine is slow: the second one expires as soon.
    expect(sentBy(network, 'POST').length).toBeGreaterThan(1)
  })

  it('goes on after a pause', async () => {
    const { endpoint, network } = await startServer()
    const file = randomFile(24 * MIB)
    const { uploader, ended } = start({ endpoint })
    const done = ended()
    const seen = network.seen((request) => isPatch(request) && request.sentBytes > 5 * MIB)
    const [id = ''] = uploader.add([file])
    await seen
    uploader.pause(id)
    uploader.resume(id)
    const [item] = await done
    await expectStored(item, file)
    expect(sentBy(network, 'POST')).toHaveLength(1)
    expect(sentBy(network, 'HEAD').length).toBeGreaterThanOrEqual(1)
  })
})

describe('an upload on a tus server', () => {
  it('is deleted there when it is cancelled', async () => {
    const { endpoint, network, tell } = await startServer()
    const { uploader } = start({ endpoint })
    const seen = network.seen((request) => isPatch(request) && request.sentBytes > MIB)
    const [id = ''] = uploader.add([randomFile(24 * MIB)])
    const { path } = await seen
    uploader.cancel(id)
    await expect.poll(() => sentBy(network, 'DELETE').map(({ status }) => status), { timeout: 10_000 }).toEqual([204])
    expect(await tell(path)).toMatchObject({ status: 404 })
  })

  it('goes on where another client has taken its lock', async () => {
    const { endpoint, network, tell } = await startServer()
    const file = randomFile(3 * MIB)
    const done = start({ endpoint }, slowFirstPatch(MIB)).upload([file])
    const { path } = await network.seen((request) => isPatch(request) && request.sentBytes >= MIB)
    // The reference server gives the lock to whoever asks last, and ends the request of the first one where it has got to.
    expect(await tell(path)).toMatchObject({ status: 200 })
    const [item] = await done
    await expectStored(item, file)
    expect(sentBy(network, 'POST')).toHaveLength(1)
    expect(sentBy(network, 'PATCH').at(-1)?.sentBytes).toBe(2 * MIB)
  })
})

/** Of the body of the first PATCH it sends so many bytes, and then no more. */
function slowFirstPatch(bytes: number): HttpClient {
  const client = fetchClient()
  let isFirst = true
  return {
    async send(request) {
      const { method, url, headers, body, signal } = request
      if (method !== 'PATCH' || !isFirst || !(body instanceof Blob)) return client.send(request)
      isFirst = false
      const some = new Uint8Array(await body.slice(0, bytes).arrayBuffer())
      const stream = new ReadableStream({ start: (controller) => controller.enqueue(some) })
      const init = { method, body: stream, signal, duplex: 'half', headers: { ...headers } }
      const response = await fetch(url, init)
      return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text: await response.text() }
    },
  }
}
