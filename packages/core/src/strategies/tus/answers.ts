import { UploadError } from '../../errors.js'
import type { HttpResponse } from '../../http/http-client.js'
import { retryAfter } from '../../http/policy/classify.js'

/** What an error answer means to whoever asked: `apiError` or `storageError`. */
export type Refusal = (response: HttpResponse, now: number) => UploadError

/** "The Server SHOULD return either the 404 Not Found, 410 Gone or 403 Forbidden status" where there is no such upload. */
export function isGone({ status }: HttpResponse): boolean {
  return status === 404 || status === 410 || status === 403
}

/** What an error answer to a request of tus means. */
export function tusError(method: string, response: HttpResponse, now: number, refusal: Refusal): UploadError {
  const { status } = response
  const again = (sentence: string) => new UploadError('server', sentence, { status, retryable: true, ...retryAfter(response, now) })
  // Of an upload that is still to be created it tells something else, such as a file of that name.
  const isElsewhere = (status === 409 || status === 416) && method !== 'POST'
  if (isElsewhere) return again('The server has another part of the file than expected. The upload asks how far it is.')
  if (status === 423 || isLockLost(response)) return again('Another request holds this upload. It goes on in a moment.')
  if (status === 460) return again('Bytes were damaged on the way. They are sent again.')
  if (status === 412) return new UploadError('rejected', 'The server speaks another version of tus.', { status })
  return refusal(response, now)
}

/** @tus/server takes the lock of an upload from one request for the next, and may tell the first one so by a 400. */
function isLockLost({ status, text }: HttpResponse): boolean {
  return status === 400 && /\block\b/i.test(text.slice(0, 200))
}

/** A header that counts bytes; `undefined` where it is absent, hidden by CORS, or no count. */
export function readBytes(response: HttpResponse, name: 'upload-offset' | 'upload-length'): number | undefined {
  const value = response.header(name)
  const bytes = value !== undefined && /^\d+$/.test(value.trim()) ? Number(value) : undefined
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** Where the upload is that was created, absolute. Throws where nobody can tell, or where it must not be sent to. */
export function readLocation(response: HttpResponse, endpoint: string): string {
  const location = response.header('location')
  if (location === undefined) {
    const isPage = response.header('content-type')?.startsWith('text/html') === true
    throw badAnswer(
      isPage
        ? 'The server answered with a page. Is the address that of a tus server?'
        : 'The server did not say where the upload is. It has to answer with a Location, and to expose that header to other origins.',
    )
  }
  const url = URL.canParse(location, endpoint) ? new URL(location, endpoint) : undefined
  // Another origin is the server's to choose; a connection that anybody can read is not.
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && !endpoint.startsWith('https:'))
  if (url === undefined || !isFit) throw badAnswer('The server named an address for the upload that cannot be used.')
  return url.href
}

/** An answer that breaks the protocol. One that another try can mend is `retryable`. */
export function badAnswer(sentence: string, retryable = false): UploadError {
  return new UploadError('bad_answer', sentence, { retryable })
}
