// The page that is measured. `window.bench` is what the runner asks.
import { createUploader, httpBackend } from '@upload-panel/core'
import { bare } from './bare.js'
import { transports } from './transports.js'
import { OPERATIONS } from './words.mjs'

/**
 * A page that only takes what comes, and looks at none of it.
 * @param {string} base @param {keyof typeof bare} name
 */
function startBare(base, name) {
  let received = 0
  let isReady = false
  bare[name](
    base,
    () => (received += 1),
    () => (isReady = true),
  )
  window.bench = { isReady: () => isReady, last: () => received - 1 }
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
  const progress = (item) => item.server?.progress ?? 0
  window.bench = {
    isReady: () => uploader.$connection.get().status === 'connected' && uploader.items().every(({ phase }) => phase === 'processing'),
    // By the progress, which everyone may tell: whose word is not believed without asking has no version here.
    last: () => Math.round(Math.max(...uploader.items().map(progress)) * 100) * OPERATIONS + OPERATIONS,
  }
}

/** Those in parentheses are bare. */
window.start = (base, name, isShown) => (name.startsWith('(') ? startBare(base, name.slice(1, -1)) : startUploader(base, name, isShown))

window.frames = []
requestAnimationFrame(function next(now) {
  window.frames.push(now)
  requestAnimationFrame(next)
})
