import { expect } from 'chai'
import { browserEnvironment } from '../environment.js'
import { UploadError } from '../errors.js'
import { createManualClock } from '../testing/index.js'
import { type HttpRequest, STALL_MS } from './http-client.js'
import { xhrClient } from './xhr-client.js'

const { clock: realClock, createId } = browserEnvironment()
const target = (path: string) => new URL(`/upload-target/${path}`, location.href).href

/** Sends to the test's storage. */
function send(path: string, { clock = realClock, ...request }: Partial<HttpRequest> & { readonly clock?: typeof realClock } = {}) {
  return xhrClient(clock).send({ method: 'PUT', url: target(path), body: new Blob(), signal: new AbortController().signal, ...request })
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('sending by XMLHttpRequest', () => {
  it('sends method, headers and every byte, and hands on status, headers and text of the answer', async () => {
    const body = new Blob([Uint8Array.of(1, 2, 255, 0)])
    const response = await send('store', { body, headers: { 'content-type': 'image/png' } })
    expect(response.status).to.equal(200)
    expect(JSON.parse(response.text)).to.deep.equal({ method: 'PUT', type: 'image/png', bytes: [1, 2, 255, 0], length: 4 })
    expect(response.header('etag')).to.equal('"tag"')
    expect(response.header('absent')).to.equal(undefined)
  })

  it('sends a part of a file, and nothing at all', async () => {
    const file = new File(['0123456789'], 'a.txt')
    expect(JSON.parse((await send('store', { body: file.slice(2, 5) })).text)).to.include({ length: 3 })
    expect(JSON.parse((await send('store', { body: file.slice(0, 0) })).text)).to.include({ length: 0 })
  })

  it('tells progress that rises to the size of the body, and none after the answer', async () => {
    const size = 3 * 2 ** 20
    const progress: number[] = []
    await send('store', { body: new Blob([new Uint8Array(size)]), onProgress: (sent) => progress.push(sent) })
    const heard = progress.length
    expect(progress.at(-1)).to.equal(size)
    expect(progress).to.deep.equal([...progress].sort((a, b) => a - b))
    await send('store')
    expect(progress).to.have.length(heard)
  })

  for (const status of [204, 403, 410, 500, 503]) {
    it(`takes ${status} for an answer`, async () => {
      const response = await send(`status/${status}`, { body: new Blob(['x']) })
      expect(response.status).to.equal(status)
      expect(response.header('retry-after')).to.equal('3')
    })
  }

  it('rejects with a network’s error when the connection is cut', async () => {
    const error = await failureOf(send('cut', { body: new Blob([new Uint8Array(2 ** 20)]) }))
    expect(error).to.be.instanceOf(UploadError)
    expect(error).to.include({ code: 'network', retryable: true })
  })

  it('rejects with the signal’s reason at once, and lets go of the connection', async () => {
    const id = createId()
    const controller = new AbortController()
    const reason = new Error('stopped')
    const failure = failureOf(
      send(`silent/${id}`, { body: new Blob(['x']), signal: controller.signal, onProgress: () => controller.abort(reason) }),
    )
    expect(await failure).to.equal(reason)
    expect(await (await fetch(target(`closed/${id}`))).text()).to.equal('closed')
  })

  it('sends nothing for a signal that was aborted before', async () => {
    const reason = new Error('stopped')
    expect(await failureOf(send('store', { signal: AbortSignal.abort(reason) }))).to.equal(reason)
  })

  it('rejects as stalled when nothing moves for too long, and lets go of the connection', async () => {
    const id = createId()
    const clock = createManualClock()
    let moved = () => {}
    const hasMoved = new Promise<void>((resolve) => (moved = resolve))
    const failure = failureOf(send(`silent/${id}`, { clock, body: new Blob(['x']), onProgress: () => moved() }))
    await hasMoved
    await clock.advance(STALL_MS)
    expect(await failure).to.include({ code: 'stalled', retryable: true })
    expect(await (await fetch(target(`closed/${id}`))).text()).to.equal('closed')
    expect(clock.pending).to.equal(0)
  })

  it('leaves no timer and no listener behind', async () => {
    const clock = createManualClock()
    const { signal } = new AbortController()
    let listeners = 0
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1
      remove(...args)
    }
    await send('store', { clock, signal, body: new Blob(['x']) })
    await failureOf(send('cut', { clock, signal, body: new Blob(['x']) }))
    await failureOf(send('store', { clock, signal, headers: { 'no header': 'x' } }))
    expect(clock.pending).to.equal(0)
    expect(listeners).to.equal(0)
  })
})
