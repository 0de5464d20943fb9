import type { Exchange } from './exchange.js'

/** What a tus server can do besides the core protocol: words of its `Tus-Extension`. */
export type Extensions = ReadonlySet<string>

const NONE: Extensions = new Set()
/** Then the server is taken for one that can do nothing else: some refuse the question, and CORS may hide the answer. */
const MAX_FAILURES = 2

/** Asks each server once, however many uploads want to know at the same time. */
export function createExtensions(): (endpoint: string, exchange: Exchange, signal: AbortSignal) => Promise<Extensions> {
  const known = new Map<string, Extensions>()
  const calls = new Map<string, Promise<Extensions>>()
  const failures = new Map<string, number>()

  async function ask(endpoint: string, exchange: Exchange, signal: AbortSignal): Promise<Extensions> {
    let extensions = NONE
    try {
      const response = await exchange({ method: 'OPTIONS', url: endpoint })
      extensions = new Set(
        response
          .header('tus-extension')
          ?.split(',')
          .map((word) => word.trim()),
      )
    } catch {
      // Whoever asked was stopped: that says nothing of the server.
      signal.throwIfAborted()
      const count = (failures.get(endpoint) ?? 0) + 1
      failures.set(endpoint, count)
      // An upload must not fail for want of what makes it quicker.
      if (count < MAX_FAILURES) return NONE
    }
    known.set(endpoint, extensions)
    return extensions
  }

  return async (endpoint, exchange, signal) => {
    for (;;) {
      signal.throwIfAborted()
      const extensions = known.get(endpoint)
      if (extensions !== undefined) return extensions
      const call = calls.get(endpoint)
      if (call === undefined) {
        const own = ask(endpoint, exchange, signal).finally(() => calls.delete(endpoint))
        calls.set(endpoint, own)
        return own
      }
      await call.catch(() => {})
    }
  }
}
