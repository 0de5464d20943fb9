/**
 * Reads which protocol was last used to an origin, as ALPN names it. Looks until the browser has told it: a request that failed and one that
 * CORS hides tell nothing. Each thread is told of its own requests only.
 */
export function protocolReader(): (origin: string) => string {
  const known = new Map<string, string>()
  return (origin) => {
    const remembered = known.get(origin)
    if (remembered !== undefined) return remembered
    if (typeof performance === 'undefined' || typeof performance.getEntriesByType !== 'function') return ''
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    // The newest one: a first connection may speak HTTP/1.1 or 2 and only then learn of HTTP/3.
    const entry = entries.reverse().find(({ name, nextHopProtocol }) => nextHopProtocol !== '' && name.startsWith(`${origin}/`))
    if (entry !== undefined) known.set(origin, entry.nextHopProtocol)
    return entry?.nextHopProtocol ?? ''
  }
}
