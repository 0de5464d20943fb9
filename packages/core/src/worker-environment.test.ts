import { afterEach, describe, expect, it, vi } from 'vitest'
import type { UploadBackendFactory } from './backends/backend.js'
import { createUploader } from './create-uploader.js'
import type { HttpClient } from './http/http-client.js'
import { WORKER_VERSION, type WorkerOutcome } from './http/worker-messages.js'
import { resolveOptions, type UploaderOptions } from './options.js'
import { createTestEnvironment, settle } from './testing/index.js'

afterEach(() => vi.unstubAllGlobals())

/** A server that plans for ever. */
const never = () => new Promise<never>(() => {})
const backend: UploadBackendFactory = () => ({
  strategies: [],
  origin: undefined,
  createUploads: never,
  signParts: never,
  listParts: never,
  complete: never,
  cancel: never,
  retry: never,
  snapshot: never,
})

/** A browser that has Workers. */
function stubBrowser() {
  const workers: {
    readonly url: unknown
    readonly options: unknown
    isTerminated: boolean
    onmessage?: (event: { data: unknown }) => void
  }[] = []
  vi.stubGlobal('XMLHttpRequest', function XMLHttpRequest() {})
  vi.stubGlobal('Worker', function FakeWorker(url: unknown, options: unknown) {
    const worker = { url, options, isTerminated: false, postMessage() {}, terminate: () => void (worker.isTerminated = true) }
    workers.push(worker)
    return worker
  })
  return workers
}

/** An environment of a browser, but with a client whose requests wait. */
function resolve(options: Partial<UploaderOptions> = {}) {
  const { http: _own, ...environment } = createTestEnvironment()
  return resolveOptions({ backend, environment, ...options })
}
const send = (http: HttpClient) =>
  void http.send({ method: 'PUT', url: 'https://s.test/a', signal: new AbortController().signal }).catch(() => {})

describe('the option `worker`', () => {
  it('by default begins the Worker whose file lies beside the engine, at the first request', () => {
    const workers = stubBrowser()
    const { environment } = resolve()
    expect(workers).toEqual([])
    send(environment.http)
    expect(workers).toMatchObject([{ options: { type: 'module' } }])
    expect(String(workers[0]?.url)).toMatch(/\/http\/transfer-worker\.js$/)
  })

  it('can be the address of the Worker’s file', () => {
    const workers = stubBrowser()
    for (const worker of ['/transfer-worker.js', new URL('https://page.test/w.js')]) send(resolve({ worker }).environment.http)
    expect(workers.map(({ url }) => String(url))).toEqual(['/transfer-worker.js', 'https://page.test/w.js'])
  })

  it('can be false', () => {
    const workers = stubBrowser()
    send(resolve({ worker: false }).environment.http)
    expect(workers).toEqual([])
  })

  it('is not used with a client of the user’s own', () => {
    const workers = stubBrowser()
    const environment = createTestEnvironment()
    expect(resolve({ environment, worker: '/transfer-worker.js' }).environment.http).toBe(environment.http)
    expect(workers).toEqual([])
  })

  it.each(['Worker', 'XMLHttpRequest'])('is not used where there is no %s', (name) => {
    const workers = stubBrowser()
    vi.stubGlobal(name, undefined)
    send(resolve().environment.http)
    expect(workers).toEqual([])
  })

  it('tells the protocol of an origin to which the Worker has sent', () => {
    const workers = stubBrowser()
    const { environment } = resolve()
    send(environment.http)
    workers[0]?.onmessage?.({ data: { ready: WORKER_VERSION } })
    expect(environment.protocolOf('https://s.test')).toBe('')
    const outcome: WorkerOutcome = {
      ended: 1,
      sentBytes: undefined,
      protocol: ['https://s.test', 'h2'],
      result: { response: { status: 200, headers: '', text: '' } },
    }
    workers[0]?.onmessage?.({ data: outcome })
    expect(environment.protocolOf('https://s.test')).toBe('h2')
  })

  it('tells in debug mode why there is no Worker', () => {
    stubBrowser()
    vi.stubGlobal('Worker', function RefusedWorker() {
      throw new TypeError('TrustedScriptURL')
    })
    const debug = vi.fn()
    const { http: _own, ...environment } = createTestEnvironment()
    send(resolve({ environment: { ...environment, debug } }).environment.http)
    expect(debug).not.toHaveBeenCalled()
    send(resolve({ environment: { ...environment, debug }, debug: true }).environment.http)
    expect(debug.mock.lastCall).toContain('TypeError: TrustedScriptURL')
  })

  it('begins the Worker while the server plans, so that it is there for the first byte; none is left after dispose', async () => {
    const workers = stubBrowser()
    const { http: _own, ...environment } = createTestEnvironment()
    const uploader = createUploader({ environment, backend })
    await settle()
    expect(workers).toEqual([])
    uploader.add([new File(['x'], 'a.txt')])
    await settle()
    expect(workers).toMatchObject([{ isTerminated: false }])
    await uploader.dispose()
    expect(workers).toMatchObject([{ isTerminated: true }])
    expect(environment.clock.pending).toBe(0)
  })
})
