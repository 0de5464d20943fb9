/** Origins by the start of a URL: to parse a URL costs more than all else that is done for a small file's request. */
const known = new Map<string, string>()
/** Storages with an address of its own for each file must not fill the memory. */
const MAX_KNOWN = 100

/** The origin of a URL. Outside a page a path has none of its own; then all paths have the same one. */
export function originOf(url: string | URL, baseUrl?: string): string {
  const start = typeof url === 'string' ? /^https?:\/\/[^/?#\\]+/.exec(url)?.[0] : undefined
  if (start === undefined) return new URL(url, baseUrl ?? 'http://localhost').origin
  let origin = known.get(start)
  if (origin === undefined) {
    if (known.size === MAX_KNOWN) known.clear()
    origin = new URL(start).origin
    known.set(start, origin)
  }
  return origin
}
