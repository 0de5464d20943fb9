/** @typedef {import('node:http').IncomingMessage} IncomingMessage */
/** @typedef {import('node:http').ServerResponse} ServerResponse */

/** On every answer: nothing is guessed from content, framed, or told to other sites. */
const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}

/** For what is not our own page: even a browser that renders it runs nothing. */
const SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {Record<string, string | number>} headers
 */
export function writeHead(response, status, headers) {
  response.writeHead(status, { ...COMMON_HEADERS, 'cache-control': 'no-cache', 'content-security-policy': SANDBOX, ...headers })
  return response
}

/**
 * @param {ServerResponse} response
 * @param {unknown} value
 */
export function sendJson(response, value) {
  writeHead(response, 200, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(value))
}

/**
 * An RFC 9457 problem document.
 *
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} code stable, for programs
 * @param {string} detail one sentence for people
 * @param {Record<string, string>} [headers]
 */
export function sendProblem(response, status, code, detail, headers = {}) {
  const problem = { type: 'about:blank', title: code.replaceAll('_', ' '), status, code, detail }
  writeHead(response, status, { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' }).end(
    JSON.stringify(problem),
  )
}

/**
 * The body as text, or `undefined` where it is longer than `maxBytes`.
 *
 * @param {IncomingMessage} request
 * @param {number} maxBytes
 */
export async function readBody(request, maxBytes) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > maxBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
