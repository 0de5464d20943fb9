import { ownError } from '../errors.js'
import { bodySize, toBodyInit } from './body.js'
import { readFetched } from './fetched.js'
import type { HttpClient, HttpResponse } from './http-client.js'

/** Sends by `fetch`, for runtimes without `XMLHttpRequest` (Node, some workers). Tells progress once, when the answer is there. */
export function fetchClient(): HttpClient {
  return {
    async send({ method, url, headers, body, credentials = 'same-origin', signal, onProgress }) {
      let response: HttpResponse
      try {
        response = await readFetched(
          await fetch(url, { method, body: toBodyInit(body), credentials, signal, ...(headers !== undefined && { headers }) }),
        )
      } catch (cause) {
        if (signal.aborted) throw signal.reason
        throw ownError('network', 'The connection was lost.', { cause })
      }
      onProgress?.(bodySize(body))
      return response
    },
  }
}
