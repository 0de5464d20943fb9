import { UploadError } from '../../errors.js'
import type { HttpResponse } from '../http-client.js'
import { untilAborted } from './in-time.js'

/** Headers for calls of ours: fixed, or asked for each call. `attempt` is 2 when the server did not accept the first ones. */
export type HeadersOption =
  | Readonly<Record<string, string>>
  | ((call: {
      readonly origin: string
      readonly attempt: number
    }) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>)

/**
 * The headers of one call. A hook that throws is an `auth` failure, for it usually could not get a token, unless it says what it is by an `UploadError`.
 * Rejects with the signal's reason as soon as it is aborted: a hook that never answers must not hold up the call for ever.
 */
export async function headersFor(
  headers: HeadersOption | undefined,
  origin: string,
  attempt: number,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>>> {
  if (typeof headers !== 'function') return headers ?? {}
  try {
    return await untilAborted(signal, () => headers({ origin, attempt }))
  } catch (cause) {
    signal.throwIfAborted()
    if (cause instanceof UploadError) throw cause
    // `fetch` rejects with a TypeError when there is no network: nobody has to sign in for that.
    const code = cause instanceof TypeError ? 'network' : 'auth'
    throw new UploadError(code, 'The credentials for the upload server could not be fetched.', { cause })
  }
}

/**
 * Sends with the user's headers; once more, with fresh ones, where the answer says that the first ones are too old: a token may have expired
 * since it was made, and whoever makes headers can make others.
 */
export async function sendWithHeaders(
  headers: HeadersOption | undefined,
  origin: string,
  signal: AbortSignal,
  send: (headers: Readonly<Record<string, string>>) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  const response = await send(await headersFor(headers, origin, 1, signal))
  if (typeof headers !== 'function' || !hasExpired(response)) return response
  return send(await headersFor(headers, origin, 2, signal))
}

/** 401; or a 403 that says why: not who it is, but since when. */
export function hasExpired({ status, header, text }: HttpResponse): boolean {
  return status === 401 || (status === 403 && /expired|invalid_token/i.test(`${header('www-authenticate') ?? ''} ${text.slice(0, 2000)}`))
}
