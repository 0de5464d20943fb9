import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createDemoServer } from './lib/demo-server.mjs'

const DRAIN_MS = 5000

const host = process.env.HOST || '127.0.0.1'
const port = readPort(process.env.PORT || '4173')
const dataDirectory = resolve(process.env.UPLOAD_PANEL_DATA || fileURLToPath(new URL('../../.data', import.meta.url)))

mkdirSync(dataDirectory, { recursive: true })
const demo = await createDemoServer({ dataDirectory })
const server = createServer(demo.listener)
// A large file on a slow line takes as long as it takes; a body that stands still is the adapter's to end.
server.requestTimeout = 0

server.on('error', (error) => fail(explain(error)))
server.listen(port, host, () => {
  const address = server.address()
  const shownHost = host.includes(':') ? `[${host}]` : host
  console.log(`
  upload-panel demo   http://${shownHost}:${address !== null && typeof address === 'object' ? address.port : port}
  Data                ${dataDirectory}
  Access              open to everyone who can reach it: there is no sign-in
`)
})

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void drain())

/** Lets requests under way finish, and ends the event streams, which never would. */
async function drain() {
  const lastCall = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  const closed = new Promise((done) => server.close(done))
  await demo.close()
  server.closeIdleConnections()
  await closed
  clearTimeout(lastCall)
}

/** @param {string} text */
function readPort(text) {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0 || number > 65_535) fail(`PORT is "${text}". Set it to a whole number from 0 to 65535.`)
  return number
}

/** @param {NodeJS.ErrnoException} error */
function explain(error) {
  if (error.code === 'EADDRINUSE') return `Port ${port} is taken. Stop what runs there, or choose another: PORT=${port + 1} npm start`
  if (error.code === 'EACCES') return `This user may not listen on port ${port}. Choose one above 1023: PORT=4173 npm start`
  if (error.code === 'EADDRNOTAVAIL') return `This machine has no address ${host}. Set HOST to one that it has, such as 127.0.0.1.`
  return `The demo cannot listen on ${host}:${port}: ${error.message}`
}

/**
 * @param {string} sentence
 * @returns {never}
 */
function fail(sentence) {
  console.error(sentence)
  process.exit(1)
}
