import { createReadStream } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sendProblem, writeHead } from './http.mjs'

/** The page runs its own files and nothing else. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  // The Worker that sends the bytes is part of the script.
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** @param {string} path below this folder's parent */
const own = (path) => fileURLToPath(new URL(`../public/${path}`, import.meta.url))

/** @param {string} name of a script of the package */
function widget(name) {
  return { path: fileURLToPath(new URL(`./${name}`, import.meta.resolve('@upload-panel/widget'))), type: 'text/javascript; charset=utf-8' }
}

/** Address → file and type. A list, so that no address can name another file. */
const FILES = new Map([
  ['/', { path: own('index.html'), type: 'text/html; charset=utf-8' }],
  ['/demo.css', { path: own('demo.css'), type: 'text/css; charset=utf-8' }],
  ['/demo.js', { path: own('demo.js'), type: 'text/javascript; charset=utf-8' }],
  ['/favicon.svg', { path: own('favicon.svg'), type: 'image/svg+xml' }],
  ['/upload-panel.min.js', widget('upload-panel.min.js')],
  ['/upload-panel-persistence.min.js', widget('upload-panel-persistence.min.js')],
])

/** @param {string} pathname */
export function isPageFile(pathname) {
  return FILES.has(pathname)
}

/**
 * @param {string} pathname
 * @param {import('./http.mjs').ServerResponse} response
 */
export function sendPageFile(pathname, response) {
  const file = /** @type {{ path: string, type: string }} */ (FILES.get(pathname))
  const stream = createReadStream(file.path)
  stream.once('error', () => sendProblem(response, 404, 'not_built', `${pathname} is not there. Run "npm start", which builds it.`))
  stream.once('open', () => {
    stream.pipe(writeHead(response, 200, { 'content-type': file.type, 'content-security-policy': PAGE_POLICY }))
  })
}
