import { isRecord } from '@upload-panel/core/protocol'
import { unauthorized } from '../../security/refusals.js'
import { crossSite, isCrossSite } from '../../security/cross-site.js'
import type { PublisherContext } from '../publisher.js'
import type { SocketIoHandshake } from './server.js'

/** Longest token that is taken, characters. */
const MAX_TOKEN_LENGTH = 8192

type AllowedOrigins = Pick<PublisherContext, 'origins' | 'cookieOrigins'>

/** What a client gave as `auth.token`. */
export function tokenOf({ auth }: SocketIoHandshake): unknown {
  return isRecord(auth) ? auth['token'] : undefined
}

/**
 * The request that `authorize` is asked about: a handshake with its headers, and `auth.token` as a bearer token, since a browser sends no headers of
 * its page's with a WebSocket. "Socket upgrades check `Origin`": no browser keeps another site's page from opening one, and from hearing what comes.
 * @throws Refusal where another site's page made it
 */
export function requestOf(handshake: SocketIoHandshake, { origins, cookieOrigins }: AllowedOrigins): Request {
  const headers = headersOf(handshake.headers)
  const token = tokenOf(handshake)
  // Whoever means to use a token must not be let in as somebody else.
  const isToken = typeof token === 'string' && token.length <= MAX_TOKEN_LENGTH
  if (token != null && !(isToken && set(headers, 'authorization', `Bearer ${token}`))) throw unauthorized()
  const request = new Request(addressOf(handshake), { headers })
  if (origins !== '*' && isCrossSite(request, origins)) throw crossSite()
  if (!isCrossSite(request, cookieOrigins)) return request
  headers.delete('cookie')
  return new Request(request.url, { headers })
}

/** Headers as Node has them, without those that are none here, such as the names that HTTP/2 adds. */
export function headersOf(given: SocketIoHandshake['headers']): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(given)) if (value !== undefined) set(headers, name, String(value))
  return headers
}

/** Answers whether it could be: a text may have what no header may. */
function set(headers: Headers, name: string, value: string): boolean {
  try {
    headers.set(name, value)
    return true
  } catch {
    return false
  }
}

/** What a client wrote as its host may be anything. */
function addressOf({ headers, secure, url }: SocketIoHandshake): string {
  const origin = `${secure ? 'https' : 'http'}://${String(headers['host'])}`
  if (!URL.canParse(url, origin)) return 'http://localhost'
  const address = new URL(url, origin)
  // A request has none.
  address.username = ''
  address.password = ''
  return address.href
}
