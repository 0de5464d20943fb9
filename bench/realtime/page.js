// The page that is measured. `window.bench` is what the runner asks.
import { createUploader, httpBackend } from '@upload-panel/core'
import { transports } from './transports.js'
import { OPERATIONS } from './words.mjs'

/**
 * A page that only takes what comes from a socket and looks at none of it: what every page pays.
 * @param {string} base
 */
function startRaw(base) {
  let received = 0
  const socket = new WebSocket(`${base.replace('http', 'ws')}/raw`)
  socket.onmessage = () => (received += 1)
  window.bench = { isReady: () => socket.readyState === WebSocket.OPEN, received: () => received, last: () => received - 1 }
}

/**
 * The same for an event stream, which hands on many words at once.
 * @param {string} base
 */
function startRawStream(base) {
  let received = 0
  let isReady = false
  window.bench = { isReady: () => isReady, received: () => received, last: () => received - 1 }
  void fetch(`${base}/events`).then(async ({ body }) => {
    isReady = true
    const reader = body.getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      // Each word ends with an empty line.
      for (let at = value.indexOf(10); at >= 0; at = value.indexOf(10, at + 1)) if (value[at + 1] === 10) received += 1
    }
  })
}

/**
 * A page with an uploader whose hundred files are at work on the server, and a row for each where it `isShown`.
 * @param {string} base @param {string} name @param {boolean} isShown
 */
function startUploader(base, name, isShown) {
  const uploader = createUploader({ backend: httpBackend({ url: base }), realtime: transports[name](base), worker: false })
  uploader.add(Array.from({ length: OPERATIONS }, (_, index) => new File(['x'], `file ${index}`)))
  const list = document.body.appendChild(document.createElement('ul'))
  for (const id of isShown ? uploader.$ids.get() : []) {
    const row = list.appendChild(document.createElement('li')).appendChild(document.createTextNode(''))
    uploader.$item(id).subscribe((item) => {
      row.data = `${item.name}: ${item.server?.progress ?? 0} %`
    })
  }
  const version = (item) => item.server?.seen.version ?? 0
  window.bench = {
    isReady: () => uploader.$connection.get().status === 'connected' && uploader.items().every(({ phase }) => phase === 'processing'),
    received: () => uploader.inspect().droppedMessages,
    last: () => Math.max(...uploader.items().map(version)) - 10,
  }
}

window.start = (base, name, isShown) =>
  name === 'raw socket' ? startRaw(base) : name === 'raw stream' ? startRawStream(base) : startUploader(base, name, isShown)

window.frames = []
requestAnimationFrame(function next(now) {
  window.frames.push(now)
  requestAnimationFrame(next)
})
