import type { HttpResponse } from './http-client.js'

/** An answer to `fetch`, once it is there as a whole. */
export async function readFetched(response: Response): Promise<HttpResponse> {
  const text = await response.text()
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, text }
}
