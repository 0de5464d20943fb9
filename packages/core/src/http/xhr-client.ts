import type { Clock } from '../clock.js'
import { abortedError, UploadError } from '../errors.js'
import { toBodyInit } from './body.js'
import type { HttpClient, HttpResponse } from './http-client.js'
import { createStallTimer } from './stall-timer.js'

/** Sends on the main thread by `XMLHttpRequest`: `fetch` cannot tell how far an upload is. */
export function xhrClient(clock: Clock): HttpClient {
  return {
    send: ({ method, url, headers, body, signal, onProgress }) =>
      new Promise<HttpResponse>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const xhr = new XMLHttpRequest()
        const stall = createStallTimer(clock, () =>
          settle(() => reject(new UploadError('stalled', 'The upload stood still for too long.'))),
        )
        const onAbort = () => settle(() => reject(signal.reason ?? abortedError('The request was aborted.')))

        function settle(finish: () => void): void {
          stall.stop()
          signal.removeEventListener('abort', onAbort)
          xhr.onload = xhr.onerror = xhr.ontimeout = xhr.onabort = xhr.upload.onprogress = null
          if (xhr.readyState !== XMLHttpRequest.DONE) xhr.abort()
          finish()
        }
        const onNetworkError = () => settle(() => reject(new UploadError('network', 'The connection was lost.')))

        xhr.onload = () =>
          settle(() => resolve({ status: xhr.status, header: (name) => xhr.getResponseHeader(name) ?? undefined, text: xhr.responseText }))
        xhr.onerror = xhr.ontimeout = xhr.onabort = onNetworkError
        xhr.upload.onprogress = (event) => {
          stall.touch()
          onProgress?.(event.loaded)
        }
        // Else Firefox reads an answer without a type as XML, and complains in the console that it is none.
        xhr.responseType = 'text'
        xhr.open(method, url)
        for (const [name, value] of Object.entries(headers ?? {})) xhr.setRequestHeader(name, value)
        signal.addEventListener('abort', onAbort)
        xhr.send(toBodyInit(body))
      }),
  }
}
