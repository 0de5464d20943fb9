import type { HttpResponse } from './http-client.js'

/** An answer as plain data, which can cross from a Worker. */
export interface RawResponse {
  readonly status: number
  /** One `name: value` a line, as `XMLHttpRequest` lists them: only those that the page may read. */
  readonly headers: string
  readonly text: string
}

/** The answer as the port hands it on. Headers are read when somebody asks, which for most answers nobody does. */
export function readResponse({ status, headers, text }: RawResponse): HttpResponse {
  return {
    status,
    text,
    header(name) {
      const wanted = name.toLowerCase()
      for (const line of headers.split('\r\n')) {
        const colon = line.indexOf(':')
        if (line.slice(0, colon).toLowerCase() === wanted) return line.slice(colon + 1).trim()
      }
      return undefined
    },
  }
}
