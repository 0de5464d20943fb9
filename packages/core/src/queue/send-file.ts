import type { Clock } from '../clock.js'
import { UploadError } from '../errors.js'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/http-client.js'

/** How often the file of a request that does not begin is looked at, in milliseconds. */
const LOOK_MS = 10_000

/**
 * Sends bytes of a file, and gives up where there are none to come: Firefox and WebKit begin the request of a file that was deleted, and wait for its
 * bytes for ever. Once the first byte has left, the client sees by itself that nothing moves.
 */
export async function sendFile(
  file: File,
  request: HttpRequest,
  { clock, http }: { readonly clock: Clock; readonly http: HttpClient },
): Promise<HttpResponse> {
  const gone = new AbortController()
  let isWaiting = true
  let cancelTimer = lookLater()

  function lookLater(): () => void {
    return clock.setTimeout(() => void look(), LOOK_MS)
  }

  async function look(): Promise<void> {
    const isHere = await isReadable(file)
    if (!isWaiting) return
    if (isHere) cancelTimer = lookLater()
    else gone.abort(unreadable())
  }

  function stopLooking(): void {
    isWaiting = false
    cancelTimer()
  }

  try {
    return await http.send({
      ...request,
      signal: AbortSignal.any([request.signal, gone.signal]),
      onProgress(sentBytes) {
        if (sentBytes > 0) stopLooking()
        request.onProgress?.(sentBytes)
      },
    })
  } finally {
    stopLooking()
  }
}

/** Whether the file can still be read: a network error looks the same as a file that was deleted while it was sent. */
export async function isReadable(file: File): Promise<boolean> {
  try {
    // The last byte: a file that was cut short is no longer the one that was chosen. Of an empty one the whole, because a folder may pose as one.
    const end = file.size === 0 ? file : file.slice(file.size - 1)
    return (await end.arrayBuffer()).byteLength === Math.min(1, file.size)
  } catch {
    return false
  }
}

export function unreadable(cause?: unknown): UploadError {
  return new UploadError('file_unreadable', 'The file cannot be read any more. Choose it again to go on.', { cause })
}
