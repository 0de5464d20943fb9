import { Refusal } from '../errors.js'

/**
 * Refuses a command that another site made a browser send with the user's cookies: "when cookies authenticate, an `Origin`/`Sec-Fetch-Site` check".
 * Requests without cookies prove who they are in a header that no other site can set.
 */
export function refuseCrossSite(request: Request, allowedOrigins: readonly string[]): void {
  if (request.headers.has('cookie') && isCrossSite(request, allowedOrigins)) throw crossSite()
}

/** Whether a page of another site sent it, as far as its browser says. */
export function isCrossSite(request: Request, allowedOrigins: readonly string[]): boolean {
  const { headers } = request
  const site = headers.get('sec-fetch-site')
  // Written by the browser itself, and not changed by proxies.
  if (site === 'same-origin' || site === 'none') return false
  const origin = headers.get('origin')
  if (origin === null) return site !== null
  return !allowedOrigins.includes(origin) && !(site === null && isOwnHost(origin, request))
}

export function crossSite(): Refusal {
  return new Refusal(403, 'cross_site', 'This request came from another site.')
}

function isOwnHost(origin: string, request: Request): boolean {
  const own = [request.headers.get('x-forwarded-host'), request.headers.get('host'), hostOf(request.url)]
  const host = hostOf(origin)
  return host !== undefined && own.includes(host)
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined
}
