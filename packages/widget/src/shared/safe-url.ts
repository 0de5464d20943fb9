/**
 * A URL from the server that may stand in the page: absolute and http(s), or `undefined`.
 * "A URL in `result` is used only when it is http(s)"; a relative one counts as what it resolves to.
 */
export function safeUrl(value: unknown, base: string): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > 4096) return undefined
  if (!URL.canParse(value, base)) return undefined
  const url = new URL(value, base)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : undefined
}

/** The picture that a confirmed result names as `thumbnailUrl` or `thumbnail`. */
export function thumbnailUrl(result: unknown, base: string): string | undefined {
  if (typeof result !== 'object' || result === null) return undefined
  const { thumbnailUrl: url, thumbnail } = result as { readonly thumbnailUrl?: unknown; readonly thumbnail?: unknown }
  return safeUrl(url, base) ?? safeUrl(thumbnail, base)
}
