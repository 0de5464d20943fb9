import { expect } from 'chai'
import { putTo } from './backends/put-to.js'
import { systemClock } from './clock.js'
import { createUploader } from './create-uploader.js'
import type { HttpClient } from './http/http-client.js'
import { xhrClient } from './http/xhr-client.js'
import type { UploaderOptions } from './options.js'
import { tryWorker } from './testing/try-worker.js'
import type { Uploader } from './uploader.js'

const MB = 1_000_000
const undo: (() => void | Promise<void>)[] = []

afterEach(async () => {
  for (const step of undo.splice(0)) await step()
})

function begin(options: Partial<UploaderOptions>): Uploader {
  const uploader = createUploader({ backend: putTo(({ name }) => `/upload-target/store/${name}`), ...options })
  undo.push(() => uploader.dispose())
  return uploader
}

const ended = (uploader: Uploader) => new Promise<void>((resolve) => uploader.on('batch-completed', () => resolve()))

/** Frames that the browser has painted from now on. */
function countFrames(): () => number {
  let frames = 0
  let handle = 0
  const next = () => {
    handle = requestAnimationFrame(() => {
      frames += 1
      next()
    })
  }
  next()
  undo.push(() => cancelAnimationFrame(handle))
  return () => frames
}

/** Sends 24 MB, and counts how often it is heard of. */
async function watch(http: HttpClient) {
  const uploader = begin({ environment: { http } })
  const counts = { events: 0, ofItem: 0, ofSummary: 0, ofItems: 0 }
  uploader.on('progressed', () => (counts.events += 1))
  uploader.$summary.listen(() => (counts.ofSummary += 1))
  uploader.$items.listen(() => (counts.ofItems += 1))
  const frames = countFrames()
  const [id = ''] = uploader.add([new File([new Uint8Array(24 * MB)], 'large.bin')])
  uploader.$item(id).listen(() => (counts.ofItem += 1))
  await ended(uploader)
  return { ...counts, frames: frames() }
}

describe('of 24 MB', () => {
  it('views are told once a frame at most, however often the browser reports how far they are', async () => {
    const { events, frames, ...told } = await watch(xhrClient(systemClock))
    expect(events).to.be.greaterThan(0)
    // They are told at once that the file was added, and a frame may have begun before frames were counted.
    for (const [view, count] of Object.entries(told)) expect(count, view).to.be.at.most(frames + 2)
  })

  it('a Worker tells the page every 50 ms at most', async () => {
    const { client, outcome } = tryWorker('auto', xhrClient(systemClock))
    undo.push(client.dispose)
    const url = new URL('/upload-target/store', location.href).href
    await client.send({ method: 'PUT', url, body: new Blob(['x']), signal: new AbortController().signal })
    expect(await outcome).to.equal('ready')
    const startedAt = performance.now()
    const { events } = await watch(client)
    expect(events).to.be.at.most((performance.now() - startedAt) / 50 + 2)
  })
})

describe('in a tab that is not looked at', () => {
  for (const worker of ['auto', false] as const) {
    it(`a hundred uploads at once go on, ${worker === false ? 'from the main thread' : 'from the Worker'}, and views hear of them`, async () => {
      const paint = window.requestAnimationFrame
      const visibility = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState') as PropertyDescriptor
      undo.push(() => {
        window.requestAnimationFrame = paint
        Object.defineProperty(Document.prototype, 'visibilityState', visibility)
      })
      // Nothing is painted in a hidden tab.
      window.requestAnimationFrame = () => 0
      Object.defineProperty(Document.prototype, 'visibilityState', { configurable: true, get: () => 'hidden' })
      document.dispatchEvent(new Event('visibilitychange'))

      const uploader = begin({ worker, requestSlots: 100 })
      const isHeard = new Promise<void>((resolve) => uploader.$summary.listen(({ completed }) => completed === 100 && resolve()))
      uploader.add(Array.from({ length: 100 }, (_, index) => new File([new Uint8Array(100_000)], `${index}.bin`)))
      await isHeard
      expect(uploader.$summary.get()).to.include({ total: 100, completed: 100, sentBytes: 10 * MB })
    })
  }
})
