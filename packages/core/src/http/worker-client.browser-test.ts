import { expect } from 'chai'
import { systemClock } from '../clock.js'
import { browserEnvironment } from '../environment.js'
import { tryWorker, type WorkerTrial } from '../testing/try-worker.js'
import type { WorkerUrl } from './spawn-worker.js'
import { WORKER_VERSION } from './worker-messages.js'
import { xhrClient } from './xhr-client.js'

const { createId } = browserEnvironment()
const isChromium = navigator.userAgent.includes('Chrome/')
const target = (path: string) => new URL(`/upload-target/${path}`, location.href).href
const source = (name: string) => JSON.stringify(new URL(name, import.meta.url).href)

const undo: (() => void)[] = []
afterEach(() => {
  for (const step of undo.splice(0)) step()
})

function begin(url: WorkerUrl): WorkerTrial {
  const trial = tryWorker(url, xhrClient(systemClock))
  undo.push(trial.client.dispose)
  return trial
}

/** A Worker's file with this in it. */
function file(code: string): string {
  const url = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))
  undo.push(() => URL.revokeObjectURL(url))
  return url
}
const ready = `postMessage({ ready: ${WORKER_VERSION} });`

async function sendBy({ client }: WorkerTrial, path = 'store', body = new Blob(['x'])): Promise<number> {
  const { status } = await client.send({ method: 'PUT', url: target(path), body, signal: new AbortController().signal })
  return status
}
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** What became of the Worker on a page with this policy, and how three uploads went. */
async function onPageWith(
  policy: string,
): Promise<{ readonly outcome: string; readonly statuses: readonly number[]; readonly direct: number }> {
  const frame = document.createElement('iframe')
  undo.push(() => frame.remove())
  const report = new Promise<MessageEvent>((resolve) => {
    const listen = (event: MessageEvent) => event.source === frame.contentWindow && resolve(event)
    addEventListener('message', listen)
    undo.push(() => removeEventListener('message', listen))
  })
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${policy}"><script type="module">
    import { systemClock } from ${source('../clock.ts')}
    import { xhrClient } from ${source('./xhr-client.ts')}
    import { tryWorker } from ${source('../testing/try-worker.ts')}
    const { client, outcome, direct } = tryWorker('auto', xhrClient(systemClock))
    const send = () => client.send({ method: 'PUT', url: '${target('store')}', body: new Blob(['x']), signal: new AbortController().signal })
    const first = await send()
    const how = await outcome
    const statuses = [first, await send(), await send()].map(({ status }) => status)
    parent.postMessage({ outcome: how, statuses, direct: direct() }, '*')
    client.dispose()
  </script>`
  document.body.append(frame)
  return (await report).data as Awaited<ReturnType<typeof onPageWith>>
}

describe('the Worker', () => {
  it('sends once it is ready, and nobody waits for it', async () => {
    const trial = begin('auto')
    expect(await sendBy(trial)).to.equal(200)
    expect(await trial.outcome).to.equal('ready')
    expect(await sendBy(trial)).to.equal(200)
    expect(trial.direct()).to.equal(1)
  })

  it('may lie elsewhere', async () => {
    const trial = begin(new URL('./transfer-worker.js?elsewhere', import.meta.url))
    await sendBy(trial)
    expect(await trial.outcome).to.equal('ready')
  })

  it('knows the protocol of a storage, which the page is not told', async () => {
    const trial = begin('auto')
    await sendBy(trial)
    await trial.outcome
    // The browser notes it about when it hands on the answer.
    for (let attempt = 0; attempt < 50 && trial.client.protocolOf(location.origin) === ''; attempt += 1) await sendBy(trial)
    expect(trial.client.protocolOf(location.origin)).to.equal('http/1.1')
    expect(trial.client.protocolOf('http://elsewhere.test')).to.equal('')
  })

  it(`sends while the main thread is blocked${isChromium ? '' : ': not in this engine, which begins each request of a Worker on the main thread, and loses nothing'}`, async () => {
    const trial = begin('auto')
    await sendBy(trial)
    expect(await trial.outcome).to.equal('ready')
    // Chromium begins the first one with the help of the main thread.
    await sendBy(trial)
    const ids = [createId(), createId(), createId()]
    const statuses = ids.map((id) => sendBy(trial, `store/${id}`, new Blob([new Uint8Array(2 ** 20)])))
    const seen = ids.map((id) => {
      if (!isChromium) return 'arrived'
      // Blocks until the server has all bytes, or has waited too long for them.
      const xhr = new XMLHttpRequest()
      xhr.open('GET', target(`arrived/${id}`), false)
      xhr.send()
      return xhr.responseText
    })
    expect(seen).to.deep.equal(['arrived', 'arrived', 'arrived'])
    expect(await Promise.all(statuses)).to.deep.equal([200, 200, 200])
    expect(trial.direct()).to.equal(1)
  })
})

describe('where there is no Worker, the main thread sends', () => {
  const { protocol, port, hostname } = location
  const elsewhere = `${protocol}//${hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${port}/upload-target/store`
  const rows: Readonly<Record<string, () => WorkerUrl>> = {
    'its file is missing': () => target('status/404'),
    'there is a page of HTML in its place': () => target('html'),
    'it lies on another origin': () => elsewhere,
    'its file is of another version': () => file(`postMessage({ ready: ${WORKER_VERSION + 1} })`),
    'its file throws': () => file('throw new Error("Oops")'),
    'its address is none': () => 'http://[',
  }
  for (const [row, url] of Object.entries(rows)) {
    it(`because ${row}`, async () => {
      const trial = begin(url())
      expect(await sendBy(trial)).to.equal(200)
      expect(await trial.outcome).not.to.equal('ready')
      expect(await sendBy(trial)).to.equal(200)
      expect(trial.direct()).to.equal(2)
    })
  }

  it('because its file is another script, which never says that it is ready', async () => {
    const trial = begin(file('onmessage = () => {}'))
    expect(await sendBy(trial)).to.equal(200)
    await trial.clock.advance(30_000)
    expect(await trial.outcome).to.equal('It did not start in time.')
    expect(await sendBy(trial)).to.equal(200)
    expect(trial.direct()).to.equal(2)
  })

  it('because the page’s CSP says worker-src none', async () => {
    const { outcome, statuses, direct } = await onPageWith("worker-src 'none'")
    expect(outcome).not.to.equal('ready')
    expect(statuses).to.deep.equal([200, 200, 200])
    expect(direct).to.equal(3)
  })

  const knowsTrustedTypes = 'trustedTypes' in globalThis
  it(`because Trusted Types allow no plain address${knowsTrustedTypes ? '' : ' (this engine has none: the Worker sends)'}`, async () => {
    const { outcome, statuses, direct } = await onPageWith("require-trusted-types-for 'script'")
    expect(outcome === 'ready').to.equal(!knowsTrustedTypes)
    expect(statuses).to.deep.equal([200, 200, 200])
    expect(direct).to.equal(knowsTrustedTypes ? 3 : 1)
  })
})

describe('a Worker that crashes', () => {
  it('by an exception: its requests reject as network, and later ones go by the main thread', async () => {
    const trial = begin(file(`${ready} onmessage = () => { throw new Error('Oops') }`))
    await sendBy(trial)
    expect(await trial.outcome).to.equal('ready')
    const failures = await Promise.all([failureOf(sendBy(trial)), failureOf(sendBy(trial))])
    for (const failure of failures) expect(failure).to.include({ code: 'network', retryable: true })
    expect(await sendBy(trial)).to.equal(200)
    expect(trial.direct()).to.equal(2)
    expect(trial.clock.pending).to.equal(0)
  })

  it('in silence: pings find it out', async () => {
    const trial = begin(file(`${ready} onmessage = () => { for (;;); }`))
    await sendBy(trial)
    expect(await trial.outcome).to.equal('ready')
    const failure = failureOf(sendBy(trial))
    await trial.clock.advance(45_000)
    expect(await failure).to.include({ code: 'network' })
    expect(await sendBy(trial)).to.equal(200)
  })
})
