/** The ETag of a part: 128 bits tell parts apart, and ten thousand of them fit into the body of one `complete`. */
export function etagOf(sha256: string): string {
  return sha256.slice(0, 32)
}

/** An ETag as it is compared: without the quotes and the mark of weakness that HTTP writes. */
export function unquoted(etag: string): string {
  return etag.replace(/^(?:W\/)?"(.*)"$/, '$1')
}
