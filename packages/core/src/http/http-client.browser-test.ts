import { expect } from 'chai'
import { browserEnvironment } from '../environment.js'
import { UploadError } from '../errors.js'
import { createManualClock } from '../testing/index.js'
import { tryWorker } from '../testing/try-worker.js'
import { type HttpClient, type HttpRequest, STALL_MS } from './http-client.js'
import { xhrClient } from './xhr-client.js'

/** A client, and the time of the thread on which it sends. */
interface Subject {
  readonly client: HttpClient
  /** Lets time pass in which nothing moves. */
  standStill(): Promise<void>
  /** Timers that are left on the main thread. */
  end(): number
}

const { createId } = browserEnvironment()
const target = (path: string) => new URL(`/upload-target/${path}`, location.href).href
/** The same on another origin. */
function elsewhere(path: string): string {
  const { port, protocol, hostname } = location
  return `${protocol}//${hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${port}/upload-target/${path}`
}

function onMainThread(): Promise<Subject> {
  const clock = createManualClock()
  return Promise.resolve({ client: xhrClient(clock), standStill: () => clock.advance(STALL_MS), end: () => clock.pending })
}

/** No test moves the hands of a Worker’s clock, so it runs `haste` times as fast. */
async function inWorker(haste = 1): Promise<Subject> {
  const prelude = `
    const wait = setTimeout, begin = Date.now()
    self.setTimeout = (callback, ms) => wait(callback, ms / ${haste})
    Date.now = () => begin + performance.now() * ${haste}
  `
  const code = await (await fetch(new URL('./transfer-worker.js', import.meta.url))).text()
  const url = URL.createObjectURL(new Blob([prelude, code], { type: 'text/javascript' }))
  const none: HttpClient = { send: () => Promise.resolve({ status: 0, text: '', header: () => undefined }) }
  const { client, clock, outcome } = tryWorker(url, none)
  await client.send({ method: 'HEAD', url: target('store'), signal: new AbortController().signal })
  expect(await outcome).to.equal('ready')
  return {
    client,
    standStill: () => Promise.resolve(),
    end() {
      client.dispose()
      URL.revokeObjectURL(url)
      return clock.pending
    },
  }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

for (const [where, open] of [
  ['on the main thread', onMainThread],
  ['in a Worker', inWorker],
] as const) {
  describe(`sending bytes ${where}`, () => {
    let subject: Subject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => {
      expect(subject.end()).to.equal(0)
    })

    const send = (path: string, request: Partial<HttpRequest> = {}) =>
      subject.client.send({ method: 'PUT', url: target(path), signal: new AbortController().signal, ...request })

    it('sends method, headers and every byte, and hands on status, headers and text of the answer', async () => {
      const body = new Blob([Uint8Array.of(1, 2, 255, 0)])
      const response = await send('store', { body, headers: { 'content-type': 'image/png' } })
      expect(response.status).to.equal(200)
      expect(JSON.parse(response.text)).to.deep.equal({ method: 'PUT', type: 'image/png', bytes: [1, 2, 255, 0], length: 4 })
      expect(response.header('etag')).to.equal('"tag"')
      expect(response.header('ETag')).to.equal('"tag"')
      expect(response.header('absent')).to.equal(undefined)
    })

    it('sends a part of a file, an empty one, and nothing at all', async () => {
      const file = new File(['0123456789'], 'a.txt')
      expect(JSON.parse((await send('store', { body: file.slice(2, 5) })).text)).to.include({ length: 3 })
      expect(JSON.parse((await send('store', { body: new File([], 'empty') })).text)).to.include({ method: 'PUT', length: 0 })
      expect(JSON.parse((await send('store', { method: 'DELETE' })).text)).to.include({ method: 'DELETE', length: 0 })
      expect(await send('store', { method: 'HEAD' })).to.include({ status: 200, text: '' })
    })

    it('sends a form: fields in their order, files with their names, whatever the letters', async () => {
      const { text, header } = await send('echo', {
        method: 'POST',
        body: [
          ['key', 'Grüße & 日本'],
          ['kéy', 'again'],
          ['file', new File(['bytes'], 'not this.png', { type: 'image/png' }), '写真 ½ 😀.png'],
          ['file', new File(['more'], 'Ä.bin')],
        ],
      })
      const boundary = /^multipart\/form-data; ?boundary=(.+)$/.exec(header('x-type') ?? '')?.[1]
      const parts = text.split(`--${boundary}`).slice(1, -1)
      expect(
        parts.map((part) =>
          part
            .trim()
            .split(/(?:\r\n)+(?:content-[a-z]+: )?|; /i)
            .slice(1),
        ),
      ).to.deep.equal([
        ['name="key"', 'Grüße & 日本'],
        ['name="kéy"', 'again'],
        ['name="file"', 'filename="写真 ½ 😀.png"', 'image/png', 'bytes'],
        ['name="file"', 'filename="Ä.bin"', 'application/octet-stream', 'more'],
      ])
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

    it('sends a hundred at once, each with its own answer', async () => {
      const lengths = Array.from({ length: 100 }, (_, number) => number * 100)
      const answers = await Promise.all(lengths.map((length) => send('store', { body: new Blob([new Uint8Array(length)]) })))
      expect(answers.map(({ text }) => (JSON.parse(text) as { length: number }).length)).to.deep.equal(lengths)
    })

    for (const status of [204, 403, 410, 500, 503]) {
      it(`takes ${status} for an answer`, async () => {
        const response = await send(`status/${status}`, { body: new Blob(['x']) })
        expect(response.status).to.equal(status)
        expect(response.header('retry-after')).to.equal('3')
      })
    }

    it('takes cookies along to another origin where it is told so, which that origin must allow by name', async () => {
      const url = elsewhere('store')
      expect(await send('', { url, credentials: 'same-origin' })).to.include({ status: 200 })
      expect(await failureOf(send('', { url, credentials: 'include' }))).to.include({ code: 'network' })
    })

    it('has no header that another origin hides', async () => {
      const response = await send('', { url: elsewhere('store'), body: new Blob(['x']) })
      expect(response.status).to.equal(200)
      expect(response.header('etag')).to.equal(undefined)
    })

    it('rejects with a network’s error when the connection is cut', async () => {
      const error = await failureOf(send('cut', { body: new Blob([new Uint8Array(2 ** 20)]) }))
      expect(error).to.be.instanceOf(UploadError)
      expect(error).to.include({ code: 'network', retryable: true })
    })

    it('rejects where nobody listens', async () => {
      expect(await failureOf(send('', { url: 'http://127.0.0.1:9/', body: new Blob(['x']) }))).to.include({ code: 'network' })
    })

    it('rejects what a browser refuses to send', async () => {
      expect(await failureOf(send('store', { headers: { 'no header': 'x' } }))).to.be.instanceOf(Error)
      expect(await failureOf(send('store', { method: 'NO METHOD' }))).to.be.instanceOf(Error)
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

    it('rejects as stalled when nothing moves for too long after the first byte, never before, and lets go of the connection', async () => {
      const id = createId()
      subject.end()
      subject = await open(1000)
      const controller = new AbortController()
      let moved = () => {}
      const hasMoved = new Promise<void>((resolve) => (moved = resolve))
      // No byte of a body has left, as with a request that waits for a connection.
      const unbegun = failureOf(send(`silent/${createId()}`, { method: 'GET', signal: controller.signal }))
      const patient = failureOf(send(`silent/${createId()}`, { body: new Blob(['x']), answerMs: 1e9, signal: controller.signal }))
      const failure = failureOf(send(`silent/${id}`, { body: new Blob(['x']), onProgress: () => moved() }))
      await hasMoved
      await subject.standStill()
      expect(await failure).to.include({ code: 'stalled', retryable: true })
      expect(await (await fetch(target(`closed/${id}`))).text()).to.equal('closed')
      const reason = new Error('stopped')
      controller.abort(reason)
      expect(await unbegun).to.equal(reason)
      // Its server was given more time than that.
      expect(await patient).to.equal(reason)
    })

    it('leaves no listener behind', async () => {
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
      await send('store', { signal, body: new Blob(['x']) })
      await failureOf(send('cut', { signal, body: new Blob(['x']) }))
      await failureOf(send('store', { signal, headers: { 'no header': 'x' } }))
      expect(listeners).to.equal(0)
    })
  })
}

it('a number of bytes that is told again is no progress, and does not keep a request alive', async () => {
  const clock = createManualClock()
  const progress: number[] = []
  const openXhr = XMLHttpRequest.prototype.open
  let upload: XMLHttpRequestUpload | undefined
  XMLHttpRequest.prototype.open = function (...args: unknown[]) {
    upload = this.upload
    Reflect.apply(openXhr, this, args)
  }
  try {
    let moved = () => {}
    const hasMoved = new Promise<void>((resolve) => (moved = resolve))
    const failure = failureOf(
      xhrClient(clock).send({
        method: 'PUT',
        url: target(`silent/${createId()}`),
        body: new Blob(['x']),
        signal: new AbortController().signal,
        onProgress(sent) {
          progress.push(sent)
          moved()
        },
      }),
    )
    await hasMoved
    await clock.advance(STALL_MS - 1)
    // As WebKit does while it waits for the bytes of a file that was cut short.
    upload?.dispatchEvent(new ProgressEvent('progress', { loaded: 1, total: 2 }))
    await clock.advance(1)
    expect(await failure).to.include({ code: 'stalled' })
    expect(progress).to.deep.equal([1])
  } finally {
    XMLHttpRequest.prototype.open = openXhr
  }
})
