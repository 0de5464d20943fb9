/** The same request to another path: its body streams on, and its end ends both. */
export function rebase(request: Request, path: string): Request {
  const url = new URL(request.url)
  // Set rather than parsed: what begins with two slashes would name a host.
  url.pathname = path
  return new Request(url, request)
}
