import { Refusal } from '../errors.js'

/**
 * Refuses a command that another site made a browser send with the user's cookies: "when cookies authenticate, an `Origin`/`Sec-Fetch-Site` check".
 * Requests without cookies prove who they are in a header that no other site can set.
 */
export function refuseCrossSite(request: Request, allowedOrigins: readonly string[]): void {
  const { headers } = request
  if (!headers.has('cookie')) return
  const site = headers.get('sec-fetch-site')
  // Written by the browser itself, and not changed by proxies.
  if (site === 'same-origin' || site === 'none') return
  const origin = headers.get('origin')
  if (site === null && origin === null) return
  if (origin !== null && (allowedOrigins.includes(origin) || (site === null && isOwnHost(origin, request)))) return
  throw new Refusal(403, 'cross_site', 'This request came from another site.')
}

function isOwnHost(origin: string, request: Request): boolean {
  const own = [request.headers.get('x-forwarded-host'), request.headers.get('host'), hostOf(request.url)]
  const host = hostOf(origin)
  return host !== undefined && own.includes(host)
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}
