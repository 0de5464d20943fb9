import { once } from 'node:events'

/** @typedef {NonNullable<import('@web/test-runner').TestRunnerConfig['middleware']>[number]} Middleware */
/** @typedef {import('node:http').IncomingMessage} IncomingMessage */

/** Where component tests send bytes. */
const PREFIX = '/upload-target/'

/**
 * A storage for component tests that takes bytes, or misbehaves, by the name in its path: `store`, `status/<number>`, `cut` (breaks the connection),
 * `silent/<id>` (takes all and never answers). `closed/<id>` answers once the client has let go of that silent request.
 * @returns {Middleware}
 */
export function uploadTarget() {
  /** @type {Map<string, Promise<unknown>>} */
  const closed = new Map()

  return async (context, next) => {
    if (!context.path.startsWith(PREFIX)) return next()
    const [what = '', argument = ''] = context.path.slice(PREFIX.length).split('/')
    const { req, res } = context
    // Else the test runner reports what is not answered as not found.
    context.status = 200
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
