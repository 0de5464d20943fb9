import type { RealtimeFactory } from '@upload-panel/core'
import { pageConnection } from '@upload-panel/core/page-connection'
import { sse } from '@upload-panel/core/sse'

/** Kept for good: a page names few servers, and a connection that nobody uses is nothing but its address. */
const streams = new Map<string, RealtimeFactory>()

/** What a server says: one stream for all elements of the page that are mounted on it, those that upload and those that look on. */
export function serverStream(endpoint: string): RealtimeFactory {
  const address = serverAddress(endpoint)
  const stream = streams.get(address) ?? pageConnection(sse({ url: `${address}/events` }))
  streams.set(address, stream)
  return stream
}

/** `/uploads`, `/uploads/` and the whole address are one server. */
export function serverAddress(endpoint: string): string {
  const base = globalThis.document?.baseURI
  const address = URL.canParse(endpoint, base) ? new URL(endpoint, base).href : endpoint
  return address.replace(/\/+$/, '')
}
