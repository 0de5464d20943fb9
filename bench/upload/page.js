// Run in the browser by run.mjs.
import { createUploader, putTo } from '@upload-panel/core'
import '@upload-panel/widget/upload-panel'

/**
 * @typedef {object} Subject
 * @property {(files: readonly File[]) => void} add
 * @property {() => Promise<void>} upload Settles when all files are at the server.
 */

/** @type {Record<string, () => Subject>} */
const subjects = { bareXhr, engine: () => ours(false), panel: () => ours(true) }

/** @param {File} file */
const addressOf = (file) => `/sink/${encodeURIComponent(file.name)}`

/** The least that anybody could do in the page: a request a file, and a listener for its progress. The browser queues them. */
function bareXhr() {
  /** @type {readonly File[]} */
  let files = []
  return {
    add(/** @type {readonly File[]} */ added) {
      files = added
    },
    async upload() {
      const waiting = [...files]
      const next = async () => {
        for (let file = waiting.shift(); file; file = waiting.shift()) await send(file)
      }
      await Promise.all(Array.from({ length: 100 }, next))
    },
  }
}

/** @param {File} file */
function send(file) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest()
    xhr.open('PUT', addressOf(file))
    xhr.upload.onprogress = () => {}
    xhr.onload = resolve
    xhr.onerror = reject
    xhr.send(file)
  })
}

/** @param {boolean} isShown */
function ours(isShown) {
  const uploader = createUploader({ backend: putTo(({ name }) => `/sink/${encodeURIComponent(name)}`), autoStart: false })
  if (isShown) {
    const panel = document.createElement('upload-panel')
    panel.placement = 'inline'
    panel.uploader = uploader
    document.body.append(panel)
  }
  return {
    add: (/** @type {readonly File[]} */ files) => void uploader.add(files),
    async upload() {
      const isDone = new Promise((resolve) => uploader.on('batch-completed', resolve))
      uploader.start()
      await isDone
      const { completed, total } = uploader.$summary.get()
      if (completed !== total) throw new Error(`${completed} of ${total} files were uploaded.`)
    },
  }
}

const painted = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))
/** @type {Subject} */
let subject
/** @type {File[]} */
let files = []

Object.assign(globalThis, {
  bench: {
    /** @param {string} name */
    async mount(name) {
      const make = subjects[name]
      if (!make) throw new Error(`There is no ${name}.`)
      subject = make()
      await painted()
      await new Promise((resolve) => setTimeout(resolve, 300))
    },
    /** @param {number} count @param {number} bytes */
    prepare(count, bytes) {
      const content = new Blob([new Uint8Array(bytes)])
      files = Array.from({ length: count }, (_, index) => new File([content], `holiday in the mountains ${index}.jpg`))
    },
    async add() {
      subject.add(files)
      await painted()
      await painted()
    },
    upload: () => subject.upload(),
  },
})
