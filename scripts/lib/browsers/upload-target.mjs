import { EventEmitter, once } from 'node:events'

/** @typedef {NonNullable<import('@web/test-runner').TestRunnerConfig['middleware']>[number]} Middleware */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** Where component tests send bytes. */
const PREFIX = '/upload-target/'

/** How long a test waits for bytes that may never come, milliseconds. */
const ARRIVAL_MS = 3000

/**
 * A storage for component tests that takes bytes, or misbehaves, by the name in its path: `store`, `echo` (answers with the body), `html` (a page),
 * `status/<number>`, `cut` (breaks the connection), `silent/<id>` (takes all and never answers). `closed/<id>` answers once the client has let go of
 * that silent request; `arrived/<id>` once all bytes of `store/<id>` are there, or says after a while that they are not. `held/<id>` takes all
 * and answers when `release/<id>` is asked for. Other origins may send, and see no header of the answer.
 * @returns {Middleware}
 */
export function uploadTarget() {
  /** @type {Map<string, Promise<unknown>>} */
  const closed = new Map()
  const arrivals = new EventEmitter()
  /** @type {Set<string>} */
  const arrived = new Set()
  const releases = new EventEmitter()
  /** @type {Set<string>} */
  const released = new Set()

  return async (context, next) => {
    if (!context.path.startsWith(PREFIX)) return next()
    const [what = '', argument = ''] = context.path.slice(PREFIX.length).split('/')
    const { req, res } = context
    // Else the test runner reports what is not answered as not found.
    context.status = 200
    context.set({ 'access-control-allow-origin': '*', 'access-control-allow-methods': '*', 'access-control-allow-headers': '*' })
    if (req.method === 'OPTIONS') {
      context.body = ''
      return
    }
    if (what === 'html') {
      context.type = 'html'
      context.body = '<!doctype html><title>Home</title>'
      return
    }
    if (what === 'arrived') {
      const signal = AbortSignal.timeout(ARRIVAL_MS)
      if (!arrived.has(argument)) await once(arrivals, argument, { signal }).catch(() => {})
      context.body = arrived.has(argument) ? 'arrived' : 'not arrived'
      return
    }
    if (what === 'release') {
      released.add(argument)
      releases.emit(argument)
      context.body = 'released'
      return
    }
    if (what === 'cut') {
      await once(req, 'data')
      req.socket.destroy()
      context.respond = false
      return
    }
    if (what === 'closed') {
      await closed.get(argument)
      context.body = 'closed'
      return
    }
    if (what === 'silent') {
      closed.set(argument, once(res, 'close'))
      req.resume()
      context.respond = false
      return
    }
    const bytes = await readAll(req)
    arrived.add(argument)
    arrivals.emit(argument)
    if (what === 'held' && !released.has(argument)) await once(releases, argument)
    if (what === 'echo') {
      context.type = 'application/octet-stream'
      context.set('x-type', req.headers['content-type'] ?? '')
      context.body = bytes
      return
    }
    if (what === 'status') context.status = Number(argument)
    context.set({ etag: '"tag"', 'retry-after': '3' })
    context.body = JSON.stringify({
      method: req.method,
      type: req.headers['content-type'] ?? '',
      bytes: [...bytes.subarray(0, 8)],
      length: bytes.length,
    })
  }
}

/** @param {IncomingMessage} request */
async function readAll(request) {
  /** @type {Uint8Array[]} */
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
