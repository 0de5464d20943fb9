import { createReadStream, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

const JAVASCRIPT = 'text/javascript; charset=utf-8'
const HTML = 'text/html; charset=utf-8'

/** The package's files for a script tag, and those that they load when they are needed. */
function widgetFiles() {
  const folder = dirname(fileURLToPath(import.meta.resolve('@upload-panel/widget')))
  const names = readdirSync(folder).filter((name) => /^upload-panel[\w-]*\.min\.js$/.test(name))
  if (!names.includes('upload-panel.min.js')) throw new Error('The packages are not built. Run "npm start", which builds them.')
  return names.map((name) => /** @type {const} */ ([`/${name}`, { path: join(folder, name), type: JAVASCRIPT }]))
}

/** Address → file and type. A list, so that no address can name another file. */
const FILES = new Map([
  ['/', { path: own('index.html'), type: HTML }],
  ['/elements', { path: own('elements.html'), type: HTML }],
  ['/demo.css', { path: own('demo.css'), type: 'text/css; charset=utf-8' }],
  ...['demo', 'elements', 'settings', 'code'].map(
    (name) => /** @type {const} */ ([`/${name}.js`, { path: own(`${name}.js`), type: JAVASCRIPT }]),
  ),
  ['/favicon.svg', { path: own('favicon.svg'), type: 'image/svg+xml' }],
  ...widgetFiles(),
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
