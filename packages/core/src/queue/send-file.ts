import type { Clock } from '../clock.js'
import { ownError, type UploadError } from '../errors.js'
import { readBytes } from '../read-bytes.js'
import type { HttpClient, HttpRequest, HttpResponse } from '../http/http-client.js'

/** After how long without a byte the file of a request is looked at, in milliseconds; and once more. */
const LOOK_MS = 5000

/**
 * Sends bytes of a file, and gives up where there are none to come: Firefox and WebKit begin the request of a file that was deleted or cut short,
 * and wait for its bytes for ever.
 */
export async function sendFile(
  file: File,
  request: HttpRequest,
  { clock, http }: { readonly clock: Clock; readonly http: HttpClient },
): Promise<HttpResponse> {
  const gone = new AbortController()
  let isWaiting = true
  let hasMoved = false
  let most = 0
  let cancelTimer = lookLater()

  function lookLater(): () => void {
    return clock.setTimeout(() => void look(), LOOK_MS)
  }

  async function look(): Promise<void> {
    const isHere = hasMoved || (await isReadable(file))
    if (!isWaiting) return
    hasMoved = false
    if (isHere) cancelTimer = lookLater()
    else gone.abort(unreadable())
  }

  try {
    return await http.send({
      ...request,
      signal: AbortSignal.any([request.signal, gone.signal]),
      onProgress(sentBytes) {
        // WebKit tells the same number again and again while it waits.
        hasMoved ||= sentBytes > most
        most = Math.max(most, sentBytes)
        request.onProgress?.(sentBytes)
      },
    })
  } finally {
    isWaiting = false
    cancelTimer()
  }
}

/** Whether the file can still be read: a network error looks the same as a file that was deleted while it was sent. */
export async function isReadable(file: File): Promise<boolean> {
  try {
    // The last byte: a file that was cut short is no longer the one that was chosen. Of an empty one the whole, because a folder may pose as one.
    const end = file.size === 0 ? file : file.slice(file.size - 1)
    return (await readBytes(end)).byteLength === Math.min(1, file.size)
  } catch {
    return false
  }
}

export function unreadable(cause?: unknown): UploadError {
  return ownError('file_unreadable', 'The file cannot be read any more. Choose it again to go on.', { cause })
}
