// What is measured: the panel over the real engine, and beside it a windowed list written by hand, the least that anybody could do.
import { createUploader } from '@upload-panel/core'
import { createMemoryServer } from '@upload-panel/core/testing'
import '@upload-panel/widget/upload-panel'

/**
 * @typedef {object} Subject
 * @property {HTMLElement} element
 * @property {() => HTMLElement} scroller
 * @property {(files: readonly File[]) => void} add
 * @property {() => void} start Begins the uploads; from then on, `tick` moves each of them.
 * @property {(half: number | undefined) => void} tick Of the even ones, of the odd ones, or of all.
 * @property {() => number} rows How many stand in the document.
 * @property {() => number} running How many uploads go on.
 */

/** @type {Record<string, () => Subject>} */
export const subjects = { panel, byHand }

/** How far a tick takes an upload: back at its start before it has ended, so that as many go on as long as it lasts. */
const STEP = 0.003

function panel() {
  /** @type {{ size: number, sent: number, tell: (sentBytes: number) => void }[]} */
  const running = []
  const uploader = createUploader({
    backend: createMemoryServer().backend,
    autoStart: false,
    requestSlots: 100,
    environment: {
      http: {
        /** Never answers: what goes on, goes on for as long as it is watched. */
        send: ({ body, onProgress }) =>
          new Promise(() =>
            running.push({ size: body instanceof Blob ? body.size : 0, sent: 0, tell: (sentBytes) => onProgress?.(sentBytes) }),
          ),
      },
    },
  })
  const element = document.createElement('upload-panel')
  element.placement = 'inline'
  element.uploader = uploader
  const list = () => element.shadowRoot?.querySelector('upload-panel-list')?.shadowRoot
  return {
    element,
    scroller: () => /** @type {HTMLElement} */ (list()?.querySelector('.scroller')),
    add: (files) => void uploader.add(files),
    start: () => uploader.start(),
    tick(half) {
      for (const [index, upload] of running.entries()) {
        if (half !== undefined && index % 2 !== half) continue
        // Never back: the engine takes progress upward only. So it slows down towards its end.
        upload.sent += (upload.size - upload.sent) * STEP
        upload.tell(Math.trunc(upload.sent))
      }
    },
    rows: () => list()?.querySelectorAll('upload-panel-row').length ?? 0,
    running: () => running.length,
  }
}

/** Rows of one height with a name, a state and a bar: no buttons, no pictures, no words for assistive technology, nothing that unfolds. */
function byHand() {
  const ROW = 72
  const HEIGHT = 416
  const COUNT = Math.ceil(HEIGHT / ROW) + 4
  /** @type {{ name: string, size: number, sent: number, isRunning: boolean }[]} */
  const items = []
  const dirty = new Set()
  let frame = 0

  const element = document.createElement('div')
  const inner = document.createElement('div')
  element.className = 'by-hand'
  element.append(inner)
  const rows = Array.from({ length: COUNT }, () => {
    const row = document.createElement('div')
    const [name, bar, state] = ['span', 'div', 'em'].map((tag) => document.createElement(tag))
    row.append(name, bar, state)
    row.hidden = true
    inner.append(row)
    return { row, name, bar, state, shows: -1 }
  })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(`
    .by-hand { height: ${HEIGHT}px; overflow: auto; position: relative; contain: strict }
    .by-hand > div { position: relative }
    .by-hand > div > div { position: absolute; left: 0; right: 0; height: ${ROW}px; contain: strict; display: flex; gap: 8px }
    .by-hand > div > div[hidden] { display: none }
    .by-hand > div > div > div { width: 200px; height: 6px; background: #48f; transform-origin: 0 0; will-change: transform }
  `)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]

  const paint = () => {
    frame = 0
    const first = Math.max(0, Math.floor(element.scrollTop / ROW) - 2)
    for (const [place, view] of rows.entries()) {
      const index = first + place
      const item = items[index]
      if (!item) continue
      if (view.shows !== index) {
        view.shows = index
        view.row.hidden = false
        view.row.style.transform = `translateY(${index * ROW}px)`
        view.name.textContent = item.name
        dirty.add(item)
      }
      if (!dirty.has(item)) continue
      view.bar.style.transform = `scaleX(${item.sent / item.size})`
      view.state.textContent = item.isRunning ? `Uploading ${Math.floor((item.sent / item.size) * 100)}%` : 'Queued'
    }
    dirty.clear()
  }
  const soon = () => (frame ||= requestAnimationFrame(paint))
  element.addEventListener('scroll', soon, { passive: true })

  return {
    element,
    scroller: () => element,
    add(files) {
      for (const { name, size } of files) items.push({ name, size, sent: 0, isRunning: false })
      inner.style.height = `${items.length * ROW}px`
      soon()
    },
    start() {
      for (const item of items.slice(0, 100)) item.isRunning = true
      soon()
    },
    tick(half) {
      for (const [index, item] of items.slice(0, 100).entries()) {
        if (half !== undefined && index % 2 !== half) continue
        item.sent += (item.size - item.sent) * STEP
        dirty.add(item)
      }
      soon()
    },
    rows: () => rows.length,
    running: () => 100,
  }
}
