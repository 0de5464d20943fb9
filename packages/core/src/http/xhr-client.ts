import type { Clock } from '../clock.js'
import { abortedError, ownError } from '../errors.js'
import { toBodyInit } from './body.js'
import type { HttpClient, HttpRequest } from './http-client.js'
import { type RawResponse, readResponse } from './raw-response.js'
import { createStallTimer } from './stall-timer.js'
import { createTurns, taskQueue } from './turns.js'

/** Sends on the main thread by `XMLHttpRequest`: `fetch` cannot tell how far an upload is. Many at once are begun over several tasks. */
export function xhrClient(clock: Clock): HttpClient {
  const turn = createTurns(taskQueue())
  return {
    async send(request) {
      await turn()
      return readResponse(await sendByXhr(clock, request))
    },
  }
}

/** One request, on the thread that calls. */
export function sendByXhr(
  clock: Clock,
  { method, url, headers, body, credentials, answerMs, signal, onProgress }: HttpRequest,
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason)
    const xhr = new XMLHttpRequest()
    const stall = createStallTimer(clock, () => settle(() => reject(ownError('stalled', 'The upload stood still for too long.'))))
    const onAbort = () => settle(() => reject(signal.reason ?? abortedError('The request was aborted.')))

    function settle(finish: () => void): void {
      stall.stop()
      signal.removeEventListener('abort', onAbort)
      xhr.onload = xhr.onerror = xhr.ontimeout = xhr.onabort = xhr.upload.onprogress = null
      if (xhr.readyState !== XMLHttpRequest.DONE) xhr.abort()
      finish()
    }
    const onNetworkError = () => settle(() => reject(ownError('network', 'The connection was lost.')))

    xhr.onload = () => settle(() => resolve({ status: xhr.status, headers: xhr.getAllResponseHeaders(), text: xhr.responseText }))
    xhr.onerror = xhr.ontimeout = xhr.onabort = onNetworkError
    let sentBytes = 0
    xhr.upload.onprogress = ({ loaded, total }) => {
      // WebKit tells the same number again and again while nothing moves: that is no sign of life.
      if (loaded <= sentBytes) return
      sentBytes = loaded
      // Not at the event `load`, which Firefox tells only when the answer is there.
      stall.touch(loaded === total ? answerMs : undefined)
      onProgress?.(loaded)
    }
    // Else Firefox reads an answer without a type as XML, and complains in the console that it is none.
    xhr.responseType = 'text'
    xhr.open(method, url)
    xhr.withCredentials = credentials === 'include'
    for (const [name, value] of Object.entries(headers ?? {})) xhr.setRequestHeader(name, value)
    signal.addEventListener('abort', onAbort)
    xhr.send(toBodyInit(body))
  })
}
